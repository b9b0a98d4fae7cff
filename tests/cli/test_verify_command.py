"""`harvest-tui verify`: a whole chain is called whole, and the first record that is not as it was written is named."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "store"))

from record_worker import record

from harvest_tui.core.identification.chain import exported
from harvest_tui.settings import locate
from harvest_tui.store import Store
from support.journey_commands import Done

RunHere = Callable[..., Done]


async def _fill(folder: Path) -> bytes:
    locations = locate(str(folder))
    locations.create()
    async with await Store.open(locations.database) as store:
        for _ in range(3):
            await store.add_record(record)
        return exported(await store.record_links())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with three records; their export is `records.jsonl` in it."""
    folder = tmp_path / "home"
    content = asyncio.run(_fill(folder))
    (folder / "records.jsonl").write_bytes(content)
    return folder


def test_a_home_without_records_is_whole(run_here: RunHere, tmp_path: Path) -> None:
    done = run_here("--home", str(tmp_path / "new"), "verify", "--json")
    assert done.status == 0
    assert done.body == {
        "schema": 1,
        "whole": True,
        "records": 0,
        "head": "0" * 64,
        "broken": None,
        "problem": None,
    }


def test_the_records_of_a_home_are_whole(run_here: RunHere, home: Path) -> None:
    done = run_here("--home", str(home), "verify", "--json")
    assert (done.status, done.body["whole"], done.body["records"], done.err) == (0, True, 3, "")
    shown = run_here("--home", str(home), "verify")
    assert (shown.status, "whole" in shown.out, done.body["head"] in shown.out) == (0, True, True)


def test_a_changed_record_of_a_home_is_named(run_here: RunHere, home: Path) -> None:
    with closing(sqlite3.connect(locate(str(home)).database, isolation_level=None)) as file:
        trigger = "identification_records_never_change"
        made = file.execute("SELECT sql FROM sqlite_master WHERE name = ?", (trigger,)).fetchone()[0]
        file.execute(f"DROP TRIGGER {trigger}")
        file.execute("UPDATE identification_records SET text = replace(text, '2000', '2001') WHERE number = 2")
        file.execute(made)
    done = run_here("--home", str(home), "verify", "--json")
    assert (done.status, done.body["broken"], done.body["records"]) == (1, 2, 1)
    assert done.err.count("\n") == 1
    assert "record 2 is not what was written" in done.err


def test_an_exported_file_is_checked_without_a_home(run_here: RunHere, home: Path, tmp_path: Path) -> None:
    file = home / "records.jsonl"
    nowhere = tmp_path / "nowhere"
    assert run_here("--home", str(nowhere), "verify", str(file), "--json").body["records"] == 3
    assert not nowhere.exists()
    content = file.read_bytes()
    place = content.rindex(b"3000")
    file.write_bytes(content[:place] + b"4" + content[place + 1 :])
    done = run_here("verify", str(file), "--json")
    assert (done.status, done.body["broken"]) == (1, 3)
    file.write_bytes(content[: content.rindex(b'{"record"')])
    assert run_here("verify", str(file), "--json").body["broken"] == 3


def test_what_cannot_be_read_is_bad_input(run_here: RunHere, tmp_path: Path) -> None:
    for name in ("missing.jsonl", "."):
        done = run_here("verify", str(tmp_path / name))
        assert done.status == 2
        assert done.err.count("\n") == 1
    (tmp_path / "other").write_text("asset,price\n")
    assert run_here("verify", str(tmp_path / "other"), "--json").status == 1


def test_what_is_exported_is_checked_anywhere_and_no_file_is_written_over(
    run_here: RunHere, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "kept.jsonl"
    done = run_here("--home", str(home), "verify", "--export", str(file), "--json")
    assert (done.status, done.body["exported"], done.body["records"]) == (0, str(file), 3)
    assert file.read_bytes() == (home / "records.jsonl").read_bytes()
    checked = run_here("--home", str(tmp_path / "nowhere"), "verify", str(file), "--json")
    assert (checked.status, checked.body["whole"], checked.body["head"]) == (0, True, done.body["head"])
    before = file.read_bytes()
    refused = run_here("--home", str(home), "verify", "--export", str(file)).refused(2)
    assert "exists already" in refused and file.read_bytes() == before
    both = run_here("--home", str(home), "verify", str(file), "--export", str(tmp_path / "other")).refused(2)
    assert "--export writes the records of the home" in both and not (tmp_path / "other").exists()
    shown = run_here("--home", str(tmp_path / "new"), "verify", "--export", str(tmp_path / "none.jsonl"))
    assert shown.status == 0 and f"Exported: {tmp_path / 'none.jsonl'}" in shown.out
    assert run_here("verify", str(tmp_path / "none.jsonl"), "--json").body["records"] == 0


def test_a_backup_is_a_home_of_its_own_and_no_file_is_written_over(
    run_here: RunHere, home: Path, tmp_path: Path
) -> None:
    copied = locate(str(tmp_path / "copied")).database
    done = run_here("--home", str(home), "doctor", "--offline", "--backup", str(copied), "--json")
    assert {"check": "backup", "state": "ok", "found": f"a checked copy is in {copied}"} in done.body["findings"]
    assert run_here("--home", str(tmp_path / "copied"), "verify", "--json").body["records"] == 3
    again = run_here("--home", str(home), "doctor", "--offline", "--backup", str(home / "records.jsonl")).refused(2)
    assert "exists already" in again
