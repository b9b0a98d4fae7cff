"""The bill at point after point of a path, exactly, without computing a return for each.

The bill is linear in every cell that its edges cut the plane into. As long as a path stays nearer to its last known
point than any edge is, it is in one cell, and what the bill is there follows from three points.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.harvest.bill import ExpectedBill, Levels
from harvest_tui.core.money import EXACT, ROUNDED

_plus, _minus, _times = EXACT.add, EXACT.subtract, EXACT.multiply
_ONE, _WORTH_IT = Decimal(1), Decimal(6)
"""A cell is worth exploring where about so many more steps fit into it."""


class _Anchor(NamedTuple):
    """A known point, how far around it the bill is linear, and what a dollar less of either result changes there."""

    short: Decimal
    long: Decimal
    reach: Decimal
    levels: Levels
    by_short: Levels
    by_long: Levels

    def at(self, short: Decimal, long: Decimal) -> Levels | None:
        """The bill there; None where that is out of reach."""
        across, up = _minus(self.short, short), _minus(self.long, long)
        if _plus(across.copy_abs(), up.copy_abs()) > self.reach:
            return None
        (now, expected, counted), a, b = self.levels, self.by_short, self.by_long
        return Levels(
            _plus(now, _plus(_times(a.now, across), _times(b.now, up))),
            _plus(expected, _plus(_times(a.expected, across), _times(b.expected, up))),
            _plus(counted, _plus(_times(a.counted, across), _times(b.counted, up))),
        )


class LevelPath:
    """`ExpectedBill.levels` for those who go on in small steps."""

    def __init__(self, bill: ExpectedBill) -> None:
        self._bill = bill
        edges = dict.fromkeys((*bill.edges(), *bill.this_year.tax_edges(), *bill.this_year.carry_edges()))
        self._edges = [
            (Decimal(edge.short), Decimal(edge.long), edge.at, Decimal(max(abs(edge.short), abs(edge.long))))
            for edge in edges
        ]
        self._anchor: _Anchor | None = None
        self._last: tuple[Decimal, Decimal] | None = None

    def at(self, short: Decimal, long: Decimal) -> Levels:
        """The bill at that point, exact and unrounded, in US dollars."""
        found = None if self._anchor is None else self._anchor.at(short, long)
        if found is not None:
            return found
        levels = self._bill.levels(short, long)
        before, self._last = self._last, (short, long)
        if before is not None:
            step = _plus(_minus(before[0], short).copy_abs(), _minus(before[1], long).copy_abs())
            self._explore(short, long, levels, step)
        return levels

    def _explore(self, short: Decimal, long: Decimal, levels: Levels, step: Decimal) -> None:
        reach = self._reach(short, long)
        if reach < _ONE or reach < _times(step, _WORTH_IT):
            self._anchor = None
            return
        by_short = self._bill.levels(_minus(short, _ONE), long)
        by_long = self._bill.levels(short, _minus(long, _ONE))
        self._anchor = _Anchor(short, long, reach, levels, _change(levels, by_short), _change(levels, by_long))

    def _reach(self, short: Decimal, long: Decimal) -> Decimal:
        """How far short and long together may move before the first edge."""
        nearest = None
        for a, b, at, most in self._edges:
            away = EXACT.fma(a, short, EXACT.fma(b, long, at.copy_negate())).copy_abs()
            if most != _ONE:
                away = ROUNDED.divide(away, most)
            if nearest is None or away < nearest:
                nearest = away
        # Cut by a hair, since the quotient may have been rounded up.
        return Decimal("1e30") if nearest is None else ROUNDED.multiply(nearest, Decimal("0.999999"))


def _change(here: Levels, there: Levels) -> Levels:
    return Levels(
        _minus(there.now, here.now), _minus(there.expected, here.expected), _minus(there.counted, here.counted)
    )
