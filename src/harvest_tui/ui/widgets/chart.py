"""Charts: exact figures become characters in plotext, whose one door this is. Floats begin and end here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

from rich.text import Text
from textual.widget import Widget

if TYPE_CHECKING:
    from textual_plotext import Plot

    from harvest_tui.ui.looks import Looks

LEAST_COLUMNS, LEAST_ROWS = 20, 5
"""Less room than that draws nothing: the sentence above the chart tells the figures anyway."""
_FRAME = 1


class Mark(Enum):
    """A sign of the chart: as a terminal with every letter shows it, and as a plain one does."""

    LINE = ("braille", "*")
    DASH = ("╌", "-")
    LEVEL = ("─", "-")
    DEEP_LEVEL = ("═", "=")
    FEW = ("·", ".")
    SOME = ("░", ":")
    MANY = ("▒", "x")
    RISE = ("█", "#")
    FALL = ("▒", "x")
    POINT = ("●", "o")
    BEST = ("▼", "v")
    UPRIGHT = ("┊", "|")


class Curve(NamedTuple):
    """Points in order; with `is_joined` they are joined by straight lines."""

    xs: Sequence[Decimal | int]
    ys: Sequence[Decimal | int]
    mark: Mark
    role: str
    is_joined: bool = False


class Label(NamedTuple):
    """Words of ours beside a point; `align` says on which side of the point they end."""

    text: str
    x: Decimal | int
    y: Decimal | int
    role: str
    align: Literal["left", "center", "right"] = "left"


class Drawing(NamedTuple):
    """What is drawn, later curves over earlier ones. Ticks are (value, label), and no text in it is from outside."""

    x_range: tuple[Decimal | int, Decimal | int]
    y_range: tuple[Decimal | int, Decimal | int]
    x_ticks: Sequence[tuple[Decimal | int, str]]
    y_ticks: Sequence[tuple[Decimal | int, str]]
    curves: Sequence[Curve]
    labels: Sequence[Label] = ()


class Canvas(NamedTuple):
    """The whole chart in cells; a painter takes the room of its own labels off."""

    columns: int
    rows: int

    def inner(self, y_ticks: Sequence[tuple[object, str]]) -> Canvas:
        """The cells that points fall into, beside labels and axes."""
        widest = max((len(label) for _, label in y_ticks), default=0)
        return Canvas(self.columns - widest - _FRAME, self.rows - 2 * _FRAME)


Painter = Callable[[Canvas], Drawing]
_PLAIN_SIGNS = str.maketrans(
    dict(zip("┌┐└┘─│┤├┬┴┼−", "++++-|+++++-", strict=True))
    | {"▲": "^"}
    | dict(mark.value for mark in Mark if mark != Mark.LINE)
)


def load_library() -> None:
    """Imports what draws; it takes a moment, so that a thread had better do it."""
    import textual_plotext  # noqa: F401


class Chart(Widget):
    """Draws what its painter says for the room there is. Drawn anew only for another painter, size or theme."""

    DEFAULT_CSS = """
    Chart { height: 1fr; width: 1fr; }
    Chart > .chart--plain { color: $foreground; }
    Chart > .chart--title { color: $primary; }
    Chart > .chart--muted { color: $muted; }
    Chart > .chart--gain { color: $gain; }
    Chart > .chart--loss { color: $loss; }
    Chart > .chart--soon { color: $soon; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"chart--{role}" for role in ("plain", "muted", "gain", "loss", "soon", "title")
    }

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.is_plain = False
        self.drawings = 0
        """How often something was drawn: what standing still costs, counted."""
        self._painter: Painter | None = None
        self._drawn: tuple[tuple[int, int], Text] | None = None

    def on_mount(self) -> None:
        """Asks what the terminal can show."""
        looks: Looks | None = getattr(self.app, "looks", None)
        self.is_plain = looks is not None and looks.is_ascii

    def show(self, painter: Painter | None) -> None:
        """Takes what is to be drawn from now on."""
        self._painter, self._drawn = painter, None
        self.refresh()

    def notify_style_update(self) -> None:
        """The theme changed: the colours are others."""
        super().notify_style_update()
        self._drawn = None

    def render(self) -> Text:
        """The chart as text, of which no part is from outside."""
        size = (self.size.width, self.size.height)
        if self._painter is None or size[0] < LEAST_COLUMNS or size[1] < LEAST_ROWS:
            return Text()
        if self._drawn is None or self._drawn[0] != size:
            self.drawings += 1
            self._drawn = (size, self._text(self._painter(Canvas(*size)), size))
        return self._drawn[1]

    def _text(self, drawing: Drawing, size: tuple[int, int]) -> Text:
        built = self._plot(drawing, size).build()
        return Text.from_ansi(built.translate(_PLAIN_SIGNS) if self.is_plain else built, no_wrap=True, end="")

    def _plot(self, drawing: Drawing, size: tuple[int, int]) -> Plot:
        from textual_plotext import Plot

        plot = Plot()
        plot._set_size(*size)
        muted = self._colour("muted")
        plot.canvas_color("default")
        plot.axes_color("default")
        plot.ticks_color(muted)
        plot.xaxes(True, False)
        plot.yaxes(True, False)
        plot.xlim(*map(float, drawing.x_range))
        plot.ylim(*map(float, drawing.y_range))
        plot.xticks([float(value) for value, _ in drawing.x_ticks], [label for _, label in drawing.x_ticks])
        plot.yticks([float(value) for value, _ in drawing.y_ticks], [label for _, label in drawing.y_ticks])
        # Ticks are drawn only where something is: a point outside the picture sees to it.
        plot.scatter([float(drawing.x_range[0])], [float(drawing.y_range[0])], marker=" ", color="default")
        for curve in drawing.curves:
            self._draw(plot, curve)
        for label in drawing.labels:
            x, y, colour = float(label.x), float(label.y), self._colour(label.role)
            plot.text(label.text, x, y, color=colour, alignment=label.align)
        return plot

    def _draw(self, plot: Plot, curve: Curve) -> None:
        marker = curve.mark.value[self.is_plain]
        draw = plot.plot if curve.is_joined else plot.scatter
        draw(list(map(float, curve.xs)), list(map(float, curve.ys)), marker=marker, color=self._colour(curve.role))

    def _colour(self, role: str) -> str | tuple[int, int, int]:
        """The colour of a role in this theme; none where the theme sends none."""
        colour = self.get_component_rich_style(f"chart--{role}").color
        if colour is None or colour.is_default or colour.triplet is None:
            return "default"
        red, green, blue = colour.triplet
        return red, green, blue
