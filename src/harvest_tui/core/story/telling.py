"""The whole story of an explanation, and what of it is not proven."""

from __future__ import annotations

from harvest_tui.core.lots.explanation import Doubt, DoubtKind, Explanation
from harvest_tui.core.story.lot_story import lot_sections
from harvest_tui.core.story.take_story import take_sections
from harvest_tui.core.story.wording import Section, Teller, amount

_SENTENCES = {
    DoubtKind.NO_ORIGIN: "{what} came in with {event}, and no row tells when and for what it was bought. Import what"
    " brought it in, or record an assumption.",
    DoubtKind.NO_VALUE: "No row and no past price tells what {what} was worth at {event}.",
    DoubtKind.NO_FEE_VALUE: "Nobody told what the fee of {event} ({what}) was worth; it is left out.",
    DoubtKind.NO_BASIS: "The basis of {what} from {event} is unknown, so its gain is too.",
    DoubtKind.GAP: "{event} took {what} that no lot covers: its purchase is missing.",
    DoubtKind.NO_DESTINATION: "Where {event} went is not known; if it paid for something, it was a disposal.",
    DoubtKind.ASSUMED: "{event} is an assumption of yours, not a record.",
    DoubtKind.ASSUMED_DOLLAR: "The price used at {event} takes a stablecoin as one dollar.",
    DoubtKind.DAY_PRICE: "The price used at {event} is that of the whole day; no hourly one is known.",
    DoubtKind.PAIRED_BY_AMOUNT: "That {event} and the deposit are one move follows from coin, amount and time alone.",
    DoubtKind.NAMED_SHORT: "{event} names {what} of a lot that did not have them; other lots were used.",
    DoubtKind.YEAR_IN_UTC: "{event} falls into another tax year by the UTC date than by yours.",
    DoubtKind.TERM_IN_UTC: "{event} has another term by the UTC dates than by yours.",
}


_ALL_PROVEN = "Nothing. Every step is told by a source row, and every value by a row or a past price named above."

_FIGURES = "Quantities are exact. Dollars are rounded here, so a sum may seem a cent off: --json has every digit."


def tell(explanation: Explanation) -> tuple[Section, ...]:
    """The story, section by section, in plain text that holds outside text as it is."""
    teller = Teller(explanation.zone, explanation.sources)
    sections = [section for lot in explanation.lots for section in lot_sections(lot, teller)]
    sections += [section for take in explanation.takes for section in take_sections(take, teller)]
    doubts = tuple(sentence(doubt) for doubt in explanation.doubts)
    sections.append(Section("What is not proven", doubts or (_ALL_PROVEN,)))
    return (*sections, Section("Figures", (_FIGURES,)))


def sentence(doubt: Doubt) -> str:
    """The doubt as a sentence."""
    what = "the units" if doubt.amount is None else amount(doubt.amount)
    return _SENTENCES[doubt.kind].format(what=what, event=doubt.event_id)
