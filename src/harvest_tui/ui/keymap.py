"""Keys as the user chose them: every binding has an id, and `[keys]` in config.toml gives it other keys.

Textual takes any id and any key without a word, and lets one binding silence another: what is wrong is told here.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from importlib import import_module
from inspect import isclass
from pathlib import Path
from pkgutil import iter_modules
from typing import NamedTuple

from textual.binding import Binding
from textual.keys import Keys, _character_to_key, format_key
from textual.screen import Screen

EVERYWHERE = frozenset({"app", "rows"})
"""First words of ids that hold on every screen."""
_BESIDE = {"marks": frozenset({"lots", "candidates"})}
"""What stands on the screen of the first word without being bound by it: the table and the planner of the monitor."""
_ROOMS = ("harvest_tui.ui.widgets", "harvest_tui.ui.screens")
_APPS = ("harvest_tui.ui.table_actions", "harvest_tui.ui.app")
_NAMED = frozenset(key.value for key in Keys) | {_character_to_key(sign) for sign in string.punctuation} | {"space"}
_MODIFIERS = ("ctrl", "shift", "alt", "super", "hyper", "meta")
_ALL_IDS = "harvest-tui help keys lists them"


class Bound(NamedTuple):
    """What can be given other keys: its id, its own keys, how they are drawn, and what it does."""

    id: str
    keys: tuple[str, ...]
    shown: str
    words: str

    @property
    def place(self) -> str:
        """The first word of the id: where it holds."""
        return self.id.partition(".")[0]


class _Known(NamedTuple):
    """All that is bound, by id, and which first words meet on one screen."""

    bound: Mapping[str, Bound]
    screens: tuple[frozenset[str], ...]


def _classes() -> Iterator[type]:
    names = [name for room in _ROOMS for name in _modules(room)]
    for name in (*names, *_APPS):
        for found in vars(import_module(name)).values():
            if isclass(found) and found.__module__ == name:
                yield found


def _modules(room: str) -> list[str]:
    return sorted(f"{room}.{module.name}" for module in iter_modules(import_module(room).__path__))


def _own(found: type) -> Iterator[Binding]:
    for binding in vars(found).get("BINDINGS", ()):
        if isinstance(binding, Binding) and binding.id:
            yield binding


@lru_cache(maxsize=1)
def _known() -> _Known:
    bound: dict[str, Bound] = {}
    screens = set()
    for found in _classes():
        for binding in _own(found):
            name, keys = binding.id or "", tuple(map(_normal, binding.key.split(",")))
            shown = binding.key_display or format_key(keys[0])
            first = bound.get(name)
            bound[name] = (
                Bound(name, keys, shown, binding.description)
                if first is None
                else first._replace(keys=tuple(dict.fromkeys(first.keys + keys)))
            )
        if issubclass(found, Screen):
            own = {(one.id or "").partition(".")[0] for above in found.__mro__ for one in _own(above)}
            beside = (_BESIDE.get(place, frozenset()) for place in own)
            screens.add(EVERYWHERE.union(own, *beside))
    return _Known(bound, tuple(sorted(screens, key=sorted)))


def places_of(screen: type[Screen[object]]) -> list[str]:
    """First words of the ids that hold on the screen, nearest first; those of everywhere left out."""
    own = [(one.id or "").partition(".")[0] for above in screen.__mro__ for one in _own(above)]
    beside = [place for one in dict.fromkeys(own) for place in sorted(_BESIDE.get(one, ()))]
    return list(dict.fromkeys([*own, *beside]))


def bindings() -> tuple[Bound, ...]:
    """Everything that has a key, by id."""
    return tuple(sorted(_known().bound.values()))


# Checking.


def checked(chosen: Mapping[str, str], path: Path) -> dict[str, str]:
    """The keys by id as Textual takes them. Raises InputError for an unknown id or key, or two wishes for one key."""
    from harvest_tui.errors import InputError

    known = _known()
    keys: dict[str, tuple[str, ...]] = {}
    for name, text in chosen.items():
        if name not in known.bound:
            raise InputError(f"{path}: nothing is called {name[:60]!r} in keys", _nearest(name, known.bound))
        keys[name] = tuple(_key(name, one.strip(), path) for one in text.split(","))
    for one, other, key in _clashes(known, keys):
        raise InputError(
            f"{path}: {format_key(key)} would be both {one.id} ({one.words}) and {other.id} ({other.words})",
            f"give one of them another key below [keys]; {_ALL_IDS}",
        )
    return {name: ",".join(of) for name, of in keys.items()}


def _key(name: str, key: str, path: Path) -> str:
    from harvest_tui.errors import InputError

    *modifiers, last = key.split("+") if len(key) > 1 else (key,)
    found = _normal(key)
    if found in _NAMED or (len(key) == 1 and key.isprintable()):
        return found
    if modifiers == ["shift"] and len(last) == 1:
        raise InputError(f"{path}: keys.{name} cannot be {key!r}", f"write it as {last.upper()!r}")
    is_known = last in _NAMED or (len(last) == 1 and last.isprintable())
    if modifiers and is_known and all(one in _MODIFIERS for one in modifiers):
        return found
    raise InputError(f"{path}: keys.{name} cannot be {key[:40]!r}", _nearest(key, _NAMED, "such as m, M, ctrl+m, f2"))


def _clashes(known: _Known, keys: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[Bound, Bound, str]]:
    """Two that would share a key on one screen and do not do so as they come."""
    for name in keys:
        one = known.bound[name]
        meets = [places for places in known.screens if one.place in places]
        for other in sorted(known.bound.values(), key=lambda bound: bound.place not in EVERYWHERE):
            if other.id == name or not any(other.place in places for places in meets):
                continue
            for key in sorted(set(keys[name]) & set(keys.get(other.id, other.keys))):
                if not (key in one.keys and key in other.keys):
                    yield one, other, key


def _nearest(word: str, known: Iterable[str], otherwise: str = f"as {_ALL_IDS}") -> str:
    near = get_close_matches(word, list(known), 1)
    return f"did you mean {near[0]}?" if near else f"write it {otherwise}"


def _normal(key: str) -> str:
    key = key.strip()
    return _character_to_key(key) if len(key) == 1 else key


# Showing.


def shown_as(key: str, places: Iterable[str], keymap: Mapping[str, str]) -> str:
    """A key of a key bar as the user has it now: `key` is how it is drawn by default, `places` the first words that
    hold there, nearest first. Several keys stand with a space between."""
    ranked = [*places, "app", "rows"]
    return " ".join(_shown_as(one, ranked, keymap) for one in key.split(" "))


def _shown_as(key: str, places: list[str], keymap: Mapping[str, str]) -> str:
    found = [one for one in bindings() if key in (one.shown, _SHORT.get(one.keys[0])) and one.place in places]
    if not found:
        return key
    nearest = min(found, key=lambda one: places.index(one.place))
    return format_key(keymap[nearest.id].split(",")[0]) if nearest.id in keymap else key


def listing() -> str:
    """Every id with its keys and what it does: the help topic `keys`, which is kept as a file and tested against this.

    At most 96 cells wide.
    """
    known = _known().bound
    places = dict.fromkeys((*_FIRST, *sorted({one.place for one in known.values()})))
    width = max(map(len, known)) + 1
    lines = [*_HOW]
    for place in places:
        lines += ["", _HEADINGS.get(place, place.replace("_", " ").capitalize())]
        for one in known.values():
            if one.place == place:
                keys, words = _spelled(one), one.words[: 80 - width]
                lines.append(f"  {keys.ljust(11)} {words.ljust(80 - width)} {one.id}")
    return "\n".join(lines) + "\n"


def _spelled(one: Bound) -> str:
    """Its keys, as many as have room."""
    spelled = [_SHORT.get(key, format_key(key).replace("ctrl+", "^")) for key in one.keys]
    while len(spelled) > 1 and len("  ".join(spelled)) > 10:
        spelled.pop()
    return "  ".join(spelled)


_FIRST = ("app", "rows", "lots", "marks", "planner", "candidates")
_HEADINGS = {
    "app": "Everywhere",
    "rows": "In every list",
    "candidates": "Candidates of the planner",
    "assume": "Assume a basis",
    "filter": "While a filter is typed",
    "prompt": "While a question is answered",
}
_SHORT = {
    **{name: name for name in ("up", "down", "left", "right", "enter", "tab", "space")},
    **{"pageup": "pgup", "pagedown": "pgdn", "escape": "esc"},
}
_HOW = (
    "Keys of the monitor, and how to choose others",
    "",
    "Every key has a name, at the end of its line. Below [keys] in config.toml a name is given other",
    "keys, which then hold in place of its own:",
    "",
    "  [keys]",
    '  "marks.toggle" = "m,space"',
    '  "marks.part" = "f2"',
    "",
    "A key is a letter or sign (m M !), a name (space enter f2 pagedown tab) or one of them with",
    "ctrl+ or alt+. Unknown names, unknown keys and two wishes for one key on one screen are told",
    "at the start. The line of keys and the help (?) of each screen show the keys that hold.",
)
