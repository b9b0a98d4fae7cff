"""The tax over the plane of short- and long-term results: the same tax, and straight between its edges."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harvest_tui.core.harvest.federal_surface import FederalSurface
from harvest_tui.core.harvest.surface import Edge
from harvest_tui.core.tax.federal import exact_liability
from harvest_tui.core.tax.taxpayer import TaxInputs
from support.taxpayers import HEAD, JOINT, SEPARATE, SINGLE, anybody, cents, taxpayer

Point = tuple[int, int]
Line = tuple[int, int, int]


def in_cents(edges: tuple[Edge, ...]) -> list[Line]:
    return [(edge.short, edge.long, int(edge.at * 100)) for edge in edges]


def side(line: Line, point: Point) -> int:
    return line[0] * point[0] + line[1] * point[1] - line[2]


def in_one_cell(lines: list[Line], one: Point, other: Point) -> bool:
    return all(side(line, one) * side(line, other) >= 0 for line in lines)


def crossing(one: Line, other: Line) -> Point | None:
    """Near the point where the two meet, in cents that can be halved three times."""
    determinant = one[0] * other[1] - one[1] * other[0]
    if not determinant:
        return None
    short = (one[2] * other[1] - one[1] * other[2]) // determinant
    long = (one[0] * other[2] - one[2] * other[0]) // determinant
    return short // 8 * 8, long // 8 * 8


def between(one: Point, other: Point) -> Point:
    return (one[0] + other[0]) // 2, (one[1] + other[1]) // 2


def tax(surface: FederalSurface, point: Point) -> Decimal:
    return surface.at(Decimal(point[0]).scaleb(-2), Decimal(point[1]).scaleb(-2))


offsets = st.tuples(*[st.integers(-600_000, 600_000)] * 2)


@settings(max_examples=150, deadline=None)
@given(
    anybody((2022, 2024, 2025, 2026, 2027)),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.lists(offsets, min_size=4, max_size=12),
    st.sampled_from([1, 8, 64, 512]),
)
def test_between_its_edges_the_tax_is_straight(
    inputs: TaxInputs, first: int, second: int, moves: list[Point], closeness: int
) -> None:
    surface = FederalSurface(inputs)
    lines = in_cents(surface.edges())
    origin = crossing(lines[first % len(lines)], lines[second % len(lines)])
    assume(origin is not None)
    assert origin is not None
    points = [(origin[0] + a // closeness * 8, origin[1] + b // closeness * 8) for a, b in moves]
    for one, other in combinations(points, 2):
        near = other if in_one_cell(lines, one, other) else between(one, between(one, other))
        if in_one_cell(lines, one, near):
            assert tax(surface, between(one, near)) * 2 == tax(surface, one) + tax(surface, near)


PLACES = {
    "minimum tax on gains over middling wages": (
        taxpayer(2026, SINGLE, wages=150_000, qualified_dividends=4_000),
        (-60_000, 60_000),
        (300_000, 1_100_000),
    ),
    "minimum tax on gains alone": (taxpayer(2026, SINGLE, wages=9_000), (-20_000, 20_000), (600_000, 720_000)),
    "minimum tax, 2025": (taxpayer(2025, HEAD, wages=20_000), (-20_000, 20_000), (800_000, 1_000_000)),
    "income added when married separately": (
        taxpayer(2026, SEPARATE, wages=160_000, interest=3_000),
        (-30_000, 30_000),
        (250_000, 700_000),
    ),
    "minimum tax beside collectibles": (
        taxpayer(2025, JOINT, wages=380_000, collectibles_gain=300_000),
        (-250_000, 200_000),
        (500_000, 1_500_000),
    ),
    "minimum tax beside collectibles over dear wages": (
        taxpayer(2026, SINGLE, wages=250_000, collectibles_gain=150_000, carry_long=20_000),
        (-100_000, 60_000),
        (-100_000, 900_000),
    ),
    "ordinary rates cheaper than the 15 % band": (
        taxpayer(2026, HEAD, wages=90_000, qualified_dividends=300),
        (-300, 1_800),
        (-100, 2_500),
    ),
    "20 % begins beside collectibles": (
        taxpayer(2024, SEPARATE, wages=175_000, collectibles_gain=60_000, qualified_dividends=50_000),
        (-80_000, 80_000),
        (-40_000, 200_000),
    ),
    "loss against interest": (
        taxpayer(2026, JOINT, wages=260_000, interest=900, carry_short=700, carry_long=400),
        (-5_000, 4_000),
        (-5_000, 4_000),
    ),
    "no taxable income": (taxpayer(2023, SINGLE, wages=12_500, interest=400), (-4_000, 3_000), (-4_000, 3_000)),
}


@pytest.mark.parametrize("place", PLACES)
def test_between_its_edges_the_tax_is_straight_where_it_bends_most(place: str) -> None:
    inputs, shorts, longs = PLACES[place]
    surface, chance = FederalSurface(inputs), Random(place)
    lines = in_cents(surface.edges())
    compared = 0
    while compared < 2_000:
        one = chance.randint(*shorts) * 100 // 8 * 8, chance.randint(*longs) * 100 // 8 * 8
        reach = chance.choice((500, 12_000, 250_000, 6_000_000))
        near = one[0] + chance.randint(-reach, reach) * 8, one[1] + chance.randint(-reach, reach) * 8
        if in_one_cell(lines, one, near):
            compared += 1
            assert tax(surface, between(one, near)) * 2 == tax(surface, one) + tax(surface, near), (one, near)


@settings(max_examples=200, deadline=None)
@given(anybody(), cents(500_000, -500_000), cents(500_000, -500_000))
def test_a_point_of_the_surface_is_the_tax_on_those_results(inputs: TaxInputs, short: Decimal, long: Decimal) -> None:
    moved = replace(inputs, short_gain=short, long_gain=long)
    assert FederalSurface(inputs).at(short, long) == exact_liability(moved).total_tax


@settings(max_examples=100, deadline=None)
@given(anybody())
def test_every_edge_is_told_once(inputs: TaxInputs) -> None:
    edges = FederalSurface(inputs).edges()
    lines = {
        (
            Fraction(e.short, e.short or e.long),
            Fraction(e.long, e.short or e.long),
            Fraction(e.at) / (e.short or e.long),
        )
        for e in edges
    }
    assert len(lines) == len(edges) <= 120


def test_netting_with_carryovers_bends_where_each_sum_is_nothing_and_at_the_limit() -> None:
    edges = FederalSurface(taxpayer(2026, SINGLE, wages=90_000, carry_short=400, carry_long="250.50")).edges()
    assert {
        Edge(1, 0, Decimal(400)),
        Edge(0, 1, Decimal("250.5")),
        Edge(1, 1, Decimal("650.5")),
        Edge(1, 1, Decimal("-2349.5")),
    } <= set(edges)


def test_brackets_bend_in_short_alone_and_bands_in_the_sum() -> None:
    edges = set(FederalSurface(taxpayer(2026, SINGLE, wages=90_000)).edges())
    ordinary = 90_000 - 16_100
    assert Edge(1, 0, Decimal(105_700 - ordinary)) in edges
    assert Edge(1, 1, Decimal(545_500 - ordinary)) in edges
    assert Edge(1, 1, Decimal(200_000 - 90_000)) in edges


@pytest.mark.parametrize(("status", "limit"), [(SINGLE, -3_000), (SEPARATE, -1_500)])
def test_beyond_the_limit_nothing_bends(status: str, limit: int) -> None:
    surface = FederalSurface(replace(taxpayer(2026, SINGLE, wages=90_000), status=status))
    floor = surface.at(Decimal(limit), Decimal(0))
    assert surface.at(Decimal(limit - 50_000), Decimal(0)) == surface.at(Decimal(0), Decimal(limit - 900)) == floor
    assert surface.at(Decimal(limit + 1), Decimal(0)) > floor
