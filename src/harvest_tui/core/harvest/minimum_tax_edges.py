"""Where the alternative minimum tax bends, as lines over the year's results (see `plane`). US dollars, scaled.

It can be due only above the start of the phase-out: below it the exemption exceeds what the standard deduction and
the lower brackets are worth.
"""

from __future__ import annotations

from collections.abc import Iterator

from harvest_tui.core.harvest.plane import POINTS, Bend, Form, Region, Scale
from harvest_tui.core.money import EXACT
from harvest_tui.core.tax.year_table import StatusFigures


def minimum_tax_bends(figures: StatusFigures, scale: Scale, region: Region) -> Iterator[Bend]:
    """Where the exemption, the rates, or the comparison with the regular tax change; forms are Form 6251's lines."""
    minimum = figures.minimum
    exemption, lowest = scale.of(minimum.exemption), scale.of(minimum.lowest_exemption)
    adjusted = region.taxable.raised(scale.of(figures.standard_deduction))
    over_start = adjusted.raised(-scale.of(minimum.phaseout_start))
    lost = over_start.times(int(EXACT.multiply(minimum.phaseout_rate, POINTS)))
    over_end = lost.raised(-POINTS * (exemption - lowest))
    yield Bend(over_start)
    yield Bend(over_end)
    fading = adjusted.times(POINTS).plus(lost).raised(-POINTS * exemption)
    gone = adjusted.times(POINTS).raised(-POINTS * lowest)
    for excess, where in ((fading, (over_start, over_end.times(-1))), (gone, (over_end,))):
        for line, conditions in _excess_bends(figures, scale, region, excess):
            yield Bend(line, where + conditions)


def _excess_bends(figures: StatusFigures, scale: Scale, region: Region, excess: Form) -> Iterator[Bend]:
    """Bends for one formula of what exceeds the exemption (line 6), given `POINTS` times as large."""
    preferred = region.taxable.minus(region.ordinary)
    at_minimum_rates = excess.minus(preferred.times(POINTS))
    steps = scale.steps(figures.minimum.schedule)
    for step in steps:
        yield Bend(at_minimum_rates.raised(-step.over * POINTS))
    # With no ordinary income it is due on preferred income alone, once the exemption is less than the standard
    # deduction; that is far inside the 20 % band, whose start is therefore no bend of it.
    yield Bend(excess.minus(region.taxable.times(POINTS)), (region.ordinary.below(0),))
    for regular, where in _ordinary_part(figures, scale, region):
        for step in steps:
            due = step.tax(at_minimum_rates, POINTS).minus(regular.times(POINTS))
            yield Bend(due, where + step.within(at_minimum_rates, POINTS))


def _ordinary_part(figures: StatusFigures, scale: Scale, region: Region) -> Iterator[Bend]:
    """The regular tax without that on preferred income, `POINTS` times as large, and where each formula holds."""
    dear, ceiling = scale.of(figures.collectibles_over), int(EXACT.multiply(figures.collectibles_rate, POINTS))
    has_group = region.ordinary != region.without_group
    for step in scale.steps(figures.ordinary):
        if not has_group or step.over < dear:
            yield Bend(step.tax(region.ordinary), step.within(region.ordinary))
        if has_group and step.over == dear:
            at_ceiling = region.ordinary.raised(-dear).times(ceiling).raised(step.below)
            yield Bend(at_ceiling, (region.ordinary.above(dear), region.without_group.below(dear)))
        if has_group and step.over >= dear:
            group = region.ordinary.minus(region.without_group).times(ceiling)
            yield Bend(step.tax(region.without_group).plus(group), step.within(region.without_group))
