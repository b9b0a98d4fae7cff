"""One line of keys at the bottom. Ours, because Textual's Footer keeps memory with every refresh."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual import events
from textual.content import Content
from textual.widget import Widget

from harvest_tui.ui.widgets.quick_lines import QuickLines

if TYPE_CHECKING:
    from harvest_tui.ui.looks import Looks


class Key(NamedTuple):
    """A key as it is drawn, what it does in a word, and the action a click on it runs."""

    key: str
    word: str
    action: str

    @property
    def width(self) -> int:
        """Cells it takes, and two that part it from the next."""
        return len(self.key) + len(self.word) + 3


MORE = Key("^p", "…", "app.command_palette")
"""Stands last where keys are left out: it leads to every action by name."""


class KeyBar(QuickLines, Widget):
    """The keys of the screen, most useful first; those that do not fit are behind the last one."""

    def __init__(self, *keys: Key) -> None:
        super().__init__(classes="key-bar")
        self._keys: Sequence[Key] = keys
        self._more = MORE
        self._spans: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        """Keys that the user chose are shown in place of ours."""
        looks: Looks | None = getattr(self.app, "looks", None)
        if looks is not None and looks.keys:
            from harvest_tui.ui.keymap import places_of, shown_as

            places = places_of(type(self.screen))
            *self._keys, self._more = (
                key._replace(key=shown_as(key.key, places, looks.keys)) for key in (*self._keys, self._more)
            )

    def render(self) -> Content:
        """As many keys as the width holds."""
        parts: list[str | tuple[str, str]] = [" "]
        self._spans = []
        x = 1
        for key in self._fitting():
            parts += ["  " if x > 1 else "", (key.key, "bold $soon"), f" {key.word}"]
            self._spans.append((x, x + key.width - 2, key.action))
            x += key.width
        return Content.assemble(*parts)

    def _fitting(self) -> list[Key]:
        room = self.size.width + 1
        if sum(key.width for key in self._keys) <= room:
            return list(self._keys)
        fitting: list[Key] = []
        room -= self._more.width
        for key in self._keys:
            if key.width > room:
                break
            fitting.append(key)
            room -= key.width
        return [*fitting, self._more]

    async def on_click(self, event: events.Click) -> None:
        """A click on a key is the key, for whatever around the bar knows what to do."""
        for start, end, action in self._spans:
            if start <= event.x < end:
                verb = f"action_{action.partition('(')[0]}"
                owner = next((node for node in self.ancestors if hasattr(node, verb)), self.screen)
                await self.app.run_action(action, owner)
