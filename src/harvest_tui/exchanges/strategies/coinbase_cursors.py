"""How far Coinbase's streams have been read: values that go into the store as JSON and come back from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from harvest_tui.exchanges.strategies.coinbase_replies import JsonObject, Wallet, time_of

OVERLAP = timedelta(days=1)
"""Fills can be listed late: each sync reads a day again."""
_BLUR = timedelta(minutes=1)
"""How far the order of listing may differ from the order of sequence times."""
_FINAL = frozenset({"completed", "canceled", "failed", "expired"})


@dataclass(frozen=True, slots=True)
class FillsMark:
    """Where the fills stand. Coinbase lists the newest first, so a walk under way leaves a gap below what it has read.

    All fills up to `complete_to` are stored, save late ones within the overlap. While a walk is under way it began at
    the fill of `walk_top` and has come down to `walk_bottom` (sequence times); between the two marks lies the gap.
    """

    complete_to: datetime | None = None
    walk_top: datetime | None = None
    walk_bottom: datetime | None = None

    @classmethod
    def load(cls, cursor: str | None) -> FillsMark:
        """The mark in a stored cursor."""
        told = json.loads(cursor) if cursor else {}
        return cls(*(time_of(told[key]) if told.get(key) else None for key in cls.__slots__))

    def dump(self) -> str:
        """The mark as a cursor."""
        times = {key: getattr(self, key) for key in self.__slots__}
        return json.dumps({key: at.isoformat() for key, at in times.items() if at}, separators=(",", ":"))

    def window(self) -> tuple[datetime | None, datetime | None]:
        """From and to (sequence times, None: open) of the next walk: the gap a cut one left, else all that is new."""
        start = self.complete_to - OVERLAP if self.complete_to else None
        return start, self.walk_bottom + _BLUR if self.walk_bottom else None

    def after_page(self, rows: Sequence[JsonObject], is_last: bool) -> FillsMark:
        """The mark once a page of the walk is stored."""
        times = [time_of(row["sequence_timestamp"]) for row in rows]
        top = max([*times, *([self.walk_top] if self.walk_top else [])], default=None)
        bottom = min([*times, *([self.walk_bottom] if self.walk_bottom else [])], default=None)
        if not is_last:
            return FillsMark(self.complete_to, top, bottom)
        return FillsMark(max([at for at in (self.complete_to, top) if at], default=None))


@dataclass(slots=True)
class WalletMark:
    """Where one v2 account stands: what it looked like when read to its end, its last row, and its unsettled rows.

    `unsettled` holds (id before it or "", id) of each row that may still change, in listing order. `is_doubted`: no row
    accounted for the wallet's latest change when it was read, so the change may be listed late.
    """

    moved_mark: str = ""
    last_id: str = ""
    unsettled: list[tuple[str, str]] = field(default_factory=list)
    is_doubted: bool = False

    def must_read(self, wallet: Wallet) -> bool:
        """True where the wallet changed since it was read to its end, or what was read may not be all."""
        return bool(self.unsettled) or self.is_doubted or self.moved_mark != wallet.moved_mark

    def forget(self) -> WalletMark:
        """This mark, set back to the wallet's beginning."""
        self.moved_mark, self.last_id, self.unsettled, self.is_doubted = "", "", [], False
        return self

    def close(self, wallet: Wallet, newest: datetime | None) -> None:
        """Notes that the wallet was read to its end; `newest` is the latest time in the rows read.

        A wallet whose latest change no row explains is read once more at the next sync, then taken as it is.
        """
        is_explained = wallet.changed_at is None or (newest is not None and newest >= wallet.changed_at - _BLUR)
        self.is_doubted = not is_explained and self.moved_mark != wallet.moved_mark
        self.moved_mark = wallet.moved_mark


class WalletWalk:
    """One pass over a wallet, oldest row first: the rows that may have changed, then all after the last known one.

    `after` is the id to list after ("" for the beginning), or None at the end. The mark is true after each page.
    """

    def __init__(self, mark: WalletMark) -> None:
        self.mark = mark
        self._to_check = list(mark.unsettled)
        self._found: list[tuple[str, str]] = []
        self.newest: datetime | None = None
        self.after: str | None = self._to_check[0][0] if self._to_check else mark.last_id

    def take(self, rows: Sequence[JsonObject], has_more: bool) -> None:
        """Notes the page listed after `after` and moves on."""
        seen = {row["id"] for row in rows}
        previous, is_past = self.after or "", self.after == self.mark.last_id or self.mark.last_id in seen
        # The first row to check is answered by this page: seen again, or gone.
        self._to_check = [pair for pair in self._to_check if pair[1] not in seen and pair[0] != previous]
        for row in rows:
            at = time_of(row.get("updated_at") or row["created_at"])
            self.newest = max(at, self.newest or at)
            if row["status"] not in _FINAL:
                self._found.append((previous, row["id"]))
            previous = row["id"]
        if rows and (is_past or not has_more):
            self.mark.last_id = rows[-1]["id"]
        self.mark.unsettled = [*self._found, *self._to_check]
        if not has_more:
            self.after = None
        elif is_past:
            self.after = rows[-1]["id"]
        else:
            self.after = self._to_check[0][0] if self._to_check else self.mark.last_id


@dataclass(slots=True)
class WalletMarks:
    """The marks of all v2 accounts by id."""

    wallets: dict[str, WalletMark] = field(default_factory=dict)

    @classmethod
    def load(cls, cursor: str | None) -> WalletMarks:
        """The marks in a stored cursor."""
        told = json.loads(cursor)["wallets"] if cursor else {}
        return cls(
            {
                wallet_id: WalletMark(mark, last, [(before, row_id) for before, row_id in unsettled], bool(doubted))
                for wallet_id, (mark, last, unsettled, doubted) in told.items()
            }
        )

    def dump(self) -> str:
        """The marks as a cursor."""
        told = {
            wallet_id: [mark.moved_mark, mark.last_id, mark.unsettled, int(mark.is_doubted)]
            for wallet_id, mark in self.wallets.items()
        }
        return json.dumps({"wallets": told}, separators=(",", ":"))
