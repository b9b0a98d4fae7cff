"""The two clocks of a lot in words: what turning long-term changes, and what is lost with the year."""

from __future__ import annotations

from decimal import Decimal

from harvest_tui.core.harvest.clocks import Clocks
from harvest_tui.ui.format import count, day, money


def turning_words(clocks: Clocks) -> tuple[str, str]:
    """(what waiting for the long-term day costs or brings, the role it is drawn in)."""
    if clocks.is_long:
        return f"since {day(clocks.long_term_on)}: waiting changes nothing", "plain"
    turns = f"in {count(clocks.days_to_long, 'day')} ({day(clocks.long_term_on)})"
    brings = clocks.turning_brings
    if not brings:
        return f"{turns}: {'saves as much' if clocks.gain < 0 else 'the same tax'} then", "plain"
    if clocks.gain < 0:
        return f"{turns}: saves {money(abs(brings))} {'less' if brings < 0 else 'more'} then", "soon"
    less = f"{money(abs(brings))} {'less' if brings > 0 else 'more'} tax on its gain then"
    return f"{turns}: {less}", "soon"


def year_end_words(saved_now: Decimal, saved_next: Decimal | None = None) -> str:
    """What is lost once the tax year is over."""
    if saved_now < 0:
        return f"nothing is lost: a sale adds {money(abs(saved_now))} to this year's tax"
    if not saved_now:
        return "nothing is lost: it saves nothing this year"
    lost = f"{money(saved_now)} saved this year is lost"
    if saved_next is None:
        return lost
    return f"{lost}; next year it saves about {money(max(Decimal(0), saved_next))}"
