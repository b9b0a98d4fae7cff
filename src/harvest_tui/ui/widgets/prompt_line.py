"""One line that asks for a word: a part of a lot, a reason, a confirmation."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from harvest_tui.ui.format import clean
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.paragraph import Paragraph


class PromptLine(Widget):
    """Hidden until it asks. Enter answers, escape leaves; what is refused stays to be mended."""

    DEFAULT_CSS = """
    PromptLine { layout: vertical; height: auto; background: $surface; display: none; }
    PromptLine #prompt-words { padding: 0 1; color: $soon; }
    PromptLine #prompt-row { height: 1; }
    PromptLine .key-bar { width: 18; background: $surface; }
    PromptLine Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $cursor; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave it", key_display="esc", id="prompt.leave"),
    ]

    class Answered(Message):
        """Enter was pressed; `about` is what the question was asked for."""

        def __init__(self, about: object, text: str) -> None:
            super().__init__()
            self.about, self.text = about, text

    class Left(Message):
        """Escape was pressed."""

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self._about: object = None

    def compose(self) -> ComposeResult:
        """What is asked, then the field."""
        yield Paragraph(id="prompt-words")
        with Horizontal(id="prompt-row"):
            yield Input(id="prompt-field", compact=True)
            yield KeyBar(Key("enter", "ok", "submit"), Key("esc", "no", "leave"))

    @property
    def is_asking(self) -> bool:
        """Whether it waits for an answer."""
        return bool(self.display)

    def ask(self, words: str, about: object, *, hint: str = "", text: str = "") -> None:
        """Asks; `about` comes back with the answer."""
        self._about = about
        self.display = True
        self.query_one("#prompt-words", Paragraph).show(clean(words, 600))
        field = self.query_one(Input)
        field.placeholder, field.value = hint, text
        field.focus()

    def refuse(self, words: str) -> None:
        """Says what is wrong; the answer stays to be mended."""
        self.query_one("#prompt-words", Paragraph).show((clean(words, 600), "$loss"))

    def close(self) -> None:
        """No longer asks."""
        self.display = False
        self._about = None

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hands the answer on."""
        event.stop()
        self.post_message(self.Answered(self._about, event.value))

    async def action_submit(self) -> None:
        """As enter does."""
        await self.query_one(Input).action_submit()

    def action_leave(self) -> None:
        """Nothing was answered."""
        self.close()
        self.post_message(self.Left())
