"""Connecting an exchange: which one, what to call it, and a key that can only read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Checkbox, Input, OptionList
from textual.worker import Worker, WorkerState

from harvest_tui.core.records import Account
from harvest_tui.errors import HarvestError, KeyTooPowerful
from harvest_tui.ui.format import clean
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.paragraph import Paragraph
from harvest_tui.ui.widgets.secret_input import SecretInput


@dataclass(frozen=True, slots=True)
class Offer:
    """An exchange one can connect, and what its key needs."""

    exchange: str
    title: str
    rights: str
    key: str = "API key"
    secret: str = "secret"


OFFERS = (
    Offer(
        "kraken",
        "Kraken",
        "Settings, API: tick Query Funds, Query Ledger Entries and Query Closed Orders & Trades. Nothing else: "
        "no withdrawing, no orders.",
        secret="private key",
    ),
    Offer(
        "coinbase",
        "Coinbase",
        "Developer platform, secret API keys, ECDSA: tick View alone. Paste the whole private key, from "
        "-----BEGIN to END-----.",
        key="key name",
        secret="private key (PEM)",
    ),
    Offer("binance", "Binance", "API management: Enable Reading alone; restrict it to your address if you can."),
    Offer("binanceus", "Binance.US", "API management: Enable Reading alone; restrict it to your address if you can."),
)


class AddAccountScreen(LiveScreen):
    """A form of four lines. What is typed as key and secret is never shown and is forgotten when done."""

    TITLE = "add account"
    CSS_PATH = "../styles/add_account.tcss"
    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "connect", "Connect", id="add_account.connect")]

    def compose(self) -> ComposeResult:
        """Title, form, result, keys."""
        yield Paragraph("harvest › add account", classes="title-line")
        with VerticalScroll(id="form", can_focus=False):
            yield OptionList(*(offer.title for offer in OFFERS), id="exchange", markup=False, compact=True)
            yield Paragraph(id="rights", classes="message")
            for name, label in (("name", "name"), ("key", "API key"), ("secret", "secret")):
                with Horizontal(classes="field"):
                    yield Paragraph(label, id=f"label-{name}", classes="label")
                    if name == "name":
                        yield Input(id=name, placeholder="what to call this account", compact=True)
                    else:
                        yield SecretInput(id=name, placeholder="paste it; it is not shown")
            yield Checkbox("Take this key although it can trade. One that can withdraw is never taken.", id="insist")
            yield Paragraph(id="result", classes="message")
        yield KeyBar(
            Key("esc", "back", "app.back"),
            Key("tab", "next field", "app.focus_next"),
            Key("^s", "connect", "screen.connect"),
        )

    def on_mount(self) -> None:
        """Kraken stands first."""
        self.query_one("#insist").display = False
        self.query_one(OptionList).highlighted = 0
        self._advise()

    def draw(self, frame: Frame) -> None:
        """Nothing here depends on the frame but whether one can connect at all."""
        if frame.is_read_only:
            self._say("Another harvest-tui holds the cache: close it, then connect here.", "bad")

    @property
    def offer(self) -> Offer:
        """The exchange under the cursor."""
        return OFFERS[self.query_one(OptionList).highlighted or 0]

    def _advise(self) -> None:
        self.query_one("#rights", Paragraph).show((f"{self.offer.title}: ", "bold"), self.offer.rights)
        self.query_one("#label-key", Paragraph).show(self.offer.key)
        self.query_one("#label-secret", Paragraph).show(self.offer.secret)

    def on_option_list_option_highlighted(self) -> None:
        """Says what this exchange's key needs."""
        self._advise()

    def on_option_list_option_selected(self) -> None:
        """Goes on to the name."""
        name = self.query_one("#name", Input)
        if not name.value:
            name.value = self.offer.exchange
        name.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes to the next field, and connects on the last."""
        if event.input.id == "secret":
            self.action_connect()
        else:
            self.focus_next()

    def action_connect(self) -> None:
        """Checks the form and reads the key's rights, beside the screen."""
        name = self.query_one("#name", Input).value.strip()
        key, secret = self.query_one("#key", SecretInput), self.query_one("#secret", SecretInput)
        fault = self._fault(name, key, secret)
        if fault:
            self._say(fault, "bad")
            return
        self._say("Reading what the key may do…", "")
        insists = self.query_one("#insist", Checkbox).value
        self._connect(name, key.take(), secret.take(), insists)

    @work(name="connect", group="connect", exclusive=True, exit_on_error=False)
    async def _connect(self, name: str, key: str, secret: str, insists: bool) -> Account:
        session = self.owner.session
        return await session.connect(self.offer.exchange, name, key, secret, allow_trade_key=insists)

    @work(group="sync", exit_on_error=False)
    async def _sync(self, account: Account) -> None:
        await self.owner.session.sync(account.account)

    def _fault(self, name: str, key: SecretInput, secret: SecretInput) -> str:
        frame = self.owner.frame
        if frame.is_read_only:
            return "Another harvest-tui holds the cache: close it, then connect here."
        if not name:
            return "Give the account a name."
        if name != clean(name, 40):
            return "The name has signs that cannot be shown, or is longer than 40."
        if any(account.account == name for account in frame.accounts):
            return f"There is an account called {name}: choose another name."
        if not key.take() or not secret.take():
            return f"Paste the {self.offer.key} and the {self.offer.secret}."
        return ""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tells how connecting went."""
        if event.worker.name != "connect":
            return
        event.stop()
        if event.state is WorkerState.SUCCESS and isinstance(event.worker.result, Account):
            self._succeeded(event.worker.result)
        elif event.state is WorkerState.ERROR:
            self._failed(event.worker.error)

    def _succeeded(self, account: Account) -> None:
        self.forget()
        may = "be able to do more than read" if account.rights == "unknown" else account.rights
        self._say(f"{account.account} is connected; its key may {may}. esc goes back to watch it sync.", "good")
        self._sync(account)

    def _failed(self, error: BaseException | None) -> None:
        if isinstance(error, HarvestError):
            self._say(f"{error.happened}. {error.hint}", "bad")
        else:
            self._say(f"It did not work ({type(error).__name__}). Nothing was stored; try again.", "bad")
        self.query_one("#insist").display = isinstance(error, KeyTooPowerful)

    def forget(self) -> None:
        """Empties the form."""
        for field in self.query(Input):
            field.value = ""
        self.query_one("#insist", Checkbox).value = False
        self.query_one("#insist").display = False

    def on_screen_suspend(self) -> None:
        """A secret does not wait on a screen nobody looks at."""
        for field in self.query(SecretInput):
            field.value = ""

    def _say(self, text: str, tone: str) -> None:
        result = self.query_one("#result", Paragraph)
        result.set_classes(f"message {tone}")
        result.show(clean(text, 600))
