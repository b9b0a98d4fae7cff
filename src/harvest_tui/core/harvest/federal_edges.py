"""Where the federal tax bends, as lines over the year's short- and long-term results (see `plane`). US dollars."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from harvest_tui.core.harvest.minimum_tax_edges import minimum_tax_bends
from harvest_tui.core.harvest.plane import Bend, Form, Region, Scale, Step, canonical, crosses
from harvest_tui.core.harvest.surface import Edge
from harvest_tui.core.money import EXACT
from harvest_tui.core.tax.federal import OtherIncome
from harvest_tui.core.tax.year_table import StatusFigures


class Netting(NamedTuple):
    """One taxpayer's Schedule D in scaled dollars: lines 7, 15 and 16 as forms, and the income beside them.

    `group` is the 28 % gain before short-term losses, `ordinary` wages and interest less the standard deduction.
    """

    scale: Scale
    short: Form
    long: Form
    both: Form
    group: int
    limit: int
    wages: int
    ordinary: int
    dividends: int


@lru_cache(maxsize=64)
def edges_of(
    figures: StatusFigures, other: OtherIncome, collectibles: Decimal, carry_short: Decimal, carry_long: Decimal
) -> tuple[Edge, ...]:
    """Every line along which the tax bends as the short- and long-term results move, each once.

    They depend on the taxpayer alone, so those of the last ones are kept: prices move far more often.
    """
    netting = _netting(figures, other, collectibles, carry_short, carry_long)
    found = dict.fromkeys(canonical(line) for line in _netting_bends(netting))
    for region in _regions(netting):
        for line, where in _bends(figures, netting, region):
            if (line.short or line.long) and crosses(line, region.where + where):
                found.setdefault(canonical(line))
    places = netting.scale.places
    return tuple(Edge(one.short, one.long, EXACT.scaleb(Decimal(-one.constant), -places)) for one in found)


def _netting(
    figures: StatusFigures, other: OtherIncome, collectibles: Decimal, carry_short: Decimal, carry_long: Decimal
) -> Netting:
    told = (*other, collectibles, carry_short, carry_long)
    scale = Scale(max(0, *(-int(one.as_tuple().exponent) for one in told)))
    collected, by_short, by_long = scale.of(collectibles), scale.of(carry_short), scale.of(carry_long)
    short, long = Form(1, 0, -by_short), Form(0, 1, collected - by_long)
    return Netting(
        scale=scale,
        short=short,
        long=long,
        both=short.plus(long),
        group=max(0, collected - by_long) if collected > 0 else 0,
        limit=scale.of(figures.loss_limit),
        wages=scale.of(other.wages),
        ordinary=scale.of(other.wages) + scale.of(other.interest) - scale.of(figures.standard_deduction),
        dividends=scale.of(other.qualified_dividends),
    )


def _netting_bends(netting: Netting) -> Iterator[Form]:
    yield netting.short
    yield netting.long
    yield netting.both
    yield netting.both.raised(netting.limit)
    if netting.group:
        yield netting.short.raised(netting.group)
        yield netting.long.raised(-netting.group)


def _regions(netting: Netting) -> Iterator[Region]:
    """The plane cut by the course of netting, but for what lies beyond the yearly limit, where nothing bends."""
    short, both, base = netting.short, netting.both, netting.ordinary
    shifted, preferred = short.raised(netting.group), netting.long.raised(-netting.group)
    fixed, all_in = Form(0, 0, base), both.raised(base)
    taxable = all_in.raised(netting.dividends)
    gain, loss = (preferred,), (preferred.times(-1), both)
    yield Region((both.times(-1), both.raised(netting.limit)), all_in, all_in, taxable)
    yield Region((*gain, shifted.times(-1), both), fixed, fixed, taxable)
    if not netting.group:
        yield Region((*gain, short), short.raised(base), short.raised(base), taxable)
        yield Region(loss, all_in, all_in, taxable)
        return
    above, under = short, short.times(-1)
    yield Region((*gain, shifted, above), shifted.raised(base), short.raised(base), taxable)
    yield Region((*gain, shifted, under), shifted.raised(base), fixed, taxable)
    yield Region((*loss, netting.long, above), all_in, short.raised(base), taxable)
    yield Region((*loss, netting.long, under), all_in, fixed, taxable)
    yield Region((*loss, netting.long.times(-1)), all_in, all_in, taxable)


def _bends(figures: StatusFigures, netting: Netting, region: Region) -> Iterator[Bend]:
    yield from _rate_bends(figures, netting.scale, region)
    yield from _ordinary_rates_win_bends(figures, netting.scale, region)
    yield from _investment_tax_bends(figures, netting, region)
    yield from minimum_tax_bends(figures, netting.scale, region)


def _rate_bends(figures: StatusFigures, scale: Scale, region: Region) -> Iterator[Bend]:
    fifteen, dear = scale.of(figures.fifteen_rate_max), scale.of(figures.collectibles_over)
    thresholds = [step.over for step in scale.steps(figures.ordinary)] + [scale.of(figures.zero_rate_max), fifteen]
    for over in thresholds:
        for amount in (region.ordinary, region.without_group, region.taxable):
            yield Bend(amount.raised(-over))
    if region.ordinary != region.without_group:
        preferred = region.taxable.minus(region.ordinary)
        fits = (region.ordinary.above(dear), region.without_group.below(dear))
        yield Bend(preferred.raised(dear - fifteen), fits)
        yield Bend(preferred.plus(region.without_group).raised(-fifteen), (region.without_group.above(dear),))


def _ordinary_rates_win_bends(figures: StatusFigures, scale: Scale, region: Region) -> Iterator[Bend]:
    """Where ordinary rates on everything cost as much as the worksheet.

    The 15 % band begins a little below the end of a bracket of 12 %: on that stretch the worksheet is the dearer, so
    what it saves below must outweigh it, or what it saves above.
    """
    ordinary, taxable, zero = region.ordinary, region.taxable, scale.of(figures.zero_rate_max)
    band = next(step for step in scale.steps(figures.preferential) if step.over == zero)
    low, high = _steps_around(scale.steps(figures.ordinary), zero)
    dearer, saved_below, saved_above = band.points - low.points, low.points, high.points - band.points
    if dearer <= 0:
        return
    end = high.over
    from_zero, beyond_end = ordinary.raised(-zero).times(saved_below), taxable.raised(-end).times(-saved_above)
    starts_below, between = (ordinary.below(zero),), (ordinary.above(zero), ordinary.below(end))
    ends_above = (taxable.above(end),)
    yield Bend(
        taxable.raised(-zero).times(dearer).plus(from_zero), (*starts_below, taxable.above(zero), taxable.below(end))
    )
    yield Bend(beyond_end.raised(dearer * (end - zero)).plus(from_zero), starts_below + ends_above)
    yield Bend(beyond_end.raised(dearer * end).minus(ordinary.times(dearer)), between + ends_above)


def _steps_around(steps: tuple[Step, ...], amount: int) -> tuple[Step, Step]:
    """The stretch that holds an amount, and the one above it."""
    number = next(place for place, step in enumerate(steps) if step.up_to is None or amount < step.up_to)
    return steps[number], steps[min(number + 1, len(steps) - 1)]


def _investment_tax_bends(figures: StatusFigures, netting: Netting, region: Region) -> Iterator[Bend]:
    adjusted = region.taxable.raised(netting.scale.of(figures.standard_deduction))
    yield Bend(adjusted.raised(-netting.scale.of(figures.investment_tax_over)))
    yield Bend(adjusted.raised(-netting.wages))
