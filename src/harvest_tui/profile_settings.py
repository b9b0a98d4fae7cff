"""The `[profile]` table of config.toml: the taxpayer's own figures, written by `profile set` and by hand.

[profile]
status = "single"
wages = 120000
short_gain = -2500.75         # losses with a minus
state_rate = "5%"             # or 0.05

[profile.fees]
kraken = "0.25%"              # of one trade in that account
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from harvest_tui.core.tax.answers import Answer, Kind, read_answer, read_rate
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.questions import BY_FIELD
from harvest_tui.errors import InputError

Read = TypeVar("Read")


def profile_from(value: object, path: Path) -> Profile:
    """The `[profile]` table of the file at `path`. Raises InputError naming the key that is off."""
    if not isinstance(value, dict):
        raise InputError(f"{path}: profile is not a table", "write a [profile] section")
    answers: dict[str, Any] = {}
    for name, told in value.items():
        if name == "fees":
            answers["fees"] = fees_from(told, path)
        else:
            answers[name] = _answer(name, told, path)
    return Profile(**answers, stated=frozenset(answers))


def fees_from(value: object, path: Path) -> Mapping[str, Decimal]:
    """The `[profile.fees]` table: what one trade costs in each account, as a part of its value."""
    if not isinstance(value, dict):
        raise InputError(f"{path}: profile.fees is not a table", 'write [profile.fees] and kraken = "0.25%"')
    most = BY_FIELD["fee"].most or Decimal(1)
    return {
        account: _named(f"profile.fees.{account}", path, lambda text: read_rate(text, most), told)
        for account, told in value.items()
    }


def _answer(name: str, told: object, path: Path) -> Answer:
    question = BY_FIELD.get(name)
    if question is None:
        from difflib import get_close_matches

        near = get_close_matches(name, [*BY_FIELD, "fees"], 1)
        hint = f"did you mean {near[0]}?" if near else "see: harvest-tui profile"
        raise InputError(f"{path}: unknown setting profile.{name}", hint)
    if isinstance(told, bool) and question.kind is Kind.SWITCH:
        return told
    return _named(f"profile.{name}", path, lambda text: read_answer(question.kind, text, question.most), told)


def _named(key: str, path: Path, read: Callable[[str], Read], told: object) -> Read:
    """The value read as the command line reads it; TOML's floats come as exact decimals."""
    if isinstance(told, bool) or not isinstance(told, str | int | Decimal):
        raise InputError(f"{path}: {key} is neither a text nor a number", "see: harvest-tui profile")
    try:
        return read(told if isinstance(told, str) else format(told, "f" if isinstance(told, Decimal) else "d"))
    except InputError as error:
        raise InputError(f"{path}: {key} is {error.happened}", error.hint) from error
