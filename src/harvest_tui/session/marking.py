"""Plans of marks over a home: every change is kept at once and can be undone in the same run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from harvest_tui.core.identification.marks import (
    Difference,
    Journal,
    Mark,
    MarkedLot,
    Plan,
    Plans,
    compared,
    marked_lots,
)
from harvest_tui.core.money import EXACT, plain
from harvest_tui.core.records import LotId
from harvest_tui.errors import InputError

if TYPE_CHECKING:
    from harvest_tui.core.lots.ledger import Lot
    from harvest_tui.session.facts import Facts
    from harvest_tui.session.home import Home

LONGEST_REASON = 500
PAINT_SECONDS = 0.015
"""So long the screen has to show a change before it is stored."""
PLACES = 18
"""Decimals that a quantity may have: lots are counted that finely."""
Answer = TypeVar("Answer")


class Marking:
    """The user's plans. Each verb raises InputError where it makes no sense and ReadOnlyStore where nothing can be
    written; then nothing is."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._plans = Plans()
        self._is_loaded = False
        self._journal = Journal()
        self._lock = asyncio.Lock()
        self._known: tuple[Facts, dict[LotId, Lot]] | None = None
        self.version = 0
        """Grows when plans or marks changed."""

    async def load(self) -> Plans:
        """The plans as they were left; read from the store once."""
        if not self._is_loaded:
            kept = await self._home.store.plans()
            if not self._is_loaded:  # a mark made meanwhile has read them too, and must not be forgotten
                self._plans, self._is_loaded = kept, True
                self.version += 1
        return self._plans

    @property
    def plans(self) -> Plans:
        """All plans, once `load` has been called."""
        return self._plans

    def marked(self, plan: str | None = None) -> tuple[MarkedLot, ...]:
        """The marks of the plan, the active one by default, with their lots as they are now, if any."""
        return marked_lots(said(lambda: self._plans.named(plan or self._plans.active)), self._lots())

    def _lots(self) -> dict[LotId, Lot]:
        facts = self._home.facts()
        if self._known is None or self._known[0] is not facts:
            self._known = (facts, {lot.lot_id: lot for lot in facts.ledger.lots})
        return self._known[1]

    async def mark(
        self, lot_id: LotId, quantity: Decimal | None = None, *, reason: str = "", because: str = ""
    ) -> None:
        """Marks a lot, or `quantity` units of it, in the active plan, in the place of an earlier mark on it.

        `because` says why the lot asks for a typed `reason`: with it, and without a reason, nothing is marked.
        """
        mark = self._checked(lot_id, quantity, reason, because)
        await self._change(lambda plans: plans.with_plan(plans.current.with_marks([mark])))

    async def mark_all(self, quantities: Mapping[LotId, Decimal | None], reason: str = "") -> None:
        """Marks many lots at once, which one undo takes back."""
        marks = [self._checked(lot_id, quantity, reason, "") for lot_id, quantity in quantities.items()]
        await self._change(lambda plans: plans.with_plan(plans.current.with_marks(marks)))

    async def mark_only(self, quantities: Mapping[LotId, Decimal | None]) -> None:
        """Marks these lots and no others, which one undo takes back; reasons that were given stay."""
        reasons = {mark.lot_id: mark.reason for mark in (await self.load()).current.marks}
        marks = [self._checked(lot_id, units, reasons.get(lot_id, ""), "") for lot_id, units in quantities.items()]
        await self._change(lambda plans: plans.with_plan(Plan(plans.active, tuple(marks))))

    async def unmark(self, lot_ids: Collection[LotId]) -> None:
        """Takes the marks on these lots off the active plan."""
        await self._change(lambda plans: plans.with_plan(plans.current.without(lot_ids)))

    async def create_plan(self, name: str) -> None:
        """Makes an empty plan and works on it."""
        await self._change(lambda plans: plans.created(name))

    async def duplicate_plan(self, name: str, new_name: str) -> None:
        """Makes a plan with the marks of another and works on it."""
        await self._change(lambda plans: plans.created(new_name, copy_of=name))

    async def rename_plan(self, name: str, new_name: str) -> None:
        """Gives the plan another name."""
        await self._change(lambda plans: plans.renamed(name, new_name))

    async def delete_plan(self, name: str) -> None:
        """Deletes the plan and its marks."""
        await self._change(lambda plans: plans.deleted(name))

    async def activate_plan(self, name: str) -> None:
        """Works on the plan from now on."""
        await self._change(lambda plans: plans.activated(name))

    def compare_plans(self, name: str, other: str) -> tuple[Difference, ...]:
        """The lots on which the two plans differ."""
        return said(lambda: compared(self._plans.named(name), self._plans.named(other)))

    async def undo(self) -> bool:
        """Takes the last change of plans or marks back; False where there is none in this run."""
        return await self._step(Journal.undone)

    async def redo(self) -> bool:
        """Makes the change undone last again; False where there is none."""
        return await self._step(Journal.redone)

    def _checked(self, lot_id: LotId, quantity: Decimal | None, reason: str, because: str) -> Mark:
        lot = self._lots().get(lot_id)
        if lot is None:
            raise InputError(f"no open lot is called {lot_id[:80]!r}", "see: harvest-tui lots")
        reason = checked_reason(reason)
        if because and not reason:
            raise InputError(f"this lot asks for a reason: {because}", "say why you mark it all the same")
        if quantity is not None:
            _check_quantity(quantity, lot)
        return Mark(lot.lot_id, lot.account, lot.asset, None if quantity == lot.quantity else quantity, reason)

    async def _change(self, change: Callable[[Plans], Plans]) -> None:
        async with self._lock:
            await self.load()
            before = self._plans
            after = said(lambda: change(before))
            if after != before:
                await self._keep(after, self._journal.changed(before))

    async def _step(self, step: Callable[[Journal, Plans], tuple[Plans, Journal] | None]) -> bool:
        async with self._lock:
            await self.load()
            found = step(self._journal, self._plans)
            if found is not None:
                await self._keep(*found)
            return found is not None

    async def _keep(self, plans: Plans, journal: Journal) -> None:
        """The screen sees the change at once; where it cannot be stored it is taken back."""
        before = self._plans
        self._plans = plans
        self.version += 1
        try:
            await asyncio.sleep(PAINT_SECONDS)  # a store's many small steps would come between a key and its paint
            await self._home.store.save_plans(plans)
        except BaseException:
            self._plans = before
            self.version += 1
            raise
        self._journal = journal


def said(work: Callable[[], Answer]) -> Answer:
    """What the work answers, its ValueError put into an error for people."""
    try:
        return work()
    except ValueError as error:
        raise InputError(str(error), "nothing was changed") from None


def checked_reason(reason: str) -> str:
    """The reason as it is kept."""
    reason = reason.strip()
    if len(reason) > LONGEST_REASON or not all(character.isprintable() for character in reason):
        raise InputError("the reason is too long or holds control characters", f"{LONGEST_REASON} characters do")
    return reason


def _check_quantity(quantity: Decimal, lot: Lot) -> None:
    if not quantity.is_finite() or not 0 < quantity <= lot.quantity:
        raise InputError(
            f"{quantity} {lot.asset} cannot be marked", f"the lot has {plain(lot.quantity)}: mark that or a part of it"
        )
    scaled = EXACT.scaleb(quantity, PLACES)
    if scaled != scaled.to_integral_value():
        raise InputError(f"{plain(quantity)[:60]} is finer than lots are counted", f"{PLACES} decimals do")
