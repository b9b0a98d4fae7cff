"""The closed loop over a home: plans of marks, records kept for good, tickets, verdicts on the fills, and rebuys."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from harvest_tui import __version__
from harvest_tui.core.identification.marks import (
    Difference,
    Journal,
    Mark,
    MarkedLot,
    Plans,
    compared,
    marked_lots,
)
from harvest_tui.core.money import ZERO, plain
from harvest_tui.core.records import Account, AccountId, Asset, LotId
from harvest_tui.errors import InputError
from harvest_tui.session.identifying import load_records

if TYPE_CHECKING:
    from harvest_tui.core.identification.chain import ChainReport
    from harvest_tui.core.identification.drafting import Moment
    from harvest_tui.core.identification.record import Record, RecordedAccount
    from harvest_tui.core.identification.ticket import TicketOrder
    from harvest_tui.core.lots.ledger import Lot
    from harvest_tui.core.portfolio import Portfolio
    from harvest_tui.session.facts import Facts, Rules
    from harvest_tui.session.verdicts import Judged
    from harvest_tui.settings import Settings
    from harvest_tui.store import Store

LONGEST_REASON = 500
PLACES = 18
"""Decimals that a quantity may have: lots are counted that finely."""


class Home(Protocol):
    """What harvesting needs of a session."""

    @property
    def store(self) -> Store:
        """The cache of facts."""
        ...

    def rules(self) -> Rules:
        """How lots are consumed."""
        ...

    def now(self) -> datetime:
        """The clock."""
        ...

    def facts(self) -> Facts:
        """Everything derived."""
        ...

    def portfolio(self) -> Portfolio:
        """The facts under the latest quotes."""
        ...

    def accounts(self) -> tuple[Account, ...]:
        """Connected and imported accounts."""
        ...

    async def reload_facts(self) -> None:
        """Derives everything anew."""
        ...


class Committed(NamedTuple):
    """A record as it was kept, with what to sell under it."""

    record: Record
    ticket: tuple[TicketOrder, ...]


class Harvesting:
    """Marks, records and verdicts. Each verb raises InputError where it makes no sense and ReadOnlyStore where nothing
    can be written; then nothing is."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self._home = home
        self._settings = settings
        self._plans = Plans()
        self._is_loaded = False
        self._journal = Journal()
        self._lock = asyncio.Lock()
        self._known: tuple[Facts, dict[LotId, Lot]] | None = None
        self._judged: tuple[int, Judged] | None = None
        self.clock_ahead: dict[AccountId, Decimal] = {}
        """Seconds by which this machine's clock was last found ahead of each account's exchange; the session fills it."""
        self.version = 0
        """Grows when plans or marks changed."""

    async def load(self) -> Plans:
        """The plans as they were left; read from the store once."""
        if not self._is_loaded:
            self._plans = await self._home.store.plans()
            self._is_loaded = True
            self.version += 1
        return self._plans

    @property
    def plans(self) -> Plans:
        """All plans, once `load` has been called."""
        return self._plans

    def marked(self, plan: str | None = None) -> tuple[MarkedLot, ...]:
        """The marks of the plan, the active one by default, with their lots as they are now; shrunk and gone ones too."""
        return marked_lots(_said(lambda: self._plans.named(plan or self._plans.active)), self._lots())

    def _lots(self) -> dict[LotId, Lot]:
        facts = self._home.facts()
        if self._known is None or self._known[0] is not facts:
            self._known = (facts, {lot.lot_id: lot for lot in facts.ledger.lots})
        return self._known[1]

    # Marks and plans.

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
        return _said(lambda: compared(self._plans.named(name), self._plans.named(other)))

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
        reason = reason.strip()
        if because and not reason:
            raise InputError(f"this lot asks for a reason: {because}", "say why you mark it all the same")
        if len(reason) > LONGEST_REASON or not all(c.isprintable() for c in reason):
            raise InputError("the reason is too long or holds control characters", f"{LONGEST_REASON} characters do")
        if quantity is not None:
            _check_quantity(quantity, lot)
        return Mark(lot.lot_id, lot.account, lot.asset, None if quantity == lot.quantity else quantity, reason)

    async def _change(self, change: Callable[[Plans], Plans]) -> None:
        async with self._lock:
            await self.load()
            before = self._plans
            after = _said(lambda: change(before))
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
            await self._home.store.save_plans(plans)
        except BaseException:
            self._plans = before
            self.version += 1
            raise
        self._journal = journal

    # Records.

    async def commit(
        self,
        plan: str | None = None,
        *,
        told: Collection[AccountId] = (),
        benefits: Mapping[LotId, Decimal] | None = None,
    ) -> Committed:
        """Writes the marks of a plan, the active one by default, down for good and takes them off the plan.

        `told` are accounts whose venue was given the instruction already; `benefits` what each sale is worth.
        """
        from harvest_tui.core.identification.drafting import objections, open_claims, recorded_lots
        from harvest_tui.core.identification.ticket import ticket_of
        from harvest_tui.session.verdicts import load_decided

        async with self._lock:
            plans = await self.load()
            chosen = _said(lambda: plans.named(plan or plans.active))
            if not chosen.marks:
                raise InputError(f"no lot is marked in plan {chosen.name!r}", "mark lots first")
            store, rules = self._home.store, self._home.rules()
            events = (await load_decided(store, rules.zone)).events
            marked = marked_lots(chosen, self._lots())
            claims = open_claims(events, await load_records(store))
            if problems := objections(marked, self._lots().values(), claims):
                more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
                raise InputError(problems[0] + more, "change or remove the mark, or revoke that record")
            moment = self._moment(chosen.name, [one.lot for one in marked if one.lot is not None], events)
            methods = {one.account: one.method for one in moment.accounts}
            lots = recorded_lots(marked, self._home.portfolio().quotes, methods, benefits or {})
            after = plans.with_plan(chosen.without({mark.lot_id for mark in chosen.marks}))
            record = await store.add_record(moment.record(lots, told), after)
            self._plans, self._journal = after, Journal()
            self.version += 1
            ticket = ticket_of(record, list(self._lots().values()))
        await self._home.reload_facts()
        return Committed(record, ticket)

    async def revoke(self, number: int, reason: str = "") -> Record:
        """Takes back, from now on, what is left of a record."""
        from harvest_tui.core.identification.assignment import revocations
        from harvest_tui.core.identification.record import RecordKind

        records = await load_records(self._home.store)
        about = _identifying(records, number)
        if number in revocations(records):
            raise InputError(f"record {number} was revoked already", "it is another record: none is ever changed")
        return await self._add_word(about, RecordKind.REVOKE, reason)

    async def tell(self, number: int, accounts: Collection[AccountId]) -> Record:
        """Keeps that the venues of these accounts have the instruction of a record from now on."""
        from harvest_tui.core.identification.record import RecordKind

        about = _identifying(await load_records(self._home.store), number)
        strangers = [name for name in accounts if about.account(name) is None]
        if strangers or not accounts:
            raise InputError(f"record {number} has no lot in {', '.join(strangers)[:80] or 'no account'}", "name its own")
        return await self._add_word(about, RecordKind.TOLD, "", accounts)

    async def _add_word(self, about: Record, kind: object, reason: str, told: Iterable[AccountId] = ()) -> Record:
        from harvest_tui.core.identification.record import RecordKind

        reason = reason.strip()
        if len(reason) > LONGEST_REASON:
            raise InputError("the reason is too long", f"{LONGEST_REASON} characters do")
        moment = self._moment("", [], (), {one.account for one in about.accounts})
        record = await self._home.store.add_record(moment.word_on(about, RecordKind(kind), reason, told))
        await self._home.reload_facts()
        return record

    def _moment(
        self, plan: str, lots: Sequence[Lot], events: Sequence[object], names: Iterable[AccountId] = ()
    ) -> Moment:
        from harvest_tui.core.identification.drafting import Moment, clock_objection, known_until
        from harvest_tui.session.realized import brokers_of

        rules, now, accounts = self._home.rules(), self._home.now(), self._home.accounts()
        assets: dict[AccountId, set[Asset]] = {name: set() for name in names}
        for lot in lots:
            assets.setdefault(lot.account, set()).add(lot.asset)
        known = known_until(events, assets)  # type: ignore[arg-type]
        exchanges = {one.account: one.exchange for one in accounts}
        brokers = brokers_of(self._settings, accounts)
        year = now.astimezone(rules.zone).year
        recorded = [
            _recorded_account(name, exchanges, rules.order_of(name, year), brokers, self.clock_ahead, known.get(name, ()))
            for name in sorted(assets)
        ]
        if problem := clock_objection(recorded):
            raise InputError(problem, "set the clock right: a record with a wrong time proves nothing")
        return Moment(now, rules.zone, __version__, plan, tuple(recorded))

    async def records(self) -> list[Record]:
        """Every record, in order, up to the first that is not as it was written."""
        return await load_records(self._home.store)

    async def verify(self) -> ChainReport:
        """Whether every record is as it was written."""
        from harvest_tui.session.verdicts import checked

        return await checked(self._home.store)

    async def judged(self, waits: Mapping[Asset, timedelta] | None = None) -> Judged:
        """Verdicts and rebuys as of the facts known now; cheap where nothing changed."""
        from harvest_tui.session.verdicts import load_judged

        store = self._home.store
        waits = await self.waits() if waits is None else waits
        if self._judged is None or self._judged[0] != store.facts_version or self._judged[1].waits != waits:
            version = store.facts_version
            self._judged = (version, await load_judged(store, self._home.rules(), waits))
        return self._judged[1]

    # Tickets, files and waits.

    async def ticket(self, number: int) -> tuple[TicketOrder, ...]:
        """What to sell under a record, with the lots as they are today."""
        from harvest_tui.core.identification.ticket import ticket_of

        return ticket_of(_identifying(await self.records(), number), list(self._lots().values()))

    async def ticket_text(self, number: int) -> str:
        """The ticket and, for venues that want it, the instruction: to copy, or for `write_new`."""
        from harvest_tui.core.identification.ticket import instruction_lines, ticket_lines

        record = _identifying(await self.records(), number)
        lines = ticket_lines(await self.ticket(number), self._home.rules().zone)
        for account in dict.fromkeys(lot.account for lot in record.lots):
            lines += ["", *instruction_lines(record, account)]
        return "\n".join(lines) + "\n"

    async def export(self, path: Path) -> None:
        """Writes every record into a new file that `harvest-tui verify` checks."""
        from harvest_tui.core.identification.chain import exported

        await write_new(path, exported(await self._home.store.record_links()))

    async def waits(self) -> dict[Asset, timedelta]:
        """The waiting time that the user chose for each asset that has one."""
        from harvest_tui.session.verdicts import load_waits

        return await load_waits(self._home.store)

    async def set_wait(self, asset: Asset, wait: timedelta) -> None:
        """Waits so long before the asset is bought back; none takes the choice away."""
        from harvest_tui.session.verdicts import save_wait

        if not timedelta(0) <= wait <= timedelta(days=366):
            raise InputError("a wait is none, or up to 366 days", "for example 24 h or 31 days")
        await save_wait(self._home.store, asset, wait)


def _said(work: Callable[[], object]) -> object:
    try:
        return work()
    except ValueError as error:
        raise InputError(str(error), "nothing was changed") from None
