"""A hand that only has a mouse: clicks on words it sees, turns the wheel."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len
from textual import events
from textual.app import App
from textual.pilot import Pilot

from support.on_screen import shown, until


class Mouse:
    """Clicks on what is on the screen of a running app."""

    def __init__(self, app: App[Any], pilot: Pilot[Any]) -> None:
        self.app, self.pilot = app, pilot

    def place_of(self, words: str, below: int = 0) -> tuple[int, int]:
        """The first cell of the words, column and line; fails where they are not to be seen."""
        for y, line in enumerate(shown(self.app)):
            if y >= below and words in line:
                return cell_len(line[: line.index(words)]), y
        raise AssertionError(f"{words!r} is not to be seen:\n" + "\n".join(shown(self.app)))

    def sees(self, words: str) -> bool:
        """Whether the words are on the screen."""
        return any(words in line for line in shown(self.app))

    async def see(self, words: str) -> None:
        """Waits until they are."""

        def is_seen() -> bool:
            tick = getattr(self.app, "tick", None)
            if tick is not None:
                tick()
            return words in " ".join(" ".join(shown(self.app)).split())

        await until(self.pilot, is_seen)

    async def click(self, words: str, times: int = 1, below: int = 0) -> None:
        """Clicks on the first letter of the words."""
        await self.pilot.click(offset=self.place_of(words, below), times=times)
        await self.pilot.pause()

    async def key(self, words: str) -> None:
        """Clicks on an entry of the line of keys."""
        await self.click(words, below=len(shown(self.app)) - 1)

    async def turn(self, at: tuple[int, int], lines: int) -> None:
        """Turns the wheel."""
        kind = events.MouseScrollDown if lines > 0 else events.MouseScrollUp
        for _ in range(abs(lines)):
            await self.pilot._post_mouse_events([kind], offset=at)
        await self.pilot.pause()

    async def command(self, title: str, more: str = "^p …") -> None:
        """Opens the palette by its entry on the line of keys, and clicks on a command, however far down."""
        await self.key(more)
        await until(self.pilot, lambda: len(shown(self.app)) > 8 and self.sees("Keys, rights and syncs"))
        await self.pilot.pause()
        for _ in range(60):
            lines = shown(self.app)
            found = [y for y, line in enumerate(lines[:-1]) if line.strip(" ▁▂▃▄▅▆▇█▎▊") == title and y > 4]
            if found:
                await self.pilot.click(offset=(4, found[0]))
                await self.pilot.pause()
                return
            await self.turn((20, 12), 1)
        raise AssertionError(f"no command {title!r}:\n" + "\n".join(shown(self.app)))
