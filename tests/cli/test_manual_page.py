"""`harvest-tui help --man`: a page that groff takes as it is, with everything that `--help` and the topics tell."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable

import pytest

from harvest_tui.cli.arguments import parser
from harvest_tui.cli.grammar import commands_of
from harvest_tui.cli.topics import text_of, topics
from support.journey_commands import Done

RunHere = Callable[..., Done]


@pytest.fixture
def page(run_here: RunHere) -> str:
    done = run_here("help", "--man")
    assert (done.status, done.err) == (0, "")
    return done.out


def test_it_has_the_sections_of_a_manual_page_in_their_order(page: str) -> None:
    assert page.startswith('.TH HARVEST-TUI 1 "" "harvest-tui ')
    sections = re.findall(r"^\.SH (.*)$", page, re.MULTILINE)
    assert sections[:7] == ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "EXIT STATUS", "ENVIRONMENT"]
    assert sections[7:] == [topic.upper() for topic in topics()]


def test_every_variable_that_the_program_reads_is_told_of(page: str) -> None:
    told = page.partition(".SH ENVIRONMENT")[2].partition(".SH")[0]
    assert all(f".B {name}" in told for name in ("HARVEST_TUI_HOME", "HARVEST_TUI_ASCII", "NO_COLOR"))


def test_every_line_is_a_request_that_is_known_or_text(page: str) -> None:
    requests = {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))}
    assert requests <= {".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".I", ".RI", ".nf", ".fi", ".ad", ".nh"}
    assert set(re.findall(r"\\(.)", page)) <= {"-", "&", "e", "("}, "no escape but ours"
    assert "-" not in re.sub(r"\\-", "", page.replace(".TH HARVEST-TUI", "").replace("harvest-tui ", "", 1))


def test_every_command_and_option_has_its_help(page: str) -> None:
    read = page.replace("\\-", "-").replace("\\(dq", '"').replace("\\e", "\\").replace("\\&", "")
    for command in commands_of(parser())[1:]:
        text = read.partition(f".SS {command.name}\n")[2].partition("\n.S")[0] + "\n"
        assert len(text) > 20, command.name
        for part in (*command.options, *command.arguments):
            if "--help" not in part.flags:
                name = f"{', '.join(part.flags)} {part.shown}".strip()
                assert f".B {name}\n{part.help}\n" in text, (command.name, name)


@pytest.mark.skipif(shutil.which("groff") is None, reason="no groff here: the page is only looked at")
def test_groff_finds_nothing_wrong_and_the_topics_stand_there_as_they_are(page: str) -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-P-cbou"], input=page, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    read = done.stdout.replace("‐", "-").replace("−", "-").replace("’", "'")
    shown = {line.strip() for line in read.splitlines()}
    missing = [
        line
        for topic in topics()
        for line in text_of(topic).splitlines()[1:]
        if line.strip() and line.strip() not in shown
    ]
    assert missing == []
    assert "harvest-tui serve [-h] [--port N] [--demo]" in shown
