"""Store: the one door to the cache. Facts go in and come out whole; everything else is derived elsewhere."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from harvest_tui.core.pages import GroupParser, Page, PageOutcome, StoredRow
from harvest_tui.core.records import Account, AccountId, Asset, Balance, Candle, Event, EventId, Quote
from harvest_tui.errors import ReadOnlyStore, StoreError, StoreTooNew
from harvest_tui.store import (
    account_book,
    balance_book,
    files,
    history,
    instance_lock,
    migrations,
    price_book,
)
from harvest_tui.store.engine import Engine
from harvest_tui.store.faults import translated
from harvest_tui.store.history import StreamState
from harvest_tui.store.schema import MIGRATIONS, Migration
from harvest_tui.store.users_word import UsersWord

if TYPE_CHECKING:
    from harvest_tui.core.source_rows import SourceRow
    from harvest_tui.store.alert_book import AlertBook
    from harvest_tui.store.import_book import ImportOutcome
    from harvest_tui.store.journal import Changes

_MAKER_GETS_SECONDS = 15.0
"""How long a viewer waits for the instance that is making or updating the cache."""


class Store(UsersWord):
    """An open cache. Exactly one instance of a home writes; another one opened meanwhile only reads."""

    def __init__(
        self, engine: Engine, lock: instance_lock.InstanceLock | None, steps: tuple[Migration, ...], mode: str
    ) -> None:
        self._engine = engine
        self._lock = lock
        self._steps = steps
        self._mode = mode
        self.read_only_because = ""
        """Why nothing can be written here, in words; "" where it can."""

    @classmethod
    async def open(
        cls, path: Path, *, read_only: bool = False, migrations: tuple[Migration, ...] = MIGRATIONS
    ) -> Store:
        """The cache at `path`, made where there is none and brought to the newest schema.

        Where another instance writes, or the folder cannot be written, it opens for reading and `writable` is False.
        Raises StoreTooNew where a newer release wrote the file, StoreError where it is not ours, damaged or unreadable.
        """
        task = asyncio.get_running_loop().create_task(cls._open(path, read_only, migrations))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            # The connection's thread cannot be cancelled: it is let in and shown out, so that nothing is left open.
            await asyncio.wait([task])
            if not task.cancelled() and task.exception() is None:
                await task.result().close()
            raise

    @classmethod
    async def _open(cls, path: Path, read_only: bool, steps: tuple[Migration, ...]) -> Store:
        if read_only:
            return await cls._view(path, steps, "it was asked to open for reading only")
        lock_path = path.with_name(path.name + ".lock")
        with translated(f"cannot open the cache {path}"):
            try:
                files.make_private_folder(path.parent)
                lock = instance_lock.InstanceLock.take(lock_path)
            except OSError as error:
                if error.errno not in {errno.EROFS, errno.EACCES, errno.EPERM}:
                    raise
                return await cls._view(path, steps, f"{path.parent} cannot be written")
        if lock is None:
            because = f"{instance_lock.holder(lock_path)} has the cache open"
            return await cls._view(path, steps, because, patience=_MAKER_GETS_SECONDS)
        try:
            await asyncio.to_thread(migrations.prepare, path, steps)
            store = cls(await Engine.start(path, writable=True), lock, steps, "ro")
        except BaseException:
            lock.release()
            raise
        await store._take_version()
        return store

    @classmethod
    async def _view(cls, path: Path, steps: tuple[Migration, ...], because: str, *, patience: float = 0.0) -> Store:
        # A read-only disk cannot hold the log's shared index; without a log nothing is missing from the file.
        has_log = path.with_name(path.name + "-wal").exists()
        mode = "ro" if has_log or files.is_writable(path.parent) else "ro&immutable=1"
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + patience
        # Asked again and again, as the maker is another process and can set no event of ours.
        while not await cls._is_ready(path, steps, mode, is_last_try=loop.time() >= give_up_at):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        store = cls(await Engine.start(path, writable=False, mode=mode), None, steps, mode)
        store.read_only_because = because
        await store._take_version()
        return store

    @staticmethod
    async def _is_ready(path: Path, steps: tuple[Migration, ...], mode: str, *, is_last_try: bool) -> bool:
        """False while the writing instance may still be making or updating the cache."""
        try:
            is_made = await asyncio.to_thread(migrations.recognise, path, steps, mode)
        except StoreTooNew:
            raise
        except StoreError:
            if is_last_try:
                raise
            return False
        if is_last_try and not is_made:
            raise StoreError(f"there is no cache at {path} to read", "start harvest-tui once where it can write")
        return is_made

    async def _take_version(self) -> None:
        try:
            await self.refresh_version()
        except BaseException:
            await self.close()
            raise

    async def __aenter__(self) -> Store:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Finishes what is under way, folds the log into the file and lets the next instance write."""
        try:
            await self._engine.close()
        finally:
            self._release()

    def abandon(self) -> None:
        """Ends at once, for a process whose event loop is gone. What was acknowledged is on disk."""
        self._engine.abandon()
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()

    @property
    def writable(self) -> bool:
        """False where this instance only reads; `read_only_because` says why."""
        return self._lock is not None

    @property
    def path(self) -> Path:
        """The database file."""
        return self._engine.path

    @property
    def facts_version(self) -> int:
        """Grows with every transaction that changes accounts, history, events, balances or notes."""
        return self._engine.facts_version

    async def refresh_version(self) -> int:
        """The facts version as it is on disk now: how a viewer learns that the writer stored something."""
        [(version,)] = await self._engine.rows("SELECT value FROM counters WHERE name = 'facts'")
        self._engine.facts_version = int(version)
        return self._engine.facts_version

    def mark(self) -> int:
        """Where `changes_since` goes on from. Taken before facts are read: what comes while they are is told again."""
        return self._engine.journal.mark

    def changes_since(self, mark: int) -> Changes | None:
        """Which events and past prices changed since an earlier mark of this store.

        None where that is not known: much changed, a whole account went, a disk failed, or another instance writes.
        """
        return self._engine.journal.since(mark) if self.writable else None

    def _require_writable(self) -> None:
        if not self.writable:
            raise ReadOnlyStore(
                f"nothing can be changed here: {self.read_only_because}", "close the other harvest-tui and start again"
            )

    async def accounts(self) -> list[Account]:
        """Every account, the one added first first."""
        return await account_book.all_accounts(self._engine)

    async def add_account(self, account: Account) -> None:
        """Raises InputError where the name is taken."""
        self._require_writable()
        await self._engine.write(lambda transaction: account_book.add(transaction, account))

    async def update_account(self, account: Account) -> None:
        """Puts the values in the place of those of the account of that name; InputError where there is none."""
        self._require_writable()
        await self._engine.write(lambda transaction: account_book.update(transaction, account))

    async def remove_account(self, account: AccountId) -> None:
        """Removes the account and every fact of it at once; InputError where there is none."""
        self._require_writable()
        await self._engine.write(lambda transaction: account_book.remove(transaction, account))

    async def save_page(self, page: Page, parse: GroupParser) -> PageOutcome:
        """Stores rows, the events of all groups they touch, cursor and stream state in one transaction.

        A row whose payload (or group) differs from the one held becomes its next version. Raises StoreError where the
        account is gone or the disk fails, and whatever `parse` raises; then nothing of the page is stored.
        """
        self._require_writable()
        return await self._engine.write(lambda transaction: history.save_page(transaction, page, parse))

    async def rebuild_events(self, account: AccountId, parse: GroupParser) -> int:
        """Tells the account's events anew from its raw rows, in one transaction. The number of events."""
        self._require_writable()
        return await self._engine.write(lambda transaction: history.rebuild(transaction, account, parse))

    async def cursors(self, account: AccountId) -> dict[str, str]:
        """The stored cursor of each stream that has one."""
        return await history.cursors(self._engine, account)

    async def stream_states(self, account: AccountId) -> dict[str, StreamState]:
        """The state of each stream that was read at least once."""
        return await history.stream_states(self._engine, account)

    async def raw_rows(self, account: AccountId, stream: str | None = None) -> list[StoredRow]:
        """The latest version of each raw row, by stream and native id."""
        return await history.raw_rows(self._engine, account, stream)

    async def raw_count(self, account: AccountId, stream: str | None = None) -> int:
        """How many different raw rows are held."""
        return await history.raw_count(self._engine, account, stream)

    async def event_count(self, account: AccountId) -> int:
        """How many events of the account are held."""
        return await history.event_count(self._engine, account)

    async def events(self, account: AccountId | None = None) -> list[Event]:
        """Events of one or all accounts in order of time, then as their source listed them."""
        return await history.events(self._engine, account)

    def event_parts(self) -> AsyncGenerator[list[Event], None]:
        """All events as of one instant, in no order, some thousands at a time. Close it where it is not read to the
        end."""
        return history.event_parts(self._engine)

    async def named_events(self, event_ids: Sequence[EventId]) -> list[Event]:
        """The events of these ids, in no order; ids of no event are left out."""
        return await history.named_events(self._engine, event_ids)

    async def sources(self, event_ids: Sequence[EventId]) -> dict[EventId, tuple[SourceRow, ...]]:
        """The raw rows, or the file, that tell each event; events that nothing tells are left out."""
        from harvest_tui.store import source_book

        return await self._engine.read(lambda rows: source_book.sources(rows, event_ids))

    async def import_events(
        self, events: Sequence[Event], source: str, source_sha256: str, *, dry_run: bool = False
    ) -> ImportOutcome:
        """Adds the events that are not known yet, and books for the accounts they name: all or nothing.

        An id that is known with other content raises InputError; a dry run writes nothing and counts it as changed.
        """
        from harvest_tui.store import import_book

        if dry_run:
            return await self._engine.read(lambda rows: import_book.preview(rows, events))
        self._require_writable()
        return await self._engine.write(lambda transaction: import_book.add(transaction, events, source, source_sha256))

    async def save_balances(self, account: AccountId, balances: Sequence[Balance], at: datetime) -> bool:
        """True where they took the place of the account's former ones.

        An empty set after one with units in it is held back (False) until another read at least 60 s later agrees.
        """
        self._require_writable()
        return await self._engine.write(
            lambda transaction: balance_book.replace_balances(transaction, account, balances, at)
        )

    async def balances(self) -> list[Balance]:
        """Every balance as last accepted, by account and asset."""
        return await balance_book.all_balances(self._engine)

    async def save_markets(self, exchange: str, markets: Sequence[Mapping[str, Any]], at: datetime) -> None:
        """Puts the list in the place of the exchange's former one; StoreError where it is empty."""
        from harvest_tui.store import market_book

        self._require_writable()
        await self._engine.write(lambda transaction: market_book.replace_markets(transaction, exchange, markets, at))

    async def markets(self, exchange: str, symbols: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """The markets of the exchange, or those of `symbols` that it has, by symbol."""
        from harvest_tui.store import market_book

        return await market_book.markets(self._engine, exchange, symbols)

    async def markets_saved_at(self, exchange: str) -> datetime | None:
        """When the exchange's list was stored, None where there is none."""
        from harvest_tui.store import market_book

        return await market_book.saved_at(self._engine, exchange)

    async def save_quotes(self, quotes: Mapping[tuple[str, Asset], Quote]) -> None:
        """Keeps each quote, by exchange and asset, unless a newer one is held."""
        self._require_writable()
        await self._engine.write(lambda transaction: price_book.save_quotes(transaction, quotes))

    async def quotes(self) -> dict[tuple[str, Asset], Quote]:
        """The latest quote of every exchange and asset."""
        return await price_book.quotes(self._engine)

    async def save_candles(self, candles: Sequence[Candle]) -> None:
        """Keeps the candles; one that is held already is brought up to date."""
        self._require_writable()
        await self._engine.write(lambda transaction: price_book.save_candles(transaction, candles))

    async def candles(self, asset: Asset, start: datetime, end: datetime) -> list[Candle]:
        """Candles that begin at or after `start` and before `end`, in order of time."""
        return await price_book.candles(self._engine, asset, start, end)

    async def candles_at(self, keys: Sequence[price_book.Moment]) -> dict[price_book.Moment, Candle]:
        """The candle each (asset, time) falls into, the shortest one; keys without a candle are left out."""
        return await self._engine.read(lambda rows: price_book.candles_at(rows, keys))

    async def candle_at(self, asset: Asset, at: datetime) -> Candle | None:
        """The shortest candle `at` falls into, None where there is none."""
        return (await self.candles_at([(asset, at)])).get((asset, at))

    async def prices_at(self, keys: Sequence[price_book.Moment]) -> dict[price_book.Moment, Decimal]:
        """US dollars for one unit: the close of the candle each (asset, time) falls into, where there is one."""
        return {key: candle.close for key, candle in (await self.candles_at(keys)).items()}

    @property
    def alerts(self) -> AlertBook:
        """The journal of alerts, and what is watched, snoozed and muted."""
        from harvest_tui.store.alert_book import AlertBook

        return AlertBook(self._engine, self._require_writable)

    async def integrity(self) -> list[str]:
        """Everything wrong with the cache, [] where nothing is. Findings that begin with `NOTE` are no damage."""
        from harvest_tui.store import integrity

        return await asyncio.to_thread(integrity.problems, self._engine.path, self._steps, self._mode)

    async def content_digest(self) -> str:
        """SHA-256 of all facts told and the events they tell, whatever the order and time they came in."""
        from harvest_tui.store import integrity

        with translated("cannot read the cache"):
            return await asyncio.to_thread(integrity.digest, self._engine.path, self._mode)

    async def backup(self, to: Path) -> None:
        """Writes a checked copy of the cache to `to` while it is in use. InputError where `to` exists already."""
        from harvest_tui.store import backups

        await asyncio.to_thread(backups.take_backup, self._engine.path, to)
