"""The taxpayer's own figures: asked once, kept, and never guessed. None is "not answered"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.tax.taxpayer import FilingStatus, TaxInputs

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Profile:
    """What only the taxpayer knows. Money in US dollars, losses negative, carryovers as positive losses, rates as parts
    of one.

    Facts without an answer are None and count as nothing, so that only what is certain is claimed. Judgements have a
    default; `stated` names every field the user set.
    """

    status: FilingStatus | None = None
    wages: Decimal | None = None
    interest: Decimal | None = None
    qualified_dividends: Decimal | None = None
    short_gain: Decimal | None = None
    long_gain: Decimal | None = None
    collectibles_gain: Decimal | None = None
    carry_short: Decimal | None = None
    carry_long: Decimal | None = None
    planned_short_gain: Decimal | None = None
    planned_long_gain: Decimal | None = None
    planned_probability: Decimal = Decimal("0.8")
    next_wages: Decimal | None = None
    next_short_gain: Decimal | None = None
    next_long_gain: Decimal | None = None
    next_probability: Decimal = Decimal("0.5")
    years_until_sale: Decimal = Decimal(3)
    discount_rate: Decimal = Decimal("0.04")
    never_sold: Decimal = ZERO
    later_rate: Decimal | None = None
    state_rate: Decimal = ZERO
    state_allows_carryover: bool = True
    fee: Decimal = Decimal("0.004")
    spread: Decimal = Decimal("0.001")
    fees: Mapping[str, Decimal] = field(default_factory=dict)
    wait_days: int = 0
    volatility_floor: Decimal = Decimal("0.4")
    early_sales: Decimal = Decimal("0.2")
    risk_aversion: Decimal = Decimal(3)
    stated: frozenset[str] = frozenset()

    @property
    def filing_status(self) -> FilingStatus:
        """The status the return is computed with; single where none was given."""
        return self.status or FilingStatus.SINGLE

    @property
    def knows_gains(self) -> bool:
        """Whether gains realized elsewhere were answered at all, be it with zero."""
        return not (self.short_gain is None and self.long_gain is None and self.collectibles_gain is None)

    @property
    def knows_next_year(self) -> bool:
        """Whether next year's gains were answered; without it a carryforward is given no value."""
        return not (self.next_short_gain is None and self.next_long_gain is None)

    def fee_of(self, account: str) -> Decimal:
        """What one trade costs in this account, as a part of its value."""
        return self.fees.get(account, self.fee)

    def round_trip(self, account: str) -> Decimal:
        """What selling and buying back costs there, as a part of the value: the fee twice and the spread once."""
        return EXACT.add(EXACT.multiply(Decimal(2), self.fee_of(account)), self.spread)

    def inputs(
        self, year: int, short_gain: Decimal = ZERO, long_gain: Decimal = ZERO, collectibles_gain: Decimal = ZERO
    ) -> TaxInputs:
        """The return's figures: the results of lots given here plus what the user told of the rest of the year."""
        return TaxInputs(
            year=year,
            status=self.filing_status,
            wages=self.wages or ZERO,
            interest=self.interest or ZERO,
            qualified_dividends=self.qualified_dividends or ZERO,
            short_gain=EXACT.add(short_gain, self.short_gain or ZERO),
            long_gain=EXACT.add(long_gain, self.long_gain or ZERO),
            collectibles_gain=EXACT.add(collectibles_gain, self.collectibles_gain or ZERO),
            carry_short=self.carry_short or ZERO,
            carry_long=self.carry_long or ZERO,
        )

    def next_inputs(self, year: int) -> TaxInputs:
        """Next year's expected return under the tables of `year`, before any carryover; other income as this year."""
        return TaxInputs(
            year=year,
            status=self.filing_status,
            wages=(self.wages if self.next_wages is None else self.next_wages) or ZERO,
            interest=self.interest or ZERO,
            qualified_dividends=self.qualified_dividends or ZERO,
            short_gain=self.next_short_gain or ZERO,
            long_gain=self.next_long_gain or ZERO,
        )

    def limits(self) -> tuple[str, ...]:
        """What the missing answers leave unclaimed, a sentence each, the weightiest first."""
        said = []
        if self.wages is None:
            said.append("Wages are not told: they count as none, so the yearly deduction saves next to nothing.")
        if not self.knows_gains:
            said.append("Gains made elsewhere are not told: only results of your lots and the yearly deduction count.")
        if self.status is None:
            said.append("The filing status is not told: single is assumed.")
        if self.carry_short is None and self.carry_long is None:
            said.append("Losses carried in from last year are not told: none are counted.")
        if not self.knows_next_year:
            said.append("Next year's gains are not told: a loss carried forward is counted as worth nothing extra.")
        return tuple(said)
