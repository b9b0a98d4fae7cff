"""Nothing that is not Coinbase's own answer is ever taken for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from harvest_tui.errors import BadReply, HarvestError
from harvest_tui.exchanges.retry import Pacing
from harvest_tui.exchanges.strategies.coinbase import CoinbaseStrategy
from harvest_tui.simulator.process import SimulatorProcess
from support.coinbase_shelf import ACCOUNT, Shelf, client_of, no_wait, synced

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def small() -> AsyncIterator[SimulatorProcess]:
    async with SimulatorProcess(seed=12, venues=("coinbase",), rows=40) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def healed(small: SimulatorProcess) -> AsyncIterator[None]:
    yield
    await small.clear_faults()


GARBAGE = (
    "captcha_200",
    "cut_json",
    "empty_body",
    "null",
    "bare_string",
    "list_body",
    "wrong_types",
    "nan",
    "forbidden_html",
    "unavailable_503",
    "too_many_requests",
    "rate_limit",
    "banned_418",
    "invalid_nonce",
    "bad_key",
    "permission",
    "reset",
    "short_body",
    "redirect",
    "huge_reply",
    "tls_failure",
    "dns_failure",
)
STREAM_OF = {"/fills": "fills", "/transactions": "transactions", "/v2/accounts": "accounts"}


@pytest.mark.parametrize("path", STREAM_OF)
@pytest.mark.parametrize("fault", GARBAGE)
async def test_garbage_is_never_taken_for_data(small: SimulatorProcess, fault: str, path: str) -> None:
    shelf = Shelf()
    async with client_of(small, pacing=Pacing(sleep=no_wait, timeout_seconds=2)) as client:
        await small.fault("coinbase", fault, path)
        outcome = await synced(client, shelf)
        assert not outcome.is_complete
        assert STREAM_OF[path] not in shelf.cursors
        assert not shelf.told(STREAM_OF[path])
        await small.clear_faults()
        healed = await synced(client, shelf)
        assert healed.is_complete
    assert len(shelf.rows) == sum(map(len, (await small.truth("coinbase")).values()))


async def test_a_silent_server_is_given_up_and_asked_again_later(small: SimulatorProcess) -> None:
    shelf = Shelf()
    async with client_of(small, pacing=Pacing(sleep=no_wait, timeout_seconds=0.2)) as client:
        for fault in ("timeout", "slow_loris"):
            await small.fault("coinbase", fault, "/fills")
            outcome = await synced(client, shelf)
            assert not outcome.is_complete and "fills" not in shelf.cursors
            await small.clear_faults()
    async with client_of(small) as client:
        assert (await synced(client, shelf)).is_complete


class Script:
    """A caller that answers a call with whatever the test wants, checked as the door checks it."""

    def __init__(self, *replies: Any) -> None:
        self.replies = list(replies)
        self.asked: list[dict[str, Any]] = []

    async def call(self, endpoint: Any, params: Any, check: Any) -> Any:
        self.asked.append(dict(params))
        reply = self.replies.pop(0)
        check(reply)
        return reply


async def test_rights_of_an_odd_type_count_as_granted() -> None:
    caller = Script({"can_view": True, "can_trade": "false", "can_transfer": None})
    rights = await CoinbaseStrategy().rights(caller)
    assert (rights.can_read, rights.can_trade, rights.can_withdraw) == (True, True, True)
    rights = await CoinbaseStrategy().rights(Script({"can_view": True, "can_trade": False}))
    assert (rights.can_trade, rights.can_withdraw) == (False, True)
    with pytest.raises(BadReply):
        await CoinbaseStrategy().rights(Script({}))


@pytest.mark.parametrize(
    ("stream", "reply"),
    [
        ("fills", {"fills": []}),
        ("fills", {"cursor": ""}),
        ("fills", {"fills": {}, "cursor": ""}),
        ("fills", {"fills": [{"entry_id": "a"}], "cursor": ""}),
        ("accounts", {"data": []}),
        ("accounts", {"pagination": {"next_uri": None}}),
        ("accounts", {"data": [], "pagination": {"next_uri": "/v2/accounts?starting_after=x"}}),
        ("accounts", {"data": [{"id": "a", "balance": {"amount": "NaN", "currency": "BTC"}}], "pagination": {}}),
    ],
)
async def test_a_reply_without_its_envelope_is_an_error(stream: str, reply: Any) -> None:
    pages = CoinbaseStrategy().pages(Script(reply), ACCOUNT, stream, None, datetime.now(UTC))
    with pytest.raises(BadReply):
        await anext(aiter(pages))


def fill(entry: str) -> dict[str, Any]:
    return {
        "entry_id": entry,
        "trade_id": "t",
        "order_id": "o",
        "trade_time": "2024-05-05T05:05:05Z",
        "sequence_timestamp": "2024-05-05T05:05:05.5Z",
        "trade_type": "FILL",
        "price": "2",
        "size": "3",
        "commission": "0.5",
        "product_id": "BTC-USD",
        "size_in_quote": False,
        "side": "BUY",
    }


async def test_pages_that_go_round_in_a_circle_are_an_error() -> None:
    caller = Script(*({"fills": [fill(str(number))], "cursor": "again"} for number in range(9)))
    with pytest.raises(HarvestError, match="circle"):
        async for _ in CoinbaseStrategy().pages(caller, ACCOUNT, "fills", None, datetime.now(UTC)):
            pass
    assert len(caller.asked) == 2
