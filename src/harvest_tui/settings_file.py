"""Changing one choice in config.toml and nothing else: comments, order and other keys stay as they are.

The file is edited by lines, and the new text must mean exactly the old choices with the one change, or nothing is
written.
"""

from __future__ import annotations

import os
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from harvest_tui.core.money import plain
from harvest_tui.errors import InputError, StoreError
from harvest_tui.settings import load_settings

Value = str | bool | int | Decimal
Place = tuple[str, ...]

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_HEADER = re.compile(r"\s*\[.*\]\s*(?:#.*)?")
_ASSIGNMENT = re.compile(
    rf"""(?P<before>\s*(?P<key>{_KEY})\s*=\s*)(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|[^#"'\[{{]*?)(?P<after>\s*(?:\#.*)?)"""
)


def set_choice(path: Path, place: Place, value: Value | None) -> None:
    """Write `value` at `place` (tables, then the key) of the file at `path`; None takes the key out.

    Raises InputError where the file is not right as it is, or cannot be changed without touching more than that key;
    StoreError where the disk refuses.
    """
    load_settings(path)
    path = path.resolve()
    try:
        old = path.read_text("utf-8") if path.exists() else ""
    except OSError as error:
        raise StoreError(f"cannot read {path} ({error.strerror})", "check the file's permissions") from error
    wanted = _with(_meaning(old), place, value)
    if wanted == _meaning(old):
        return
    new = edited(old, place, value)
    try:
        means_that = _meaning(new) == wanted
    except tomllib.TOMLDecodeError:
        means_that = False
    if not means_that:
        line = f"{_quoted(place[-1])} = {toml(value)}" if value is not None else f"no {place[-1]}"
        where = f"under [{'.'.join(map(_quoted, place[:-1]))}]" if place[:-1] else "at the top"
        raise InputError(f"{path} is laid out in a way only a hand can change", f"write {line} {where}")
    _replace(path, new)


def edited(text: str, place: Place, value: Value | None) -> str:
    """The text with the key set or taken out, as far as lines can tell."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    first, end = _region(lines, place[:-1])
    found = next((n for n in range(first, end) if _key_of(lines[n]) == place[-1]), None)
    if found is not None:
        if value is None:
            del lines[found]
        elif match := _ASSIGNMENT.fullmatch(lines[found]):
            lines[found] = match["before"] + toml(value) + match["after"]
    elif value is not None:
        line = f"{_quoted(place[-1])} = {toml(value)}"
        if first > len(lines):
            header = f"[{'.'.join(map(_quoted, place[:-1]))}]"
            lines += ["", header, line] if lines else [header, line]
        else:
            at = _insertion(lines, first, end)
            lines[at:at] = [line, ""] if at == end < len(lines) and lines[at].strip() else [line]
    return "".join(line + newline for line in lines)


def toml(value: Value | None) -> str:
    """The value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return plain(value)
    return _basic(value or "")


def _basic(text: str) -> str:
    import json

    if not text.isprintable():
        raise InputError("a name or value with control characters cannot be kept", "write it without them")
    return json.dumps(text, ensure_ascii=False)


def _quoted(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key, re.ASCII) else _basic(key)


def _region(lines: list[str], tables: Place) -> tuple[int, int]:
    """First line after the header of the table and the line where it ends; past the last line where it is missing."""
    headers = [(number, _tables_of(line)) for number, line in enumerate(lines) if _HEADER.fullmatch(line)]
    if not tables:
        return 0, headers[0][0] if headers else len(lines)
    for place, (number, named) in enumerate(headers):
        if named == tables:
            return number + 1, headers[place + 1][0] if place + 1 < len(headers) else len(lines)
    return len(lines) + 1, len(lines) + 1


def _insertion(lines: list[str], first: int, end: int) -> int:
    """After the last line of the region that says something; at its start where none does."""
    said = [n for n in range(first, end) if lines[n].strip() and not lines[n].lstrip().startswith("#")]
    if said:
        return said[-1] + 1
    if first:
        return first
    # A comment block that opens the file, closed by an empty line, stays on top.
    opening = next((n for n in range(end) if not lines[n].lstrip().startswith("#")), end)
    return opening if opening and opening < len(lines) and not lines[opening].strip() else 0


def _tables_of(header: str) -> Place | None:
    try:
        table: Any = tomllib.loads(header)
    except tomllib.TOMLDecodeError:
        return None
    names: list[str] = []
    while isinstance(table, dict) and table:
        name, table = next(iter(table.items()))
        names.append(name)
    return tuple(names) if table == {} else None


def _key_of(line: str) -> str | None:
    match = re.match(rf"\s*({_KEY})\s*=", line)
    if not match:
        return None
    try:
        return next(iter(tomllib.loads(f"{match[1]} = 0")))
    except tomllib.TOMLDecodeError:
        return None


def _meaning(text: str) -> dict[str, Any]:
    return tomllib.loads(text, parse_float=Decimal)


def _with(table: dict[str, Any], place: Place, value: Value | None) -> dict[str, Any]:
    """The table with one key changed; the tables on the way are made, or kept though empty."""
    changed = dict(table)
    name, rest = place[0], place[1:]
    if rest:
        inner = changed.get(name, {})
        if not isinstance(inner, dict):
            raise InputError(f"{name} is not a table in config.toml", f"write a [{name}] section")
        if value is not None or name in changed:
            changed[name] = _with(inner, rest, value)
    elif value is None:
        changed.pop(name, None)
    else:
        changed[name] = tomllib.loads(f"x = {toml(value)}", parse_float=Decimal)["x"]
    return changed


def _replace(path: Path, text: str) -> None:
    """The new text in the place of the old in one step, after it was read back as settings; for its owner only."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(scratch, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        load_settings(scratch)
        scratch.replace(path)
    except InputError as error:
        raise InputError(error.happened.replace(str(scratch), str(path)), error.hint) from error
    except OSError as error:
        raise StoreError(f"cannot write {path} ({error.strerror})", "check the disk; nothing was changed") from error
    finally:
        scratch.unlink(missing_ok=True)
