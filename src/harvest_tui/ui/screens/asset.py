"""One asset on one page: what is held where, which lots a sale really uses up, and what time does to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from harvest_tui.core.records import Asset
from harvest_tui.errors import InputError
from harvest_tui.ui.format import age, clean, exact
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.asset_accounts import header, holding_line, holdings
from harvest_tui.ui.widgets.asset_page import AssetPage, Choices, assets_of, page_of, quote_of
from harvest_tui.ui.widgets.asset_rows import AssetRows
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.line_list import LineList
from harvest_tui.ui.widgets.paragraph import Paragraph, Part
from harvest_tui.ui.widgets.row_view import RowView

MANY = 4_000
"""The page of more lots is made beside the screen."""
NOTHING = ("", "Nothing is held yet.", "", "a   connects an exchange with a key that can only read")


class AccountLines(LineList):
    """The accounts, under titles that fit the width."""

    def take(self, page: AssetPage, frame: Frame) -> None:
        """Shows what each holds at the prices of the frame."""
        width = self.size.width or self.app.size.width
        stale = {account: old for (account, asset), old in frame.stale.items() if asset == page.asset}
        self._header = header(width)
        lines = [holding_line(one, width) for one in holdings(page, frame.portfolio, stale)]
        height = min(len(lines) + 1, max(3, self.app.size.height // 4))
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height
        self.show(lines)


class AssetScreen(LiveScreen):
    """Opens on the asset of the lot under the cursor of the monitor; prices stay live."""

    TITLE = "asset"
    AUTO_FOCUS = "#asset-rows"
    DEFAULT_CSS = """
    AssetScreen #asset-facts { padding: 0 1; color: $foreground; background: $surface; height: auto; max-height: 6; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_square_bracket", "asset(-1)", "Asset before", key_display="[", id="asset.before"),
        Binding("right_square_bracket", "asset(1)", "Next asset", key_display="]", id="asset.next"),
        Binding("v", "chart", "Its price, and its lots as levels", id="asset.chart"),
        Binding("e", "explain", "Why this lot: its whole story", id="asset.explain"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.asset: Asset | None = None
        self._from: Asset | None = None
        """What the monitor's cursor was on when this was opened; another choice of the user's holds until then."""
        self._page: AssetPage | None = None
        self._made_of: object = None

    def compose(self) -> ComposeResult:
        """Title, accounts, what time does, lots in order, what a sale up to the cursor is, keys."""
        yield Paragraph(classes="title-line")
        yield AccountLines(id="asset-accounts")
        yield Paragraph(id="asset-facts")
        yield AssetRows()
        yield Paragraph(classes="detail")
        yield KeyBar(
            Key("esc", "back", "app.back"),
            Key("[ ]", "other asset", "screen.asset(1)"),
            Key("enter", "its lots", "screen.lots"),
            Key("v", "chart", "screen.chart"),
            Key("e", "explain", "screen.explain"),
            Key("?", "help", "app.help"),
            Key("q", "quit", "app.quit"),
        )

    # What is shown.

    def on_screen_resume(self) -> None:
        """Takes the asset that the monitor's cursor is on."""
        from harvest_tui.ui.screens.monitor import MonitorScreen

        monitor = self.app.screen_stack[0]
        lot = monitor.table.lot_at(monitor.table.cursor) if isinstance(monitor, MonitorScreen) else None
        if lot is not None and lot.asset != self._from:
            self._from = self.asset = lot.asset
        super().on_screen_resume()

    def on_screen_suspend(self) -> None:
        """Left for good: the next time it opens on the asset under the cursor again."""
        if self not in self.app.screen_stack:
            self._from = None

    def draw(self, frame: Frame) -> None:
        """Makes the page anew where the facts or the choices are others, then draws it at the latest prices."""
        assets = assets_of(frame.portfolio)
        if self.asset not in assets:
            self.asset = assets[0] if assets else None
        rows, accounts = self.query_one(AssetRows), self.query_one(AccountLines)
        for widget in (accounts, self.query_one("#asset-facts"), self.query_one(".detail")):
            widget.display = self.asset is not None
        if self.asset is None:
            rows.empty = NOTHING
            self.query_one(".title-line", Paragraph).show("harvest › asset")
            rows.forget()
            return
        choices = self._choices()
        made_of = self.asset, frame.facts_version, frame.portfolio.tax_day, choices, frame.accounts
        if made_of != self._made_of:
            self._made_of = made_of
            orders = {account.account: account.lot_order for account in frame.accounts}
            make = partial(page_of, self.asset, frame.portfolio, orders, choices)
            if _lot_count(frame, self.asset) > MANY:
                self._make_beside(make)
            else:
                self._page = make()
        if self._page is None or self._page.asset != self.asset:
            self._page = AssetPage(self.asset)
        self._show(frame, self._page)

    @work(group="asset page", exclusive=True, exit_on_error=False)
    async def _make_beside(self, make: Callable[[], AssetPage]) -> None:
        self._page = await asyncio.to_thread(make)
        self._show(self.owner.frame, self._page)

    def _choices(self) -> Choices:
        try:
            told = self.owner.session.profile_watch.settings
        except InputError:
            return Choices(ZoneInfo("UTC"))
        return Choices(told.zone, told.scope, told.method, told.securities)

    def _show(self, frame: Frame, page: AssetPage) -> None:
        quotes = [quote_of(frame.portfolio, page.asset, group.account) for group in page.groups]
        prices = tuple(None if quote is None else quote.price for quote in quotes)
        self.query_one(".title-line", Paragraph).show(*self._title(frame, page))
        self.query_one("#asset-facts", Paragraph).show(*page.facts)
        self.query_one(AccountLines).take(page, frame)
        self.query_one(AssetRows).show(page, frame.portfolio.tax_day, prices)
        self._tell()

    def _title(self, frame: Frame, page: AssetPage) -> list[Part]:
        quote = quote_of(frame.portfolio, page.asset, None)
        parts: list[Part] = [f"harvest › {clean(page.asset, 40)}"]
        if quote is None:
            return [*parts, ("   no price is known", "$soon")]
        old = next((old for (_, asset), old in frame.stale.items() if asset == page.asset), "")
        parts.append((f"   {exact(quote.price)} USD", ""))
        parts.append((f"  {clean(quote.source, 40)}, {age(frame.now - quote.at)} ago", "$soon" if old else "$muted"))
        return parts

    def _tell(self) -> None:
        self.query_one(".detail", Paragraph).show(*self.query_one(AssetRows).sale_words())

    def on_row_view_moved(self, _: RowView.Moved) -> None:
        """Tells what a sale up to there uses up."""
        self._tell()

    # Wishes.

    async def on_row_view_chosen(self, _: RowView.Chosen) -> None:
        """Its lots on the monitor."""
        await self.action_lots()

    async def action_lots(self) -> None:
        """The monitor, with nothing but this asset."""
        from harvest_tui.ui.screens.monitor import MonitorScreen

        monitor = self.app.screen_stack[0]
        if self.asset is not None and isinstance(monitor, MonitorScreen):
            name = clean(self.asset, 40).replace('"', "")
            await self.run_action("app.open('lots')")
            monitor.table.filter_by(f'asset:"{name}"')

    def action_asset(self, step: int) -> None:
        """The asset before or after this one."""
        assets = assets_of(self.owner.frame.portfolio)
        if assets:
            here = assets.index(self.asset) if self.asset in assets else 0
            self.asset = assets[(here + step) % len(assets)]
            self.draw(self.owner.frame)

    async def action_chart(self) -> None:
        """The chart of its price."""
        from harvest_tui.ui.screens.charts import ChartsScreen

        screen = self.app.get_screen("charts")
        keys = [key for key in self.owner.frame.portfolio.positions if key[1] == self.asset]
        if keys and isinstance(screen, ChartsScreen):
            screen.position, screen.tab = keys[0], 0
            await self.run_action("app.open('charts')")

    def action_explain(self) -> None:
        """The story of the lot under the cursor."""
        from harvest_tui.ui.screens.explanation import ExplanationScreen

        lot, screen = self.query_one(AssetRows).lot, self.app.get_screen("explanation")
        if lot is not None and isinstance(screen, ExplanationScreen):
            screen.lot = lot
            self.app.push_screen(screen)


def _lot_count(frame: Frame, asset: Asset) -> int:
    return sum(one.lot_count for (_, held), one in frame.portfolio.positions.items() if held == asset)
