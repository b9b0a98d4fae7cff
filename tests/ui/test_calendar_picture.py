"""The list of the calendar: what no price is known for is unknown there, and not zero."""

from __future__ import annotations

from collections.abc import Sequence

from harvest_tui.core.lots.calendar import weeks_ahead
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.ui.frame import FrameReader
from harvest_tui.ui.widgets.calendar_picture import calendar_picture
from harvest_tui.ui.widgets.picture import Picture
from support.sample_portfolio import SampleSession, make_lot, make_portfolio, quote


def drawn(lots: Sequence[Lot], **prices: str) -> Picture:
    quotes = {(lot.account, lot.asset): quote(lot.asset, prices[lot.asset]) for lot in lots if lot.asset in prices}
    portfolio = make_portfolio(lots, quotes)
    return calendar_picture(weeks_ahead(portfolio), FrameReader(SampleSession(held=portfolio)).read())  # type: ignore[arg-type]


def cells(picture: Picture) -> list[list[str]]:
    """Lots, value, unrealized and loss of each week that is listed."""
    return [[text.strip() for text, _ in row[1:5]] for row in picture.lines]


UNPRICED = make_lot(1, "DEADCOIN", quantity="9000", cost_basis="1210.55", held_days=360)
WITHOUT_BASIS = make_lot(2, "ETH", quantity="3", cost_basis=None, held_days=340)
KNOWN = make_lot(3, "BTC", quantity="0.5", cost_basis="36110", held_days=320)
EVEN = make_lot(4, "SOL", quantity="7", cost_basis="700", held_days=300)


def test_a_week_of_coins_without_a_price_has_no_value_and_no_result() -> None:
    picture = drawn([UNPRICED, WITHOUT_BASIS, KNOWN, EVEN], ETH="2400", BTC="60000", SOL="100")
    assert cells(picture) == [
        ["1", "-", "-", ""],
        ["1", "7,200.00", "-", ""],
        ["1", "30,000.00", "−6,110.00▼", "! 6,110.00"],
        ["1", "700.00", "0.00", ""],
    ]
    assert any("2 lots without a price or a known basis" in note for note in picture.notes)


def test_what_is_known_of_a_week_is_told_though_another_lot_in_it_has_no_price() -> None:
    beside = make_lot(5, "BTC", quantity="0.5", cost_basis="29000", held_days=360)
    assert cells(drawn([UNPRICED, beside], BTC="60000")) == [["2", "30,000.00", "+1,000.00▲", ""]]


def test_without_a_price_nobody_says_that_there_is_no_loss() -> None:
    told = ["".join(part if isinstance(part, str) else part[0] for part in drawn(lots, SOL="100").sentence)
            for lots in ([UNPRICED, EVEN], [EVEN])]  # fmt: skip
    assert [words.rpartition(", ")[2] for words in told] == ["none of them at a known loss.", "none of them at a loss."]
