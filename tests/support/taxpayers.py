"""Taxpayers for tests: written in whole dollars, or drawn at random around the places where the law bends."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from harvest_tui.core.tax.federal import federal_return
from harvest_tui.core.tax.taxpayer import FederalReturn, FilingStatus, TaxInputs

SINGLE = FilingStatus.SINGLE
JOINT = FilingStatus.MARRIED_JOINT
SEPARATE = FilingStatus.MARRIED_SEPARATE
HEAD = FilingStatus.HEAD_OF_HOUSEHOLD
SURVIVING = FilingStatus.QUALIFYING_SURVIVING_SPOUSE


def taxpayer(year: int, status: FilingStatus, **dollars: int | str) -> TaxInputs:
    """The inputs, amounts as whole dollars or text."""
    return TaxInputs(year, status, **{key: Decimal(amount) for key, amount in dollars.items()})


def taxed(year: int, status: FilingStatus, **dollars: int | str) -> FederalReturn:
    """The return on those inputs."""
    return federal_return(taxpayer(year, status, **dollars))


def cents(most: int, least: int = 0) -> st.SearchStrategy[Decimal]:
    """Dollars and cents, often small or nothing, so that losses, allowances and gains are of one size."""
    near = min(most, 12_000) * 100
    low = max(least, -12_000) * 100
    anywhere = st.integers(least * 100, most * 100)
    return st.one_of(st.just(0), st.integers(low, near), anywhere).map(lambda amount: Decimal(amount).scaleb(-2))


def anybody(years: tuple[int, ...] = (2022, 2023, 2024, 2025, 2026)) -> st.SearchStrategy[TaxInputs]:
    """Any taxpayer of those years."""
    return st.builds(
        TaxInputs,
        year=st.sampled_from(years),
        status=st.sampled_from(list(FilingStatus)),
        wages=cents(1_500_000),
        interest=cents(60_000),
        qualified_dividends=cents(300_000),
        short_gain=cents(400_000, -400_000),
        long_gain=cents(2_000_000, -400_000),
        collectibles_gain=cents(300_000, -100_000),
        carry_short=cents(80_000),
        carry_long=cents(150_000),
    )
