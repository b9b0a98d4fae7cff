"""Why a lot is what it is: its story from the first acquisition to today, down to the source rows."""

from __future__ import annotations

from textual import work
from textual.app import ComposeResult

from harvest_tui.core.lots.ledger import BasisGap, Disposal, Lot
from harvest_tui.errors import HarvestError
from harvest_tui.ui.format import clean
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.paragraph import Paragraph
from harvest_tui.ui.widgets.story_view import StoryView

LOADING = "Reading the history of this lot…"


class ExplanationScreen(LiveScreen):
    """The story is told beside the screen, and told anew when the facts have changed."""

    TITLE = "explanation"
    AUTO_FOCUS = "StoryView"

    def __init__(self) -> None:
        super().__init__()
        self.lot: Lot | Disposal | BasisGap | None = None
        """What is told of: a lot, or what an event took."""
        self._told: tuple[str, int] | None = None

    def compose(self) -> ComposeResult:
        """Title, story, keys."""
        yield Paragraph(classes="title-line")
        yield StoryView()
        yield KeyBar(
            Key("esc", "back", "app.back"),
            Key("pgdn", "read on", "page_down"),
            Key("?", "help", "app.help"),
            Key("q", "quit", "app.quit"),
        )

    def draw(self, frame: Frame) -> None:
        """Asks for the story where the lot or the facts are others than those it was told of."""
        lot = self.lot
        if lot is None:
            return
        title = f"harvest › why: {clean(lot.asset, 30)} in {clean(lot.account, 30)}"
        self.query_one(".title-line", Paragraph).show(title)
        wanted = (str(lot.lot_id if isinstance(lot, Lot) else lot.event_id), frame.facts_version)
        if wanted != self._told:
            is_other = self._told is None or self._told[0] != wanted[0]
            self._told = wanted
            self._load(wanted[0], is_other)

    def action_page_down(self) -> None:
        """Reads on."""
        self.query_one(StoryView).action_page_down()

    @work(group="story", exclusive=True)
    async def _load(self, lot_id: str, is_other: bool) -> None:
        from harvest_tui.core.story.telling import tell

        view = self.query_one(StoryView)
        if is_other:
            await view.tell(LOADING)
        try:
            explanation = await self.owner.session.explain(lot_id)
        except HarvestError as error:
            await view.tell(clean(f"{error.happened}. {error.hint}.", 400))
            return
        await view.show(tell(explanation))
