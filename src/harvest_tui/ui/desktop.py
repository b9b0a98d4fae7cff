"""What a terminal is sent to show a notification on the desktop: OSC 9, or OSC 777 where that is understood."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

MOST = 200
"""Characters of a notification's text."""
_MOST_OF_TITLE = 60
_SILENT = frozenset({"", "dumb", "linux", "ansi", "vt100", "screen"})
"""Terminals without a desktop, or that take such a sequence for something else."""
_WITH_TITLES = ("rxvt", "foot", "xterm-ghostty", "ghostty", "wezterm")
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_ESCAPE, _END = "\x1b", "\x07"


def notification(title: str, body: str, environment: Mapping[str, str], *, is_ascii: bool = False) -> str:
    """The sequence for the terminal that `environment` tells of; "" for one that shows none. All ASCII with `is_ascii`.

    Inside tmux it is handed through to the terminal around it, which tmux only does where it is allowed to.
    """
    term, program = environment.get("TERM", "").lower(), environment.get("TERM_PROGRAM", "").lower()
    in_tmux = bool(environment.get("TMUX"))
    if not in_tmux and (term in _SILENT or term.startswith("screen")):
        return ""
    said, text = _shown(title, _MOST_OF_TITLE, is_ascii), _shown(body, MOST, is_ascii)
    if not in_tmux and any(term.startswith(name) or program == name for name in _WITH_TITLES):
        return f"{_ESCAPE}]777;notify;{said.replace(';', ',')};{text}{_END}"
    sequence = f"{_ESCAPE}]9;{_shown(f'{said}: {text}', MOST, is_ascii)}{_END}"
    if in_tmux:
        return f"{_ESCAPE}Ptmux;{sequence.replace(_ESCAPE, _ESCAPE * 2)}{_ESCAPE}\\"
    return sequence


def _shown(text: str, most: int, is_ascii: bool) -> str:
    kept = plain(text, most)
    if not is_ascii:
        return kept
    from harvest_tui.ui import plain_glyphs

    # A letter of two cells becomes two signs.
    return plain_glyphs.plain(kept)[:most]


def plain(text: str, most: int) -> str:
    """The text without anything a terminal would obey, cut with `…` to so many characters."""
    kept = "".join(
        " " if character.isspace() else character
        for character in text[: most * 4]
        if character in "\t\n" or unicodedata.category(character) not in _REFUSED
    )
    words = " ".join(kept.split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
