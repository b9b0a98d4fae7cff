"""The closed loop over a home: plans of marks, records kept for good, tickets, verdicts on the fills, and rebuys."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harvest_tui import __version__
from harvest_tui.core.identification.marks import Journal, marked_lots
from harvest_tui.core.records import AccountId, Asset, Event, LotId
from harvest_tui.errors import InputError, WorldError
from harvest_tui.session.identifying import load_records
from harvest_tui.session.judging_watch import JudgingWatch
from harvest_tui.session.marking import Marking, checked_reason, said
from harvest_tui.session.offers import Offers

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from harvest_tui.core.harvest.volatility import Volatility
    from harvest_tui.core.identification.chain import ChainReport
    from harvest_tui.core.identification.drafting import Moment
    from harvest_tui.core.identification.record import Record, RecordKind
    from harvest_tui.core.identification.ticket import TicketOrder
    from harvest_tui.core.lots.ledger import Lot
    from harvest_tui.session.home import Home
    from harvest_tui.session.judging_watch import Spawn
    from harvest_tui.session.verdicts import Judged
    from harvest_tui.settings import Settings


class Committed(NamedTuple):
    """A record as it was kept, with what to sell under it."""

    record: Record
    ticket: tuple[TicketOrder, ...]


class Harvesting(Marking):
    """Marks, records and verdicts. Each verb raises InputError where it makes no sense and ReadOnlyStore where nothing
    can be written; then nothing is."""

    def __init__(
        self,
        home: Home,
        settings: Settings,
        clock_ahead: dict[AccountId, Decimal] | None = None,
        spawn: Spawn | None = None,
    ) -> None:
        super().__init__(home)
        self.settings = settings
        self._judged: tuple[tuple[int, int], Judged] | None = None
        self.watch = JudgingWatch(home, self.judged, self._volatilities, spawn)
        """Verdicts beside the screen."""
        self.offers = Offers(home)
        """What buyers would pay for what no market prices."""
        self.clock_ahead = {} if clock_ahead is None else clock_ahead
        """Seconds by which this machine's clock was last found ahead of an account's exchange."""

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
            chosen = said(lambda: plans.named(plan or plans.active))
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
            raise InputError(
                f"record {number} has no lot in {', '.join(strangers)[:80] or 'no account'}", "name its own"
            )
        return await self._add_word(about, RecordKind.TOLD, "", accounts)

    async def _add_word(self, about: Record, kind: RecordKind, reason: str, told: Iterable[AccountId] = ()) -> Record:
        moment = self._moment("", [], (), {one.account for one in about.accounts})
        record = await self._home.store.add_record(moment.word_on(about, kind, checked_reason(reason), told))
        await self._home.reload_facts()
        return record

    def _moment(
        self, plan: str, lots: Sequence[Lot], events: Sequence[Event], names: Iterable[AccountId] = ()
    ) -> Moment:
        from harvest_tui.core.identification.drafting import Moment, clock_objection, known_until
        from harvest_tui.core.identification.record import RecordedAccount
        from harvest_tui.session.realized import brokers_of

        rules, now, accounts = self._home.rules(), self._home.now(), self._home.accounts()
        assets: dict[AccountId, set[Asset]] = {name: set() for name in names}
        for lot in lots:
            assets.setdefault(lot.account, set()).add(lot.asset)
        known = known_until(events, assets)
        exchanges = {one.account: one.exchange for one in accounts}
        brokers = brokers_of(self.settings, accounts)
        year = now.astimezone(rules.zone).year
        recorded = tuple(
            RecordedAccount(
                name,
                exchanges.get(name, ""),
                rules.order_of(name, year),
                name in brokers,
                self.clock_ahead.get(name),
                known.get(name, ()),
            )
            for name in sorted(assets)
        )
        if problem := clock_objection(recorded):
            raise InputError(problem, "set the clock right: a record with a wrong time proves nothing")
        return Moment(now, rules.zone, __version__, plan, recorded)

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
        version = self._home.facts_version, store.facts_version  # past prices change the one, other runs the other
        if self._judged is None or self._judged[0] != version or self._judged[1].waits != waits:
            self._judged = version, await load_judged(store, self._home.rules(), waits)
        return self._judged[1]

    @property
    def zone(self) -> ZoneInfo:
        """The taxpayer's own."""
        return self._home.rules().zone

    def is_security(self, asset: Asset) -> bool:
        """Whether the user said that the asset is one: then the wash-sale rule is about it already (IRC 1091)."""
        return asset in self.settings.securities

    async def _volatilities(self, assets: set[Asset]) -> Mapping[Asset, Volatility]:
        if not assets:
            return {}
        from harvest_tui.session import planning
        from harvest_tui.session.order_limits import OrderLimitBook

        store = self._home.store
        home = planning.Home(store, self.settings, self._home.rules(), OrderLimitBook(store))
        return await planning.load_volatilities(home, assets, self._home.now())

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
        self.watch.refresh()


def _identifying(records: Sequence[Record], number: int) -> Record:
    """The identification of that number."""
    from harvest_tui.core.identification.record import RecordKind

    for record in records:
        if record.number == number and record.kind is RecordKind.IDENTIFY:
            return record
    raise InputError(f"record {number} identifies no lots, or there is none", "see: harvest-tui verify")


async def write_new(path: Path, content: bytes) -> None:
    """Writes a file that only its owner can read. Raises InputError where there is one already."""
    try:
        await asyncio.to_thread(_write_new, path, content)
    except FileExistsError:
        raise InputError(f"{path} exists already", "choose another name") from None
    except OSError as error:
        raise WorldError(f"{path} cannot be written ({error.strerror})", "choose another place") from None


def _write_new(path: Path, content: bytes) -> None:
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
