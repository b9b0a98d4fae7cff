"""Facts kept from load to load are those derived from scratch, and a new trade replays its own book alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio

from harvest_tui.core.lots.decisions import Assumption, Decision, DecisionKind
from harvest_tui.core.records import Account, AccountId, Asset, Candle, Event, EventId
from harvest_tui.session.facts import Facts, load_facts
from harvest_tui.session.kept_facts import FEW, KeptFacts
from harvest_tui.session.loading import FactLoader
from harvest_tui.store import Store
from support.identification import Recorder
from support.identification import lot as recorded
from support.lot_events import at, buy, event, sell
from support.stored_walk import NOW, StoredWalk, told_of


@pytest.mark.parametrize("first", range(3))
async def test_after_every_step_the_kept_facts_are_those_derived_from_scratch(first: int, tmp_path: Path) -> None:
    done: Counter[str] = Counter()
    for seed in range(first * 8, first * 8 + 8):
        async with await Store.open(tmp_path / f"{seed}" / "cache.db") as store:
            walk = await StoredWalk.begin(store, seed)
            kept, chance = KeptFacts(store), Random(seed)
            handed_out = []
            for _ in range(10):
                for _ in range(chance.choice((1, 1, 3))):
                    done[await walk.step()] += 1
                facts = await kept.load(walk.rules, walk.now)
                done["revised"] += kept.revised is not None
                expected = told_of(await load_facts(store, walk.rules, walk.now))
                assert told_of(facts) == expected, (seed, done)
                handed_out.append((facts, expected))
            assert [told_of(facts) for facts, _ in handed_out] == [expected for _, expected in handed_out]
    assert done["revised"] > 40, done


class Home:
    """A store filled with files, its kept facts, and what they would be from scratch."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.kept = KeptFacts(store)
        self.rules = StoredWalk(store, Random(0)).rules
        self._files = 0

    async def tell(self, *events: Event) -> None:
        self._files += 1
        await self.store.import_events(events, f"{self._files}.csv", "0" * 64)

    async def load(self, now: datetime = NOW) -> Facts:
        facts = await self.kept.load(self.rules, now)
        assert told_of(facts) == told_of(await load_facts(self.store, self.rules, now))
        return facts

    @property
    def is_whole(self) -> bool:
        """Whether the last load replayed everything."""
        return self.kept.revised is None


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with await Store.open(tmp_path / "cache.db") as store:
        made = Home(store)
        await made.tell(
            *(buy(f"b{number}", number, 2, "BTC", 100 + number) for number in range(6)),
            *(buy(f"e{number}", number, 3, "ETH", 50 + number) for number in range(6)),
            sell("s1", 10, 3, "BTC", 900),
            sell("s2", 20, 5, "ETH", 700),
            event("o1", "withdrawal", 30, sent=("1.5", "BTC")),
        )
        await made.load()
        assert made.is_whole
        yield made


async def test_a_new_trade_replays_its_own_book_and_a_late_one_what_follows_it(home: Home) -> None:
    await home.tell(buy("b9", 40, 1, "BTC", 77))
    await home.load()
    assert home.kept.revised == (1, {("w1", "BTC")}, 1, 0)
    await home.tell(sell("s0", 8, "0.5", "ETH", 90))
    await home.load()
    assert home.kept.revised == (1, {("w1", "ETH")}, 2, 1)
    await home.load()
    assert home.kept.revised == (0, frozenset(), 0, 0)


async def test_the_deposit_that_comes_later_makes_a_move_and_reaches_both_accounts(home: Home) -> None:
    await home.tell(event("i1", "deposit", 30.1, received=("1.5", "BTC"), account="w2"))
    facts = await home.load()
    revised = home.kept.revised
    assert revised is not None and revised.books == {("w1", "BTC"), ("w2", "BTC")}
    assert facts.ledger.unmatched == ()


async def test_a_price_found_later_is_taken_by_the_events_that_asked_for_it(home: Home) -> None:
    swap = event("x", "trade", 25, sent=(1, "ETH"), received=(9, "SOL"))
    await home.tell(swap, sell("s9", 26, 4, "SOL", 30))
    facts = await home.load()
    hour = swap.executed_at.replace(minute=0)
    assert facts.missing_prices == ((Asset("SOL"), hour), (Asset("ETH"), hour))
    price = Decimal("12.5")
    candles = {
        seconds: Candle(Asset("SOL"), start, seconds, *[price + seconds] * 4, "kraken")
        for seconds, start in ((86_400, hour.replace(hour=0)), (3600, hour))
    }
    await home.store.save_candles([candles[86_400]])
    assert (await home.load()).missing_prices == ()
    assert home.kept.revised == (1, {("w1", "ETH"), ("w1", "SOL")}, 3, 1)
    await home.store.save_candles([candles[3600]])
    facts = await home.load()
    assert {lot.cost_basis for lot in facts.ledger.lots if lot.asset == "SOL"} == {(price + 3600) * 5}
    await home.store.save_candles([candles[3600], candles[86_400]._replace(close=Decimal(3))])
    await home.load()
    assert home.kept.revised == (0, frozenset(), 0, 0), "the hour has a candle of its own, and it says the same"


async def test_a_day_that_goes_by_replays_nothing_and_other_rules_everything(home: Home) -> None:
    facts = await home.load(NOW - timedelta(days=690))
    assert home.kept.revised == (0, frozenset(), 0, 0)
    assert all(one.long is None for one in facts.positions.values())
    assert all(one.short is None for one in (await home.load()).positions.values())
    home.rules = replace(home.rules, method="hifo")
    await home.load()
    assert home.is_whole


async def test_every_decision_replays_everything_and_trades_after_it_do_not(home: Home) -> None:
    await home.store.add_decision(Decision(0, DecisionKind.EXTERNAL, NOW, withdrawal=EventId("w1:o1")))
    assert (await home.load()).ledger.unmatched == ()
    assert home.is_whole
    await home.tell(event("i1", "deposit", 30.1, received=("1.5", "BTC"), account="w2"))
    await home.load()
    assert not home.is_whole


async def test_with_an_assumption_a_move_replays_everything_and_a_trade_does_not(home: Home) -> None:
    await home.tell(event("i2", "deposit", 31, received=(4, "ETH"), account="w2"))
    what = Assumption(AccountId("w2"), Asset("ETH"), Decimal(3), at(1).date(), Decimal(60), EventId("w2:i2"))
    await home.store.add_decision(Decision(0, DecisionKind.ASSUME, NOW, assumption=what, reason="an old mail"))
    await home.load()
    assert home.is_whole
    await home.tell(buy("b9", 40, 1, "BTC", 77))
    await home.load()
    assert not home.is_whole
    await home.tell(event("o2", "withdrawal", 30.9, sent=(4, "ETH")))
    facts = await home.load()
    assert home.is_whole
    assert not [lot for lot in facts.ledger.lots if lot.provenance == "assumed"], "the other end is known now"
    await home.store.add_account(Account(AccountId("w9"), "kraken", NOW))
    await home.load()
    assert home.is_whole


async def test_a_sale_under_a_record_replays_everything_and_other_events_do_not(home: Home) -> None:
    record = Recorder().identify(35, recorded("b3", 2, 103, day=3))
    await home.store.add_record(lambda number, previous: replace(record, number=number, previous=previous))
    await home.load()
    assert home.is_whole
    await home.tell(buy("b9", 40, 1, "BTC", 77), sell("s8", 41, 1, "ETH", 70))
    await home.load()
    assert not home.is_whole
    await home.tell(sell("s9", 42, "1.5", "BTC", 999))
    facts = await home.load()
    assert home.is_whole
    assert [part.origin_id for part in facts.ledger.disposals if part.event_id == "w1:s9"] == ["w1:b3"]


async def test_so_many_changes_that_a_replay_is_no_more_work_are_one(home: Home) -> None:
    await home.tell(*(buy(f"n{number}", 40 + number / 100, 1, "BTC", 77) for number in range(FEW + 1)))
    await home.load()
    assert home.is_whole
    await home.tell(*(buy(f"m{number}", 60 + number / 100, 1, "BTC", 77) for number in range(FEW)))
    await home.load()
    assert not home.is_whole


async def test_an_account_that_goes_takes_everything_with_it(home: Home) -> None:
    await home.store.remove_account(AccountId("w1"))
    assert (await home.load()).ledger.lots == ()
    assert home.is_whole


async def test_a_candle_of_less_than_an_hour_is_left_to_full_replays(home: Home) -> None:
    swap = event("x", "trade", 25, sent=(1, "ETH"), received=(9, "SOL"))
    start = swap.executed_at.replace(minute=0)
    await home.store.save_candles([Candle(Asset("SOL"), start, 60, *[Decimal(4)] * 4, "kraken")])
    await home.tell(swap)
    for _ in range(2):
        await home.load()
        assert home.is_whole


async def test_a_command_derives_facts_once_and_a_monitor_keeps_them(home: Home) -> None:
    command, monitor = FactLoader(home.store), FactLoader(home.store)
    for _ in range(2):
        await command.load(home.rules, NOW)
        assert command.kept is None
    await command.load(home.rules, NOW)
    assert command.kept is not None
    monitor.stays_open = True
    await monitor.load(home.rules, NOW)
    assert monitor.kept is not None
    await home.tell(buy("b9", 40, 1, "BTC", 77))
    facts = await monitor.load(home.rules, NOW)
    assert monitor.kept.revised == (1, {("w1", "BTC")}, 1, 0)
    assert told_of(facts) == told_of(await command.load(home.rules, NOW))


async def test_who_only_reads_replays_what_the_other_instance_stored(home: Home) -> None:
    async with await Store.open(home.store.path, read_only=True) as second:
        kept = KeptFacts(second)
        await kept.load(home.rules, NOW)
        await home.tell(buy("b9", 40, 1, "BTC", 77, account="w2"))
        facts = await kept.load(home.rules, NOW)
        assert kept.revised is None
        assert AccountId("w2") in {lot.account for lot in facts.ledger.lots}
