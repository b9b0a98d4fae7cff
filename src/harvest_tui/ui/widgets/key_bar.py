"""One line of keys at the bottom. Ours, because Textual's Footer keeps memory with every refresh."""

from __future__ import annotations

from typing import NamedTuple

from textual import events
from textual.content import Content
from textual.widget import Widget


class Key(NamedTuple):
    """A key as it is drawn, what it does in a word, and the action a click on it runs."""

    key: str
    word: str
    action: str


class KeyBar(Widget):
    """The keys of the screen, most useful first; those that do not fit are left to the help screen."""

    def __init__(self, *keys: Key) -> None:
        super().__init__(classes="key-bar")
        self._keys = keys
        self._spans: list[tuple[int, int, str]] = []

    def render(self) -> Content:
        """As many keys as the width holds."""
        parts: list[str | tuple[str, str]] = [" "]
        self._spans = []
        x = 1
        for key in self._keys:
            width = len(key.key) + 1 + len(key.word)
            if x + width > self.size.width:
                break
            parts += [(key.key, "bold $soon"), f" {key.word}  "]
            self._spans.append((x, x + width, key.action))
            x += width + 2
        return Content.assemble(*parts)

    async def on_click(self, event: events.Click) -> None:
        """A click on a key is the key."""
        for start, end, action in self._spans:
            if start <= event.x < end:
                await self.screen.run_action(action)
