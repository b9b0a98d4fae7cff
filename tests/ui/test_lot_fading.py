"""A price that moved says so for a moment: by an arrow and a colour, then by the arrow alone, then no more."""

from __future__ import annotations

from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.widgets.lot_fading import BRIGHT_SECONDS, FADED_SECONDS, Fading, Move
from support.on_screen import lot_table, shown, until
from support.sample_portfolio import SampleSession, quote


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


KEYS = (("kraken", "BTC"), ("kraken", "ETH"))


def test_a_move_is_bright_then_an_arrow_then_nothing() -> None:
    hand = Hand()
    fading = Fading(hand)
    before = {KEYS[0]: quote("BTC", "100"), KEYS[1]: quote("ETH", "10")}
    after = {KEYS[0]: quote("BTC", "101"), KEYS[1]: quote("ETH", "9")}
    fading.note(before, after, {0, 1}, KEYS)  # type: ignore[arg-type]
    assert fading.step() == set()
    assert (fading.move_of(0), fading.move_of(1)) == (Move("↑", "gain", "gain"), Move("↓", "loss", "loss"))
    hand.at = BRIGHT_SECONDS
    assert fading.step() == {0, 1}
    assert (fading.move_of(0), fading.move_of(1)) == (Move("↑", "muted", "plain"), Move("↓", "muted", "plain"))
    assert fading.step() == set(), "nothing is drawn twice"
    hand.at = FADED_SECONDS
    assert fading.step() == {0, 1}
    assert (fading.move_of(0), fading.move_of(1)) == (None, None)


def test_the_first_price_and_the_same_price_again_are_no_moves() -> None:
    fading = Fading(Hand())
    fading.note({}, {KEYS[0]: quote("BTC", "100")}, {0}, KEYS)  # type: ignore[arg-type]
    fading.note({KEYS[0]: quote("BTC", "100")}, {KEYS[0]: quote("BTC", "100.00")}, {0}, KEYS)  # type: ignore[arg-type]
    assert fading.move_of(0) is None


async def test_the_table_shows_the_arrow_and_takes_it_away() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40)) as pilot:
        table, hand = lot_table(app), Hand()
        table.fading = Fading(hand)
        session.price("BTC", "61250")
        session.price("ETH", "2300.5")
        await until(pilot, lambda: sum("61,250.00  ↑" in line for line in shown(app)) == 3)
        assert sum("2,300.50  ↓" in line for line in shown(app)) == 3
        hand.at = FADED_SECONDS
        await until(pilot, lambda: not any("↑" in line or "↓" in line for line in shown(app)[4:]))
        assert sum("61,250.00   " in line for line in shown(app)) == 3
