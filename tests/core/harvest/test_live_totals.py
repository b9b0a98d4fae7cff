"""Totals that follow the prices equal totals made anew, whatever was marked, taken away and moved before."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

import pytest

from harvest_tui.core.harvest.candidates import Candidate
from harvest_tui.core.harvest.circumstances import PLAIN
from harvest_tui.core.harvest.costs import PositionSales, SaleDay
from harvest_tui.core.harvest.live_totals import LiveTotals, MarkedTotals
from harvest_tui.core.harvest.marks import marks_of, totals_of
from harvest_tui.core.harvest.options import Option
from harvest_tui.core.harvest.plan import bill_for, make_plan, target_of
from harvest_tui.core.harvest.targets import Aim
from harvest_tui.core.harvest.value import value_of
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.portfolio import PositionKey
from support.harvest_words import dec, person
from support.plan_words import NOW, ZONE, key, lot, occasion
from support.random_plans import RandomHome, random_home


class Stand:
    """Marks of a random home, kept alive and made anew."""

    def __init__(self, seed: int) -> None:
        self.home: RandomHome = random_home(seed)
        told = self.home.occasion
        self.profile = told.profile
        self.bill = bill_for(Aim.BEST, told.profile, told.so_far.inputs)
        self.day = SaleDay(told.profile, self.bill.rates, told.portfolio.as_of, ZONE)
        self.shares = {one: dec("0.2137") for one in told.portfolio.positions}
        self.live = MarkedTotals(self.bill, self.day, told.surroundings, self.shares)
        self.lots = [one for one in told.portfolio.ledger.lots if one.cost_basis is not None]
        self.prices: dict[PositionKey, Decimal] = {}
        self.marked: dict[str, tuple[Lot, Decimal]] = {}

    def anew(self) -> LiveTotals:
        around = self.home.occasion.surroundings
        chosen = []
        for one, quantity in self.marked.values():
            price = self.prices.get((one.account, one.asset))
            if price is None:
                continue
            where = around[one.account, one.asset]
            sales = PositionSales(self.day, one.account, price, where.volatility, self.shares[one.account, one.asset])
            sale = sales.sale(one, quantity)
            assert sale is not None
            option = Option(one.lot_id, sale.gain, Decimal(0), Decimal(0))
            chosen.append(Candidate(one, quantity, sale, sales, option, where))
        start = self.bill.this_year.start
        day = self.home.occasion.portfolio.tax_day
        marks, (short, long) = marks_of(chosen, self.bill, *start, self.profile, day)
        return LiveTotals(
            totals_of(marks),
            short,
            long,
            self.bill.tax_now(*start),
            self.bill.tax_now(short, long),
            len(self.marked) - len(chosen),
        )


@pytest.mark.parametrize("batch", range(4))
def test_live_totals_equal_totals_made_anew_after_any_marks_and_moves(batch: int) -> None:
    gifts = parts = 0
    for seed in range(batch * 25, batch * 25 + 25):
        chance, stand = Random(seed), Stand(seed)
        for _ in range(12):
            if stand.lots and chance.random() < 0.7:
                one = chance.choice(stand.lots)
                if one.lot_id in stand.marked and chance.random() < 0.6:
                    stand.live.unmark(one.lot_id)
                    del stand.marked[one.lot_id]
                else:
                    part = chance.choice((one.quantity, one.quantity, one.quantity / 3))
                    stand.live.mark(one, part)
                    stand.marked[one.lot_id] = (one, part)
                    gifts += one.loss_basis is not None
                    parts += part != one.quantity
            moved: dict[PositionKey, Decimal | None] = {}
            for place in stand.home.occasion.portfolio.positions:
                if chance.random() < 0.5:
                    moved[place] = Decimal(chance.randrange(1, 9_000_000)).scaleb(-2) if chance.random() < 0.9 else None
            for place, price in moved.items():
                stand.prices.pop(place, None)
                if price is not None:
                    stand.prices[place] = price
            assert stand.live.update(moved) == stand.anew(), seed
            assert stand.live.quantities == {name: units for name, (_, units) in stand.marked.items()}
    assert gifts > 5
    assert parts > 20


def test_the_marks_of_a_plan_kept_alive_have_the_plans_totals() -> None:
    for seed in range(60):
        told = random_home(seed).occasion
        plan = make_plan(told, target_of(Aim.LOSS, Decimal(20_000), told))
        bill = bill_for(Aim.LOSS, told.profile, told.so_far.inputs)
        if told.profile.wait_days:
            continue  # the wait is weighed by the part of the portfolio, which a plan works out itself
        live = MarkedTotals(bill, SaleDay(told.profile, bill.rates, plan.as_of, ZONE), told.surroundings)
        live.update({one: quote.price for one, quote in told.portfolio.quotes.items()})
        for mark in plan.marks:
            live.mark(mark.lot, mark.quantity)
        assert live.totals().totals == plan.totals, seed
        assert abs(live.totals().tax_before - live.totals().tax_after - plan.totals.saved_now) < Decimal("1e-20")


def marked(price: object, *lots: Lot) -> MarkedTotals:
    told = person(wages=150_000, short_gain=20_000)
    bill = bill_for(Aim.BEST, told, occasion([], {}, told).so_far.inputs)
    live = MarkedTotals(bill, SaleDay(told, bill.rates, NOW, ZONE), {key(): PLAIN})
    for one in lots:
        live.mark(one, one.quantity)
    live.update({key(): dec(price)})
    return live


def test_a_mark_that_is_taken_away_leaves_no_trace() -> None:
    live = marked(40_000, lot("b1", 60_000))
    before = live.totals()
    other = lot("b2", "77777.77", 3, acquired=date(2025, 1, 1))
    live.mark(other, dec("1.000000001"))
    assert live.totals() != before
    live.unmark(other.lot_id)
    live.unmark(other.lot_id)
    assert live.totals() == before


def test_a_gift_is_a_loss_below_its_value_then_a_gain_above_the_givers_basis_and_neither_between() -> None:
    given = lot(
        "g1",
        60_000,
        loss_basis=dec(30_000),
        loss_acquired_at=datetime(2026, 5, 1, tzinfo=UTC),
        acquired=date(2024, 1, 1),
    )
    live = marked(40_000, given)
    assert (live.totals().short, live.totals().long) == (20_000, 0)
    below = live.update({key(): dec(25_000)})
    assert (below.short, below.long) == (15_000, 0)
    above = live.update({key(): dec(61_000)})
    assert (above.short, above.long) == (20_000, 1_000)


def test_marks_without_a_price_are_counted_and_in_no_figure() -> None:
    live = marked(40_000, lot("b1", 60_000))
    live.mark(lot("e1", 900, asset="ETH"), dec(1))
    assert (live.totals().unpriced, live.totals().totals.loss) == (1, 20_000)
    assert live.update({key(): None}).unpriced == 2
    assert live.totals().totals.loss == 0


def test_a_lot_is_worth_less_on_top_of_marks_that_used_up_the_gains() -> None:
    live = marked(40_000)
    one = lot("b1", 60_000)
    told = person(wages=150_000, short_gain=20_000)
    alone = live.on_top(one, one.quantity)
    assert alone is not None
    assert alone.saved_now == 20_000 * dec("0.24")
    live.mark(lot("b2", 58_000), dec(1))
    after = live.on_top(one, one.quantity)
    assert after is not None
    assert after.saved_now == (2_000 + 3_000) * dec("0.24")
    bill = bill_for(Aim.BEST, told, occasion([], {}, told).so_far.inputs)
    sale = PositionSales(SaleDay(told, bill.rates, NOW, ZONE), "kraken", dec(40_000)).sale(one, one.quantity)
    assert sale is not None
    assert after == value_of(bill, dec(2_000), dec(0), sale, told)
    assert live.on_top(lot("e1", 900, asset="ETH"), dec(1)) is None
    assert live.on_top(lot("u1", None), dec(1)) is None


def test_what_is_not_there_cannot_be_marked() -> None:
    live = marked(40_000, lot("b1", 60_000))
    before = live.totals()
    for one, quantity in ((lot("b1", 60_000), dec(2)), (lot("b1", 60_000), dec(0)), (lot("u1", None), dec(1))):
        with pytest.raises(ValueError, match=r"b1|u1"):
            live.mark(one, quantity)
    assert live.totals() == before
