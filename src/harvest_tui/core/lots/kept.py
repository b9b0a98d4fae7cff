"""Lots of an earlier run, kept column by column: a lot is made when somebody looks at it.

Ten thousand of them come before the first paint, which shows forty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, overload

from harvest_tui.core.lots.ledger import Lazy, Lot, Provenance
from harvest_tui.core.portfolio import LossLadder, LossSeen, Position, PositionKey

LadderKey = tuple[str, str, bool]
"""Account, asset, and whether the lots are long-term."""
NOTHING_SEEN: Mapping[LadderKey, LossSeen] = MappingProxyType({})

_KINDS = {kind.value: kind for kind in Provenance}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


class KeptLots(Sequence[Lot]):
    """Equals and hashes as the tuple of its lots."""

    __slots__ = ("_columns",)

    def __init__(self, columns: list[list[Any]]) -> None:
        """`columns` as `columns_of` made them. Raises ValueError where they are not of one length."""
        if len(columns) != 11 or len({len(column) for column in columns}) != 1:
            raise ValueError("not the columns of lots")
        self._columns = columns

    def __len__(self) -> int:
        return len(self._columns[0])

    @overload
    def __getitem__(self, index: int) -> Lot: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Lot, ...]: ...
    def __getitem__(self, index: int | slice) -> Lot | tuple[Lot, ...]:
        if isinstance(index, slice):
            return tuple(self[one] for one in range(*index.indices(len(self))))
        return self._lot(*(column[index] for column in self._columns))

    def __iter__(self) -> Iterator[Lot]:
        return (self._lot(*row) for row in zip(*self._columns, strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    @staticmethod
    def _lot(
        lot_id: Any,
        origin: Any,
        account: Any,
        asset: Any,
        acquired: float,
        long_on: int,
        quantity: str,
        cost: str | None,
        kind: str,
        loss: str | None,
        gift: float | None,
    ) -> Lot:
        return Lot(
            lot_id,
            origin or lot_id,
            account,
            asset,
            datetime.fromtimestamp(acquired, UTC),
            date.fromordinal(long_on),
            Decimal(quantity),
            None if cost is None else Decimal(cost),
            _KINDS[kind],
            None if loss is None else Decimal(loss),
            None if gift is None else datetime.fromtimestamp(gift, UTC),
        )

    def turning_long(self, first: date, last: date) -> Iterator[Lot]:
        """The lots whose first long-term day is one of these; the others are not made."""
        days = range(first.toordinal(), last.toordinal() + 1)
        return (self[number] for number, day in enumerate(self._columns[5]) if day in days)

    def keys(self) -> Iterator[PositionKey]:
        """The position of each lot."""
        return zip(self._columns[2], self._columns[3], strict=True)

    def quantities(self) -> Sequence[str]:
        """Units of each lot, as text."""
        return self._columns[6]

    def costs(self) -> Sequence[str | None]:
        """Basis of each lot in US dollars, as text; None where unknown."""
        return self._columns[7]

    def positions(
        self, sums: Sequence[Sequence[Any]], tax_day: date, seen: Mapping[LadderKey, LossSeen] = NOTHING_SEEN
    ) -> dict[PositionKey, Position]:
        """The positions, with the sums that `sums_of` kept; ladders are made when a price asks for them.

        `seen` is what ladders told last, under the same tax day.
        """
        parts: dict[PositionKey, tuple[list[int], list[int]]] = {(row[0], row[1]): ([], []) for row in sums}
        today = tax_day.toordinal()
        rows = zip(self.keys(), self._columns[5], self._columns[7], strict=True)
        for number, (key, long_on, cost) in enumerate(rows):
            if cost is not None:
                parts[key][today >= long_on].append(number)
        return {
            key: Position(
                *key, count, Decimal(units), Decimal(known), Decimal(cost), *self._ladders(key, parts[key], seen)
            )
            for key, (_, _, count, units, known, cost) in zip(parts, sums, strict=True)
        }

    def _ladders(
        self, key: PositionKey, parts: tuple[list[int], list[int]], seen: Mapping[LadderKey, LossSeen]
    ) -> tuple[LossLadder | None, LossLadder | None]:
        short, long = parts
        return self._ladder(short, seen.get((*key, False))), self._ladder(long, seen.get((*key, True)))

    def _ladder(self, numbers: Sequence[int], seen: LossSeen | None) -> LossLadder | None:
        quantities, costs, lower = self._columns[6], self._columns[7], self._columns[9]
        if not numbers:
            return None
        return LossLadder(
            Lazy(lambda: tuple((Decimal(quantities[n]), Decimal(lower[n] or costs[n])) for n in numbers)), seen
        )


def turning_long(lots: Sequence[Lot], first: date, last: date) -> Iterator[Lot]:
    """The lots whose first long-term day is `first`, `last` or between them."""
    if isinstance(lots, KeptLots):
        return lots.turning_long(first, last)
    return (lot for lot in lots if first <= lot.long_term_on <= last)


def columns_of(lots: Sequence[Lot]) -> list[list[Any]]:
    """The lots column by column, fit for JSON; an origin that is the lot itself is left out."""
    return [
        [lot.lot_id for lot in lots],
        [None if str(lot.origin_id) == str(lot.lot_id) else lot.origin_id for lot in lots],
        [lot.account for lot in lots],
        [lot.asset for lot in lots],
        [lot.acquired_at.timestamp() for lot in lots],
        [lot.long_term_on.toordinal() for lot in lots],
        [str(lot.quantity) for lot in lots],
        [_text(lot.cost_basis) for lot in lots],
        [lot.provenance.value for lot in lots],
        [_text(lot.loss_basis) for lot in lots],
        [lot.loss_acquired_at and lot.loss_acquired_at.timestamp() for lot in lots],
    ]


def sums_of(positions: Sequence[Position]) -> list[list[Any]]:
    """What of the positions does not depend on a price or a day, fit for JSON."""
    return [
        [p.account, p.asset, p.lot_count, str(p.quantity), str(p.known_quantity), str(p.cost_basis)] for p in positions
    ]
