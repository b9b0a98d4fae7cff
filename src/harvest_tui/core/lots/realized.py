"""Realized results: the disposals of a tax year with their boxes, what could not be proven of it, and its totals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.cautions import (
    UTC_ZONE,
    AllocationRecord,
    Caution,
    CautionKind,
    allocation_cautions,
    lot_cautions,
    term_cautions,
    unknown_cautions,
    year_cautions,
)
from harvest_tui.core.lots.form_8949 import ExpectedForms
from harvest_tui.core.lots.ledger import BasisGap, Disposal, Ledger, Term
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.tax_days import year_window


class Realized(NamedTuple):
    """Disposals in order of time, each with its box of Form 8949 in `boxes`; `year` None means of all years.

    `short` and `long` sum the gains that are known, in US dollars.
    """

    year: int | None
    disposals: tuple[Disposal, ...]
    boxes: tuple[str, ...]
    gaps: tuple[BasisGap, ...]
    cautions: tuple[Caution, ...]
    short: Decimal
    long: Decimal
    zone: ZoneInfo

    @property
    def unknown(self) -> int:
        """Disposals whose gain is in no total."""
        return sum(caution.kind is CautionKind.UNKNOWN for caution in self.cautions)


def realized_in(
    ledger: Ledger, forms: ExpectedForms, year: int | None = None, allocation: AllocationRecord | None = None
) -> Realized:
    """The results of the taxpayer's own `year`, or of all years.

    A sale that only UTC puts into the year is no result of it, but is among its cautions. `allocation` is told where
    the scope makes use of one.
    """
    zone = forms.zone
    is_in = _window(year, zone)
    is_in_utc = _window(year, UTC_ZONE)
    disposals = tuple(one for one in ledger.disposals if is_in(one.disposed_at))
    beside = [one for one in ledger.disposals if is_in(one.disposed_at) or is_in_utc(one.disposed_at)]
    shorts = [short for short in ledger.named_shortfalls if is_in(short.at)]
    cautions = [
        *unknown_cautions(disposals),
        *year_cautions(beside, zone),
        *term_cautions(disposals, zone),
        *lot_cautions(shorts),
    ]
    if allocation is not None:
        cautions += allocation_cautions(allocation, ledger.disposals, forms.events, zone)
    return Realized(
        year,
        disposals,
        tuple(forms.box(one) for one in disposals),
        tuple(gap for gap in ledger.gaps if is_in(gap.at)),
        tuple(cautions),
        _sum(disposals, Term.SHORT),
        _sum(disposals, Term.LONG),
        zone,
    )


def _window(year: int | None, zone: ZoneInfo) -> Callable[[datetime], bool]:
    """Whether an instant is in the year as that zone has it; every instant is in None."""
    if year is None:
        return lambda at: True
    start, end = year_window(year, zone)
    return lambda at: start <= at < end


def _sum(disposals: Iterable[Disposal], term: Term) -> Decimal:
    total = ZERO
    for one in disposals:
        if one.term is term and one.gain is not None:
            total = EXACT.add(total, one.gain)
    return total
