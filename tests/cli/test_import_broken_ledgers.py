"""A ledger of 200 rows with every kind of event, imported by the program itself and then broken one cell at a time.

Each broken file gives one clear line that names row and column, and the database stays as it was: its file to the byte,
with no log left beside it, and every row of every table.
"""

from __future__ import annotations

import gzip
import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.journey import files_of
from support.journey_commands import Program, ProgramHere

COLUMNS = [
    *("id", "time", "account", "kind", "sent_amount", "sent_asset", "received_amount", "received_asset"),
    *("fee_amount", "fee_asset", "fee_value", "value", "counter_account", "acquired", "cost_basis", "lots"),
    *("txid", "address", "url", "note"),
]
COINS = ("BTC", "ETH", "SOL", "ADA")
Table = list[dict[str, str]]


def ledger(seed: int) -> Table:
    """200 valid rows of all thirteen kinds; units are bought long before any leave, so that all lots are there."""
    chance = random.Random(seed)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    rows: Table = []

    def add(kind: str, **cells: str) -> None:
        at = start + timedelta(hours=30 * len(rows), seconds=chance.randrange(3600))
        rows.append({"id": f"r{len(rows) + 1}", "time": at.isoformat(), "account": "w1", "kind": kind, **cells})

    def units(most: int) -> str:
        return f"{chance.randrange(1, most)}.{chance.randrange(10**8):08d}"

    for coin in COINS * 10:
        paid = {"sent_amount": units(9000), "sent_asset": "USD", "fee_amount": units(9), "fee_asset": "USD"}
        add("trade", **paid, received_amount=f"{chance.randrange(20, 30)}", received_asset=coin)
    while len(rows) < 200:
        coin, other = chance.sample(COINS, 2)
        sent = {"sent_amount": f"0.{chance.randrange(1, 10**18):018d}", "sent_asset": coin}
        received = {"received_amount": units(5), "received_asset": coin}
        old = {"acquired": "2021-05-05", "cost_basis": units(900)}
        rest = (
            ("trade", {**sent, "received_amount": units(900), "received_asset": "USD", "note": 'he said "sell", 2x'}),
            ("trade", {**sent, "received_amount": units(3), "received_asset": other, "value": units(900)}),
            ("deposit", {**received, "txid": f"0x{chance.getrandbits(128):x}"}),
            ("withdrawal", {**sent, "fee_amount": "0.0001", "fee_asset": coin, "address": "bc1q"}),
            ("transfer", {**sent, "counter_account": "cold", "fee_amount": "0.0002", "fee_asset": coin}),
            ("convert", {**sent, "received_amount": units(3), "received_asset": f"W{coin}"}),
            ("income", {**received, "value": units(70)}),
            ("opening", {**received, **old}),
            ("gift_in", {**received, **old, "value": units(900)}),
            ("gift_out", sent),
            ("spend", {**sent, "value": units(50), "url": "https://shop.example/7"}),
            ("fee", {**sent, "value": units(5)}),
            ("lost", sent),
            ("nft_trade", {**sent, "received_amount": "1", "received_asset": f"apes#{len(rows)}", "value": units(9)}),
        )
        kind, cells = rest[(len(rows) - 40) % len(rest)]
        add(kind, **cells)
    named = next(row for row in rows if row["kind"] == "trade" and row.get("received_asset") == "USD")
    named["lots"] = f"{first_purchase(rows, named['sent_asset'])['id']}={named['sent_amount']}"
    return rows


def first_purchase(rows: Table, asset: str) -> dict[str, str]:
    return next(row for row in rows if row.get("received_asset") == asset)


def cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & set('",\n') else text


def written(rows: Table, columns: list[str] = COLUMNS) -> str:
    lines = [",".join(columns)] + [",".join(cell(row.get(column, "")) for column in columns) for row in rows]
    return "\n".join(lines) + "\n"


def dump(home: Path) -> list[str]:
    """Every row of every table in words, read from a copy: opening a database can already tidy it up."""
    copy = home.parent / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for path in home.glob("facts.sqlite3*"):
        shutil.copy(path, copy)
    with closing(sqlite3.connect(copy / "facts.sqlite3")) as connection:
        return list(connection.iterdump())


def database_files(home: Path) -> dict[str, str]:
    """Digests of the database and its log; the lock, which holds the number of the last process, is left out."""
    return {name: digest for name, digest in files_of(home).items() if "facts." in name and ".lock" not in name}


class Stored:
    """A home that holds the ledger, and what its database is like."""

    def __init__(self, folder: Path) -> None:
        home = folder / "home"
        home.mkdir()
        (home / "config.toml").write_text('timezone = "America/New_York"\n')
        self.program = ProgramHere(home)
        self.path = folder / "good.csv"
        self.path.write_text(written(ledger(1)))
        self.first = self.program.run("import", str(self.path), "--json")
        self.files, self.dump = database_files(home), dump(home)

    def refuses(self, path: Path) -> str:
        """The one line; fails where a byte of the database or a row in it is another than before."""
        told = self.program.run("import", str(path)).refused(2)
        assert database_files(self.program.home) == self.files
        assert dump(self.program.home) == self.dump
        return told.removeprefix("harvest-tui: ")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    return Stored(tmp_path_factory.mktemp("broken_ledgers"))


def test_all_kinds_import_once_and_only_once(stored: Stored) -> None:
    rows = ledger(1)
    assert len(rows) == 200
    assert len({row["kind"] for row in rows}) == 13
    assert (stored.first.status, stored.first.body["new"], stored.first.body["gaps"]) == (0, 200, [])
    assert "facts.sqlite3" in stored.files and not any(name.endswith("-wal") for name in stored.files)
    again = Program(stored.program.home).run("import", str(stored.path), "--json")
    assert (again.status, again.body["new"], again.body["known"]) == (0, 0, 200)
    assert dump(stored.program.home) == stored.dump


def nth(rows: Table, kind: str, **cells: str) -> int:
    """Where the first row of the kind with those cells is."""
    return next(
        index
        for index, row in enumerate(rows)
        if row["kind"] == kind and all(row.get(name, "") == text for name, text in cells.items())
    )


SALE = {"received_asset": "USD"}
BREAKS: dict[str, tuple[str, dict[str, str], str, str, str]] = {
    "letters for a number": ("trade", {}, "sent_amount", "12,5", "'12,5' is not a number"),
    "not a number": ("income", {}, "value", "NaN", "'NaN' is not a number"),
    "infinity": ("spend", {}, "value", "Infinity", "'Infinity' is not a number"),
    "digits of another script": ("deposit", {}, "received_amount", "١٢", "is not a number"),
    "a huge exponent": ("deposit", {}, "received_amount", "1e999999", "'1e999999' is not a number"),
    "a negative amount": ("gift_out", {}, "sent_amount", "-0.5", "'-0.5' is negative; write it without the sign"),
    "twenty decimals": ("lost", {}, "sent_amount", "0.12345678901234567891", "has more than 18 decimals"),
    "nothing": ("fee", {}, "sent_amount", "0", "'0' is nothing; write an amount above zero"),
    "an unknown kind": ("deposit", {}, "kind", "airdrip", "'airdrip' is unknown; write one of trade"),
    "no received amount": ("trade", SALE, "received_amount", "", "empty, but trade needs it; write what was received"),
    "no sent asset": ("convert", {}, "sent_asset", "", "empty beside an amount; write the asset"),
    "a day there is not": ("trade", {}, "time", "2025-02-30T10:00:00Z", "is no day or hour there is"),
    "a time of another country": ("trade", SALE, "time", "31/12/2024 10:00", "is not a time; write it as 2026-03-01T1"),
    "the year 1": ("deposit", {}, "time", "0001-01-01T00:00:00+14:00", "is no day or hour there is"),
    "the year 9999": ("deposit", {}, "time", "9999-12-31T23:59:59Z", "is not between 1990 and 2100"),
    "no account": ("withdrawal", {}, "account", "", "empty; write the wallet or exchange account"),
    "an id given twice": ("spend", {}, "id", "r1", "'r1' is also on line 2; give each row of an account its own id"),
    "lots of a row there is not": ("trade", SALE, "lots", "nobody=1", "names 'nobody', a row that does not exist"),
    "lots that do not add up": ("trade", SALE, "lots", "r1=0.5", "adds up to 0.5, not to the 0."),
    "lots that are none": ("trade", SALE, "lots", "r1", "has the part 'r1' that is no lot"),
    "a fee without its asset": ("withdrawal", {}, "fee_asset", "", "empty beside an amount; write the asset"),
    "a fee without its amount": ("transfer", {}, "fee_amount", "", "write how much of it"),
    "a value of a fee that is not there": ("lost", {}, "fee_value", "3", "'3' has no fee beside it"),
    "a swap into itself": ("trade", SALE, "received_asset", "SAME", "is also what was sent; write two assets"),
    "a transfer to itself": ("transfer", {}, "counter_account", "w1", "'w1' is the account itself"),
    "a transfer to nowhere": ("transfer", {}, "counter_account", "", "empty, but transfer needs it"),
    "an opening without a day": ("opening", {}, "acquired", "", "empty, but opening needs it; write when"),
    "a gift without a basis": ("gift_in", {}, "cost_basis", "", "empty, but gift_in needs it; write their total basis"),
    "units acquired after they came": ("opening", {}, "acquired", "2099-01-01", "is later than the row's own time"),
    "a basis where none belongs": ("income", {}, "cost_basis", "5", "'5' has no meaning for income"),
    "half a token": ("nft_trade", {}, "received_amount", "0.5", "is not one token; write 1"),
    "an account with a colon": ("deposit", {}, "account", "a:b", "'a:b' is not an account name"),
    "an asset of two words": ("deposit", {}, "received_asset", "TWO WORDS", "is not an asset"),
    "a NUL byte": ("withdrawal", {}, "address", "bc1\0q", "holds the invisible character U+0000"),
    "an escape code": ("spend", {}, "url", "\x1b[2J", "holds the invisible character U+001B"),
    "text that runs backwards": ("trade", {}, "txid", "a\u202eb", "holds the invisible character U+202E"),
    "a byte that is not UTF-8": ("deposit", {}, "note", "caf\udce9", "holds byte 0xE9, which is not UTF-8"),
    "a cell of 5000 characters": ("fee", {}, "note", "x" * 5000, "is longer than 4096 characters"),
}


@pytest.mark.parametrize("case", BREAKS, ids=lambda case: case.replace(" ", "-"))
def test_one_broken_cell_is_named_and_nothing_is_stored(case: str, stored: Stored, tmp_path: Path) -> None:
    kind, cells, column, text, complaint = BREAKS[case]
    rows = ledger(2)  # other rows than those stored: what is refused would have been new
    index = nth(rows, kind, **cells)
    rows[index][column] = rows[index]["sent_asset"] if text == "SAME" else text
    path = tmp_path / "broken.csv"
    path.write_text(written(rows), "utf-8", "surrogateescape")
    told = stored.refuses(path)
    assert told.startswith(f"broken.csv line {index + 2}, column {column}: ")
    assert complaint in told
    assert told.isprintable() and len(told) < 400


SHAPES: dict[str, tuple[Callable[[str], str], str]] = {
    "an unknown column": (lambda text: text.replace("received_asset", "recieved_asset", 1), "line 1: unknown column"),
    "a column twice": (lambda text: text.replace(",url,", ",note,", 1), "line 1: column 'note' is there twice"),
    "a column that is missing": (lambda text: text.replace(",kind,", ",", 1), "line 1: there is no column 'kind'"),
    "no header": (lambda text: text.partition("\n")[2], "line 1: the columns"),
    "a cell too many": (lambda text: text.replace(",w1,", ",w1,more,", 1), "line 2: 21 cells under 20 columns"),
    "a cell too few": (lambda text: text.replace(",w1,trade", ",trade", 1), "line 2: 19 cells under 20 columns"),
    "a quote left open": (lambda text: text.replace(",w1,", ',"w1,', 1), "line 2: the quotes or separators are broken"),
    "text after a quote": (lambda text: text.replace(",w1,", ',"w1"x,', 1), "line 2: the quotes or separators are"),
    "semicolons": (lambda text: text.replace(",", ";"), "line 1: the columns are separated by semicolons"),
    "carriage returns alone": (lambda text: text.replace("\n", "\r"), "has lines that end in a carriage return alone"),
    "10,000 columns": (lambda text: "time,kind," + ",".join(f"c{n}" for n in range(10_000)), "unknown column 'c0'"),
    "a cell of 10 MB": (lambda text: text.replace("USD", "U" * 10_000_000, 1), "line 2: longer than 256 KiB"),
    "quotes over 10 MB": (lambda text: text + '"' + "x,\n" * 3_000_000, "line 202: a cell begins here that does not"),
    "a header of 10 MB": (lambda text: "t" * 10_000_000, "line 1: longer than 256 KiB"),
    "nothing at all": (lambda text: "", "is empty"),
    "blank lines": (lambda text: "\n\n\n", "is empty, or its first line is"),
}


@pytest.mark.parametrize("case", SHAPES, ids=lambda case: case.replace(" ", "-"))
def test_a_broken_file_is_named_and_nothing_is_stored(case: str, stored: Stored, tmp_path: Path) -> None:
    change, complaint = SHAPES[case]
    path = tmp_path / "broken.csv"
    path.write_text(change(written(ledger(2))))
    told = stored.refuses(path)
    assert told.startswith("broken.csv ")
    assert complaint in told
    assert told.isprintable() and len(told) < 500


def test_files_of_another_kind_are_told_what_they_are(stored: Stored, tmp_path: Path) -> None:
    text = written(ledger(2))
    (tmp_path / "utf16.csv").write_text(text, "utf-16")
    (tmp_path / "utf16le.csv").write_text(text, "utf-16-le")
    (tmp_path / "led.csv.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04" + b"\0" * 100)
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "big.csv").touch()
    os.truncate(tmp_path / "big.csv", 51 * 2**20)
    for name, complaint in {
        "utf16.csv": "is UTF-16, not UTF-8; save it as CSV UTF-8",
        "utf16le.csv": "is not text; save the file as CSV UTF-8",
        "led.csv.gz": "is compressed; unpack it",
        "book.xlsx": "is a workbook or an archive; save the sheet",
        "folder.csv": "is not a file; give the path",
        "pipe.csv": "is not a file; give the path",
        "nowhere.csv": "is not there; give the path",
        "big.csv": "has 51 MiB and more than 50 are not read; split it",
    }.items():
        assert stored.refuses(tmp_path / name).startswith(f"{name} {complaint}")


def test_a_row_known_with_other_content_is_named_with_its_line(stored: Stored, tmp_path: Path) -> None:
    rows = ledger(1)
    index = nth(rows, "spend")
    rows[index]["value"] = "12345.67"
    path = tmp_path / "changed.csv"
    path.write_text(written([*rows, {**rows[0], "id": "r201"}]))
    told = stored.refuses(path)
    row_id = rows[index]["id"]
    assert told.startswith(f"changed.csv line {index + 2}, column id: '{row_id}' is known in w1 with other content; ")


def test_a_log_that_a_crash_left_is_not_touched_by_a_bad_file(stored: Stored, tmp_path: Path) -> None:
    """A log beside the database is folded in by the next one who opens it: a bad file is refused before that."""
    home = tmp_path / "home"
    shutil.copytree(stored.program.home, home)
    with closing(sqlite3.connect(home / "facts.sqlite3", isolation_level=None)) as connection:
        connection.execute("INSERT INTO notes (key, value) VALUES ('k', 'v')")
        shutil.copytree(home, tmp_path / "crashed")
    crashed = Program(tmp_path / "crashed")
    before, rows_before = files_of(crashed.home), dump(crashed.home)
    assert (crashed.home / "facts.sqlite3-wal").stat().st_size > 0
    rows = ledger(2)
    rows[7]["sent_amount"] = "x"
    path = tmp_path / "broken.csv"
    path.write_text(written(rows))
    assert "line 9, column sent_amount" in crashed.run("import", str(path)).refused(2)
    assert files_of(crashed.home) == before
    assert dump(crashed.home) == rows_before
    rows[7]["sent_amount"] = "5"
    rows[40]["lots"] = "nobody=1"
    path.write_text(written(rows))
    assert "line 42, column lots" in crashed.run("import", str(path)).refused(2)
    assert dump(crashed.home) == rows_before


def test_a_home_is_not_begun_for_a_bad_file(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("time,account,kind\n2025-01-01,w1,gamble\n")
    program = ProgramHere(tmp_path / "home")
    assert "line 2, column kind" in program.run("import", str(tmp_path / "bad.csv")).refused(2)
    assert [name for name in files_of(program.home) if "facts" in name] == []


def test_names_that_a_spreadsheet_would_run_stay_text(tmp_path: Path) -> None:
    header = "id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset,note\n"
    path = tmp_path / "=cmd.csv"
    path.write_text(
        header + "=1+1,2025-01-01,=HYPERLINK(1),trade,100,USD,2,@SUM(A1),\"[red]=cmd|' /C calc'!A0\"\n"
        "-2,2025-01-02,'=HYPERLINK(1),trade,1,@SUM(A1),70,USD,\n"
    )
    program = ProgramHere(tmp_path / "home")
    assert program.run("import", str(path), "--json").body["new"] == 2
    (lot,) = program.run("lots", "--json").body["lots"]
    assert (lot["account"], lot["asset"], lot["origin_id"]) == ("=HYPERLINK(1)", "@SUM(A1)", "=HYPERLINK(1):=1+1")
    assert (lot["quantity"], lot["cost_basis"]) == ("1", "50")


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r\r\n"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(ending: str, tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    text = written(ledger(1)).replace("\n", ending)
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    done = ProgramHere(tmp_path / "home").run("import", str(path), "--json")
    assert (done.status, done.body["new"]) == (0, 200)
