"""What the terminal at hand can show: which theme, which signs, which keys, from the choices and what it tells."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from harvest_tui.ui.theme import DARK, LIGHT, NO_COLOUR, SIXTEEN

ASCII, UNICODE = "ascii", "unicode"
ASCII_VARIABLE = "HARVEST_TUI_ASCII"
_COERCED = frozenset({"C.UTF-8", "C.utf8", "UTF-8"})
"""What Python puts into LC_CTYPE by itself where the locale is C (PEP 538)."""
_WITHOUT_ENCODING = frozenset({"C", "POSIX"})
_SIXTEEN_COLOURS = frozenset({"linux", "ansi", "xterm-16color", "screen", "vt100", "vt220", "cygwin"})
_DARK_GROUNDS = frozenset({0, 1, 2, 3, 4, 5, 6, 8})


class Looks(NamedTuple):
    """How this run is drawn. `keys` are by the id of the binding."""

    theme: str = DARK
    is_ascii: bool = False
    keys: Mapping[str, str] = MappingProxyType({})


def looks_for(theme: str, glyphs: str, keys: Mapping[str, str], told: Mapping[str, str] | None = None) -> Looks:
    """What was chosen, as far as the terminal can show it; what was not chosen is read from the environment.

    An empty `theme` follows the terminal's background, empty `glyphs` its encoding.
    """
    environment = os.environ if told is None else told
    return Looks(_theme(theme, environment), _is_ascii(glyphs, environment), keys)


def _theme(chosen: str, environment: Mapping[str, str]) -> str:
    if "NO_COLOR" in environment:
        return NO_COLOUR
    is_light = chosen == LIGHT or (not chosen and has_light_background(environment))
    if has_sixteen_colours(environment):
        return SIXTEEN[is_light]
    return chosen or (LIGHT if is_light else DARK)


def has_light_background(environment: Mapping[str, str]) -> bool:
    """Whether the terminal says (COLORFGBG, as `0;15`) that it writes on a light ground; no word means a dark one.

    Terminals can be asked too, but one that answers late types its answer as keys.
    """
    ground = environment.get("COLORFGBG", "").rpartition(";")[2]
    return ground.isascii() and ground.isdigit() and int(ground) not in _DARK_GROUNDS and int(ground) < 16


def has_sixteen_colours(environment: Mapping[str, str]) -> bool:
    """Whether the terminal shows the sixteen named colours only."""
    forced = environment.get("TEXTUAL_COLOR_SYSTEM", "auto").lower()
    if forced != "auto":
        return forced in {"standard", "windows"}
    if environment.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return False
    return environment.get("TERM", "").strip().lower() in _SIXTEEN_COLOURS


def _is_ascii(glyphs: str, environment: Mapping[str, str]) -> bool:
    forced = environment.get(ASCII_VARIABLE, "")
    if forced:
        return forced != "0"
    return glyphs == ASCII if glyphs else not shows_unicode(environment, _written_in())


def _written_in() -> str:
    return getattr(sys.__stderr__, "encoding", None) or "utf-8"


def shows_unicode(environment: Mapping[str, str], encoding: str = "utf-8") -> bool:
    """Whether the locale's encoding is UTF-8, and what is written is encoded so. A locale that nobody set says nothing.

    The Linux console decodes UTF-8, but its font has few of the signs.
    """
    if environment.get("TERM") in {"linux", "dumb"} or "utf" not in encoding.lower():
        return False
    everything, letters, general = (environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    if letters in _COERCED and general in _WITHOUT_ENCODING:
        letters = ""
    name = everything or letters or general
    encoded = name.partition(".")[2].partition("@")[0].lower().replace("-", "")
    return encoded == "utf8" if encoded else name not in _WITHOUT_ENCODING
