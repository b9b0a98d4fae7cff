"""What is asked on the harvests screen and done about it: revoke, tell, wait, offer, evidence, copy, write."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on, work
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel

from harvest_tui.core.identification.rebuy import NO_WAIT
from harvest_tui.core.identification.verdict import Verdict
from harvest_tui.core.identification.waiting import HOW as WAITS
from harvest_tui.core.identification.waiting import read_wait, wait_words
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.records import AccountId, Asset
from harvest_tui.errors import HarvestError, InputError
from harvest_tui.ui.format import clean
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.screens.ticket import show_ticket
from harvest_tui.ui.widgets.illiquid_lines import HOW as OFFERS
from harvest_tui.ui.widgets.illiquid_lines import Illiquid, read_offer
from harvest_tui.ui.widgets.prompt_line import PromptLine
from harvest_tui.ui.widgets.rebuy_lines import Return, risk_words

if TYPE_CHECKING:
    from harvest_tui.session.harvesting import Harvesting


class _Revoke(NamedTuple):
    """A reason is asked for."""

    record: int


class _Tell(NamedTuple):
    """A yes is asked for."""

    record: int
    account: AccountId


class _Wait(NamedTuple):
    """A time is asked for."""

    asset: Asset


class _Offer(NamedTuple):
    """A price and a cost are asked for."""

    lot: Lot


class _Evidence(NamedTuple):
    """Buyer and transaction are asked for."""

    lot: Lot


class _Write(NamedTuple):
    """The name of a new file is asked for."""

    text: str


class _Export(NamedTuple):
    """The name of a new file for all records is asked for."""


class HarvestAsking(LiveScreen):
    """Every answer goes to the session beside the screen; what it refuses is told in its own words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy what the line under the cursor tells", id="harvests.copy"),
        Binding("w", "write", "Write it into a new file", id="harvests.write"),
        Binding("E", "export", "Write every record into a new file, for harvest-tui verify", id="harvests.export"),
        Binding("e", "explain_here", "The whole story of the lot, or of the sale that took it", id="harvests.explain"),
        Binding("X", "revoke", "Take back what is left of the record", id="harvests.revoke"),
        Binding("i", "told", "The venue has the instruction: keep that", id="harvests.told"),
        Binding("W", "wait", "How long to wait before the asset is bought back", id="harvests.wait"),
        Binding("o", "offer", "What a buyer would pay, and what the disposal costs", id="harvests.offer"),
        Binding("b", "evidence", "Keep who bought it, in which transaction", id="harvests.evidence"),
    ]

    @property
    @abstractmethod
    def here(self) -> Verdict | Return | Illiquid | None:
        """What is under the cursor."""

    @property
    @abstractmethod
    def lot_here(self) -> Lot | None:
        """What the line under the cursor can tell a story of."""

    @property
    @abstractmethod
    def text_here(self) -> tuple[str, str]:
        """The line under the cursor as text, and the name of a file for it."""

    @abstractmethod
    def focus_again(self) -> None:
        """Back to the list."""

    @abstractmethod
    def changed(self) -> None:
        """Something was done: what is shown may be another."""

    @property
    def harvesting(self) -> Harvesting | None:
        """Records and verdicts, once the session is open."""
        try:
            return self.owner.session.harvesting
        except InputError:
            return None

    # Keys.

    def action_copy(self) -> None:
        """Hands the text to the terminal's clipboard (OSC 52)."""
        text, _ = self.text_here
        if text:
            self.app.copy_to_clipboard(text)
            self.tell("Copied: " + text.split("\n", 1)[0])

    def action_write(self) -> None:
        """Asks for a name."""
        text, name = self.text_here
        if text:
            self._prompt.ask("Write this into which new file?", _Write(text), text=name)

    def action_export(self) -> None:
        """Asks for the name of a file for the whole chain of records."""
        words = "Write every record into which new file? harvest-tui verify FILE checks it anywhere."
        self._prompt.ask(words, _Export(), text="harvest-records.jsonl")

    def action_explain_here(self) -> None:
        """Opens the story."""
        from harvest_tui.ui.screens.explanation import ExplanationScreen

        lot, screen = self.lot_here, self.app.get_screen("explanation")
        if lot is not None and isinstance(screen, ExplanationScreen):
            screen.lot = lot
            self.app.push_screen("explanation")
        elif self.here is not None:
            self.tell("There is no story to tell yet.")

    def on_row_view_chosen(self) -> None:
        """The ticket of the record."""
        here, harvesting = self.here, self.harvesting
        number = here.record if isinstance(here, Verdict) else here.rebuy.record if isinstance(here, Return) else None
        if number is not None and harvesting is not None:
            self._open_ticket(harvesting, number)
        elif isinstance(here, Illiquid):
            self.action_offer()

    @work(group="ticket", exclusive=True, exit_on_error=False)
    async def _open_ticket(self, harvesting: Harvesting, number: int) -> None:
        found = [one for one in await harvesting.records() if one.number == number]
        if found:
            await show_ticket(self.app, harvesting, found[0])

    def action_revoke(self) -> None:
        """Asks why."""
        here = self.here
        if not isinstance(here, Verdict):
            self.tell("X is for a line of the verdicts: it takes back what is left of that record.")
        elif not here.left and not here.lost:
            self.tell(f"Nothing of record {here.record} is left to take back on this line.")
        else:
            words = f"Take back, from now on, what is left of record {here.record}? It stays in the chain. Why?"
            self._prompt.ask(words, _Revoke(here.record), hint="a reason, kept for good; esc leaves it")

    def action_told(self) -> None:
        """Asks for a yes."""
        here = self.here
        if not isinstance(here, Verdict):
            self.tell("i is for a line of the verdicts: it keeps that the venue has the instruction.")
            return
        words = f"Keep that {here.lot.account} has the instruction of record {here.record} from now on?"
        self._prompt.ask(words, _Tell(here.record, here.lot.account), hint="enter keeps it, esc does not")

    def action_wait(self) -> None:
        """Asks how long, with what the price may do meanwhile."""
        here = self.here
        if not isinstance(here, Return):
            self.tell("W is for a line of the way back: tab goes there.")
            return
        asset, wait = here.rebuy.asset, here.rebuy.wait
        words = f"How long to wait before {asset} is bought back? Now {wait_words(wait)}. Risk: {risk_words(here)}"
        self._prompt.ask(words, _Wait(asset), hint=WAITS)

    def action_offer(self) -> None:
        """Asks what somebody would pay."""
        here = self.here
        if not isinstance(here, Illiquid):
            self.tell("o is for a line without a market: tab goes there.")
            return
        words = f"What would an unrelated buyer pay for {here.lot.asset} in {here.lot.account}, all of it?"
        self._prompt.ask(words, _Offer(here.lot), hint=OFFERS)

    def action_evidence(self) -> None:
        """Asks who bought it."""
        here = self.here
        if not isinstance(here, Illiquid):
            self.tell("b is for a line without a market: tab goes there.")
            return
        words = f"Who bought {here.lot.asset}, and in which transaction?"
        self._prompt.ask(words, _Evidence(here.lot), hint="buyer, transaction id, day", text=here.told.evidence)

    # Answers.

    @property
    def _prompt(self) -> PromptLine:
        return self.query_one(PromptLine)

    @on(PromptLine.Left)
    def _left(self) -> None:
        self.focus_again()

    @on(PromptLine.Answered)
    def _answered(self, event: PromptLine.Answered) -> None:
        harvesting = self.harvesting
        if harvesting is None:
            return
        try:
            verb, said = _verb_of(harvesting, event.about, event.text.strip())
        except InputError as error:
            self._prompt.refuse(f"{error.happened}: {error.hint}")
        else:
            self._do(verb, said)

    @work(group="harvests", exclusive=True, exit_on_error=False)
    async def _do(self, verb: Callable[[], Awaitable[object]], said: str) -> None:
        try:
            await verb()
        except InputError as error:
            self._prompt.refuse(f"{error.happened}: {error.hint}")
            return
        except HarvestError as error:
            self.tell(f"{error.happened}. {error.hint}", severity="error")
        else:
            self.tell(said)
        self._prompt.close()
        self.focus_again()
        self.changed()

    def tell(self, words: str, *, severity: SeverityLevel = "information") -> None:
        """A note at the edge of the screen, as literal text."""
        self.app.notify(clean(words, 300), markup=False, severity=severity, timeout=6)


def _verb_of(harvesting: Harvesting, about: object, text: str) -> tuple[Callable[[], Awaitable[object]], str]:
    """What an answer asks to be done, and what to say once it is. Raises InputError where it makes no sense."""
    if isinstance(about, _Revoke):
        if not text:
            raise InputError("a reason is asked for", "write a few words, or esc")
        return lambda: harvesting.revoke(about.record, text), f"What was left of record {about.record} is taken back."
    if isinstance(about, _Tell):
        return lambda: harvesting.tell(about.record, [about.account]), f"Kept: {about.account} has the instruction."
    if isinstance(about, _Wait):
        wait = read_wait(text)
        said = f"waits {wait_words(wait)}" if wait > NO_WAIT else "may be bought back at once"
        return lambda: harvesting.set_wait(about.asset, wait), f"{about.asset} {said}."
    if isinstance(about, _Offer):
        offer = read_offer(text)
        return lambda: harvesting.offers.offer(about.lot.lot_id, offer), f"The offer for {about.lot.asset} is kept."
    if isinstance(about, _Evidence):
        return lambda: harvesting.offers.evidence(about.lot.lot_id, text), "The evidence is kept with the lot."
    if not text:
        raise InputError("no name is written", "write one, or esc")
    path = Path(text).expanduser()
    if isinstance(about, _Export):
        return lambda: harvesting.export(path), f"Written: {path}"
    assert isinstance(about, _Write)
    return lambda: _write(path, about.text), f"Written: {path}"


async def _write(path: Path, text: str) -> None:
    from harvest_tui.session.harvesting import write_new

    await write_new(path, text.encode())
