"""The realized results of a year as lines: parts of lots that went, units no lot covers, and subtotals of groups."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from harvest_tui.core.lots.ledger import BasisGap, Disposal, Term
from harvest_tui.core.lots.realized import Realized
from harvest_tui.core.money import EXACT, ZERO, parse_decimal
from harvest_tui.core.records import AccountId, Asset
from harvest_tui.core.tax_days import tax_day

GROUPINGS = ("", "asset", "account", "month")
MOST_TYPED = 200
_HOLDS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_COMPARISON = r"(gain|loss|proceeds|basis|quantity)(>=|<=|>|<|=)\$?([0-9.,]+)(k?)"
_WORD = r'!?(?:[^\s"]|"[^"]*"?)+'


class Entry(NamedTuple):
    """One part of a lot that went, with its box of Form 8949 (empty for a gap) and the taxpayer's day of it."""

    what: Disposal | BasisGap
    box: str
    on: date

    @property
    def account(self) -> AccountId:
        """Where it was held."""
        return self.what.account

    @property
    def asset(self) -> Asset:
        """What went."""
        return self.what.asset

    @property
    def at(self) -> datetime:
        """When it went."""
        return self.what.disposed_at if isinstance(self.what, Disposal) else self.what.at

    @property
    def gain(self) -> Decimal | None:
        """US dollars; None where unknown, and for a gap."""
        return self.what.gain if isinstance(self.what, Disposal) else None


class Heading(NamedTuple):
    """A group: how many lines are below it and the sums of what is known of them, in US dollars."""

    name: str
    lines: int
    proceeds: Decimal
    basis: Decimal
    gain: Decimal
    unknown: int


class Sums(NamedTuple):
    """What the lines seen come to, in US dollars; `unknown` of them are in no sum."""

    short: Decimal = ZERO
    long: Decimal = ZERO
    unknown: int = 0
    disposals: int = 0
    gaps: int = 0

    @property
    def net(self) -> Decimal:
        """Both terms together."""
        return EXACT.add(self.short, self.long)


class Arranged(NamedTuple):
    """Lines from top to bottom; `entries` are those without the headings. `remark` tells what of a filter is not
    read."""

    rows: Sequence[Entry | Heading] = ()
    entries: Sequence[Entry] = ()
    sums: Sums = Sums()
    remark: str = ""


def entries_of(realized: Realized) -> tuple[Entry, ...]:
    """Every disposal and gap of the year, the newest first; of one instant, the last told first."""
    zone = realized.zone
    found = [
        Entry(one, box, tax_day(one.disposed_at, zone))
        for one, box in zip(realized.disposals, realized.boxes, strict=True)
    ]
    found += [Entry(gap, "", tax_day(gap.at, zone)) for gap in realized.gaps]
    found.sort(key=lambda one: one.at)
    return tuple(reversed(found))


def arrange(entries: Sequence[Entry], typed: str = "", group: str = "") -> Arranged:
    """The entries that the filter lets through, under headings where they are grouped."""
    conditions, remark = _conditions(typed)
    seen = [one for one in entries if all(holds(one) for holds in conditions)] if conditions else entries
    sums = _sums(seen)
    if not group:
        return Arranged(seen, seen, sums, remark)
    groups: dict[str, list[Entry]] = {}
    for one in seen:
        groups.setdefault(_group_of(one, group), []).append(one)
    names = list(groups) if group == "month" else sorted(groups, key=str.casefold)
    rows: list[Entry | Heading] = []
    ordered: list[Entry] = []
    for name in names:
        rows.append(_heading(name, groups[name]))
        rows += groups[name]
        ordered += groups[name]
    return Arranged(rows, ordered, sums, remark)


def _group_of(one: Entry, group: str) -> str:
    if group == "month":
        return f"{one.on:%Y-%m}"
    return str(one.asset if group == "asset" else one.account)


def _sums(entries: Iterable[Entry]) -> Sums:
    short = long = ZERO
    unknown = disposals = gaps = 0
    for one in entries:
        if not isinstance(one.what, Disposal):
            gaps += 1
            continue
        disposals += 1
        gain = one.what.gain
        if gain is None:
            unknown += 1
        elif one.what.term is Term.LONG:
            long = EXACT.add(long, gain)
        else:
            short = EXACT.add(short, gain)
    return Sums(short, long, unknown, disposals, gaps)


def _heading(name: str, entries: Sequence[Entry]) -> Heading:
    proceeds = basis = ZERO
    for one in entries:
        if isinstance(one.what, Disposal) and one.gain is not None:
            proceeds = EXACT.add(proceeds, one.what.proceeds or ZERO)
            basis = EXACT.add(basis, one.what.cost_basis or ZERO)
    unknown = sum(one.gain is None for one in entries)
    return Heading(name, len(entries), proceeds, basis, EXACT.subtract(proceeds, basis), unknown)


# Filtering.


def _conditions(typed: str) -> tuple[list[Callable[[Entry], bool]], str]:
    """What must hold of an entry, and what of the words could not be read."""
    conditions, unread = [], []
    for word in re.findall(_WORD, typed[:MOST_TYPED]):
        is_negated, text = word.startswith("!"), word.removeprefix("!").replace('"', "").casefold()
        holds = _condition(text)
        if holds is None:
            unread.append(word)
        else:
            conditions.append(_negated(holds) if is_negated else holds)
    return conditions, f"not read: {' '.join(unread)}" if unread else ""


def _negated(holds: Callable[[Entry], bool]) -> Callable[[Entry], bool]:
    return lambda one: not holds(one)


_STATES: dict[str, Callable[[Entry], bool]] = {
    "short": lambda one: isinstance(one.what, Disposal) and one.what.term is Term.SHORT,
    "long": lambda one: isinstance(one.what, Disposal) and one.what.term is Term.LONG,
    "gain": lambda one: (one.gain or ZERO) > 0,
    "loss": lambda one: (one.gain or ZERO) < 0,
    "gap": lambda one: isinstance(one.what, BasisGap),
    "unknown": lambda one: one.gain is None,
}


def _condition(text: str) -> Callable[[Entry], bool] | None:
    if text in _STATES:
        return _STATES[text]
    if match := re.fullmatch(_COMPARISON, text):
        return _compared(match[1], _HOLDS[match[2]], match[3], match[4])
    if re.search("[<>=]", text):
        return None
    field, colon, rest = text.partition(":")
    if colon and field in _TEXTS:
        told = _TEXTS[field]
        return lambda one: rest in folded(told(one))
    # A day has digits, a provenance none: most words are held against two names alone.
    names = [_TEXTS[name] for name in ("asset", "account", "day" if any(map(str.isdigit, text)) else "basis")]
    return lambda one: any(text in folded(told(one)) for told in names)


_TEXTS: dict[str, Callable[[Entry], str]] = {
    "asset": lambda one: one.what.asset,
    "account": lambda one: one.what.account,
    "box": lambda one: one.box,
    "basis": lambda one: one.what.provenance.value if isinstance(one.what, Disposal) else "gap",
    "day": lambda one: one.on.isoformat(),
}
folded = lru_cache(maxsize=4096)(str.casefold)
"""Names come again and again."""


def _compared(
    figure: str, holds: Callable[[Decimal, Decimal], bool], typed: str, thousands: str
) -> Callable[[Entry], bool] | None:
    try:
        threshold = parse_decimal(typed.replace(",", ""))
    except ValueError:
        return None
    threshold = EXACT.multiply(threshold, Decimal(1000)) if thousands else threshold

    def is_so(one: Entry) -> bool:
        value = _figure(one, figure)
        return value is not None and holds(value, threshold)

    return is_so


def _figure(one: Entry, figure: str) -> Decimal | None:
    """A loss counts by its size, and what is no loss has none."""
    if figure == "quantity":
        return one.what.quantity
    if isinstance(one.what, BasisGap):
        return None
    if figure == "loss":
        return None if one.gain is None or one.gain >= 0 else -one.gain
    return {"gain": one.gain, "proceeds": one.what.proceeds, "basis": one.what.cost_basis}[figure]
