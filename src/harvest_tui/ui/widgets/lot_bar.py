"""The line below the lots: what is asked for and what is seen of it. It is there only while it has something to say."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from harvest_tui.ui.format import clean, count, signed, tint_of
from harvest_tui.ui.widgets.lot_table import Summary

Part = str | tuple[str, str]
HINT = "btc  short  loss>500  days<30  !kraken"


class BarText(Widget):
    """The words of the line."""

    def __init__(self) -> None:
        super().__init__(id="lot-bar-text")
        self._content = Content()

    def show(self, content: Content) -> None:
        """Takes new words; repaints only if they read differently."""
        if content != self._content:
            is_as_wide = content.cell_length == self._content.cell_length
            self._content = content
            self.refresh(layout=not is_as_wide)

    def render(self) -> Content:
        """The words."""
        return self._content


class LotBar(Widget):
    """Filter, totals and grouping in one line; a field to type in while the user types."""

    class Typed(Message):
        """The text of the filter as it stands."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The user is done typing."""

    def __init__(self, summary: Summary) -> None:
        super().__init__(id="lot-bar")
        self._is_typing = False
        self._summary = summary
        self.display = self._is_needed

    def compose(self) -> ComposeResult:
        """The words; the field is made when it is first asked for, to keep it out of the start."""
        yield BarText()

    def on_mount(self) -> None:
        """The first words."""
        self._show()

    @property
    def _is_needed(self) -> bool:
        told = self._summary
        return self._is_typing or bool(told.chosen.text or told.group) or told.jump is not None

    def draw(self, summary: Summary) -> None:
        """Takes what is seen now; nothing is drawn where it reads the same."""
        if summary != self._summary:
            self._summary = summary
            self._show()

    async def ask(self) -> None:
        """Opens the field with the filter there is."""
        from harvest_tui.ui.widgets.filter_input import FilterInput

        if not self.query(FilterInput):
            await self.mount(FilterInput(placeholder=HINT), before=0)
        field = self.query_one(FilterInput)
        with field.prevent(FilterInput.Changed):
            field.value = self._summary.chosen.text
        self._is_typing = field.display = True
        self._show()
        field.focus()

    def on_input_changed(self, event: Message) -> None:
        """Every letter is a wish."""
        from harvest_tui.ui.widgets.filter_input import FilterInput

        event.stop()
        self.post_message(self.Typed(self.query_one(FilterInput).value))

    def on_filter_input_done(self, event: Message) -> None:
        """The field goes; the words stay where there is a filter."""
        from harvest_tui.ui.widgets.filter_input import FilterInput

        event.stop()
        self._is_typing = self.query_one(FilterInput).display = False
        self._show()
        self.post_message(self.Left())

    def _show(self) -> None:
        is_needed = self.display = self._is_needed
        if is_needed and self.is_mounted:
            self.query_one(BarText).show(Content.assemble(*self._parts()))

    def _parts(self) -> list[Part]:
        told = self._summary
        parts: list[Part] = []
        if told.jump is not None:
            parts += [(" f ", "bold $soon"), (clean(told.jump, 20) or "letters an asset begins with", "bold")]
            parts += ["  "] if told.has_jumped or not told.jump else [("  none begins so  ", "$loss")]
        if told.chosen.text and not self._is_typing:
            parts += [(" / ", "bold $soon"), (clean(told.chosen.text, 40), "bold"), "  "]
        if told.chosen.remark:
            parts += [(f" {clean(told.chosen.remark, 44)} ", "$loss")]
            if self._is_typing:
                return parts
        parts += self._seen()
        if told.is_sort_pending and not self._is_typing:
            parts += [("  r", "bold $soon"), (" sorts", "$muted")]
        return parts

    def _seen(self) -> list[Part]:
        told = self._summary
        seen = told.seen
        amount = f"{seen.lots:,} of {count(told.lots, 'lot')}" if told.chosen.conditions else count(seen.lots, "lot")
        parts: list[Part] = [f" {amount}"]
        if told.group:
            parts += [(f" by {told.group}", "bold")]
        if not seen.lots:
            return parts
        figure = None if seen.is_unpriced or not seen.known_quantity else seen.unrealized
        parts += [(", unrealized ", "$muted"), (signed(figure), tint_of(figure, is_bold=True))]
        if seen.unpriced and not seen.is_unpriced:
            parts += [(f", {seen.unpriced:,} without price", "$soon")]
        if seen.lacks_basis:
            parts += [(", some without basis", "$soon")]
        return parts
