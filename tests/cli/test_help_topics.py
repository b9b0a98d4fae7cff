"""`help TOPIC` and the pages in docs: what they mention is there, and every command is told of."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harvest_tui.cli import main
from harvest_tui.cli.topics import text_of, topics
from harvest_tui.ui.keymap import listing
from support.journey_commands import Done

RunHere = Callable[..., Done]
ROOT = Path(__file__).parents[2]
PAGES = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
PROSE = {**PAGES, **{f"help {name}": text_of(name) for name in topics()}}


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as left:
        main(list(words))
    assert left.value.code == 0
    return capsys.readouterr().out


def commands(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The commands as `--help` lists them."""
    told = printed(capsys, "--help").partition("commands:")[2]
    return re.findall(r"^    ([a-z]+)", told, re.MULTILINE)


def test_without_a_topic_every_topic_is_listed_with_its_title(run_here: RunHere) -> None:
    done: Done = run_here("help")
    assert done.status == 0 and done.err == ""
    for name in topics():
        assert re.search(rf"^  {name} +{re.escape(text_of(name).splitlines()[0])}$", done.out, re.MULTILINE)


@pytest.mark.parametrize("topic", topics())
def test_a_topic_is_printed_as_it_is_written(run_here: RunHere, topic: str) -> None:
    done = run_here("help", topic.upper())
    assert (done.status, done.out) == (0, text_of(topic))
    assert all(len(line) <= 96 and line == line.rstrip() for line in done.out.splitlines())


def test_the_topics_that_are_promised_are_there() -> None:
    assert {"keys", "files", "accounts", "alerts", "import", "plan", "tax", "privacy", "limits", "commands"} <= set(
        topics()
    )


def test_an_unknown_topic_is_refused_with_the_nearest(run_here: RunHere) -> None:
    assert run_here("help", "plam").refused(2).endswith("did you mean plan?")
    assert "choose from accounts, alerts, commands" in run_here("help", "zzzzzz").refused(2)


def test_every_command_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    told = set(re.findall(r"^harvest-tui ([a-z]+)  ", text_of("commands"), re.MULTILINE))
    assert told == set(commands(capsys)), "src/harvest_tui/help/commands.txt has a line for each command"


@pytest.mark.parametrize("page", PROSE)
def test_every_command_and_option_that_is_mentioned_exists(capsys: pytest.CaptureFixture[str], page: str) -> None:
    known = commands(capsys)
    named = re.findall(r"(?<![/\w-])harvest-tui(?: --home [^ `]+)? ([a-z]+)\b", PROSE[page])
    assert sorted(set(named) - set(known)) == []
    options = set(re.findall(r"--[a-z][a-z-]*", printed(capsys, "--help")))
    for command in known:
        options |= set(re.findall(r"--[a-z][a-z-]*", printed(capsys, command, "--help")))
    # What follows `pip` or `python` is theirs.
    ours = "\n".join(line for line in PROSE[page].splitlines() if "pip install" not in line)
    assert sorted(set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", ours)) - options) == []


def test_the_keys_are_those_of_the_screens() -> None:
    assert text_of("keys") == listing(), "src/harvest_tui/help/keys.txt is to be what ui/keymap.py lists"


def test_the_ledger_in_the_page_imports_as_it_stands(run_here: RunHere, tmp_path: Path) -> None:
    match = re.search(r"```csv\n(.*?)```", PAGES["ledger-file.md"], re.DOTALL)
    assert match is not None
    file = tmp_path / "ledger.csv"
    file.write_text(match[1], "utf-8")
    home = ("--home", str(tmp_path / "home"))
    done = run_here(*home, "import", str(file), "--json")
    rows = match[1].count("\n") - 1
    assert (done.status, done.body["new"], done.body["gaps"]) == (0, rows, [])
    assert run_here(*home, "disposals", "--json").body["totals"] == {"short": "-807.8", "long": "931.95"}
