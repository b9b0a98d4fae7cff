"""The manual page: every command and option as the parser knows them, then the texts of `help TOPIC`."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator

from harvest_tui import __version__
from harvest_tui.cli.grammar import PROGRAM, Command, Part, commands_of
from harvest_tui.cli.topics import text_of, topics

_ENVIRONMENT = (
    ("HARVEST_TUI_HOME", "the folder of --home, where that is not given"),
    ("HARVEST_TUI_KEY_ACCOUNT, HARVEST_TUI_SECRET_ACCOUNT", "key and secret of an account, in place of the keyring"),
    ("NO_COLOR", "no colour at all"),
    ("HARVEST_TUI_ASCII", "1: signs of ASCII alone; 0: never, whatever locale and terminal are"),
)


def manual(parser: ArgumentParser) -> Iterator[str]:
    """The page as lines of roff, for `man -l`."""
    program, *commands = commands_of(parser)
    yield f'.TH HARVEST-TUI 1 "" "{PROGRAM} {__version__}" "User Commands"'
    yield from (".ad l", ".nh")
    yield from (".SH NAME", f"{_safe(PROGRAM)} \\- {_safe(_first(program.description))}")
    yield from (".SH SYNOPSIS", f".B {_safe(PROGRAM)}", _safe("[--home DIR] [COMMAND] ..."))
    yield from (".SH DESCRIPTION", _safe(program.description))
    yield ".SH OPTIONS"
    yield from _parts(program.options)
    yield ".SH COMMANDS"
    for command in commands:
        yield from _command(command)
    yield from (".SH EXIT STATUS", _safe((parser.epilog or "").removeprefix("Exit status: ")))
    yield ".SH ENVIRONMENT"
    for name, words in _ENVIRONMENT:
        yield from (".TP", f".B {_safe(name)}", _safe(words))
    for topic in topics():
        title, _, text = text_of(topic).partition("\n")
        yield from (f".SH {_safe(topic.upper())}", f".I {_safe(title)}", ".PP", ".nf")
        yield from (_safe(line) for line in text.strip("\n").splitlines())
        yield ".fi"


def _command(command: Command) -> Iterator[str]:
    yield from (f".SS {_safe(command.name)}", _safe(_sentence(command.description)), ".PP")
    yield f'.RI "{_safe(command.usage)}"'
    yield from _parts((*command.arguments, *(part for part in command.options if "--help" not in part.flags)))


def _parts(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        name = ", ".join(part.flags)
        yield from (".TP", f".B {_safe(f'{name} {part.shown}'.strip())}", _safe(part.help) or "\\&")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if not text or text.endswith(".") else ".")


def _first(text: str) -> str:
    return text.partition(". ")[0]


def _safe(text: str) -> str:
    """Text that roff prints as it is: no escape, and no request at the start of a line."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
