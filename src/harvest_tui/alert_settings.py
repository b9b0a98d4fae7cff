"""The `[alerts]` table of config.toml: what is told, and from where on. `false` turns a kind off.

[alerts]
net_benefit = 250             # US dollars that harvesting a position is worth, after tax and fees
loss = 3000                   # US dollars of loss that could be harvested in a position
loss_percent = "30%"          # or as a part of the position's value; without either of the two set here losses are
                              # only told as long as the profile has neither wages nor gains
loss_percent_from = 500       # but of no loss below so many dollars
shrinking = "40%"             # a net benefit that has lost so much of its peak
long_term_days = 14           # a loss that turns long-term within so many days
long_term_value = 50          # and is worth so many dollars less from then on
year_end = true               # 1 October, November and December, then 15, 24, 29, 30 and 31 December
mismatches = true             # a balance that is not what the lots add up to
stale_hours = 24              # a price older than that; no loss is told by it
rule_change_days = 60         # a new rule of identification, so long ahead
rearm = "70%"                 # a level is told again once it was below this part of its threshold
quiet_hours = 24              # and never sooner than that
bell = true                   # the monitor rings the terminal's bell, once however much it has to tell
desktop = true                # and asks the terminal for a desktop notification
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from harvest_tui.core.harvest.alert_rules import AlertRules
from harvest_tui.core.money import parse_decimal
from harvest_tui.core.tax.answers import read_rate
from harvest_tui.errors import InputError

_MOST_DOLLARS = Decimal(1_000_000_000)
_MOST_DAYS = 366
_MOST_HOURS = 24 * 366


def alerts_from(value: object, path: Path) -> AlertRules:
    """The `[alerts]` table of the file at `path`. Raises InputError naming the key that is off."""
    if not isinstance(value, dict):
        raise InputError(f"{path}: alerts is not a table", "write an [alerts] section")
    told: dict[str, Any] = {}
    for name, text in value.items():
        reader = _READERS.get(name)
        if reader is None:
            raise InputError(f"{path}: unknown setting alerts.{name}", _nearest(name))
        if text is False and name in _MAY_BE_OFF:
            told[name] = None
        else:
            told[name] = reader(f"{path}: alerts.{name}", text)
    asked = any(told.get(name) is not None for name in ("loss", "loss_percent"))
    return AlertRules(**told, losses_asked=asked)


def _dollars(key: str, told: object) -> Decimal:
    if not isinstance(told, bool) and isinstance(told, int | Decimal | str):
        try:
            value = parse_decimal(str(told).lstrip("$").replace(",", ""))
        except ValueError:
            value = Decimal(0)
        if 0 < value <= _MOST_DOLLARS:
            return value
    raise InputError(f"{key} is no amount above zero", f"write it in US dollars, like {key.rpartition('.')[2]} = 250")


def _part(key: str, told: object) -> Decimal:
    """Of a loss against a value: more than the whole is possible, but a bare 30 is meant as 30 %."""
    return _rate(key, told, Decimal(1000 if isinstance(told, str) and told.rstrip().endswith("%") else 1))


def _share(key: str, told: object) -> Decimal:
    """Of a whole, and neither nothing nor all of it."""
    return _rate(key, told, Decimal("0.99"))


def _rate(key: str, told: object, most: Decimal) -> Decimal:
    if not isinstance(told, bool) and isinstance(told, int | Decimal | str):
        try:
            rate = read_rate(told if isinstance(told, str) else format(told, "f"), most)
        except InputError as error:
            raise InputError(f"{key} is {error.happened}", error.hint) from error
        if rate > 0:
            return rate
    raise InputError(f"{key} is no part above zero", f'write it like {key.rpartition(".")[2]} = "40%"')


def _days(key: str, told: object) -> int:
    return _count(key, told, 1, _MOST_DAYS)


def _hours(key: str, told: object) -> int:
    return _count(key, told, 1, _MOST_HOURS)


def _hours_or_none(key: str, told: object) -> int:
    return _count(key, told, 0, _MOST_HOURS)


def _count(key: str, told: object, least: int, most: int) -> int:
    if isinstance(told, bool) or not isinstance(told, int) or not least <= told <= most:
        raise InputError(f"{key} is no whole number from {least} to {most}", "write it without quotes")
    return told


def _switch(key: str, told: object) -> bool:
    if not isinstance(told, bool):
        raise InputError(f"{key} is neither true nor false", "write one of them, without quotes")
    return told


_READERS: dict[str, Callable[[str, object], Decimal | int | bool]] = {
    "net_benefit": _dollars,
    "loss": _dollars,
    "loss_percent": _part,
    "loss_percent_from": _dollars,
    "shrinking": _share,
    "long_term_days": _days,
    "long_term_value": _dollars,
    "year_end": _switch,
    "mismatches": _switch,
    "stale_hours": _hours,
    "rule_change_days": _days,
    "rearm": _share,
    "quiet_hours": _hours_or_none,
    "bell": _switch,
    "desktop": _switch,
}
_MAY_BE_OFF = {"net_benefit", "loss", "loss_percent", "shrinking", "long_term_days", "stale_hours", "rule_change_days"}


def _nearest(word: str) -> str:
    from difflib import get_close_matches

    known = list(_READERS)
    near = get_close_matches(word, known, 1)
    return f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}"
