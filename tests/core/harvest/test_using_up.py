"""Running sums over the lots of a position in the order in which sales use them up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from harvest_tui.core.harvest.using_up import SoFar, UsingUp, result_of
from harvest_tui.core.lots.ledger import Lot
from support.sample_portfolio import NOW, make_lot

UTC_ZONE = ZoneInfo("UTC")
TODAY = NOW.date()
OLD = make_lot(1, "ETH", "kraken", "3", "4410", 955)
MIDDLE = make_lot(2, "ETH", "kraken", "6", "19800", 401)
NEW = make_lot(3, "ETH", "kraken", "2", "5200", 30)
LOTS = (OLD, MIDDLE, NEW)


def names(order: str, lots: tuple[Lot, ...] = LOTS) -> list[Decimal]:
    return [lot.quantity for lot in UsingUp(lots, order, TODAY, UTC_ZONE).lots]


@pytest.mark.parametrize(
    ("order", "quantities"), [("fifo", [3, 6, 2]), ("lifo", [2, 6, 3]), ("hifo", [6, 2, 3]), ("lofo", [3, 2, 6])]
)
def test_lots_go_in_the_venues_order(order: str, quantities: list[int]) -> None:
    assert names(order) == quantities


def test_each_line_says_what_a_sale_up_to_it_comes_to() -> None:
    use = UsingUp(LOTS, "fifo", TODAY, UTC_ZONE)
    price = Decimal("2388.4")
    assert use.so_far(0, price) == SoFar(Decimal(3), Decimal(0), Decimal("2755.2"), Decimal(0))
    assert use.so_far(1, price) == SoFar(Decimal(9), Decimal(0), Decimal("-2714.4"), Decimal(0))
    last = use.so_far(2, price)
    assert last == SoFar(Decimal(11), Decimal("-423.2"), Decimal("-2714.4"), Decimal(0))
    assert last.result == Decimal("-3137.6")
    assert use.so_far(2, Decimal(3000)).result == Decimal(3590)


def test_units_without_a_basis_or_a_price_are_in_no_result() -> None:
    lost = NEW._replace(cost_basis=None)
    use = UsingUp((OLD, lost), "hifo", TODAY, UTC_ZONE)
    assert use.lots == (OLD, lost), "what has no basis goes last"
    assert use.so_far(1, Decimal(2000)) == SoFar(Decimal(5), Decimal(0), Decimal(1590), Decimal(2))
    assert use.so_far(1, None) == SoFar(Decimal(5), Decimal(0), Decimal(0), Decimal(5))


def test_a_gift_loses_from_its_value_when_given_and_by_its_own_holding_period() -> None:
    gift = MIDDLE._replace(loss_basis=Decimal(15_000), loss_acquired_at=NOW - timedelta(days=100))
    use = UsingUp((OLD, gift), "fifo", TODAY, UTC_ZONE)
    assert [result_of(gift, Decimal(price)) for price in (2400, 2500, 3000, 3300, 3400)] == [-600, 0, 0, 0, 600]
    low = use.so_far(1, Decimal(2400))
    assert (low.short, low.long) == (-600, 2790), "short: the gift was made a hundred days ago"
    high = use.so_far(1, Decimal(3400))
    assert (high.short, high.long) == (0, 5790 + 600), "long: a gain has the giver's years"
    assert use.so_far(0, Decimal(2400)).result == 2790


def test_an_order_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="random"):
        UsingUp(LOTS, "random", TODAY, UTC_ZONE)
