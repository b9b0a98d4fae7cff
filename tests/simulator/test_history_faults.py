"""Histories that change between two readings."""

from __future__ import annotations

import pytest

from harvest_tui.simulator.history_faults import HistoryFaults, Row

ROWS: list[Row] = [{"id": f"L{n}", "time": 1_700_000_000.5 - n, "amount": f"{n + 2}.75"} for n in range(40)]


def served(fault: str) -> list[Row]:
    faults = HistoryFaults(3)
    faults.switch_on("kraken", fault)
    assert faults.served("coinbase", "ledger", ROWS, True) == ROWS
    return faults.served("kraken", "ledger", ROWS, True)


def ids(rows: list[Row]) -> list[object]:
    return [row["id"] for row in rows]


def test_without_a_fault_the_rows_are_told_as_they_are() -> None:
    assert HistoryFaults(3).served("kraken", "ledger", ROWS, True) == ROWS


def test_out_of_order_tells_every_row_but_not_in_order() -> None:
    told = served("out_of_order")

    assert ids(told) != ids(ROWS)
    assert sorted(map(str, ids(told))) == sorted(map(str, ids(ROWS)))


def test_duplicate_rows_tells_some_rows_twice() -> None:
    told = served("duplicate_rows")

    assert len(told) > len(ROWS)
    assert set(map(str, ids(told))) == set(map(str, ids(ROWS)))


def test_an_edited_row_keeps_its_id_and_has_another_amount() -> None:
    changed = [(old, new) for old, new in zip(ROWS, served("edited_row"), strict=True) if old != new]

    ((old, new),) = changed
    assert (old["id"], old["time"]) == (new["id"], new["time"])
    assert old["amount"] == "21.75" and new["amount"] == "71.75"


def test_a_removed_row_is_gone() -> None:
    assert set(map(str, ids(ROWS))) - set(map(str, ids(served("removed_row")))) == {"L20"}


def test_same_ms_gives_neighbours_one_time() -> None:
    times = [row["time"] for row in served("same_ms")]

    assert len(times) - len(set(times)) == 2


def test_id_reuse_gives_two_rows_one_id() -> None:
    told = ids(served("id_reuse"))

    assert len(told) - len(set(told)) == 1


@pytest.mark.parametrize(("newest_first", "hidden"), [(True, "L0"), (False, "L39")])
def test_page_shift_lets_the_newest_row_in_after_the_first_page(newest_first: bool, hidden: str) -> None:
    faults = HistoryFaults(3)
    faults.switch_on("kraken", "page_shift")

    first = faults.served("kraken", "ledger", ROWS, newest_first)
    second = faults.served("kraken", "ledger", ROWS, newest_first)

    assert set(map(str, ids(ROWS))) - set(map(str, ids(first))) == {hidden}
    assert second == ROWS


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="gremlins"):
        HistoryFaults(3).switch_on("kraken", "gremlins")
