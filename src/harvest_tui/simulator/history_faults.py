"""Histories that change or are told wrongly: what an exchange may do to rows it has served before."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random

Row = Mapping[str, object]

HISTORY_FAULTS: tuple[str, ...] = (
    "out_of_order",
    "duplicate_rows",
    "edited_row",
    "removed_row",
    "same_ms",
    "id_reuse",
    "page_shift",
)
"""Names for `HistoryFaults.switch_on`."""
_IDS = ("id", "entry_id", "trade_id", "txid", "tranId", "transId", "orderId", "orderNo", "positionId")
_AMOUNTS = ("amount", "size", "qty", "vol", "fromAmount", "transferedAmount", "rewards")
_TIMES = ("time", "created_at", "trade_time", "insertTime", "applyTime", "createTime", "operateTime", "divTime")


class HistoryFaults:
    """Which faults are on, by venue; what they do is the same for the same seed and rows."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._active: dict[str, set[str]] = {}
        self._calls: dict[tuple[str, str], int] = {}

    def switch_on(self, venue: str, name: str) -> None:
        """Raises ValueError for a name that is none of `HISTORY_FAULTS`."""
        if name not in HISTORY_FAULTS:
            raise ValueError(f"unknown history fault {name!r}")
        self._active.setdefault(venue, set()).add(name)

    def clear(self) -> None:
        """All histories are told as they are again."""
        self._active.clear()
        self._calls.clear()

    def served(self, venue: str, stream: str, rows: Sequence[Row], newest_first: bool) -> list[Row]:
        """The rows with the venue's active faults; the rows given are left as they are.

        `page_shift` hides the newest row in the first call of a stream, so that between the first
        page and the second everything moves by one. `edited_row` raises an amount, `same_ms` gives three
        neighbours one time, `id_reuse` gives a row the id of another.
        """
        told = list(rows)
        active = self._active.get(venue, set())
        if not active or len(told) < 4:
            return told
        random = Random(f"{self._seed}:{venue}:{stream}")
        middle = len(told) // 2
        if "removed_row" in active:
            del told[middle]
        if "edited_row" in active:
            told[middle - 1] = _edited(told[middle - 1])
        if "same_ms" in active:
            told[middle : middle + 3] = _at_one_time(told[middle : middle + 3])
        if "id_reuse" in active:
            told[1] = _with_id_of(told[1], told[middle])
        if "duplicate_rows" in active:
            told = _repeated(told, random)
        if "out_of_order" in active:
            told = _shuffled(told, random)
        if "page_shift" in active:
            told = self._shifted(told, (venue, stream), newest_first)
        return told

    def _shifted(self, rows: list[Row], place: tuple[str, str], newest_first: bool) -> list[Row]:
        calls = self._calls[place] = self._calls.get(place, 0) + 1
        if calls > 1:
            return rows
        return rows[1:] if newest_first else rows[:-1]


def _named(row: Row, names: Sequence[str]) -> str | None:
    return next((name for name in names if row.get(name)), None)


def _edited(row: Row) -> Row:
    name = _named(row, _AMOUNTS)
    if name is None:
        return row
    amount = row[name]
    if isinstance(amount, Mapping):
        return {**row, name: {key: _raised(str(value)) for key, value in amount.items()}}
    return {**row, name: _raised(str(amount))}


def _raised(text: str) -> str:
    """The number with its first non-zero digit changed; other text as it is."""
    return (
        re.sub(r"[1-9]", lambda digit: "7" if digit[0] != "7" else "3", text, count=1)
        if re.fullmatch(r"-?[0-9.]+", text)
        else text
    )


def _at_one_time(rows: Sequence[Row]) -> list[Row]:
    name = _named(rows[0], _TIMES) if rows else None
    return [row if name is None or name not in row else {**row, name: rows[0][name]} for row in rows]


def _with_id_of(row: Row, other: Row) -> Row:
    name = _named(row, _IDS)
    return row if name is None or name not in other else {**row, name: other[name]}


def _repeated(rows: Sequence[Row], random: Random) -> list[Row]:
    told: list[Row] = []
    for row in rows:
        told.extend([row, row] if random.random() < 0.1 else [row])
    return [*told, told[-1]]


def _shuffled(rows: list[Row], random: Random) -> list[Row]:
    """Neighbours change places, up to ten apart."""
    keys = {number: number + random.uniform(0, 10) for number in range(len(rows))}
    return [rows[number] for number in sorted(keys, key=keys.__getitem__)]
