"""The wait before a rebuy as a person types it and reads it, and how far a price moves meanwhile."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from harvest_tui.core.harvest.volatility import Volatility
from harvest_tui.core.identification.rebuy import NO_WAIT, ONE_DAY, WASH_SALE
from harvest_tui.core.money import EXACT, ROUNDED, rounded
from harvest_tui.core.tax.wash_sales import WINDOW_DAYS
from harvest_tui.core.tax.year_table import known_years, year_table
from harvest_tui.errors import InputError

LONGEST = timedelta(days=366)
PRESETS = (NO_WAIT, ONE_DAY, WASH_SALE)
"""What is asked for most; any other time may be typed."""
HOW = "none, 24h, 31d, or any like 36h or 5d"
_NONE = frozenset({"none", "no", "0", "now"})
_WAIT = re.compile(r"([0-9]{1,4})\s?(h|hours?|d|days?|w|weeks?)", re.ASCII)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)


def read_wait(text: str) -> timedelta:
    """The wait that the words tell. Raises InputError where they tell none, or one of more than 366 days."""
    words = text.strip().lower()
    if words in _NONE:
        return NO_WAIT
    found = _WAIT.fullmatch(words)
    if found is None:
        raise InputError(f"not a time to wait: {text[:40]!r}", f"write {HOW}")
    wait = int(found[1]) * _UNITS[found[2][0]]
    if wait > LONGEST:
        raise InputError("a wait is none, or up to 366 days", f"write {HOW}")
    return wait


def wait_words(wait: timedelta) -> str:
    """`none`, `24 h`, `31 days`: the shortest that tells it all."""
    if wait <= NO_WAIT:
        return "none"
    hours, rest = divmod(int(wait.total_seconds()), 3600)
    if rest:
        return countdown(wait)
    days, over = divmod(hours, 24)
    return f"{hours} h" if over or days < 2 else f"{days} days"


def countdown(left: timedelta) -> str:
    """`30d 04h 12m`, in the last day `4h 12m`; it is never shown as over while something is left."""
    minutes = -(-int(left.total_seconds()) // 60) if left > NO_WAIT else 0
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}d {hours:02d}h {minutes:02d}m" if days else f"{hours}h {minutes:02d}m"


def law_words(year: int, is_security: bool) -> str:
    """Whether the law of a tax year asks for a wait before the asset is bought back."""
    years = known_years()
    rules = year_table(min(max(year, years[0]), years[-1])).digital_assets
    if not rules.wash_sale_rule_binds(is_security):
        return "Today's law asks for no wait on coins: IRC 1091 covers stock and securities."
    what = "It is a security" if is_security else "The wash-sale rule is about coins too"
    return f"{what}: IRC 1091 defers a loss where it is bought within {WINDOW_DAYS} days before or after the sale."


def typical_move(value: Decimal | None, moves: Volatility | None, time: timedelta = _DAY) -> Decimal | None:
    """One standard deviation of what the price does to `value` in that time, up or down, in US dollars to the cent.

    The variance grows with time (no drift, as in the trigger). None where value or volatility is unknown.
    """
    if value is None or moves is None:
        return None
    days = ROUNDED.divide(Decimal(time // _MICROSECOND), Decimal(_DAY // _MICROSECOND))
    deviation = ROUNDED.sqrt(ROUNDED.multiply(moves.daily_variance, days))
    return rounded(ROUNDED.multiply(EXACT.abs(value), deviation), 2)
