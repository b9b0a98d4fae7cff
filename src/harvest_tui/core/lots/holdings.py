"""What was held when: the books of a whole history read as units that came into lots and went out again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from harvest_tui.core.lots.books import HeldLot
from harvest_tui.core.lots.postings import Allot, Take
from harvest_tui.core.lots.replay import Replay
from harvest_tui.core.records import Asset


class Change(NamedTuple):
    """At that instant `units` came into a lot, or went where negative, with their share of its basis.

    Both are scaled integers. The basis is the one a loss is measured from: the value at the gift where that was below
    the giver's (IRC 1015(a)). `lot` is what the units belong to, and tells unit costs apart.
    """

    at: datetime
    lot: HeldLot
    units: int
    basis: int


class Changes(NamedTuple):
    """Every change, asset by asset, each in order of time; and the assets of lots whose basis nobody knows."""

    by_asset: dict[Asset, list[Change]]
    unknown: frozenset[Asset]


def basis_of(lot: HeldLot) -> int | None:
    """The basis of the whole lot that a loss is measured from, scaled; None where it is unknown."""
    return lot.cost if lot.loss_cost is None else lot.loss_cost


def changes_of(replay: Replay) -> Changes:
    """How every lot came to hold what it held. Units under way between two accounts are held by none."""
    by_asset: dict[Asset, list[Change]] = {}
    unknown: set[Asset] = set()
    for change in _all(replay, unknown):
        by_asset.setdefault(change.lot.asset, []).append(change)
    for changes in by_asset.values():
        changes.sort(key=lambda change: change.at)
    return Changes(by_asset, frozenset(unknown))


def _all(replay: Replay, unknown: set[Asset]) -> Iterator[Change]:
    for book in replay.books.values():
        for posting in book.log:
            for lot in posting.opened():
                basis = basis_of(lot)
                if basis is None:
                    unknown.add(lot.asset)
                elif lot.units:
                    yield Change(posting.at, lot, lot.units, basis)
            if isinstance(posting, Take | Allot):
                for lot, units, cost, _, loss_cost in posting.parts:
                    share = cost if lot.loss_cost is None else loss_cost
                    if share is not None and basis_of(lot) is not None:
                        yield Change(posting.at, lot, -units, -share)
