"""`harvest-tui lots`: open lots, with value and unrealized result where a price is known."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from harvest_tui.cli.home import choices_for, opened
from harvest_tui.cli.output import amount, dollars, instant, say, write_json, write_table
from harvest_tui.core.lots.cautions import sale_words
from harvest_tui.core.lots.ledger import BasisGap, Lot
from harvest_tui.core.money import plain
from harvest_tui.core.portfolio import Portfolio, term_on
from harvest_tui.core.tax_days import tax_day
from harvest_tui.errors import InputError
from harvest_tui.imports.price_file import read_prices
from harvest_tui.session.harvesting import write_new
from harvest_tui.session.run import Session


def run(arguments: Namespace) -> int:
    """Print lots, gaps, mismatches and totals."""
    return asyncio.run(_run(arguments))


async def _run(arguments: Namespace) -> int:
    as_of = parse_time(arguments.as_of) if arguments.as_of else None
    target = new_file(arguments.csv)
    prices = read_prices(Path(arguments.prices)) if arguments.prices else None
    async with opened(choices_for(arguments)) as session:
        portfolio = await portfolio_as_of(session, arguments, as_of)
        if prices is not None:
            portfolio = portfolio.with_quotes(prices.at(portfolio.positions, portfolio.as_of), portfolio.as_of)
        rules = session.rules().under(arguments.method, arguments.scope)
    if target is not None:
        from harvest_tui.core.lot_frame import lots_csv

        await write_new(target, lots_csv(portfolio, rules.zone).encode())
        say(f"harvest-tui: {len(portfolio.ledger.lots)} lots written to {target}")
    if arguments.json:
        write_json(_body(portfolio, rules.method, rules.scope))
    elif target is None:
        _table(portfolio, session.rules().zone)
    day = tax_day(portfolio.as_of, session.rules().zone)
    if words := sale_words(portfolio.ledger.lots, portfolio.as_of, day):
        say(f"harvest-tui: {words}")
    return 1 if any(attention(portfolio).values()) else 0


def new_file(name: str | None) -> Path | None:
    """The file to write into, None where none is asked for. Raises InputError where it is there already."""
    if not name:
        return None
    path = Path(name).expanduser()
    if path.exists() or path.is_symlink():
        raise InputError(f"{path} is there already", "choose another name; nothing was written")
    return path


async def portfolio_as_of(session: Session, arguments: Namespace, as_of: datetime | None) -> Portfolio:
    """The portfolio under the options given; the latest one where none is."""
    rules = session.rules()
    if as_of is None and rules.under(arguments.method, arguments.scope) == rules:
        return session.portfolio()
    return (await session.facts_under(arguments.method, arguments.scope, as_of))[1]


def parse_time(text: str) -> datetime:
    """An ISO 8601 time; without a zone it is UTC, a bare date means its end.

    Raises InputError where it is neither.
    """
    try:
        if len(text) == 10:
            return datetime.fromisoformat(text).replace(hour=23, minute=59, second=59, microsecond=999999, tzinfo=UTC)
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"not a time: {text[:40]!r}", "write it like 2026-03-31T16:00:00Z") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def gap_row(gap: BasisGap) -> dict[str, object]:
    """A gap in the contract's words."""
    return {
        "account": gap.account,
        "asset": gap.asset,
        "quantity": plain(gap.quantity),
        "at": instant(gap.at),
        "event_id": gap.event_id,
    }


def attention(portfolio: Portfolio) -> dict[str, list[dict[str, object]]]:
    """Gaps and mismatches in the contract's words."""
    return {
        "gaps": [gap_row(gap) for gap in portfolio.ledger.gaps],
        "mismatches": [
            {
                "account": mismatch.account,
                "asset": mismatch.asset,
                "held": plain(mismatch.held),
                "in_lots": plain(mismatch.in_lots),
                "causes": list(mismatch.causes),
            }
            for mismatch in portfolio.mismatches
        ],
    }


def _row(portfolio: Portfolio, lot: Lot) -> dict[str, object]:
    value = portfolio.value_of(lot)
    quote = value.quote
    return {
        "lot_id": lot.lot_id,
        "origin_id": lot.origin_id,
        "account": lot.account,
        "asset": lot.asset,
        "acquired_at": instant(lot.acquired_at),
        "quantity": plain(lot.quantity),
        "cost_basis": amount(lot.cost_basis),
        "provenance": lot.provenance.value,
        "term": term_on(lot, portfolio.tax_day).value,
        "long_term_on": lot.long_term_on.isoformat(),
        "price": None if quote is None else plain(quote.price),
        "price_at": None if quote is None else instant(quote.at),
        "value": amount(value.value),
        "unrealized": amount(value.unrealized),
    }


def _body(portfolio: Portfolio, method: str, scope: str) -> dict[str, object]:
    figures = ("value", "unrealized", "harvestable_short", "harvestable_long")
    priced = {name: amount(value) for name, value in zip(figures, _priced(portfolio), strict=True)}
    return {
        "schema": 1,
        "as_of": instant(portfolio.as_of),
        "method": method,
        "scope": scope,
        "lots": [_row(portfolio, lot) for lot in portfolio.ledger.lots],
        **attention(portfolio),
        "totals": {"cost_basis": plain(portfolio.totals().cost_basis), **priced},
    }


def _priced(portfolio: Portfolio) -> tuple[Decimal | None, ...]:
    """The totals that rest on prices; unknown where lots are held and none of them has a price."""
    if portfolio.positions and not portfolio.quotes:
        return (None,) * 4
    totals = portfolio.totals()
    return totals.value, totals.unrealized, totals.harvestable_short, totals.harvestable_long


def _table(portfolio: Portfolio, zone: ZoneInfo) -> None:
    columns = ("Account", "Asset", "Acquired", "Term", "Quantity", "Cost basis", "Price", "Value", "Unrealized")
    rows = []
    for lot in portfolio.ledger.lots:
        value = portfolio.value_of(lot)
        rows.append(
            (
                lot.account,
                lot.asset,
                tax_day(lot.acquired_at, zone).isoformat(),
                term_on(lot, portfolio.tax_day).value,
                plain(lot.quantity),
                dollars(lot.cost_basis),
                "-" if value.quote is None else _price(value.quote.price),
                dollars(value.value),
                dollars(value.unrealized),
            )
        )
    write_table(f"{len(rows)} open lots, US dollars", columns, rows, right=(4, 5, 6, 7, 8))
    _, unrealized, short, long = map(dollars, _priced(portfolio))
    write_table(
        "Unrealized", ("All lots", "Short-term losses", "Long-term losses"), [(unrealized, short, long)], (0, 1, 2)
    )
    if problems := _problems(portfolio):
        write_table("Needs attention", ("What", "Account", "Asset", "Quantity"), problems, right=(3,))


def _problems(portfolio: Portfolio) -> list[tuple[str, str, str, str]]:
    gaps: list[tuple[str, str, str, str]] = [
        ("gap: no purchase known", g.account, g.asset, plain(g.quantity)) for g in portfolio.ledger.gaps
    ]
    return gaps + [
        (f"balance differs: {', '.join(m.causes) or 'cause unknown'}", m.account, m.asset, plain(m.held - m.in_lots))
        for m in portfolio.mismatches
    ]


def _price(price: Decimal) -> str:
    return dollars(price) if price >= 1 else plain(price)
