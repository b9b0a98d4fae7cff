"""What the lot table looked like when it was left: columns, order and grouping, kept in config.toml.

[table]
columns = "asset unrealized percent value term"   # these, in this order; all that fit where it is not said
sort = "value"                                    # by default unrealized, so that the largest loss is on top
descending = true
group = "asset"                                   # asset, account or term
frames = 10                                       # redraws a second while prices move: 1 to 30, by default 4
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from harvest_tui.errors import InputError

COLUMN_KEYS = (
    "account",
    "asset",
    "acquired",
    "held",
    "quantity",
    "unit_cost",
    "cost_basis",
    "price",
    "value",
    "unrealized",
    "percent",
    "term",
)
GROUPINGS = ("asset", "account", "term")
MOST_FRAMES = 30


@dataclass(frozen=True, slots=True)
class TableChoices:
    """Choices for the lot table; no `columns` means all that fit, no `group` means none."""

    columns: tuple[str, ...] = ()
    sort: str = "unrealized"
    descending: bool = False
    group: str = ""
    frames: int = 4


UNTOUCHED = TableChoices()


def table_from(value: object, path: Path) -> TableChoices:
    """The `[table]` table of the file at `path`. Raises InputError naming the key that is off."""
    if not isinstance(value, dict):
        raise InputError(f"{path}: table is not a table", "write a [table] section")
    known = [field.name for field in fields(TableChoices)]
    for key in value:
        if key not in known:
            raise InputError(f"{path}: unknown setting table.{key}", _nearest(key, known))
    descending = value.get("descending", False)
    if not isinstance(descending, bool):
        raise InputError(f"{path}: table.descending is not true or false", "write descending = true")
    return TableChoices(
        columns=_columns(value.get("columns", ""), path),
        sort=_choice(value.get("sort", UNTOUCHED.sort), "sort", COLUMN_KEYS, path),
        descending=descending,
        group=_choice(value.get("group", ""), "group", ("", *GROUPINGS), path),
        frames=_frames(value.get("frames", UNTOUCHED.frames), path),
    )


def _frames(value: object, path: Path) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_FRAMES:
        raise InputError(f"{path}: table.frames cannot be {str(value)[:40]!r}", f"write 1 to {MOST_FRAMES}")
    return value


def _columns(value: object, path: Path) -> tuple[str, ...]:
    if not isinstance(value, str):
        raise InputError(f"{path}: table.columns is not a text", 'write columns = "asset unrealized value"')
    names = value.split()
    for name in names:
        _choice(name, "columns", COLUMN_KEYS, path)
    if len(set(names)) != len(names):
        raise InputError(f"{path}: table.columns names a column twice", "name each once")
    return tuple(names)


def _choice(value: object, key: str, choices: tuple[str, ...], path: Path) -> str:
    if not isinstance(value, str) or value not in choices:
        raise InputError(f"{path}: table.{key} cannot be {str(value)[:40]!r}", _nearest(str(value), list(choices)))
    return value


def _nearest(word: str, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1)
    return f"did you mean {near[0]}?" if near else f"choose from {', '.join(filter(None, known))}"
