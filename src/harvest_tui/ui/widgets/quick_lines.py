"""QuickLines: lines kept as they go to the terminal, so that a paint costs what changed and not what is in view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from rich.style import Style as RichStyle
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.style import Style

if TYPE_CHECKING:
    from textual.widget import Widget
else:
    Widget = object  # Textual takes styles over from the first base that is a widget


class QuickLines(Widget):
    """Stands before the widget it is mixed into. Textual asks every widget for all its lines at each paint; here those
    that did not change are told from memory.

    Where there is a border or padding the lines are made in Textual's own way, all together.
    """

    _kept_lines: dict[int, Strip] | None = None
    _kept_whole: tuple[Region, list[Strip]] | None = None
    _ground: tuple[RichStyle, Color] | None = None
    """What a line is filled up with, and the colour that filters are told."""
    _kept_for: tuple[Size, str, Style, Sequence[LineFilter]] | None = None

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Forgets the lines that are to be drawn anew."""
        kept, self._kept_whole = self._kept_lines, None
        if kept and regions:
            for region in regions:
                for y in region.line_range:
                    kept.pop(y, None)
        else:
            self._kept_lines = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Every line looks otherwise now."""
        super().notify_style_update()
        self._kept_lines = self._ground = None
        self.forget_styles()

    def forget_styles(self) -> None:
        """Other colours: what a subclass knows of them is out of date."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines in view, those that changed made anew."""
        size, filters, kept = self.outer_size, self.get_line_filters(), self._kept_lines
        looks = size, self.app.theme, self.visual_style, filters
        if kept is None or self._kept_for != looks:
            if self._kept_for is None or self._kept_for[1:3] != looks[1:3]:
                self.forget_styles()
            kept, self._kept_for, self._kept_whole, self._ground = {}, looks, None, None
            self._kept_lines = kept
        if self._kept_whole is None or self._kept_whole[0] != crop:
            self._kept_whole = crop, self._made_lines(crop, kept, filters)
        return self._kept_whole[1]

    def _made_lines(self, crop: Region, kept: dict[int, Strip], filters: Sequence[LineFilter]) -> list[Strip]:
        if self.styles.gutter:
            return super().render_lines(crop)
        width = self.outer_size.width
        missing = [y for y in crop.line_range if y not in kept]
        if missing:
            if self._ground is None:
                base, background = self.background_colors
                self._ground = Style(background=base + background).rich_style, background
            filling, background = self._ground
            height = self.size.height
            for y in missing:
                line = self.render_line(y) if y < height else Strip([])
                line = line.adjust_cell_length(width, filling)
                for each in filters:
                    line = line.apply_filter(each, background)
                kept[y] = line
        lines = [kept[y] for y in crop.line_range]
        if crop.column_span != (0, width):
            return [line.crop(*crop.column_span) for line in lines]
        return lines
