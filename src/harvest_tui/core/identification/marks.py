"""Marks: lots, or parts of them, that the user means to sell, kept in named plans."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from harvest_tui.core.lots.ledger import Lot, Mismatch, Provenance
from harvest_tui.core.money import EXACT, ZERO, plain
from harvest_tui.core.records import AccountId, Asset, LotId

FIRST_PLAN = "plan"
"""The name of the plan that every home begins with."""
LONGEST_NAME = 40


class Mark(NamedTuple):
    """`quantity` units of a lot, or the whole lot, however many units it has (None).

    Account and asset are those of the lot, so that a mark can be told of when its lot is gone. `reason` is why a lot
    that asked for one was marked all the same.
    """

    lot_id: LotId
    account: AccountId
    asset: Asset
    quantity: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Marks under a name, in the order in which they were made; no lot twice."""

    name: str
    marks: tuple[Mark, ...] = ()

    def mark_of(self, lot_id: LotId) -> Mark | None:
        """The mark on the lot."""
        return next((mark for mark in self.marks if mark.lot_id == lot_id), None)

    def with_marks(self, marks: Iterable[Mark]) -> Plan:
        """The plan with these marks, each in the place of an earlier one on its lot."""
        by_lot = {mark.lot_id: mark for mark in self.marks}
        by_lot.update((mark.lot_id, mark) for mark in marks)
        return replace(self, marks=tuple(by_lot.values()))

    def without(self, lot_ids: Collection[LotId]) -> Plan:
        """The plan without marks on these lots."""
        return replace(self, marks=tuple(mark for mark in self.marks if mark.lot_id not in lot_ids))


@dataclass(frozen=True, slots=True)
class Plans:
    """All plans in the order in which they were made, and the one that is worked on. There is always one.

    Every verb answers new plans; it raises ValueError, in words, where it makes no sense.
    """

    plans: tuple[Plan, ...] = (Plan(FIRST_PLAN),)
    active: str = FIRST_PLAN

    @property
    def current(self) -> Plan:
        """The plan that is worked on."""
        return self.named(self.active)

    def named(self, name: str) -> Plan:
        """The plan of that name."""
        for plan in self.plans:
            if plan.name == name:
                return plan
        raise ValueError(f"there is no plan called {name[:LONGEST_NAME]!r}")

    def with_plan(self, plan: Plan) -> Plans:
        """The plan in the place of the one with its name."""
        self.named(plan.name)
        return replace(self, plans=tuple(plan if one.name == plan.name else one for one in self.plans))

    def activated(self, name: str) -> Plans:
        """The named plan is worked on."""
        return replace(self, active=self.named(name).name)

    def created(self, name: str, copy_of: str | None = None) -> Plans:
        """A new plan, empty or with the marks of another, is worked on."""
        name = self._new_name(name)
        marks = () if copy_of is None else self.named(copy_of).marks
        return Plans((*self.plans, Plan(name, marks)), name)

    def renamed(self, old: str, new: str) -> Plans:
        """The plan under another name."""
        plan = self.named(old)
        if new.strip() == old:
            return self
        new = self._new_name(new)
        plans = tuple(replace(one, name=new) if one is plan else one for one in self.plans)
        return Plans(plans, new if self.active == old else self.active)

    def deleted(self, name: str) -> Plans:
        """Without the plan; the one made before it is worked on, or the first one left."""
        plan = self.named(name)
        if len(self.plans) == 1:
            raise ValueError("the last plan cannot be deleted")
        place = self.plans.index(plan)
        rest = self.plans[:place] + self.plans[place + 1 :]
        return Plans(rest, rest[max(0, place - 1)].name if self.active == name else self.active)

    def _new_name(self, name: str) -> str:
        name = name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise ValueError(f"a plan needs a name of 1 to {LONGEST_NAME} printable characters")
        if any(plan.name == name for plan in self.plans):
            raise ValueError(f"there already is a plan called {name!r}")
        return name


class MarkState(StrEnum):
    """What has become of the lot since it was marked."""

    FITS = "fits"
    SHRUNK = "the lot has fewer units than are marked"
    GONE = "the lot is no longer open"


class MarkedLot(NamedTuple):
    """A mark with its lot as it is today. `quantity` is what it comes to now: all of the lot, or what is there."""

    mark: Mark
    lot: Lot | None
    quantity: Decimal
    state: MarkState

    @property
    def words(self) -> str:
        """What is wrong with it, "" where nothing is; names in it are outside text."""
        mark = self.mark
        if self.state is MarkState.GONE:
            return f"{mark.asset} in {mark.account}: lot {mark.lot_id} is no longer open"
        if self.state is MarkState.SHRUNK:
            wanted = plain(mark.quantity or ZERO)
            return f"{mark.asset} in {mark.account}: {wanted} are marked, lot {mark.lot_id} has {plain(self.quantity)}"
        return ""


def marked_lots(plan: Plan, lots: Mapping[LotId, Lot]) -> tuple[MarkedLot, ...]:
    """Every mark of the plan with its lot, in the order of the plan; none is left out."""
    return tuple(_marked(mark, lots.get(mark.lot_id)) for mark in plan.marks)


def _marked(mark: Mark, lot: Lot | None) -> MarkedLot:
    if lot is None or not lot.quantity:
        return MarkedLot(mark, None, ZERO, MarkState.GONE)
    if mark.quantity is None:
        return MarkedLot(mark, lot, lot.quantity, MarkState.FITS)
    state = MarkState.FITS if mark.quantity <= lot.quantity else MarkState.SHRUNK
    return MarkedLot(mark, lot, min(mark.quantity, lot.quantity), state)


class Difference(NamedTuple):
    """A lot that two plans treat differently, with its marks in the one and the other."""

    lot_id: LotId
    here: Mark | None
    there: Mark | None


def compared(here: Plan, there: Plan) -> tuple[Difference, ...]:
    """The lots on which the plans differ in units: those of the first in its order, then those only in the second."""
    mine, other = ({mark.lot_id: mark for mark in plan.marks} for plan in (here, there))
    names = [*mine, *(lot_id for lot_id in other if lot_id not in mine)]
    found = (Difference(lot_id, mine.get(lot_id), other.get(lot_id)) for lot_id in names)
    return tuple(one for one in found if one.here is None or one.there is None or not _is_as_much(one.here, one.there))


def _is_as_much(one: Mark, other: Mark) -> bool:
    return one.quantity == other.quantity


def doubts_about(lot: Lot, mismatches: Iterable[Mismatch], *, is_reachable: bool = True) -> tuple[str, ...]:
    """Why marking the lot asks for a typed reason; nothing where it does not."""
    found = []
    if lot.cost_basis is None or lot.provenance is Provenance.UNKNOWN:
        found.append("its cost basis is unknown, so nobody knows what a sale loses")
    if not is_reachable:
        found.append("a sale would not reach it: the account sells other lots first")
    for one in mismatches:
        if (one.account, one.asset) == (lot.account, lot.asset):
            more = EXACT.subtract(one.held, one.in_lots)
            found.append(f"{one.account} holds {plain(abs(more))} {one.asset} {_side(more)} than its lots say")
    return tuple(found)


def _side(more: Decimal) -> str:
    return "more" if more > 0 else "less"


@dataclass(frozen=True, slots=True)
class Journal:
    """Plans as they were before each change (`past`) and before each undoing (`future`), the latest last."""

    past: tuple[Plans, ...] = ()
    future: tuple[Plans, ...] = ()
    depth: int = 1000

    def changed(self, before: Plans) -> Journal:
        """After a change; what was undone before it cannot be done again."""
        return Journal((*self.past, before)[-self.depth :], (), self.depth)

    def undone(self, now: Plans) -> tuple[Plans, Journal] | None:
        """The plans before the last change, None where there is none."""
        if not self.past:
            return None
        return self.past[-1], Journal(self.past[:-1], (*self.future, now), self.depth)

    def redone(self, now: Plans) -> tuple[Plans, Journal] | None:
        """The plans as they were before the last undoing, None where there is none."""
        if not self.future:
            return None
        return self.future[-1], Journal((*self.past, now), self.future[:-1], self.depth)


def total_units(marked: Sequence[MarkedLot]) -> dict[tuple[AccountId, Asset], Decimal]:
    """Units marked of each asset in each account."""
    sums: dict[tuple[AccountId, Asset], Decimal] = {}
    for one in marked:
        key = (one.mark.account, one.mark.asset)
        sums[key] = EXACT.add(sums.get(key, ZERO), one.quantity)
    return sums
