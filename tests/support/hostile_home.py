"""A home in which every outside text is somebody's name, and the monitor on it in a real terminal, walked through."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import struct
import sys
import termios
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pyte
from rich.cells import cell_len

from harvest_tui.core.harvest.alert_rules import AlertRules
from harvest_tui.core.records import (
    USD,
    Account,
    AccountId,
    Amount,
    Asset,
    Balance,
    Event,
    EventId,
    EventKind,
    Quote,
)
from harvest_tui.ui.app import HarvestApp
from support.planner_home import PlannerHome
from support.pty_process import TESTS, PtyProcess
from support.sample_portfolio import NOW

ROWS, COLUMNS = 40, 140
ESCAPE, AFTER_ESCAPE = b"\x1b", 0.25
SILENCE = 2.0
"""A screen of many names takes so long at most before it begins to draw."""
_START = """
import sys
sys.path[:0] = [{tests!r}]
from pathlib import Path
from support.hostile_home import show
sys.exit(show(Path({folder!r})))
"""


def events_of(names: Sequence[str]) -> Iterator[Event]:
    """Lots, sales, sales of nothing, deposits from nowhere and tokens; each text of each event another name."""
    accounts = [AccountId(f"{name[:60]}") for name in names[:: max(1, len(names) // 40)]]
    for number, name in enumerate(names):
        account, asset = accounts[number % len(accounts)], Asset(name)
        other = [names[(number * 7 + step) % len(names)] for step in range(5)]
        bought = NOW - timedelta(days=20 + number % 500)

        def event(kind: EventKind, days: float, **told: object) -> Event:
            return Event(
                EventId(f"{account}:{kind}{name}"),  # noqa: B023 - called at once
                account,  # noqa: B023
                kind,
                NOW - timedelta(days=days),
                txid=other[0],  # noqa: B023
                address=other[1],  # noqa: B023
                url=other[2],  # noqa: B023
                note=other[3],  # noqa: B023
                **told,  # type: ignore[arg-type]
            )

        units = Amount(Decimal(3 + number % 5), asset)
        lot = {"acquired_at": bought, "cost_basis": Decimal(1000 + number)}
        if number % 5 < 2:
            yield event(EventKind.OPENING, 20 + number % 500, received=units, **lot)
        if number % 5 == 1:
            yield event(EventKind.TRADE, 3, sent=Amount(Decimal(1), asset), received=Amount(Decimal(90), USD))
        if number % 5 == 2:
            yield event(EventKind.TRADE, 5, sent=units, received=Amount(Decimal(70), USD))
        if number % 5 == 3:
            yield event(EventKind.DEPOSIT, 8, received=units)
        if number % 5 == 4:
            token = Amount(Decimal(1), Asset(f"{name}#{other[4][:300]}"))
            yield event(EventKind.OPENING, 30, received=token, **lot)


async def make_home(folder: Path, names: Sequence[str]) -> PlannerHome:
    """The home: prices from sources of such names, balances that differ, lots written down, a plan and alerts."""
    home = PlannerHome(folder, alerts=AlertRules())
    events = list(events_of(names))
    async with home.session() as session:
        store = session.store
        for account in dict.fromkeys(event.account for event in events):
            await store.add_account(Account(account, "", NOW))
        await store.import_events(events, names[0], names[1])
        held = [event for event in events if event.kind is EventKind.OPENING and event.received is not None]
        quotes = {
            ("kraken", asset): Quote(asset, Decimal("10.5"), NOW, name)
            for event, name in zip(held, names, strict=False)
            if event.received is not None and "#" not in (asset := event.received.asset)
        }
        await store.save_quotes(quotes)
        first = events[0].account
        await store.save_balances(
            first, [Balance(first, Asset(name), Decimal(2), NOW) for name in names[:: len(names) // 20]], NOW
        )
        await session.accounts_changed()
    async with home.session() as session:
        await session.planner.weighed()
        losing = [lot for lot in session.facts().ledger.lots if "#" not in lot.asset and lot.cost_basis is not None]
        await session.harvesting.mark_only(dict.fromkeys([lot.lot_id for lot in losing[:12]]))
        await session.harvesting.commit(benefits={})
        await session.harvesting.mark_only(dict.fromkeys([lot.lot_id for lot in losing[12:20]]))
        await session.alerting.check()
    return home


def show(folder: Path) -> int:
    """The monitor on that home, in this process's terminal."""

    async def shown() -> int:
        async with PlannerHome(folder, alerts=AlertRules()).session() as session:
            app = HarvestApp(session)
            await app.run_async()
            return app.return_code or 0

    return asyncio.run(shown())


def line_of(screen: pyte.Screen, row: int) -> str:
    """A line as it stands, in the middle of a paint too: half of a wide letter may be there alone."""
    letters: list[str] = []
    is_second_half = False
    for cell in range(screen.columns):
        letter = screen.buffer[row][cell].data
        if not is_second_half:
            letters.append(letter or " ")
        is_second_half = not is_second_half and bool(letter) and cell_len(letter[0]) == 2
    return "".join(letters)


class HostileTerminal(PtyProcess):
    """The monitor on such a home."""

    def __init__(self, folder: Path) -> None:
        source = _START.format(tests=str(TESTS), folder=str(folder))
        self.sent = b""
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = 0
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            # The environment as Python knows it: readline puts the size of another terminal into the other one.
            told = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
            told |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "ESCDELAY": "20"}
            os.chdir(folder)
            os.execve(sys.executable, [sys.executable, "-c", source], told)

    def lines(self) -> list[str]:
        """What a person sees now."""
        self._stream.feed(self.sent[self._fed :])
        self._fed = len(self.sent)
        return [line_of(self._screen, row) for row in range(self._screen.lines)]

    def go(self, *keys: bytes, quiet: float = 0.06) -> None:
        """Presses keys, each once nothing has come for a moment."""
        for key in keys:
            self.press(key)
            if key == ESCAPE:
                self.read(AFTER_ESCAPE)  # with what comes too soon it would be one key
            before, waited = -1, 0.0
            while before != len(self.sent) and waited < 10:
                before = len(self.sent)
                self.read(quiet)
                waited += quiet

    def see(self, *words: str) -> None:
        """Waits until one of these is on screen."""

        def is_seen(_: bytes) -> bool:
            text = "\n".join(self.lines())
            return any(word in text for word in words)

        try:
            self.until(is_seen)
        except AssertionError as error:
            raise AssertionError(f"{words} never came; on screen:\n" + "\n".join(self.lines())) from error

    def visit(self, key: bytes, *words: str) -> None:
        """Opens a screen."""
        self.go(key)
        self.see(*(words or ("harvest ›",)))

    def leave(self) -> None:
        """Back to the lots."""
        for _ in range(8):
            title = self.lines()[0]
            if title.startswith(" harvest  "):
                return
            self.press(ESCAPE)
            self._read_on(title)
            self.read(AFTER_ESCAPE)  # with what comes too soon it would be one key
        raise AssertionError("\n".join(self.lines()))

    def _read_on(self, title: str) -> None:
        """Until the title is another one, or nothing has come for long: some of what is left has no title."""
        silent = 0.0
        while self.lines()[0] == title and silent < SILENCE:
            before = len(self.sent)
            self.read(0.05)
            silent = silent + 0.05 if len(self.sent) == before else 0.0

    def turn_pages(self, pages: int) -> None:
        """Down to the end, and back."""
        for _ in range(pages):
            self.go(b"\x1b[6~", quiet=0.02)
        self.go(b"\x1b[H")


def walk(terminal: HostileTerminal, names: int, stories: int) -> bytes:
    """Every screen, every list to its end, every export, and so many lots one by one; what the terminal was sent."""
    terminal.see("tax year")
    _lots(terminal, names)
    for step in range(stories):
        terminal.go(b"j" * 7)
        terminal.visit(b"\r")
        if not step % 3:
            terminal.visit(b"e", "› why")
            terminal.read(0.5)
            terminal.go(b"\x1b[6~", b"\x1b[6~")
        terminal.leave()
    _planner(terminal)
    _exports(terminal)
    _places(terminal, names)
    terminal.visit(b"v")
    terminal.go(b"1", b"]", b"2", b"3", b"4")
    terminal.leave()
    for key in b"W?a":
        terminal.visit(bytes([key]))
        terminal.leave()
    terminal.visit(b"\x10", "Connect an exchange")
    terminal.go(b"[red]", ESCAPE)
    terminal.leave()
    terminal.go(b"q")
    status = terminal.wait(30)
    assert status == 0, terminal.sent[-3000:].decode(errors="replace")
    return terminal.sent


def glance(terminal: HostileTerminal) -> bytes:
    """Every screen for a moment; what the terminal was sent."""
    terminal.see("tax year")
    terminal.go(b"w", b"y")
    terminal.visit(b"\r")
    terminal.visit(b"e", "› why")
    terminal.leave()
    for place in b"2345678vW?a":
        terminal.visit(bytes([place]))
        terminal.leave()
    terminal.visit(b"2")
    terminal.visit(b"\r", "Sell by hand")
    terminal.go(b"y")
    terminal.leave()
    terminal.visit(b"p", "Best set")
    terminal.go(b"p", b"q")
    status = terminal.wait(30)
    assert status == 0, terminal.sent[-3000:].decode(errors="replace")
    return terminal.sent


def _lots(terminal: HostileTerminal, names: int) -> None:
    terminal.go(b"w", b"l" * 12, b"h" * 12, b"y", b"Y", b"\x19")
    terminal.turn_pages(names // (ROWS - 8) + 2)
    terminal.go(b"g", b"g", b"*")
    terminal.turn_pages(3)
    terminal.go(b"g", b"g")
    terminal.visit(b"/", " / ")
    terminal.go(b"[red]")
    while " / " in "".join(line[:3] for line in terminal.lines()):
        terminal.go(ESCAPE)
    terminal.go(b"f", b"[b", ESCAPE, b"r", b"i")


def _planner(terminal: HostileTerminal) -> None:
    terminal.visit(b"p", "Best set")
    terminal.turn_pages(4)
    terminal.visit(b"m", "How much of", "Why mark it")
    terminal.go(ESCAPE, b"p")
    terminal.visit(b"P")
    terminal.go(b"n", b"[red]\\[/]", b"\r", b"d", b"\r")
    terminal.leave()
    terminal.go(b"C", ESCAPE)
    terminal.leave()


def _places(terminal: HostileTerminal, names: int) -> None:
    for place in b"2345678":
        terminal.visit(bytes([place]))
        terminal.turn_pages(names // (ROWS - 8) + 2)
        terminal.go(b"\t", b"\t", b"y", b"Y", b"]", b"]", b"[")
        terminal.leave()
    terminal.visit(b"3")
    terminal.go(b"z", ESCAPE, b"x", ESCAPE, b"r", ESCAPE)
    terminal.leave()
    terminal.visit(b"5")
    terminal.go(b"x", ESCAPE, b"o", ESCAPE)
    terminal.leave()


def _exports(terminal: HostileTerminal) -> None:
    terminal.visit(b"2")
    terminal.visit(b"\r", "Sell by hand")
    terminal.go(b"y")
    terminal.visit(b"w", ".txt")
    terminal.go(b"\r")
    terminal.leave()
    terminal.visit(b"4", "parts,")
    terminal.go(b"y", b"e", ESCAPE)
    terminal.visit(b"x", ".csv")
    terminal.go(b"\r")
    terminal.leave()
