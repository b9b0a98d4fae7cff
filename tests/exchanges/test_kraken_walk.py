"""The ledger walk: least requests, every row, whenever it is cut short and whatever slips in meanwhile."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvest_tui.core.records import AccountId
from harvest_tui.errors import BadReply
from harvest_tui.exchanges.strategies.base import Check, Endpoint
from harvest_tui.exchanges.strategies.kraken_ledger import LedgerCursor, LedgerWalk
from support.kraken_ledger import KrakenLedger

ACCOUNT = AccountId("kraken")
NOW = datetime(2026, 3, 5, tzinfo=UTC)
START = 1_700_000_000


def ledger(rows: int, seconds_apart: int = 7200) -> KrakenLedger:
    server = KrakenLedger()
    for number in range(rows):
        server.add(f"L{number:05}", f"{START + number * seconds_apart}.{number % 10_000:04}")
    return server


class Store:
    """Rows and cursor, as a page's transaction leaves them."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.cursor: str | None = None
        self.is_last = False
        self.handed = 0

    async def sync(self, server: KrakenLedger, stop_after: int | None = None) -> None:
        self.is_last = False
        walk = LedgerWalk(server, ACCOUNT, LedgerCursor.read(self.cursor), NOW)
        pages = 0
        async for page in walk.pages():
            self.rows.update({row.native_id: row.payload for row in page.rows})
            self.handed += len(page.rows)
            self.cursor, self.is_last = page.cursor, page.is_last
            pages += 1
            if pages == stop_after:
                return


@pytest.mark.parametrize(("rows", "requests"), [(0, 1), (1, 1), (50, 1), (51, 2), (500, 10), (1234, 25)])
async def test_the_first_walk_asks_once_for_each_fifty_rows(rows: int, requests: int) -> None:
    server, store = ledger(rows), Store()
    await store.sync(server)
    assert set(store.rows) == set(server.rows)
    assert store.is_last
    assert server.requests == requests
    assert store.handed == rows


async def test_a_walk_with_nothing_new_is_one_request_over_the_last_hour() -> None:
    server, store = ledger(500), Store()
    await store.sync(server)
    server.asked.clear()
    await store.sync(server)
    assert server.asked == [{"start": START + 499 * 7200 - 3600}]
    assert len(store.rows) == 500


async def test_a_walk_cut_short_goes_on_at_the_next_page_and_then_reads_what_is_new() -> None:
    server, store = ledger(500), Store()
    await store.sync(server, stop_after=4)
    assert not store.is_last
    for number in range(500, 560):
        server.add(f"L{number:05}", f"{START + number * 7200}.5")
    server.asked.clear()
    await store.sync(server)
    assert set(store.rows) == set(server.rows)
    assert server.requests == 6 + 2
    assert "start" not in server.asked[0]
    assert server.asked[0]["ofs"] == 200


async def test_a_server_with_shorter_pages_is_walked_row_by_row() -> None:
    server, store = ledger(130), Store()
    server.page = 20
    await store.sync(server)
    assert set(store.rows) == set(server.rows)
    assert server.requests == 7


async def test_new_rows_do_not_move_the_offsets_of_a_walk_under_way() -> None:
    server, store = ledger(500), Store()
    server.before_answer = lambda number: server.add(f"N{number}", f"{START + 500 * 7200 + number}.0")
    await store.sync(server)
    assert set(f"L{number:05}" for number in range(500)) <= set(store.rows)
    server.before_answer = lambda number: None
    await store.sync(server)
    assert set(store.rows) == set(server.rows)


async def test_a_row_that_is_booked_late_inside_the_walk_is_found_by_walking_again() -> None:
    server, store = ledger(200), Store()

    def book_late(number: int) -> None:
        if number == 2:
            server.add("LATE", f"{START + 199 * 7200}.0")

    server.before_answer = book_late
    await store.sync(server)
    assert "LATE" in store.rows
    assert set(store.rows) == set(server.rows)


async def test_a_row_that_disappears_during_the_walk_hides_none_of_the_others() -> None:
    server, store = ledger(200), Store()

    def remove(number: int) -> None:
        if number == 2:
            del server.rows["L00190"], server.rows["L00180"]

    server.before_answer = remove
    await store.sync(server)
    assert set(server.rows) <= set(store.rows)


async def test_a_row_booked_up_to_an_hour_late_is_caught_by_the_next_walk() -> None:
    server, store = ledger(60), Store()
    await store.sync(server)
    server.add("LATE", f"{START + 59 * 7200 - 3599}.25")
    await store.sync(server)
    assert "LATE" in store.rows


async def test_a_clock_that_is_hours_ahead_moves_no_mark_past_the_newest_row() -> None:
    server, store = ledger(3), Store()
    await store.sync(server)
    assert store.cursor is not None
    assert json.loads(store.cursor)["mark"] == START + 2 * 7200


@settings(max_examples=60, deadline=None)
@given(data=st.data())
async def test_any_cuts_and_any_new_rows_lead_to_the_same_rows(data: st.DataObject) -> None:
    server = ledger(data.draw(st.integers(0, 260), label="rows"), data.draw(st.sampled_from([1, 40, 7200])))
    store = Store()
    for round_number in range(data.draw(st.integers(1, 5), label="syncs")):
        await store.sync(server, data.draw(st.integers(1, 4), label="pages before the cut"))
        newest = max((float(row["time"]) for row in server.rows.values()), default=START)
        for number in range(data.draw(st.integers(0, 120), label="new rows")):
            server.add(f"N{round_number}-{number:04}", f"{int(newest) + number // 3}.5")
    await store.sync(server)
    assert store.is_last
    assert set(store.rows) == set(server.rows)


class Broken(KrakenLedger):
    """Answers with a changed reply."""

    def __init__(self, change: Any) -> None:
        super().__init__()
        self.change = change

    async def call(self, endpoint: Endpoint, params: Any, check: Check) -> Any:
        reply = await super().call(endpoint, params, lambda reply: None)
        reply = self.change(reply)
        check(reply)
        return reply


BROKEN = {
    "no result": lambda reply: {"error": []},
    "a list": lambda reply: [{"unexpected": "body"}],
    "no ledger": lambda reply: {"error": [], "result": {"count": 0}},
    "no count": lambda reply: {"error": [], "result": {"ledger": reply["result"]["ledger"]}},
    "count as text": lambda reply: {"error": [], "result": {**reply["result"], "count": "3"}},
    "empty although rows are counted": lambda reply: {"error": [], "result": {"ledger": {}, "count": 3}},
    "more rows than counted": lambda reply: {"error": [], "result": {**reply["result"], "count": 1}},
    "an amount that is a number object": lambda reply: {
        "error": [],
        "result": {
            "count": 3,
            "ledger": {
                key: {**row, "amount": {"value": row["amount"]}} for key, row in reply["result"]["ledger"].items()
            },
        },
    },
    "an amount that is NaN": lambda reply: {
        "error": [],
        "result": {
            "count": 3,
            "ledger": {key: {**row, "amount": "NaN"} for key, row in reply["result"]["ledger"].items()},
        },
    },
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_reply_is_an_error_and_moves_no_cursor(name: str) -> None:
    server = Broken(BROKEN[name])
    for number in range(3):
        server.add(f"L{number}", f"{START + number}.0")
    store = Store()
    with pytest.raises(BadReply):
        await store.sync(server)
    assert (store.cursor, store.rows) == (None, {})


async def test_an_account_without_rows_is_no_error() -> None:
    server, store = ledger(0), Store()
    await store.sync(server)
    assert store.is_last
    assert store.rows == {}
