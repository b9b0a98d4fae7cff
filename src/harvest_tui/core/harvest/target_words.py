"""A target as a person types it: `loss 5000`, `gain 3000`, `best`, `offset gains`, `max deduction`."""

from __future__ import annotations

import re
from decimal import Decimal

from harvest_tui.core.harvest.targets import Aim
from harvest_tui.core.money import ZERO
from harvest_tui.core.tax.answers import read_money
from harvest_tui.errors import InputError

UNBOUNDED = Decimal(10**9)
"""A gain without an amount: up to the top of the bracket in which it is not taxed."""
HOW = "loss 5000, gain 3000, gain, best, offset gains, or max deduction"
_WORDS = re.compile(r"([a-z]+(?:[ -][a-z]+)?)(?:(?:\s*:\s*|\s+|(?=[$0-9]))(.+))?", re.ASCII)


def read_target(text: str) -> tuple[Aim, Decimal]:
    """The aim and its amount in US dollars, as for `Planner.aim_at`. Raises InputError where the words tell none."""
    found = _WORDS.fullmatch(text.strip().lower())
    aim = None if found is None else _aim(found[1])
    if found is None or aim is None:
        raise InputError(f"not a target: {text[:40]!r}", f"write {HOW}")
    told = found[2]
    if aim not in (Aim.LOSS, Aim.GAIN):
        if told:
            raise InputError(f"{aim.value} takes no amount", f"write {HOW}")
        return aim, ZERO
    if told is None:
        if aim is Aim.GAIN:
            return aim, UNBOUNDED
        raise InputError("how much loss is not told", "write dollars, for example loss 5000")
    amount = read_money(told)
    if amount <= 0:
        raise InputError("that target aims at nothing", f"write dollars above zero, for example {aim.value} 3000")
    return aim, amount


def _aim(word: str) -> Aim | None:
    name = word.replace(" ", "-")
    return next((aim for aim in Aim if aim.value == name), None)
