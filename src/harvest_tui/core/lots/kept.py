"""Lots of an earlier run, kept column by column: a lot is made when somebody looks at it.

Ten thousand of them come before the first paint, which shows forty.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, overload

from harvest_tui.core.lots.ledger import Lazy, Lot, Provenance
from harvest_tui.core.portfolio import LossLadder, LossSeen, Position, PositionKey

LadderKey = tuple[str, str, bool]
"""Account, asset, and whether the lots are long-term."""
NOTHING_SEEN: Mapping[LadderKey, LossSeen] = MappingProxyType({})

_KINDS = {kind.value[0]: kind for kind in Provenance}
"""By their first letter: texts of one letter are shared by all lots."""


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


class KeptLots(Sequence[Lot]):
    """Equals and hashes as the tuple of its lots."""

    __slots__ = ("_columns", "_costs", "_keys", "_long_on", "_lower", "_places", "_quantities")

    def __init__(self, columns: Iterable[list[Any]]) -> None:
        """`columns` as `columns_of` made them. Raises ValueError where they are not of one length."""
        keys, *rest = columns
        if len(rest) != 10 or len({len(column) for column in rest}) != 1:
            raise ValueError("not the columns of lots")
        places, names, origins, acquired, long_on, quantities, costs, kinds, lower, gifts = rest
        self._keys: list[PositionKey] = [(account, asset) for account, asset in keys]
        self._places = array("L", places)
        self._long_on = array("l", long_on)
        self._quantities: list[str] = quantities
        self._costs: list[str | None] = costs
        self._lower: list[str | None] = lower
        self._columns: tuple[Sequence[Any], ...] = (
            names,
            origins,
            self._places,
            array("d", acquired),
            self._long_on,
            quantities,
            costs,
            kinds,
            lower,
            gifts,
        )

    def __len__(self) -> int:
        return len(self._places)

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

    def _lot(
        self,
        lot_id: Any,
        origin: Any,
        place: int,
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
            *self._keys[place],
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
        return (self[number] for number, day in enumerate(self._long_on) if day in days)

    def keys(self) -> Iterator[PositionKey]:
        """The position of each lot."""
        return map(self._keys.__getitem__, self._places)

    def quantities(self) -> Sequence[str]:
        """Units of each lot, as text."""
        return self._quantities

    def costs(self) -> Sequence[str | None]:
        """Basis of each lot in US dollars, as text; None where unknown."""
        return self._costs

    def positions(
        self, sums: Sequence[Sequence[Any]], tax_day: date, seen: Mapping[LadderKey, LossSeen] = NOTHING_SEEN
    ) -> dict[PositionKey, Position]:
        """The positions, with the sums that `sums_of` kept; ladders are made when a price asks for them.

        `seen` is what ladders told last, under the same tax day.
        """
        parts = {(row[0], row[1]): (array("L"), array("L")) for row in sums}
        by_place = [parts[key] for key in self._keys]
        today = tax_day.toordinal()
        rows = zip(self._places, self._long_on, self._costs, strict=True)
        for number, (place, long_on, cost) in enumerate(rows):
            if cost is not None:
                by_place[place][today >= long_on].append(number)
        return {
            key: Position(
                *key, count, Decimal(units), Decimal(known), Decimal(cost), *self._ladders(key, parts[key], seen)
            )
            for key, (_, _, count, units, known, cost) in zip(parts, sums, strict=True)
        }

    def _ladders(
        self, key: PositionKey, parts: tuple[Sequence[int], Sequence[int]], seen: Mapping[LadderKey, LossSeen]
    ) -> tuple[LossLadder | None, LossLadder | None]:
        short, long = parts
        return self._ladder(short, seen.get((*key, False))), self._ladder(long, seen.get((*key, True)))

    def _ladder(self, numbers: Sequence[int], seen: LossSeen | None) -> LossLadder | None:
        quantities, costs, lower = self._quantities, self._costs, self._lower
        if not numbers:
            return None
        return LossLadder(
            Lazy(lambda: tuple((Decimal(quantities[n]), Decimal(lower[n] or costs[n] or 0)) for n in numbers)), seen
        )


def turning_long(lots: Sequence[Lot], first: date, last: date) -> Iterator[Lot]:
    """The lots whose first long-term day is `first`, `last` or between them."""
    if isinstance(lots, KeptLots):
        return lots.turning_long(first, last)
    return (lot for lot in lots if first <= lot.long_term_on <= last)


def columns_of(lots: Sequence[Lot]) -> Iterator[list[Any]]:
    """The positions, then the lots column by column, fit for JSON; an origin that is the lot itself is left out."""
    index: dict[PositionKey, int] = {}
    places = [index.setdefault((lot.account, lot.asset), len(index)) for lot in lots]
    yield list(index)
    yield places
    yield [lot.lot_id for lot in lots]
    yield [None if str(lot.origin_id) == str(lot.lot_id) else lot.origin_id for lot in lots]
    yield [lot.acquired_at.timestamp() for lot in lots]
    yield [lot.long_term_on.toordinal() for lot in lots]
    yield [str(lot.quantity) for lot in lots]
    yield [_text(lot.cost_basis) for lot in lots]
    yield [lot.provenance.value[0] for lot in lots]
    yield [_text(lot.loss_basis) for lot in lots]
    yield [lot.loss_acquired_at and lot.loss_acquired_at.timestamp() for lot in lots]


def sums_of(positions: Sequence[Position]) -> list[list[Any]]:
    """What of the positions does not depend on a price or a day, fit for JSON."""
    return [
        [p.account, p.asset, p.lot_count, str(p.quantity), str(p.known_quantity), str(p.cost_basis)] for p in positions
    ]
