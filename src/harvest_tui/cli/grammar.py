"""What may be typed, read off the parser: for completion and the manual page, which can then never tell otherwise."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

PROGRAM = "harvest-tui"
FILES, FOLDERS = "FILES", "FOLDERS"
"""In place of words: any file, any folder."""


class Part(NamedTuple):
    """An option, by its `flags`, or an argument, which has none.

    It takes so many values, called `shown`; `words` are those there are, or FILES or FOLDERS; empty where nobody knows.
    """

    flags: tuple[str, ...]
    values: int
    shown: str
    words: tuple[str, ...]
    help: str


class Command(NamedTuple):
    """A command with what may follow it; the one without a name is the program itself."""

    name: str
    help: str
    description: str
    options: tuple[Part, ...]
    arguments: tuple[Part, ...]
    usage: str


def commands_of(parser: argparse.ArgumentParser) -> list[Command]:
    """The program, then every command in the order of its help."""
    found = [_command("", "", parser)]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            told = {choice.dest: choice.help or "" for choice in action._choices_actions}
            found += [_command(name, _plain(told.get(name, "")), inner) for name, inner in action.choices.items()]
    return found


def _command(name: str, help: str, parser: argparse.ArgumentParser) -> Command:
    parts = [_part(name, action) for action in parser._actions if not isinstance(action, argparse._SubParsersAction)]
    return Command(
        name,
        help,
        _plain(parser.description or ""),
        tuple(part for part in parts if part.flags),
        tuple(part for part in parts if not part.flags),
        " ".join(parser.format_usage().removeprefix("usage: ").split()),
    )


def _part(command: str, action: argparse.Action) -> Part:
    flags, nargs = tuple(action.option_strings), action.nargs
    values = nargs if isinstance(nargs, int) else 1
    metavar = action.metavar or action.dest.upper()
    shown = " ".join(metavar) if isinstance(metavar, tuple) else metavar
    return Part(flags, values, shown if values else "", _words(command, action, shown), _plain(action.help or ""))


def _plain(text: str) -> str:
    """Help as it is read: argparse doubles the percent sign."""
    return text.replace("%%", "%").replace("%(default)s", "")


def _words(command: str, action: argparse.Action, shown: str) -> tuple[str, ...]:
    if action.choices is not None:
        return tuple(map(str, action.choices))
    known = _KNOWN.get((command, action.dest)) or _KNOWN.get(("", action.dest))
    if known is not None:
        return tuple(known())
    return {"FILE": (FILES,), "DIR": (FOLDERS,)}.get(shown, ())


def _exchanges() -> Sequence[str]:
    return "kraken", "coinbase", "binance", "binanceus"


def _topics() -> Sequence[str]:
    from harvest_tui.cli.topics import topics

    return topics()


def _scenarios() -> Sequence[str]:
    from harvest_tui.simulator.scenarios import SCENARIOS

    return tuple(SCENARIOS)


def _statuses() -> Sequence[str]:
    from harvest_tui.core.tax.taxpayer import FilingStatus

    return [status.value for status in FilingStatus]


def _figures() -> Sequence[str]:
    from harvest_tui.core.tax.questions import QUESTIONS

    return ["timezone", "method", *(question.key for question in QUESTIONS)]


_KNOWN: Mapping[tuple[str, str], Callable[[], Sequence[str]]] = {
    ("connect", "exchange"): _exchanges,
    ("connect", "tier"): lambda: ("starter", "intermediate", "pro"),
    ("demo", "scenario"): _scenarios,
    ("help", "topic"): _topics,
    ("import", "format"): lambda: ("ledger", "koinly"),
    ("plan", "target"): lambda: ("best", "offset-gains", "max-deduction"),
    ("profile", "words"): _figures,
    ("", "status"): _statuses,
}
"""Words that the parser does not refuse others for, because the command says which is nearest."""
