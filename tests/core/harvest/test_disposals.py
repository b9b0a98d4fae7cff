"""What a disposal for good does to the year: marginal, netted with the others, and nothing of it bought back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.bill import ExpectedBill, expected_bill
from harvest_tui.core.harvest.disposal import NO_OFFER, Disposed, Offer, disposed, worth_of
from harvest_tui.core.lots.ledger import Lot, Provenance, Term
from harvest_tui.core.records import AccountId, Asset, EventId, LotId
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.taxpayer import FilingStatus

AT, ZONE = datetime(2026, 11, 20, 12, tzinfo=UTC), ZoneInfo("America/New_York")


def lot(basis: str | None, long_from: date = date(2027, 1, 5), **more: object) -> Lot:
    return Lot(
        LotId("w:1"),
        EventId("w:1"),
        AccountId("w"),
        Asset("punks#1"),
        datetime(2026, 1, 4, tzinfo=UTC),
        long_from,
        Decimal(1),
        None if basis is None else Decimal(basis),
        Provenance.PROVEN,
        **more,  # type: ignore[arg-type]
    )


def bill(short: str) -> ExpectedBill:
    """100,000 of wages, single: taxable income of 83,900 before gains, all of it in the 22 % bracket."""
    profile = Profile(status=FilingStatus.SINGLE, wages=Decimal(100_000), short_gain=Decimal(short))
    return expected_bill(profile, profile.inputs(2026))


def test_the_cost_of_selling_makes_the_loss_larger_and_the_money_less() -> None:
    assert disposed(lot("5400"), Offer(Decimal(150), Decimal(30)), AT, ZONE) == (Decimal(-5280), Term.SHORT)
    assert disposed(lot("5400", date(2026, 11, 20)), NO_OFFER, AT, ZONE) == (Decimal(-5400), Term.LONG)
    assert disposed(lot(None), NO_OFFER, AT, ZONE) is None
    worth = worth_of(bill("6000"), [(Disposed(Decimal(-5280), Term.SHORT), Offer(Decimal(150), Decimal(30)))])
    assert (worth.loss, worth.saved_now, worth.saved_hoped) == (5280, Decimal("1161.60"), 0)
    assert (worth.received, worth.cost, worth.net) == (120, 30, Decimal("1281.60"))


def test_a_gift_loses_only_from_its_lower_value_on() -> None:
    gift = lot("5400", loss_basis=Decimal(2000), loss_acquired_at=datetime(2025, 1, 1, tzinfo=UTC))
    assert disposed(gift, Offer(Decimal(500)), AT, ZONE) == (Decimal(-1500), Term.LONG)
    assert disposed(gift, Offer(Decimal(3000)), AT, ZONE) == (Decimal(0), Term.SHORT)
    assert disposed(gift, Offer(Decimal(6000)), AT, ZONE) == (Decimal(600), Term.SHORT)


def test_several_meet_the_same_gains_and_what_is_only_carried_forward_saves_nothing() -> None:
    sales = [(Disposed(Decimal(-4000), Term.SHORT), NO_OFFER), (Disposed(Decimal(-5000), Term.LONG), NO_OFFER)]
    alone = [worth_of(bill("2500"), [sale]).saved_now for sale in sales]
    # 2,500 of gains and 3,000 of other income at 22 %: the first meets 4,000 of that, the second 5,000, both 5,500.
    assert alone == [880, 1100]
    together = worth_of(bill("2500"), sales)
    assert (together.loss, together.saved_now, together.saved_hoped, together.net) == (9000, 1210, 0, 1210)
