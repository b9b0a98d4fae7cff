"""`harvest-tui help TOPIC`: short texts that come with the program, as plain lines."""

from __future__ import annotations

from argparse import Namespace
from difflib import get_close_matches
from importlib import resources

from harvest_tui.cli.output import write_line
from harvest_tui.errors import InputError

_FOLDER = resources.files("harvest_tui").joinpath("help")


def run(arguments: Namespace) -> int:
    """Print the text of a topic; without one, which topics there are, or all there is to know as a manual page."""
    lines = _manual() if arguments.man else _overview() if arguments.topic is None else _lines(arguments.topic)
    for line in lines:
        write_line(line)
    return 0


def _manual() -> list[str]:
    from harvest_tui.cli.arguments import parser
    from harvest_tui.cli.man import manual

    return list(manual(parser()))


def _lines(topic: str) -> list[str]:
    return text_of(topic).splitlines()


def topics() -> list[str]:
    """The names of all topics, sorted."""
    return sorted(file.name.removesuffix(".txt") for file in _FOLDER.iterdir() if file.name.endswith(".txt"))


def text_of(topic: str) -> str:
    """The text of a topic, its title on the first line. Raises InputError where there is no such topic."""
    known, word = topics(), topic.strip().lower()
    if word not in known:
        near = get_close_matches(word, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}"
        raise InputError(f"no help on {topic[:40]!r}", hint)
    return _FOLDER.joinpath(f"{word}.txt").read_text("utf-8")


def _overview() -> list[str]:
    width = max(map(len, topics()))
    rows = [f"  {name.ljust(width)}  {text_of(name).splitlines()[0]}" for name in topics()]
    return ["harvest-tui help TOPIC", "", *rows, "", "harvest-tui COMMAND --help lists the options of a command."]
