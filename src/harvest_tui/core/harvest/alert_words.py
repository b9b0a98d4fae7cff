"""Alerts in words: what it is, what it is worth, and what to look at. Names from outside are passed on as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.harvest.alert_rules import Severity
from harvest_tui.core.harvest.observations import Observations, Observed, PriceAge, RebuyClock, TurningLong
from harvest_tui.core.lots.ledger import Mismatch
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, rounded
from harvest_tui.core.records import AccountId
from harvest_tui.core.story.wording import dollars, units
from harvest_tui.core.tax_days import days_left_in_year

_HOUR = timedelta(hours=1)
_SOON = timedelta(days=3)
_NAMED = 3
_CENTS = 2


class Told(NamedTuple):
    """The words and figures of one alert."""

    severity: Severity
    words: str
    account: AccountId | None = None
    figures: Mapping[str, Decimal | int | str] = {}


def net_benefit(one: Observed) -> Told:
    """A harvest is worth it."""
    net = one.net_benefit or ZERO
    words = (
        f"{one.account} {one.asset}: harvesting {dollars(one.best_loss)} of loss is worth {dollars(net)} after tax "
        "and fees"
    )
    return Told(Severity.NOTICE, words, one.account, _figures(one))


def loss(one: Observed, knows_benefit: bool) -> Told:
    """There is a loss; what it is worth is little, or not known."""
    part = _percent(one.loss, one.value)
    words = f"{one.account} {one.asset}: {dollars(one.loss)} of loss could be harvested, {part} of its value"
    if knows_benefit and one.net_benefit is not None:
        words += f"; it is worth {dollars(one.net_benefit)} after tax and fees as your year stands"
    else:
        words += "; what it saves cannot be told without your wages and gains (harvest-tui profile)"
    return Told(Severity.NOTICE, words, one.account, _figures(one))


def shrinking(one: Observed, peak: Decimal) -> Told:
    """A benefit is going away."""
    net = one.net_benefit or ZERO
    words = (
        f"{one.account} {one.asset}: the benefit of harvesting is shrinking: it was {dollars(peak)}, now "
        f"{dollars(net)} after tax and fees"
    )
    return Told(Severity.NOTICE, words, one.account, {**_figures(one), "peak": peak})


def turning_long(group: TurningLong, days: int, less: Decimal) -> Told:
    """A loss is worth less once it is long-term."""
    words = (
        f"{group.account} {group.asset}: {units(group.quantity, group.asset)} turn long-term in {_days(days)} "
        f"({group.long_term_on}); their loss of {dollars(group.loss)} saves {dollars(less)} less from then on"
    )
    severity = Severity.URGENT if days <= _SOON.days else Severity.NOTICE
    figures: dict[str, Decimal | int | str] = {
        "quantity": group.quantity,
        "loss": _cents(group.loss),
        "saved_less": less,
        "days_left": days,
        "long_term_on": group.long_term_on.isoformat(),
    }
    return Told(severity, words, group.account, figures)


def mismatch(one: Mismatch) -> Told:
    """A balance is not what the lots add up to."""
    words = (
        f"{one.account} {one.asset}: the account holds {units(one.held, one.asset)}, the lots add up to "
        f"{units(one.in_lots, one.asset)}"
    )
    if one.causes:
        words += f"; perhaps {one.causes[0]}"
    return Told(Severity.NOTICE, words, one.account, {"held": one.held, "in_lots": one.in_lots})


def stale(prices: Sequence[PriceAge], at: datetime) -> Told:
    """Prices are too old to speak of losses."""
    oldest = min(prices, key=lambda price: price.at)
    names = ", ".join(price.asset for price in prices[:_NAMED])
    if len(prices) > _NAMED:
        names += f" and {len(prices) - _NAMED} more"
    verb = "price is" if len(prices) == 1 else "prices are up to"
    words = f"{names}: the {verb} {age(at - oldest.at)} old, too old to go by; losses there are not watched"
    figures = {"assets": len(prices), "oldest_seconds": (at - oldest.at) // timedelta(seconds=1)}
    return Told(Severity.NOTICE, words, None, figures)


def rebuy(clock: RebuyClock) -> Told:
    """The chosen waiting time is over."""
    words = f"{clock.account} {clock.asset}: the wait is over, {units(clock.quantity, clock.asset)} may be bought back"
    return Told(Severity.URGENT, words, clock.account, {"quantity": clock.quantity})


def year_end(seen: Observations) -> Told:
    """How long a sale still counts for this tax year, and what is there to sell."""
    left = max(timedelta(0), seen.year_ends_at - seen.at)
    hours = -(-left // _HOUR)
    days = days_left_in_year(seen.today)
    lost = net = ZERO
    for one in seen.positions:
        if not one.is_fresh:
            continue
        lost = EXACT.add(lost, one.loss)
        net = EXACT.add(net, max(ZERO, one.net_benefit or ZERO))
    still = _hours(hours) if left <= _SOON else _days(days)
    words = f"tax year {seen.today.year} ends in {still}: {dollars(_cents(lost))} of loss could still be harvested"
    if net:
        words += f", position by position worth up to {dollars(net)} after tax and fees"
    figures: dict[str, Decimal | int | str] = {"loss": _cents(lost), "days_left": days, "hours_left": hours}
    return Told(Severity.URGENT if left <= _SOON else Severity.INFO, words, None, figures)


def rule_change(starts: date, words: str, ahead: int) -> Told:
    """The law asks for something else."""
    when = f"from {starts} on ({_days(ahead)} from now)" if ahead > 0 else f"since {starts}"
    return Told(Severity.INFO, f"identification: {when} {words}", None, {"starts": starts.isoformat()})


def age(span: timedelta) -> str:
    """A length of time for people: `45 s`, `12 min`, `5 h 20 min`, `3 days`."""
    seconds = max(0, span // timedelta(seconds=1))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 48 * 3600:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"{seconds // 86_400} days"


def _figures(one: Observed) -> dict[str, Decimal | int | str]:
    figures: dict[str, Decimal | int | str] = {
        "loss_short": _cents(one.loss_short),
        "loss_long": _cents(one.loss_long),
        "value": _cents(one.value),
    }
    if one.net_benefit is not None:
        figures |= {"net_benefit": one.net_benefit, "harvested_loss": _cents(one.best_loss)}
    return figures


def _cents(value: Decimal) -> Decimal:
    return rounded(value, _CENTS)


def _percent(part: Decimal, whole: Decimal) -> str:
    return "-" if not whole else f"{rounded(ROUNDED.divide(part * 100, whole), 0)} %"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _hours(count: int) -> str:
    return "1 hour" if count == 1 else f"{count} hours"
