"""An input that never echoes, for keys and secrets, which may be several lines long."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

_BEGIN, _END = "-----BEGIN", "-----END"


class SecretInput(Input):
    """Takes a whole paste, line breaks included (a PEM key); can neither be copied nor cut."""

    def __init__(self, *, id: str, placeholder: str) -> None:
        super().__init__(id=id, placeholder=placeholder, password=True, compact=True)

    def take(self) -> str:
        """The secret without blanks around it, with the line breaks of a PEM restored."""
        text = self.value.strip()
        return text.replace("\\n", "\n") if _BEGIN in text else text

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        if _BEGIN not in text:
            text = "".join(text.split("\n"))
        self.insert_text_at_cursor(text)

    async def action_submit(self) -> None:
        """Enter goes on, except inside a PEM that a terminal types line by line."""
        if _BEGIN in self.value and _END not in self.value:
            self.insert_text_at_cursor("\n")
            return
        await super().action_submit()

    def action_copy(self) -> None:
        """A secret does not go to the clipboard."""

    def action_cut(self) -> None:
        """A secret does not go to the clipboard."""
