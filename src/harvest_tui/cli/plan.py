"""`harvest-tui plan`: the best set of lots to sell for a target, and the year's tax before and after."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from harvest_tui.cli.home import choices_for, opened
from harvest_tui.cli.lots import attention, parse_time
from harvest_tui.cli.output import dollars, instant, say, write_json, write_table
from harvest_tui.cli.tax import fields
from harvest_tui.core.harvest.marks import Mark
from harvest_tui.core.harvest.plan import Plan, make_plan, target_of
from harvest_tui.core.harvest.targets import Aim, Target
from harvest_tui.core.money import plain
from harvest_tui.core.portfolio import Portfolio
from harvest_tui.core.tax.answers import read_money
from harvest_tui.core.tax.year_table import year_table
from harvest_tui.core.tax_days import tax_day
from harvest_tui.errors import InputError
from harvest_tui.imports.price_file import read_prices
from harvest_tui.session.order_limits import OrderLimitBook
from harvest_tui.session.planning import Home, load_occasion

_ONE_DAY = timedelta(days=1)
_SHOWN = 20
"""So many skipped lots are listed to people, the largest reasons first; all are in the JSON."""


def run(arguments: Namespace) -> int:
    """Print the marks, what is skipped and why, and the return before and after."""
    return asyncio.run(_run(arguments))


async def _run(arguments: Namespace) -> int:
    aim, amount = parse_target(arguments.target)
    as_of = parse_time(arguments.as_of) if arguments.as_of else None
    prices = read_prices(Path(arguments.prices)) if arguments.prices else None
    choices = choices_for(arguments)
    async with opened(choices) as session:
        facts, portfolio = await session.facts_under(as_of=as_of)
        if prices is not None:
            portfolio = portfolio.with_quotes(prices.at(portfolio.positions, portfolio.as_of), portfolio.as_of)
        _check_year(arguments.year, portfolio.as_of.astimezone(session.rules().zone).year)
        home = Home(session.store, choices.settings, session.rules(), OrderLimitBook(session.store))
        occasion = await load_occasion(home, facts, portfolio)
        plan = await asyncio.to_thread(lambda: make_plan(occasion, target_of(aim, amount, occasion)))
    notes = (*year_table(plan.year).notes, *plan.limits, *_on_prices(portfolio), *_on_gap(plan))
    for note in notes:
        say(f"note: {note}")
    if arguments.json:
        write_json(_body(plan, arguments.target, portfolio, notes))
    else:
        _tables(plan, session.rules().zone)
    return 1 if any(attention(portfolio).values()) else 0


def _on_prices(portfolio: Portfolio) -> tuple[str, ...]:
    """A word on the oldest price, where it is more than a day old."""
    oldest = min(portfolio.quotes.values(), key=lambda quote: (quote.at, quote.asset), default=None)
    days = 0 if oldest is None else (portfolio.as_of - oldest.at) // _ONE_DAY
    if oldest is None or not days:
        return ()
    return (f"The oldest price is that of {oldest.asset}: {days} {'day' if days == 1 else 'days'} old.",)


def _on_gap(plan: Plan) -> tuple[str, ...]:
    if plan.is_exact:
        return ()
    return (f"Another set could bring up to {dollars(plan.gap)} more: orders go in steps, and lots in their order.",)


def parse_target(text: str) -> tuple[Aim, Decimal]:
    """The aim and its amount in US dollars. Raises InputError where the word or the amount makes no sense."""
    word, colon, rest = text.partition(":")
    try:
        aim = Aim(word)
    except ValueError as error:
        raise InputError(
            f"unknown target {text[:40]!r}", f"choose from {', '.join(one.value for one in Aim)}"
        ) from error
    needs_amount = aim in (Aim.LOSS, Aim.GAIN)
    if needs_amount != bool(colon):
        raise InputError(
            f"target {text[:40]!r} {'needs an' if needs_amount else 'takes no'} amount", "for example: loss:3000"
        )
    if not needs_amount:
        return aim, Decimal(0)
    amount = read_money(rest)
    if amount <= 0:
        raise InputError(f"target {text[:40]!r} aims at nothing", "write an amount above zero, for example loss:3000")
    return aim, amount


def _check_year(asked: int | None, year: int) -> None:
    if asked is not None and asked != year:
        raise InputError(
            f"a sale at the time of the plan counts for {year}, not {asked}",
            f"give a time in that year, for example --as-of {asked}-11-30",
        )


def _mark(mark: Mark, portfolio: Portfolio) -> dict[str, object]:
    value, quote = mark.value, portfolio.quotes[mark.lot.account, mark.lot.asset]
    return {
        "lot_id": mark.lot.lot_id,
        "account": mark.lot.account,
        "asset": mark.lot.asset,
        "quantity": plain(mark.quantity),
        "price": plain(quote.price),
        "price_at": instant(quote.at),
        "term": mark.term.value,
        "loss": plain(value.loss),
        "saved_now": plain(value.saved_now),
        "saved_hoped": plain(value.saved_hoped),
        "owed_later": plain(value.owed_later),
        "fees": plain(value.fees),
        "reset_cost": plain(value.reset_cost),
        "wait_cost": plain(value.wait_cost),
        "net": plain(value.net),
        "reachable": mark.is_reachable,
        "why": mark.why,
    }


def _body(plan: Plan, target: str, portfolio: Portfolio, notes: Sequence[str]) -> dict[str, object]:
    totals = plan.totals
    names = ("loss", "saved_now", "saved_hoped", "owed_later", "fees", "risks", "net")
    return {
        "schema": 1,
        "as_of": instant(plan.as_of),
        "year": plan.year,
        "target": target,
        "before": fields(plan.before),
        "after": fields(plan.after),
        "marks": [_mark(mark, portfolio) for mark in plan.marks],
        "skipped": [{"lot_id": skip.lot.lot_id, "why": skip.why} for skip in plan.skipped],
        "totals": {name: plain(getattr(totals, name)) for name in names},
        "is_exact": plan.is_exact,
        "gap": plain(plan.gap),
        "notes": list(notes),
        "deadline": instant(plan.deadline),
        "days_left": plan.days_left,
        **attention(portfolio),
    }


def _tables(plan: Plan, zone: ZoneInfo) -> None:
    columns = (
        "Account",
        "Asset",
        "Acquired",
        "Term",
        "Quantity",
        "Loss",
        "Saved now",
        "Owed later",
        "Fees",
        "Net",
        "Why",
    )
    rows = [
        (
            mark.lot.account,
            mark.lot.asset,
            tax_day(mark.lot.acquired_at, zone).isoformat(),
            mark.term.value,
            plain(mark.quantity),
            *(dollars(getattr(mark.value, name)) for name in ("loss", "saved_now", "owed_later", "fees", "net")),
            mark.why,
        )
        for mark in plan.marks
    ]
    lots = "1 lot" if len(rows) == 1 else f"{len(rows)} lots"
    days = "1 day" if plan.days_left == 1 else f"{plan.days_left} days"
    title = f"{lots} to sell by {plan.deadline.date()} ({days} left), target {_word(plan.target)}"
    write_table(title, columns, rows, right=(4, 5, 6, 7, 8, 9))
    write_table("The year, US dollars", ("", "As it stands", "With the plan"), _year_rows(plan), right=(1, 2))
    reasons: dict[str, int] = {}
    for skip in plan.skipped:
        reasons[skip.why] = reasons.get(skip.why, 0) + 1
    most = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))[:_SHOWN]
    if most:
        write_table("Left", ("Lots", "Why"), [(str(count), why) for why, count in most], right=(0,))


def _word(target: Target) -> str:
    return target.aim.value + (f" {dollars(target.amount)}" if target.amount else "")


def _year_rows(plan: Plan) -> list[tuple[str, str, str]]:
    totals, before, after = plan.totals, plan.before, plan.after
    figures = (
        ("Net short-term", before.net_short, after.net_short),
        ("Net long-term", before.net_long, after.net_long),
        ("Loss allowed against other income", before.allowed_loss, after.allowed_loss),
        ("Federal tax", before.total_tax, after.total_tax),
        ("Short-term loss carried forward", before.carry_short_out, after.carry_short_out),
        ("Long-term loss carried forward", before.carry_long_out, after.carry_long_out),
    )
    rows = [(name, dollars(one), dollars(other)) for name, one, other in figures]
    sums = (
        ("Saved this year", totals.saved_now),
        ("Hoped for (planned gains, next year)", totals.saved_hoped),
        ("Owed later (today's worth)", totals.owed_later),
        ("Fees and spread", totals.fees),
        ("Holding period and waiting", totals.risks),
        ("Net benefit", totals.net),
    )
    return rows + [(name, "", dollars(value)) for name, value in sums]
