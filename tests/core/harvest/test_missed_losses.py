"""The loss of each day and the best missed one: by hand, and against the engine asked day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest_tui.core.harvest.closes import daily_closes, days_of_year, end_of
from harvest_tui.core.harvest.missed import DayLoss, MissedLosses, losses_taken, missed_losses
from harvest_tui.core.lots.holdings import changes_of
from harvest_tui.core.lots.matching import Scope, ledger_of, match, match_books
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.records import Asset, Candle, Event
from harvest_tui.core.valuation import NoPrices
from support.lot_events import DAY_ONE, UTC_ZONE, buy, event, sell

BTC, ETH = Asset("BTC"), Asset("ETH")
RESIDUE = Decimal("1e-12")
"""Parts of a lot share its basis to 18 places; what one part has less another has more."""
NEW_YORK, TOKYO, LONDON = ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/London")


def days(count: int) -> list[date]:
    return [DAY_ONE.date() + timedelta(days=number) for number in range(count)]


def dollars(*prices: object) -> dict[date, Decimal]:
    """A close for each day from the first on; None is a day without one."""
    return {day: Decimal(str(price)) for day, price in zip(days(400), prices, strict=False) if price is not None}


def missed(
    history: list[Event], closes: dict[Asset, dict[date, Decimal]], count: int, method: str = "fifo", scope: str = "us"
) -> MissedLosses:
    books = match_books(
        history, methods=MethodTable(Method(method)), scope=Scope(scope), zone=UTC_ZONE, values=NoPrices()
    )
    taken = losses_taken(ledger_of(books, UTC_ZONE).disposals, 2024, UTC_ZONE)
    return missed_losses(changes_of(books.replay), closes, days(count), taken, 2024)


def asked_day_by_day(
    history: list[Event], closes: dict[Asset, dict[date, Decimal]], count: int, method: str, scope: str
) -> list[tuple[Decimal, int, int]]:
    """(loss, losing lots, assets without a price) at the end of each day, as the engine sees that very moment."""
    found = []
    for day in days(count):
        known = [one for one in history if one.executed_at < end_of(day)]
        loss, losing, unpriced = Decimal(0), 0, set()
        for lot in match(known, method=method, scope=scope, zone=UTC_ZONE).lots:
            basis = lot.cost_basis if lot.loss_basis is None else lot.loss_basis
            close = closes.get(lot.asset, {}).get(day)
            if basis is None:
                continue
            if close is None:
                unpriced.add(lot.asset)
            elif basis > lot.quantity * close:
                loss += basis - lot.quantity * close
                losing += basis - lot.quantity * close > RESIDUE
        found.append((loss, losing, len(unpriced)))
    return found


def test_each_day_counts_the_lots_held_at_its_end() -> None:
    history = [
        buy("b1", 0, 2, "BTC", 40_000),
        buy("b2", 1.5, 1, "BTC", 30_000),
        sell("s1", 3, 2, "BTC", 25_000),
    ]
    told = missed(history, {BTC: dollars(21_000, 19_000, 15_000, 14_000, 31_000)}, 5)
    assert [(one.loss, one.lots) for one in told.days] == [
        (0, 0),
        (2 * 1000 + 11_000, 2),
        (2 * 5000 + 15_000, 2),
        (16_000, 1),
        (0, 0),
    ]
    assert told.best == DayLoss(days(5)[2], Decimal(25_000), 2, 0)
    assert [(one.day, one.loss) for one in told.taken] == [(days(5)[3], 15_000)]
    assert (told.taken_in_all, told.taken_after(days(5)[2]), told.taken_after(days(5)[3])) == (15_000, 15_000, 0)


def test_the_earliest_of_equal_days_is_the_best_and_without_a_loss_there_is_none() -> None:
    history = [buy("b1", 0, 1, "BTC", 20_000)]
    told = missed(history, {BTC: dollars(25_000, 12_000, 18_000, 12_000)}, 4)
    assert told.best is not None and told.best.day == days(4)[1]
    assert missed(history, {BTC: dollars(25_000, 20_000)}, 2).best is None
    assert missed([], {}, 3).best is None


def test_what_has_no_price_or_no_basis_is_counted_and_in_no_sum() -> None:
    history = [
        buy("b1", 0, 1, "BTC", 20_000),
        buy("b2", 1, 10, "ETH", 30_000),
        event("d1", "deposit", 0, received=(5, "SOL")),
    ]
    told = missed(history, {BTC: dollars(15_000, None, 14_000), ETH: {}}, 3)
    assert [(one.loss, one.unpriced) for one in told.days] == [(5000, 0), (0, 2), (6000, 1)]
    assert told.unpriced == {BTC: 1, ETH: 2}
    assert told.unknown == {Asset("SOL")}


def test_a_gift_loses_from_its_value_at_the_gift_and_is_held_from_then_on() -> None:
    gift = event("g1", "gift_in", 1, received=(1, "BTC"), acquired=-300, cost_basis=30_000, value=20_000)
    told = missed([gift], {BTC: dollars(18_000, 18_000, 25_000)}, 3)
    assert [one.loss for one in told.days] == [0, 2000, 0]


def test_units_given_away_or_converted_are_held_until_then() -> None:
    history = [
        buy("b1", 0, 4, "ETH", 8000),
        event("g1", "gift_out", 1, sent=(1, "ETH")),
        event("c1", "convert", 2, sent=(3, "ETH"), received=(3, "BTC")),
    ]
    closes = {ETH: dollars(*[1500] * 4), BTC: dollars(*[1000] * 4)}
    assert [one.loss for one in missed(history, closes, 4).days] == [2000, 1500, 3000, 3000]


def test_a_lot_that_is_sold_in_parts_is_one_lot_until_its_last_unit() -> None:
    history = [buy("b1", 0, 3, "BTC", 100), *(sell(f"s{n}", n, 1, "BTC", 1) for n in (1, 2, 3))]
    told = missed(history, {BTC: dollars(*[30] * 5)}, 5)
    assert [one.lots for one in told.days] == [1, 1, 1, 0, 0]
    assert [round(one.loss, 12) for one in told.days] == [
        10,
        round(Decimal(20) / 3, 12),
        round(Decimal(10) / 3, 12),
        0,
        0,
    ]


def test_the_allocation_of_2025_splits_a_lot_and_changes_no_loss() -> None:
    history = [buy("b1", 360, 2, "BTC", 100_000), event("t1", "transfer", 361, sent=(1, "BTC"), to="w2")]
    told = missed(history, {BTC: dollars(*[30_000] * 370)}, 370)
    assert [(one.loss, one.lots) for one in told.days[364:368]] == [(40_000, 1), (40_000, 1), (40_000, 2), (40_000, 2)]


amounts = st.integers(1, 40).map(lambda tenths: Decimal(tenths) / 10)
prices = st.integers(50, 250)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Buys, sales, transfers, gifts and conversions of two coins in two accounts within twelve days."""
    made: list[Event] = []
    for number in range(draw(st.integers(1, 14))):
        kind = draw(st.sampled_from(["buy", "buy", "buy", "sell", "sell", "move", "gift", "convert", "got"]))
        name, day = f"e{number}", draw(st.integers(0, 12 * 24 - 1)) / 24
        coin, units = draw(st.sampled_from(["BTC", "ETH"])), draw(amounts)
        account, other = draw(st.sampled_from([("w1", "w2"), ("w2", "w1")]))
        cost = units * draw(prices)
        if kind == "buy":
            made.append(buy(name, day, units, coin, cost, account=account))
        elif kind == "sell":
            made.append(sell(name, day, units, coin, cost, account=account))
        elif kind == "move":
            made.append(event(name, "transfer", day, sent=(units, coin), to=other, account=account))
        elif kind == "gift":
            made.append(event(name, "gift_out", day, sent=(units, coin), account=account))
        elif kind == "got":
            told = draw(prices)
            made.append(
                event(
                    name,
                    "gift_in",
                    day,
                    received=(units, coin),
                    acquired=-200,
                    cost_basis=cost,
                    value=units * told,
                    account=account,
                )
            )
        else:
            turned = "ETH" if coin == "BTC" else "BTC"
            made.append(event(name, "convert", day, sent=(units, coin), received=(units * 2, turned), account=account))
    return made


paths = st.lists(st.one_of(st.none(), prices, prices, prices), min_size=13, max_size=13).map(
    lambda told: dollars(*told)
)


@given(histories(), paths, paths, st.sampled_from(["fifo", "lifo", "hifo"]), st.sampled_from(["account", "universal"]))
def test_it_is_what_the_engine_answers_when_asked_day_by_day(
    history: list[Event], bitcoin: dict[date, Decimal], ether: dict[date, Decimal], method: str, scope: str
) -> None:
    closes = {BTC: bitcoin, ETH: ether}
    told = missed(history, closes, 13, method, scope)
    expected = asked_day_by_day(history, closes, 13, method, scope)
    assert [(one.lots, one.unpriced) for one in told.days] == [(lots, unpriced) for _, lots, unpriced in expected]
    assert all(abs(one.loss - loss) < RESIDUE for one, (loss, _, _) in zip(told.days, expected, strict=True))
    largest = max(loss for loss, _, _ in expected)
    first = next(number for number, (loss, _, _) in enumerate(expected) if loss >= largest - RESIDUE)
    if largest > RESIDUE:
        assert told.best is not None and told.best.day >= days(13)[first]
        assert abs(told.best.loss - largest) < RESIDUE
    else:
        assert told.best is None or told.best.loss < RESIDUE


def candle(day: int, close: str, seconds: int = 86_400, hour: int = 0, source: str = "kraken BTC/USD") -> Candle:
    start = DAY_ONE + timedelta(days=day, hours=hour)
    price = Decimal(close)
    return Candle(BTC, start, seconds, price, price, price, price, source)


def test_the_close_of_a_day_is_that_of_the_candle_that_ends_with_it() -> None:
    now = datetime(2024, 1, 4, 12, tzinfo=UTC)
    told = [
        candle(1, "200", 3600, 23),
        candle(0, "90", 3600, 22),
        candle(0, "100"),
        candle(0, "101", 3600, 23),
        candle(0, "99", source="binance BTC/USDT"),
        candle(3, "400"),
    ]
    found = daily_closes(told, now)
    assert [(day, str(one.close)) for day, one in found.items()] == [(days(1)[0], "99"), (days(2)[1], "200")]


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        (UTC_ZONE, date(2025, 1, 1), date(2025, 12, 31)),
        (NEW_YORK, date(2025, 1, 1), date(2025, 12, 31)),
        (TOKYO, date(2024, 12, 31), date(2025, 12, 30)),
        (LONDON, date(2025, 1, 1), date(2025, 12, 31)),
    ],
    ids=["UTC", "New York", "Tokyo", "London"],
)
def test_a_tax_year_has_the_days_that_close_in_it(zone: ZoneInfo, first: date, last: date) -> None:
    found = days_of_year(2025, zone, datetime(2026, 6, 1, tzinfo=UTC))
    assert (found[0], found[-1], len(found), len(set(found))) == (first, last, 365, 365)
    assert days_of_year(2025, zone, datetime(2025, 3, 1, 18, tzinfo=UTC))[-1] == date(2025, 2, 28)


def test_losses_taken_are_those_of_the_taxpayers_year_by_day_gains_apart() -> None:
    evening = 31 + 28 / 24
    books = match_books(
        [
            buy("b1", 0, 4, "BTC", 40_000),
            sell("s1", 20, 1, "BTC", 4000),
            sell("s2", 20.5, 1, "BTC", 8000),
            sell("s3", 21, 1, "BTC", 90_000),
            sell("s4", evening, 1, "BTC", 1000),
        ],
        methods=MethodTable(Method("fifo")),
        scope=Scope("account"),
        zone=NEW_YORK,
        values=NoPrices(),
    )
    disposals = ledger_of(books, NEW_YORK).disposals
    assert losses_taken(disposals, 2024, UTC_ZONE) == (
        (date(2024, 1, 21), 8000),
        (date(2024, 2, 2), 9000),
    )
    assert [one.day for one in losses_taken(disposals, 2024, NEW_YORK)] == [
        date(2024, 1, 20),
        date(2024, 1, 21),
        date(2024, 2, 1),
    ]
    assert losses_taken(disposals, 2025, UTC_ZONE) == ()
