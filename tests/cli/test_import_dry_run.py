"""A dry run looks at all of a file and stores none of it; progress is for people who wait at a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from support.journey import files_of
from support.journey_commands import Program, ProgramHere

HEADER = "id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset,lots\n"
GOOD = (
    "b1,2024-01-10,w1,trade,5000,USD,2,ETH,\n"
    "b2,2024-02-10,w1,trade,3000,USD,1.5,ETH,\n"
    "s1,2024-03-10,w1,trade,0.5,ETH,1300,USD,b2=0.5\n"
)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return ProgramHere(tmp_path / "home")


def file(folder: Path, *rows: str, name: str = "led.csv", header: str = HEADER) -> str:
    path = folder / name
    path.write_text(header + "".join(row if row.endswith("\n") else f"{row}\n" for row in rows))
    return str(path)


def database(program: Program) -> dict[str, str]:
    return {name: text for name, text in files_of(program.home).items() if name.endswith(("sqlite3", "-wal"))}


def told(done_body: dict[str, object]) -> list[tuple[object, object, object]]:
    problems = done_body["problems"]
    assert isinstance(problems, list)
    return [(one["line"], one["column"], one["problem"]) for one in problems]


def test_new_known_and_rejected_rows_are_counted_and_every_bad_cell_is_listed(program: Program, tmp_path: Path) -> None:
    program.run("import", file(tmp_path, GOOD))
    before = database(program)
    path = file(
        tmp_path,
        GOOD,
        "b3,2024-04-10,w1,trade,ten,USD,-3,E TH,\n",
        "b4,2024-05-10,w1,trade,100,USD,1,BTC,\n",
        "b5,yesterday,,gamble,,,,,\n",
        "b6,2024-05-10,w1,deposit\n",
        "b4,2024-05-11,w1,deposit,,,1,BTC,\n",
        "s2,2024-06-10,w1,trade,0.5,ETH,1200,USD,nobody=0.5\n",
        "s3,2024-06-10,w1,trade,0.5,ETH,1200,USD,b3=0.5\n",
    )
    done = program.run("import", path, "--dry-run", "--json")
    assert (done.status, done.err) == (2, "")
    body = done.body
    assert (body["dry_run"], body["new"], body["known"], body["rejected"]) == (True, 2, 3, 5)
    assert told(body) == [
        (5, "sent_amount", "'ten' is not a number"),
        (5, "received_amount", "'-3' is negative"),
        (5, "received_asset", "'E TH' is not an asset"),
        (7, "kind", body["problems"][3]["problem"]),
        (7, "time", "'yesterday' is not a time"),
        (7, "account", "empty"),
        (8, None, "4 cells under 9 columns"),
        (9, "id", "'b4' is also on line 6"),
        (10, "lots", "'nobody=0.5' names 'nobody', a row that does not exist"),
    ]
    assert body["problems"][3]["problem"] == "'gamble' is unknown"
    assert {one["file"] for one in body["problems"]} == {"led.csv"}
    assert all(one["remedy"] for one in body["problems"])
    assert database(program) == before

    lines = program.run("import", path, "--dry-run").err.splitlines()
    assert lines[0] == (
        "led.csv line 5, column sent_amount: 'ten' is not a number; write digits with a point and nothing else, "
        "as 1234.5"
    )
    assert len(lines) == 10
    assert lines[-1] == "led.csv (ledger): 2 would be new, 3 known, 5 rejected"
    assert "line 5, column sent_amount" in program.run("import", path).refused(2)


def test_a_good_file_is_counted_and_nothing_is_listed(program: Program, tmp_path: Path) -> None:
    done = program.run("import", file(tmp_path, GOOD), "--dry-run", "--json")
    assert done.status == 0
    assert done.body == {
        "schema": 1,
        "dry_run": True,
        "format": "ledger",
        "new": 3,
        "known": 0,
        "rejected": 0,
        "problems": [],
    }
    assert program.run("lots", "--json").body["lots"] == []


def test_only_twenty_lines_are_shown_and_the_rest_is_counted(program: Program, tmp_path: Path) -> None:
    rows = [f"x{number},2024-01-10,w1,deposit,,,nothing,BTC,\n" for number in range(1, 31)]
    path = file(tmp_path, *rows)
    done = program.run("import", path, "--dry-run")
    lines = done.err.splitlines()
    assert (done.status, done.out, len(lines)) == (2, "", 22)
    assert lines[19].startswith("led.csv line 21, ")
    assert lines[20:] == ["and 10 more", "led.csv (ledger): 0 would be new, 0 known, 30 rejected"]
    assert len(program.run("import", path, "--dry-run", "--json").body["problems"]) == 30


def test_a_row_known_with_other_content_is_rejected(program: Program, tmp_path: Path) -> None:
    program.run("import", file(tmp_path, GOOD))
    path = file(tmp_path, GOOD.replace("3000,USD", "3001,USD"), "b9,2024-07-10,w1,trade,70,USD,1,SOL,\n")
    body = program.run("import", path, "--dry-run", "--json").body
    assert (body["new"], body["known"], body["rejected"]) == (1, 2, 1)
    assert told(body) == [(3, "id", "'b2' is known in w1 with other content")]
    assert "led.csv line 3, column id: 'b2' is known in w1" in program.run("import", path).refused(2)


def test_named_lots_that_are_gone_are_rejected_once_all_rows_are_there(program: Program, tmp_path: Path) -> None:
    spent = "s4,2024-08-10,w1,trade,1.2,ETH,1200,USD,b2=1.2\n"
    body = program.run("import", file(tmp_path, GOOD, spent), "--dry-run", "--json").body
    assert (body["new"], body["rejected"]) == (3, 1)
    [(line, column, problem)] = told(body)
    assert (line, column) == (5, "lots")
    assert "of which 0.2 ETH are not in w1 at that time" in str(problem)


def test_a_file_that_cannot_be_read_on_gives_one_line_in_a_dry_run_too(program: Program, tmp_path: Path) -> None:
    path = file(tmp_path, GOOD, header=HEADER.replace("kind", "sort"))
    assert "line 1: unknown column 'sort'" in program.run("import", path, "--dry-run", "--json").refused(2)


def test_what_follows_a_broken_line_is_still_read(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "led.csv"
    broken = [
        b'q1,2024-01-10,w1,deposit,,,1,"B"TC,',
        b"u1,2024-01-10,caf\xe9,deposit,,,1,BTC,",
        b"h1,2024-01-10,w1,deposit,,,1," + b"B" * 300_000 + b",",
        b"n1,2024-01-10,w1,deposit,,,bad,BTC,",
    ]
    path.write_bytes((HEADER + GOOD).encode() + b"\n".join(broken) + b"\nb8,2024-01-10,w1,deposit,,,1,BTC,\n")
    body = program.run("import", str(path), "--dry-run", "--json").body
    assert (body["new"], body["rejected"]) == (4, 4)
    assert [(line, column) for line, column, _ in told(body)] == [
        (5, None),
        (6, "account"),
        (7, None),
        (8, "received_amount"),
    ]


def test_koinlys_bad_rows_are_counted_too(program: Program, tmp_path: Path) -> None:
    header = "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Label\n"
    rows = ["2024-01-01 10:00 UTC,10,USD,1,BTC,", "someday,,,x,BTC,", "2024-01-01 10:00 UTC,,,5,USD,realized gain"]
    body = program.run("import", file(tmp_path, *rows, header=header), "--dry-run", "--json").body
    assert (body["format"], body["new"], body["rejected"]) == ("koinly", 1, 2)
    assert [(line, column) for line, column, _ in told(body)] == [
        (3, "Date"),
        (3, "Received Amount"),
        (4, "Label"),
    ]


def in_a_terminal(home: Path, *words: str) -> tuple[int, str, str]:
    """Exit status, standard output through a pipe, and what a terminal got as standard error."""
    terminal, far_end = pty.openpty()
    environment = {name: text for name, text in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
    command = [sys.executable, "-m", "harvest_tui", "--home", str(home), *words]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=far_end, stdin=subprocess.DEVNULL, env={**environment, "TERM": "xterm"}
    )
    os.close(far_end)
    seen = b""
    while True:
        try:
            part = os.read(terminal, 1 << 16)
        except OSError:  # the far end is closed: the program has ended
            break
        if not part:
            break
        seen += part
    os.close(terminal)
    assert process.stdout is not None
    out = process.stdout.read().decode()
    process.stdout.close()
    return process.wait(60), out, seen.decode()


def test_a_terminal_sees_rows_read_and_stored_and_a_pipe_sees_none_of_it(program: Program, tmp_path: Path) -> None:
    rows = [f"x{number},2024-01-10,w1,deposit,,,1,BTC,\n" for number in range(3500)]
    path = file(tmp_path, *rows)
    status, out, seen = in_a_terminal(program.home, "import", path, "--json")
    assert status == 0
    assert out.startswith('{"schema":1,"dry_run":false,"format":"ledger","new":3500,')
    assert "reading" in seen and "storing" in seen and "3,500 rows" in seen
    quiet = Program(tmp_path / "other").run("import", path, "--json")
    assert (quiet.status, quiet.err) == (0, "")


def test_the_bar_is_gone_before_an_error_is_told(program: Program, tmp_path: Path) -> None:
    status, out, seen = in_a_terminal(program.home, "import", file(tmp_path, GOOD, "x,,w1,deposit,,,1,BTC,\n"))
    assert (status, out) == (2, "")
    assert seen.splitlines()[-1].endswith(
        "harvest-tui: led.csv line 5, column time: empty; write it as 2026-03-01T14:05:00Z"
    )
