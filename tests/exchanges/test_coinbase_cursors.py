"""How far Coinbase was read, through any cut and any late change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from harvest_tui.exchanges.strategies.coinbase_cursors import FillsMark, WalletMark, WalletMarks, WalletWalk
from harvest_tui.exchanges.strategies.coinbase_replies import Wallet, wallet_of

PAGE = 3
START = datetime(2024, 5, 5, tzinfo=UTC)


def listed(statuses: dict[str, str], after: str) -> tuple[list[dict[str, Any]], bool]:
    """A page of an exchange that lists rows by their name, oldest first, and whether more follows."""
    names = [name for name in sorted(statuses) if name > after]
    rows = [{"id": name, "status": statuses[name], "created_at": START.isoformat()} for name in names[:PAGE]]
    return rows, len(names) > PAGE


def read(mark: WalletMark, statuses: dict[str, str], kept: dict[str, str], pages: int = 1000) -> int:
    """Walks at most `pages` pages, keeping what they say; the number of requests."""
    walk, asked = WalletWalk(mark), 0
    while walk.after is not None and asked < pages:
        rows, has_more = listed(statuses, walk.after)
        walk.take(rows, has_more)
        kept.update({row["id"]: row["status"] for row in rows})
        asked += 1
    return asked


def reloaded(mark: WalletMark) -> WalletMark:
    return WalletMarks.load(WalletMarks({"w": mark}).dump()).wallets["w"]


STATUSES = st.sampled_from(["completed", "completed", "completed", "pending", "failed"])


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_whatever_is_added_settled_or_cut_nothing_is_missed(data: st.DataObject) -> None:
    statuses: dict[str, str] = {}
    kept: dict[str, str] = {}
    mark = WalletMark()
    for _ in range(data.draw(st.integers(1, 5))):
        for _ in range(data.draw(st.integers(0, 8))):
            statuses[f"{len(statuses):03d}"] = data.draw(STATUSES)
        for name in [name for name, status in statuses.items() if status == "pending"]:
            statuses[name] = data.draw(st.sampled_from(["pending", "completed", "failed"]))
        if data.draw(st.booleans()):
            read(mark, statuses, kept, pages=data.draw(st.integers(0, 3)))
        mark = reloaded(mark)
        read(mark, statuses, kept)
        assert kept == statuses
        assert [name for _, name in mark.unsettled] == [
            name for name in sorted(statuses) if statuses[name] == "pending"
        ]
        assert mark.last_id == max(statuses, default="")


def test_settled_rows_are_not_asked_again() -> None:
    mark, kept = WalletMark(), {}
    statuses = {f"{number:03d}": "completed" for number in range(7)}
    assert read(mark, statuses, kept) == 3
    statuses["007"] = "pending"
    assert read(mark, statuses, kept) == 1
    assert mark.unsettled == [("006", "007")]
    statuses["007"] = "completed"
    assert read(mark, statuses, kept) == 1 and mark.unsettled == []


def test_a_pending_row_that_vanished_is_forgotten() -> None:
    mark, kept = WalletMark(), {}
    statuses = {"001": "completed", "002": "pending", "003": "completed"}
    read(mark, statuses, kept)
    del statuses["002"]
    assert read(mark, statuses, kept) == 1 and mark.unsettled == []


def wallet(updated: str, amount: str = "1.5") -> Wallet:
    times = {"created_at": "2024-01-01T00:00:00Z", "updated_at": updated}
    return wallet_of({"id": "w", "balance": {"amount": amount, "currency": "BTC"}, **times})


def test_a_change_no_row_explains_is_looked_for_once_more() -> None:
    mark = WalletMark()
    moved = wallet("2024-05-05T12:00:00Z")
    mark.close(moved, newest=START)
    assert mark.must_read(moved)
    mark.close(moved, newest=None)
    assert not mark.must_read(moved)
    assert mark.must_read(wallet("2024-05-05T12:00:01Z")) and mark.must_read(wallet("2024-05-05T12:00:00Z", "1.6"))


def test_a_change_that_a_row_explains_is_done_at_once() -> None:
    mark = WalletMark()
    moved = wallet("2024-05-05T00:00:30Z")
    mark.close(moved, newest=START)
    assert not mark.must_read(moved)


def fill(seconds: int) -> dict[str, Any]:
    return {"sequence_timestamp": (START + timedelta(seconds=seconds)).isoformat()}


def test_the_fills_mark_moves_only_with_the_last_page() -> None:
    mark = FillsMark().after_page([fill(900), fill(800)], is_last=False)
    assert mark.complete_to is None and mark.window() == (None, START + timedelta(seconds=860))
    mark = FillsMark.load(mark.dump()).after_page([fill(700), fill(100)], is_last=True)
    assert mark == FillsMark(START + timedelta(seconds=900))
    assert mark.window() == (START + timedelta(seconds=900) - timedelta(days=1), None)


def test_an_empty_walk_moves_no_fills_mark() -> None:
    mark = FillsMark(START)
    assert mark.after_page([], is_last=True) == mark
    assert FillsMark.load(None).after_page([], is_last=True) == FillsMark()
