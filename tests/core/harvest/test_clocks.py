"""Two clocks of a lot in dollars: turning long-term, and the end of the year. 2026, single, zone New York."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.bill import expected_bill
from harvest_tui.core.harvest.clocks import Clocks, clocks_of
from harvest_tui.core.lots.ledger import Lot, Provenance
from harvest_tui.core.records import AccountId, Asset, EventId, LotId
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.taxpayer import FilingStatus, TaxInputs
from harvest_tui.core.tax_days import long_term_on

ZONE = ZoneInfo("America/New_York")
AT = datetime(2026, 11, 22, 15, tzinfo=UTC)
PROFILE = Profile(
    status=FilingStatus.SINGLE,
    wages=Decimal(150_000),
    fee=Decimal(0),
    stated=frozenset({"status", "wages", "short_gain", "long_gain"}),
)


def lot(acquired: datetime, basis: str | None = "20000", **more: object) -> Lot:
    made = Lot(
        LotId("kraken:1"), EventId("kraken:1"), AccountId("kraken"), Asset("BTC"), acquired,
        long_term_on(acquired, ZONE), Decimal(2), None if basis is None else Decimal(basis), Provenance.PROVEN,
    )  # fmt: skip
    return made._replace(**more)


def clocks(held: Lot, price: str, short: str = "0", long: str = "0", profile: Profile = PROFILE) -> Clocks:
    inputs = TaxInputs(
        2026, FilingStatus.SINGLE, wages=Decimal(150_000), short_gain=Decimal(short), long_gain=Decimal(long)
    )
    found = clocks_of(held, held.quantity, Decimal(price), expected_bill(profile, inputs), profile, AT, ZONE)
    assert found is not None
    return found


SHORT = lot(datetime(2025, 12, 5, 18, tzinfo=UTC))
"""Long-term from 6 December 2026 on: 14 days from `AT`."""


def test_a_loss_that_meets_long_gains_of_the_year_saves_the_same_on_either_side_of_the_day() -> None:
    found = clocks(SHORT, "6000", long="10000")
    assert (found.days_to_long, found.long_term_on, found.days_left) == (14, date(2026, 12, 6), 39)
    assert (found.gain, found.turning_brings) == (-8000, 0)
    assert found.saved_now == 1200, "8,000 of long-term gain less, at 15 %"


def test_a_short_loss_is_worth_less_once_it_meets_long_gains_before_short_ones() -> None:
    found = clocks(SHORT, "6000", short="10000", long="10000")
    assert found.saved_now == 1920, "8,000 of short-term gain less, at 24 %"
    assert found.turning_brings == 1200 - 1920, "as a long-term loss it takes the gain that is taxed at 15 %"


def test_a_gain_waits_for_the_lower_rate() -> None:
    found = clocks(SHORT, "14000")
    assert (found.gain, found.saved_now) == (8000, -1920)
    assert found.turning_brings == 1920 - 1200


def test_what_is_long_term_already_waits_for_nothing() -> None:
    found = clocks(lot(datetime(2024, 1, 5, 18, tzinfo=UTC)), "6000", short="9000")
    assert (found.is_long, found.days_to_long, found.turning_brings) == (True, 0, 0)
    assert found.saved_now == 1920


def test_without_gains_only_the_deduction_is_lost_with_the_year() -> None:
    found = clocks(SHORT, "6000")
    assert found.saved_now == 720, "3,000 of wages less, at 24 %"
    assert found.saved_next is None, "nothing was told of next year"


def test_what_next_year_would_save_is_told_once_next_year_is() -> None:
    told = replace(
        PROFILE, next_wages=Decimal(150_000), next_long_gain=Decimal(20_000), discount_rate=Decimal(0),
        next_probability=Decimal("0.5"), stated=PROFILE.stated | {"next_wages", "next_long_gain"},
    )  # fmt: skip
    assert told.knows_next_year
    found = clocks(SHORT, "6000", long="20000", profile=told)
    assert found.saved_now == 1200
    assert found.saved_next == 600, "8,000 at 15 %, half as likely"


def test_a_loss_on_a_gift_runs_by_its_own_day() -> None:
    given = datetime(2026, 7, 1, 16, tzinfo=UTC)
    gift = lot(datetime(2020, 1, 5, 18, tzinfo=UTC), "30000", loss_basis=Decimal(20_000), loss_acquired_at=given)
    found = clocks(gift, "6000", short="10000")
    assert (found.gain, found.long_term_on) == (-8000, date(2027, 7, 2))
    assert not found.is_long


def test_without_a_basis_there_is_no_clock_to_price() -> None:
    bill = expected_bill(PROFILE, TaxInputs(2026, FilingStatus.SINGLE, wages=Decimal(150_000)))
    unknown = lot(datetime(2025, 12, 5, tzinfo=UTC), None)
    assert clocks_of(unknown, unknown.quantity, Decimal(5), bill, PROFILE, AT, ZONE) is None
