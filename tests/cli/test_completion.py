"""`harvest-tui completion SHELL`: what the shells themselves make of the scripts."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harvest_tui.cli.arguments import parser
from harvest_tui.cli.completion import SHELLS
from harvest_tui.cli.grammar import commands_of
from support.journey_commands import Done

RunHere = Callable[..., Done]
BASH = shutil.which("bash")
ASK = r"""
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_harvest_tui
printf '%s\n' "${COMPREPLY[@]}"
"""
ASKED = {
    ("pl",): ["plan"],
    ("com",): ["completion"],
    ("--h",): ["--help", "--home"],
    ("lots", "--me"): ["--method"],
    ("lots", "--method", "li"): ["lifo"],
    ("lots", "--method", "=", "hi"): ["hifo"],
    ("lots", "--method", "="): ["fifo", "lifo", "hifo", "lofo"],
    ("--home", "plan", "dis"): ["disposals"],
    ("--home", "plan", "disposals", "--sc"): ["--scope"],
    ("--home", "x", "lots", "--as-of", ""): [],
    ("lots", "--method", "fifo", "--json", "--as"): ["--as-of"],
    ("transfers", "--confirm", "kraken:1", ""): [],
    ("transfers", "--confirm", "kraken:1", "coinbase:2", "--un"): ["--undo"],
    ("connect", "binance"): ["binance", "binanceus"],
    ("profile", "un"): ["unset"],
    ("profile", "set", "wag"): ["wages"],
    ("profile", "set", "wages", ""): ["-h", "--help", "--json"],
    ("tax", "--status", "married_s"): ["married_separate"],
    ("demo", "--scenario", "cra"): ["crash"],
    ("help", "pri"): ["privacy"],
    ("serve", "--"): ["--help", "--port", "--demo"],
    ("nonsense", ""): [],
}


@pytest.fixture
def script(run_here: RunHere, tmp_path: Path) -> Callable[[str], Path]:
    """The file with the script for a shell."""

    def make(shell: str) -> Path:
        done = run_here("completion", shell)
        assert (done.status, done.err) == (0, "")
        path = tmp_path / f"completion.{shell}"
        path.write_text(done.out)
        return path

    return make


def said(*words: str, folder: Path | None = None) -> list[str]:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return [line for line in done.stdout.splitlines() if line]


@pytest.mark.skipif(BASH is None, reason="no bash here")
def test_bash_completes_commands_options_and_values(script: Callable[[str], Path]) -> None:
    assert BASH is not None
    file = str(script("bash"))
    ask = (BASH, "--norc", "-c", ASK, "bash", file, "harvest-tui")
    assert {words: said(*ask, *words) for words in ASKED} == ASKED
    assert len(said(*ask, "")) == len(commands_of(parser())) - 1


@pytest.mark.skipif(BASH is None, reason="no bash here")
def test_bash_completes_files_where_a_file_is_wanted_and_folders_where_a_folder_is(
    script: Callable[[str], Path], tmp_path: Path
) -> None:
    assert BASH is not None
    folder = tmp_path / "here"
    (folder / "old files").mkdir(parents=True)
    (folder / "old prices.csv").touch()
    ask = (BASH, "--norc", "-c", ASK, "bash", str(script("bash")), "harvest-tui")
    both = ["old files", "old prices.csv"]
    assert sorted(said(*ask, "import", "o", folder=folder)) == both
    assert sorted(said(*ask, "lots", "--prices", "old", folder=folder)) == both
    assert said(*ask, "--home", "o", folder=folder) == ["old files"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh here: its script is only looked at")
def test_zsh_reads_its_script(script: Callable[[str], Path]) -> None:
    assert said("zsh", "-f", "-n", str(script("zsh"))) == []


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish here: its script is only looked at")
def test_fish_completes_commands_options_and_values(script: Callable[[str], Path]) -> None:
    file = script("fish")
    for line, wanted in {"harvest-tui pl": "plan", "harvest-tui lots --method li": "lifo"}.items():
        told = said("fish", "--no-config", "-c", f"source '{file}'; complete -C '{line}'")
        assert [row.partition("\t")[0] for row in told] == [wanted]


WHERE = {
    "bash": r'^ {{8}}"{command}"\) _harvest_tui_words "(?:[^"]* )?{flag}[ "]',
    "zsh": r"(?s)^ {{16}}{command}\)\n(?: {{20}}[^\n]*\n)*? {{24}}'{flag}\[",
    "fish": r"seen_subcommand_from {command}' (?:-s \w )?-[sl] {bare} ",
}
"""Where each script has an option of a command."""


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_option_is_in_the_script(script: Callable[[str], Path], shell: str) -> None:
    text = script(shell).read_text()
    missing = []
    for command in commands_of(parser())[1:]:
        for flag in (flag for part in command.options for flag in part.flags):
            where = WHERE[shell].format(command=command.name, flag=re.escape(flag), bare=flag.lstrip("-"))
            if not re.search(where, text, re.MULTILINE):
                missing.append((command.name, flag))
    assert missing == []


@pytest.mark.skipif(BASH is None, reason="no bash here")
def test_quotes_and_blocks_of_the_script_for_zsh_are_closed(script: Callable[[str], Path]) -> None:
    assert BASH is not None
    assert said(BASH, "--norc", "-n", str(script("zsh"))) == []


def test_each_line_for_fish_is_one_whole_command(script: Callable[[str], Path]) -> None:
    quoted = r"'(?:[^'\\]|\\['\\])*'"
    line = rf"complete -c harvest-tui(?: -f)?(?: -n (?:\w+|{quoted}))?(?: -[slaxrFd](?: (?:[\w-]+|{quoted}))?)*"
    assert [row for row in script("fish").read_text().splitlines()[1:] if not re.fullmatch(line, row)] == []


def test_a_shell_that_is_not_known_is_refused(run_here: RunHere) -> None:
    assert "bash" in run_here("completion", "tcsh").refused(2)
