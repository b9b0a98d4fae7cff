"""Prices that moved just now: which way, and for how long the table still says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from harvest_tui.core.portfolio import PositionKey
from harvest_tui.core.records import Quote

BRIGHT_SECONDS, FADED_SECONDS = 0.5, 1.5
"""A price that moved is coloured for so long, and its arrow stays, muted, to the second of these."""
CALM_FRAMES = 8
"""With more frames a second nothing fades: what moves is seen to move, and colours would flicker."""


class Move(NamedTuple):
    """How a price that moved is drawn: an arrow, and the roles of arrow and figure."""

    arrow: str
    arrow_role: str
    figure_role: str


class Fading:
    """The last move of each position, by its number. Nothing is remembered beyond `FADED_SECONDS`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._moves: dict[int, tuple[float, bool, bool]] = {}
        """When, whether up, and whether it is drawn bright."""

    def forget(self) -> None:
        """Positions have other numbers now."""
        self._moves.clear()

    def note(
        self,
        before: Mapping[PositionKey, Quote],
        after: Mapping[PositionKey, Quote],
        numbers: Iterable[int],
        keys: Sequence[PositionKey],
    ) -> None:
        """Prices moved; the first price of a position is no move."""
        now = self._clock()
        for number in numbers:
            old, new = before.get(keys[number]), after.get(keys[number])
            if old is not None and new is not None and old.price != new.price:
                self._moves[number] = now, new.price > old.price, True

    def step(self) -> set[int]:
        """The positions that look otherwise than at the last step for no other reason than time."""
        now, others = self._clock(), set()
        for number, (at, is_up, is_bright) in list(self._moves.items()):
            if now - at >= FADED_SECONDS:
                del self._moves[number]
                others.add(number)
            elif is_bright and now - at >= BRIGHT_SECONDS:
                self._moves[number] = at, is_up, False
                others.add(number)
        return others

    def move_of(self, number: int) -> Move | None:
        """How the position's price is drawn; None where it rests."""
        found = self._moves.get(number)
        if found is None:
            return None
        _, is_up, is_bright = found
        role = ("gain" if is_up else "loss") if is_bright else "muted"
        return Move("↑" if is_up else "↓", role, role if is_bright else "plain")
