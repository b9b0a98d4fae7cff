"""The year so far: what was realized, from lots and elsewhere, the tax as it stands, and what a loss could still do."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.ledger import BasisGap, Disposal, Ledger, Term
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.records import Asset
from harvest_tui.core.tax.federal import federal_return
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.taxpayer import FederalReturn, TaxInputs
from harvest_tui.core.tax.year_table import year_table
from harvest_tui.core.tax_days import year_window


class Room(StrEnum):
    """What the next dollar of loss meets, in this order."""

    GAINS = "gains of this year"
    DEDUCTION = "wages and other income, up to the yearly limit"
    NOTHING = "nothing this year: it is carried forward"


class RoomStep(NamedTuple):
    """So many dollars of loss meet that; None is without end."""

    room: Room
    amount: Decimal | None


class Results(NamedTuple):
    """Known results in US dollars, losses negative; `collectibles` is long-term and not in `long`."""

    short: Decimal = ZERO
    long: Decimal = ZERO
    collectibles: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """All three together."""
        return EXACT.add(EXACT.add(self.short, self.long), self.collectibles)


@dataclass(frozen=True, slots=True)
class YearSoFar:
    """One tax year in the taxpayer's zone. Money in US dollars.

    `inputs` is what the return was computed from: lots, the profile's other gains, carryovers. `unknown` are sales with
    no known price or basis and `gaps` sales without a lot: they are listed and stand in no figure.
    `saved_by_carryovers` is what the losses carried in take off this year's tax.
    """

    inputs: TaxInputs
    from_lots: Results
    elsewhere: Results
    unknown: tuple[Disposal, ...]
    gaps: tuple[BasisGap, ...]
    federal: FederalReturn
    saved_by_carryovers: Decimal
    steps: tuple[RoomStep, ...]
    limits: tuple[str, ...]

    @property
    def year(self) -> int:
        """The tax year."""
        return self.inputs.year

    @property
    def net(self) -> Decimal:
        """Short- and long-term net together, carryovers taken off (Schedule D line 16 before the limit)."""
        return EXACT.add(self.federal.net_short, self.federal.net_long)

    @property
    def rooms(self) -> tuple[Decimal, Decimal]:
        """Dollars of loss that still meet gains of the year, and the yearly deduction."""
        return self.room(Room.GAINS), self.room(Room.DEDUCTION)

    def room(self, room: Room) -> Decimal:
        """Dollars of loss that still meet that."""
        return next((step.amount for step in self.steps if step.room is room and step.amount is not None), ZERO)


def year_so_far(
    ledger: Ledger, profile: Profile, year: int, zone: ZoneInfo, collectibles: Collection[Asset] = ()
) -> YearSoFar:
    """The year's results and return, from the disposals in it and the profile.

    `collectibles` are assets whose long-term results the taxpayer treats as collectibles (Notice 2023-27: undecided for
    digital art). Raises ValueError, in words, for a year without parameters.
    """
    start, end = year_window(year, zone)
    disposals = _between(ledger.disposals, start, end)
    from_lots = _results(disposals, collectibles)
    inputs = profile.inputs(year, *from_lots)
    federal = federal_return(inputs)
    without = federal_return(replace(inputs, carry_short=ZERO, carry_long=ZERO))
    gaps = tuple(gap for gap in ledger.gaps if start <= gap.at < end)
    unknown = tuple(one for one in disposals if one.gain is None)
    return YearSoFar(
        inputs=inputs,
        from_lots=from_lots,
        elsewhere=Results(profile.short_gain or ZERO, profile.long_gain or ZERO, profile.collectibles_gain or ZERO),
        unknown=unknown,
        gaps=gaps,
        federal=federal,
        saved_by_carryovers=EXACT.subtract(without.total_tax, federal.total_tax),
        steps=room_steps(EXACT.add(federal.net_short, federal.net_long), year_table(year).of(inputs.status).loss_limit),
        limits=(*_missing(unknown, gaps), *profile.limits()),
    )


def room_steps(net: Decimal, limit: Decimal) -> tuple[RoomStep, ...]:
    """What further losses meet, given the year's net result (carryovers taken off) and the yearly loss limit."""
    gains = max(ZERO, net)
    deduction = min(limit, max(ZERO, EXACT.add(limit, net)))
    known = (RoomStep(Room.GAINS, gains), RoomStep(Room.DEDUCTION, deduction))
    return (*(step for step in known if step.amount), RoomStep(Room.NOTHING, None))


def _between(disposals: Sequence[Disposal], start: datetime, end: datetime) -> Sequence[Disposal]:
    """Those from `start` until before `end`. They are in order of time, and the other years' need not be made."""
    disposed_at = attrgetter("disposed_at")
    first = bisect_left(disposals, start, key=disposed_at)
    return disposals[first : bisect_left(disposals, end, lo=first, key=disposed_at)]


def _results(disposals: Iterable[Disposal], collectibles: Collection[Asset]) -> Results:
    short = long = collected = ZERO
    for one in disposals:
        gain = one.gain
        if gain is None:
            continue
        if one.term is Term.SHORT:
            short = EXACT.add(short, gain)
        elif one.asset in collectibles:
            collected = EXACT.add(collected, gain)
        else:
            long = EXACT.add(long, gain)
    return Results(short, long, collected)


def _missing(unknown: tuple[Disposal, ...], gaps: tuple[BasisGap, ...]) -> tuple[str, ...]:
    said = []
    if unknown:
        said.append(f"{_sales(len(unknown))} of this year with no known price or basis: in no figure here.")
    if gaps:
        said.append(f"{_sales(len(gaps))} of this year with no purchase known: in no figure here.")
    return tuple(said)


def _sales(count: int) -> str:
    return "1 sale" if count == 1 else f"{count} sales"
