"""An assumption before it is kept: figures that can be, and the gap or deposit that asks for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.decisions import Assumption
from harvest_tui.core.lots.ledger import BasisGap
from harvest_tui.core.money import EXACT, ZERO, parse_decimal, plain
from harvest_tui.core.records import USD, AccountId, Asset, EventId
from harvest_tui.errors import InputError
from harvest_tui.session.deciding import GENESIS, LONGEST_REASON, PLACES, nearest

if TYPE_CHECKING:
    from harvest_tui.core.lots.moves import LooseEnd
    from harvest_tui.session.deciding import Overview


def read_assumption(
    account: str,
    asset: str,
    quantity: str,
    acquired: str,
    *,
    cost_basis: str | None = None,
    unit_cost: str | None = None,
    about: str | None = None,
) -> Assumption:
    """What was typed, as values. The cost in US dollars is told in all or for one unit.

    Raises InputError where a number or day is none.
    """
    units = figure(quantity, "quantity")
    if cost_basis is None:
        cost = EXACT.multiply(units, figure(unit_cost or "", "unit cost"))
    else:
        cost = figure(cost_basis, "cost basis")
    ticker = Asset(asset if "#" in asset else asset.upper())
    return Assumption(AccountId(account), ticker, units, day(acquired), cost, None if about is None else EventId(about))


def figure(text: str, name: str) -> Decimal:
    """A plain number; `$1,234.5` is one too. Raises InputError where it is none."""
    try:
        return parse_decimal(text.strip().removeprefix("$").replace(",", ""))
    except ValueError as error:
        raise InputError(f"the {name} {text[:40]!r} is not a number", "write it like 1234.5") from error


def day(text: str) -> date:
    """A calendar day. Raises InputError where it is none."""
    text = text.strip()
    try:
        if len(text) != 10 or not text[4] == text[7] == "-":
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text[:40]!r} is not a day", "write it like 2021-04-05") from error


def check_figures(told: Assumption, reason: str, today: date) -> None:
    """Raises InputError where a figure cannot be, whatever the history says."""
    if told.asset == USD:
        raise InputError("US dollars have no basis", "name the coin")
    if told.quantity <= 0:
        raise InputError(f"{plain(told.quantity)} is no quantity", "give the units that have no lot, above zero")
    if told.cost_basis < 0:
        raise InputError("a cost basis is never negative", "0 says that nothing was paid")
    for value, name in ((told.quantity, "quantity"), (told.cost_basis, "cost basis")):
        if _places(value) > PLACES:
            raise InputError(f"the {name} has more than {PLACES} decimals", f"round it to {PLACES}")
    if told.acquired_on > today:
        raise InputError(f"{told.acquired_on} is in the future", "give the day on which the units were acquired")
    if told.acquired_on < GENESIS:
        raise InputError(f"there was no coin on {told.acquired_on}", "give the day on which the units were acquired")
    if not reason.strip():
        raise InputError(
            "an assumption needs a reason", "say what makes you think so: it is kept and shown beside the lot"
        )
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        raise InputError(
            "the reason is too long, or has invisible signs in it", f"keep it to {LONGEST_REASON} plain ones"
        )


def _places(value: Decimal) -> int:
    exponent = value.normalize(EXACT).as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def place(told: Assumption, now: Overview, zone: ZoneInfo) -> tuple[Assumption, tuple[str, ...]]:
    """The assumption with what it is about, and what to look at twice.

    Raises InputError where the account or coin is unknown, where it is not clear what it is about, and where it cannot
    help: units acquired after they left, or more of them than the deposit brought.
    """
    _check_names(told, now)
    gaps = [gap for gap in now.gaps if (gap.account, gap.asset) == (told.account, told.asset)]
    deposits = [end for end in now.unexplained if (end.event.account, end.amount.asset) == (told.account, told.asset)]
    if told.about is None:
        told = replace(told, about=_about(told, gaps, deposits, zone))
    deposit = next((end for end in deposits if end.event.event_id == told.about), None)
    if deposit is not None:
        _check_deposit(told, deposit, zone)
        return told, ()
    if told.about is None:
        return told, (f"nothing asks for it: no {told.asset} in {told.account} is without a lot or a basis",)
    gap = next((gap for gap in gaps if gap.event_id == told.about), None)
    if gap is None:
        asking = [*(gap.event_id for gap in gaps), *(end.event.event_id for end in deposits)]
        raise InputError(
            f"{told.about[:80]!r} does not ask for a basis of {told.asset} in {told.account}",
            nearest(told.about, asking, "see: harvest-tui assume"),
        )
    if told.acquired_on > gap.at.astimezone(zone).date():
        raise InputError(
            f"the units left on {gap.at.astimezone(zone).date()}, before {told.acquired_on}",
            "give the day on which they were acquired",
        )
    return told, _too_much(told, gaps)


def _check_names(told: Assumption, now: Overview) -> None:
    if told.account not in now.accounts:
        raise InputError(
            f"no account {told.account[:80]!r}", nearest(told.account, now.accounts, "see: harvest-tui accounts")
        )
    assets = sorted(asset for account, asset in now.held if account == told.account)
    if told.asset not in assets:
        raise InputError(
            f"{told.account} never had {told.asset[:80]!r}",
            nearest(told.asset, assets, f"it had {', '.join(assets[:8]) or 'no coin'}"),
        )


def _about(told: Assumption, gaps: list[BasisGap], deposits: list[LooseEnd], zone: ZoneInfo) -> EventId | None:
    """What asks for it, where only one thing can be meant: gaps of one coin in one account are closed together."""
    late = [gap for gap in gaps if gap.at.astimezone(zone).date() >= told.acquired_on]
    asking: list[EventId] = [gap.event_id for gap in (late or gaps)[:1]]
    asking += [end.event.event_id for end in deposits]
    if len(asking) < 2:
        return asking[0] if asking else None
    exact = [gap.event_id for gap in gaps if gap.quantity == told.quantity]
    exact += [end.event.event_id for end in deposits if end.amount.quantity == told.quantity]
    if len(exact) == 1:
        return exact[0]
    shown = ", ".join(asking[:3])
    raise InputError(f"it may be about {shown}" + (" or others" if len(asking) > 3 else ""), "say which with --for ID")


def _check_deposit(told: Assumption, deposit: LooseEnd, zone: ZoneInfo) -> None:
    came_on = deposit.event.executed_at.astimezone(zone).date()
    if told.acquired_on > came_on:
        raise InputError(
            f"the units came on {came_on}, before {told.acquired_on}", "give the day on which they were acquired"
        )
    if told.quantity > deposit.amount.quantity:
        raise InputError(
            f"only {plain(deposit.amount.quantity)} {told.asset} of {deposit.event.event_id} are without a basis",
            "give at most that much",
        )


def _too_much(told: Assumption, gaps: list[BasisGap]) -> tuple[str, ...]:
    missing = ZERO
    for gap in gaps:
        missing = EXACT.add(missing, gap.quantity)
    if told.quantity <= missing:
        return ()
    more = plain(EXACT.subtract(told.quantity, missing))
    return (f"only {plain(missing)} {told.asset} are missing in {told.account}: {more} more become lots",)
