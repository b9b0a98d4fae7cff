"""SQLite under asyncio: one connection writes, one reads, and no cancellation leaves a transaction open.

A transaction runs as a task of its own that takes the lock itself. Cancelling the caller stops the waiting, never
the transaction: it is stored whole or not at all, and the next one finds the connection at rest.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

import aiosqlite

from harvest_tui.errors import ReadOnlyStore, StoreError
from harvest_tui.store import files
from harvest_tui.store.faults import is_disk_fault, translated
from harvest_tui.store.journal import Journal, Touched

logging.getLogger("aiosqlite").setLevel(logging.INFO)  # at DEBUG it writes every bound value into the log

T = TypeVar("T")
Value = str | int | bytes | None
Row = Any
"""A tuple as SQLite answers it; its shape is known where the query is written."""
Build = Callable[[sqlite3.Cursor, tuple[Any, ...]], object]
"""A row factory; it runs in the connection's own thread."""

_COMMON = (
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA busy_timeout = 5000",
)
_WRITER = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # NORMAL loses acknowledged rows at power loss
    "PRAGMA fullfsync = ON",  # macOS: fsync alone does not reach the disk
    "PRAGMA checkpoint_fullfsync = ON",
    "PRAGMA journal_size_limit = 16777216",
)
_READER = (
    "PRAGMA query_only = ON",
    "PRAGMA wal_autocheckpoint = 0",  # only the writer checkpoints: SQLite before 3.51.3 has a race between two
)


class Rows(Protocol):
    """Anything that answers a query: the reader, or a transaction with its own unsaved changes."""

    async def rows(self, sql: str, values: Sequence[Value] = (), build: Build | None = None) -> list[Row]:
        """All rows, as tuples or as `build` makes them."""
        ...


async def _fetch(connection: aiosqlite.Connection, sql: str, values: Sequence[Value], build: Build | None) -> list[Row]:
    if build is None:
        return list(await connection.execute_fetchall(sql, values))
    async with connection.execute(sql, values) as cursor:
        cursor.row_factory = cast("type", build)
        return list(await cursor.fetchall())


async def _opened(
    connection: aiosqlite.Connection, sql: str, values: Sequence[Value], build: Build
) -> aiosqlite.Cursor:
    cursor = await connection.execute(sql, values)
    cursor.row_factory = cast("type", build)
    return cursor


async def _next(cursor: aiosqlite.Cursor, size: int) -> list[Row]:
    return list(await cursor.fetchmany(size))


class Transaction:
    """What a unit of work may do between BEGIN and COMMIT."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._changed_facts = False
        self.touched = Touched()
        """Events and candles that change, by name: whoever writes them says so here."""

    async def rows(self, sql: str, values: Sequence[Value] = (), build: Build | None = None) -> list[Row]:
        """All rows of a query or of a statement with RETURNING, unsaved changes included."""
        return await _fetch(self._connection, sql, values, build)

    async def run(self, sql: str, values: Sequence[Value] = ()) -> None:
        """Executes one statement."""
        await self._connection.execute_fetchall(sql, values)

    async def run_many(self, sql: str, values: Iterable[Sequence[Value]]) -> None:
        """Executes one statement once for each set of values."""
        async with self._connection.executemany(sql, values):
            pass

    def touch_facts(self) -> None:
        """Says that accounts, history, balances or choices change: the facts version grows at commit."""
        self._changed_facts = True

    async def settle(self) -> int | None:
        """The facts version once this is committed, None where it stays."""
        if not self._changed_facts:
            return None
        [(version,)] = await self.rows("UPDATE counters SET value = value + 1 WHERE name = 'facts' RETURNING value")
        return int(version)


async def _connect(path: Path, mode: str, pragmas: Iterable[str]) -> aiosqlite.Connection:
    address = files.address(path, mode)
    connection = await aiosqlite.connect(address, uri=True, isolation_level=None, timeout=5, cached_statements=256)
    try:
        for pragma in pragmas:
            await connection.execute_fetchall(pragma)
    except BaseException:
        await connection.close()
        raise
    return connection


class Engine:
    """The two connections of one open cache. Make it with `start`; end it with `close`."""

    def __init__(self, path: Path, reader: aiosqlite.Connection, writer: aiosqlite.Connection | None) -> None:
        self.path = path
        self.facts_version = 0
        self.journal = Journal()
        self._reader = reader
        self._writer = writer
        self._writer_is_suspect = False
        self._is_closed = False
        self._write_lock = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()

    @classmethod
    async def start(cls, path: Path, *, writable: bool, mode: str = "ro") -> Engine:
        """Opens the reader in `mode` and, where `writable`, the writer."""
        with translated(f"cannot open the cache {path}"):
            writer = await _connect(path, "rw", (*_COMMON, *_WRITER)) if writable else None
            try:
                reader = await _connect(path, mode, (*_COMMON, *_READER))
            except BaseException:
                if writer is not None:
                    await writer.close()
                raise
        return cls(path, reader, writer)

    async def read(self, work: Callable[[Rows], Awaitable[T]]) -> T:
        """What `work` reads on the reader connection; it sees committed facts only."""
        self._require_open()
        return await self._unbroken(self._reading(work))

    async def rows(self, sql: str, values: Sequence[Value] = (), build: Build | None = None) -> list[Row]:
        """All rows of one query on the reader connection."""
        self._require_open()
        return await self._unbroken(self._reading(lambda _: _fetch(self._reader, sql, values, build)))

    async def parts(
        self, sql: str, values: Sequence[Value], build: Build, size: int
    ) -> AsyncGenerator[list[Row], None]:
        """The rows of one query on the reader connection, `size` at a time and all as of one instant."""
        self._require_open()
        cursor = await self._unbroken(self._reading(lambda _: _opened(self._reader, sql, values, build)))
        try:
            while part := await self._unbroken(self._reading(lambda _: _next(cursor, size))):
                yield part
        finally:
            await self._unbroken(cursor.close())

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """What `work` answers, once its whole transaction is on disk.

        Raises ReadOnlyStore where this instance only reads, StoreError where the disk fails, and whatever `work`
        raises; then nothing of it is stored.
        """
        self._require_open()
        return await self._unbroken(self._transact(work))

    async def close(self) -> None:
        """Waits for what is under way, then closes reader and writer; the writer folds its log into the file."""
        if not self._is_closed:
            self._is_closed = True
            await self._unbroken(self._shut())

    def abandon(self) -> None:
        """Ends both threads without waiting, for a process whose event loop is gone. Committed facts are safe."""
        self._is_closed = True
        for connection in (self._reader, self._writer):
            if connection is not None:
                connection.stop()

    async def _unbroken(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # a caller that was cancelled never asks for it

    def _require_open(self) -> None:
        if self._is_closed:
            raise StoreError("the cache is closed", "start harvest-tui again")

    async def _reading(self, work: Callable[[Rows], Awaitable[T]]) -> T:
        with translated("cannot read the cache"):
            return await work(self)

    async def _transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async with self._write_lock:
            with translated("cannot store"):
                connection = await self._sound_writer()
                transaction = Transaction(connection)
                try:
                    await connection.execute_fetchall("BEGIN IMMEDIATE")
                    answer = await work(transaction)
                    version = await transaction.settle()
                    await connection.execute_fetchall("COMMIT")
                except BaseException as error:
                    await self._undo(connection, error)
                    raise
            if version is not None:
                self.facts_version = version
            self.journal.add(transaction.touched)
            return answer

    async def _undo(self, connection: aiosqlite.Connection, error: BaseException) -> None:
        self._writer_is_suspect = self._writer_is_suspect or is_disk_fault(error)
        try:
            await connection.rollback()  # does nothing where the transaction has ended
        except sqlite3.Error:
            self._writer_is_suspect = True
        if self._writer_is_suspect:
            self.journal.forget()  # what failed may be on disk all the same

    async def _sound_writer(self) -> aiosqlite.Connection:
        """The writer, opened anew and checked where a write or sync has failed on it before."""
        if self._writer is None:
            raise ReadOnlyStore("this instance only reads the cache", "close the other harvest-tui to change anything")
        if self._writer_is_suspect:
            fresh = await _connect(self.path, "rw", (*_COMMON, *_WRITER))
            try:
                [(found,), *_] = await fresh.execute_fetchall("PRAGMA quick_check(1)")
                if found != "ok":
                    raise StoreError(f"the cache is damaged after a disk error ({found})", "run `harvest-tui doctor`")
            except BaseException:
                await fresh.close()
                raise
            failed, self._writer = self._writer, fresh
            self._writer_is_suspect = False
            await failed.close()
        return self._writer

    async def _shut(self) -> None:
        current = asyncio.current_task()
        others = [task for task in self._running if task is not current]
        await asyncio.gather(*others, return_exceptions=True)
        with translated("cannot close the cache"):
            try:
                await self._reader.close()
            finally:
                if self._writer is not None:
                    await self._writer.close()
