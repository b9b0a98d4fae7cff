"""The field a filter is typed in."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from harvest_tui.ui.widgets.lot_filter import MOST_TYPED


class FilterInput(Input):
    """One line; enter keeps what it says, escape clears it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,down", "keep", "Keep the filter", key_display="enter", id="filter.keep"),
        Binding("escape", "drop", "Clear the filter", key_display="esc", id="filter.drop"),
    ]

    class Done(Message):
        """The user is done typing."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, max_length=MOST_TYPED, select_on_focus=False, id="filter")
        self.cursor_blink = False

    def action_keep(self) -> None:
        """Back to the lots that are seen."""
        self.post_message(self.Done())

    def action_drop(self) -> None:
        """Back to all lots."""
        self.value = ""
        self.post_message(self.Done())
