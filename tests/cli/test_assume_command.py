"""`assume`: a gap or an unexplained deposit gets a basis by the user's word, and loses it when that is taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.journey_commands import Program, ProgramHere

HEADER = (
    "id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset,fee_amount,fee_asset,"
    "acquired,cost_basis"
)
LEDGER = f"""\
{HEADER}
d1,2024-09-01T00:00:00Z,w2,deposit,,,0.3,BTC,,,,
s2,2025-10-01T15:00:00Z,w2,trade,3.5,SOL,700,USD,2,USD,,
s3,2025-11-01T15:00:00Z,w2,trade,1.5,SOL,400,USD,,,,
b1,2025-11-02T15:00:00Z,w1,trade,100,USD,1,ADA,,,,
"""
WHY = ("--reason", "bought at a shop, receipt lost")
SOL = ("w2", "sol", "3.5", "--acquired", "2021-05-01", "--cost-basis", "80", *WHY)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text('timezone = "America/New_York"\n')
    (tmp_path / "ledger.csv").write_text(LEDGER)
    program = ProgramHere(home)
    program.run("import", str(tmp_path / "ledger.csv"))
    return program


def assumed(program: Program, *words: str, status: int = 1) -> dict[str, Any]:
    done = program.run("assume", *words, "--json")
    assert done.status == status, (done.out, done.err)
    return done.body


def lots(program: Program) -> list[tuple[str, str, str | None, str]]:
    body = program.run("lots", "--json").body
    return [(lot["asset"], lot["quantity"], lot["cost_basis"], lot["provenance"]) for lot in body["lots"]]


def gaps(program: Program) -> list[tuple[str, str]]:
    return [(gap["event_id"], gap["quantity"]) for gap in program.run("lots", "--json").body["gaps"]]


def test_a_gap_is_assumed_away_shows_as_assumed_and_is_back_when_that_is_undone(program: Program) -> None:
    assert gaps(program) == [("w2:s2", "3.5"), ("w2:s3", "1.5")]
    body = assumed(program, "w2", "SOL", "6", "--acquired", "2021-05-01", "--unit-cost", "20.5", *WHY)
    assert body["decided"]["said"] == ("decision 1: 6 SOL in w2 acquired on 2021-05-01 for 123 USD, for w2:s2")
    assert body["decided"]["warnings"] == ["only 5 SOL are missing in w2: 1 more become lots"]
    (row,) = body["assumptions"]
    assert (row["quantity"], row["cost_basis"], row["acquired"], row["state"]) == ("6", "123", "2021-05-01", "applied")
    assert (row["reason"], row["about"], row["event_id"]) == (WHY[1], "w2:s2", "w2:assumed-1")
    assert body["surplus"] == [{"account": "w2", "asset": "SOL", "quantity": "1"}]
    assert gaps(program) == []
    assert ("SOL", "1", "20.5", "assumed") in lots(program)
    told = program.run("lots", "--json").body["lots"]
    lot = next(lot for lot in told if lot["provenance"] == "assumed")
    assert (lot["origin_id"], lot["acquired_at"], lot["long_term_on"]) == (
        "w2:assumed-1",
        "2021-05-01T04:00:00Z",
        "2022-05-02",
    )
    undone = assumed(program, "--undo", "1")
    assert undone["decided"]["said"].startswith("decision 1 is taken back: 6 SOL in w2")
    assert [one["state"] for one in undone["assumptions"]] == ["undone"]
    assert gaps(program) == [("w2:s2", "3.5"), ("w2:s3", "1.5")]
    assert not any(provenance == "assumed" for *_, provenance in lots(program))


def test_what_is_realized_is_measured_by_the_assumed_basis(program: Program) -> None:
    assumed(program, *SOL)
    body = program.run("disposals", "--year", "2025", "--json").body
    (part,) = body["disposals"]
    assert (part["event_id"], part["origin_id"], part["quantity"]) == ("w2:s2", "w2:assumed-1", "3.5")
    assert (part["proceeds"], part["cost_basis"], part["gain"], part["term"]) == ("698", "80", "618", "long")
    assert [(gap["event_id"], gap["quantity"]) for gap in body["gaps"]] == [("w2:s3", "1.5")]


def test_a_part_of_a_gap_says_how_much_is_still_missing(program: Program) -> None:
    done = program.run("assume", *SOL)
    assert done.status == 1
    assert done.err == (
        "decision 1: 3.5 SOL in w2 acquired on 2021-05-01 for 80 USD, for w2:s2; 1.5 SOL still without a lot\n"
    )
    assert "1.5   2025-11-01   w2:s3" in done.out
    assert Program(program.home).run("assume") == program.run("assume")


def test_a_deposit_without_a_basis_gets_one_for_a_part_and_then_for_the_rest(program: Program) -> None:
    assert ("BTC", "0.3", None, "unknown") in lots(program)
    body = assumed(program, "w2", "BTC", "0.2", "--acquired", "2021-05-01", "--unit-cost", "$30,000.5", *WHY)
    assert body["unknown_deposits"] == [{"account": "w2", "asset": "BTC", "quantity": "0.1", "event_id": "w2:d1"}]
    assert [lot for lot in lots(program) if lot[0] == "BTC"] == [
        ("BTC", "0.2", "6000.1", "assumed"),
        ("BTC", "0.1", None, "unknown"),
    ]
    told = program.run("assume", "w2", "BTC", "0.11", "--acquired", "2021-05-01", "--cost-basis", "1", *WHY).refused(2)
    assert "only 0.1 BTC of w2:d1 are without a basis; give at most that much" in told
    body = assumed(program, "w2", "BTC", "0.1", "--acquired", "2024-08-31", "--cost-basis", "0", *WHY)
    assert body["unknown_deposits"] == []
    assert body["surplus"] == []
    assert ("BTC", "0.1", "0", "assumed") in lots(program)


def test_ids_stay_the_same_when_the_file_comes_again(program: Program, tmp_path: Path) -> None:
    assumed(program, *SOL)
    before = program.run("lots", "--json").body["lots"]
    assert program.run("import", str(tmp_path / "ledger.csv"), "--json").body["new"] == 0
    assert program.run("lots", "--json").body["lots"] == before


def test_an_import_that_closes_the_gap_shows_the_assumption_as_too_much(program: Program, tmp_path: Path) -> None:
    assumed(program, *SOL)
    found = tmp_path / "found.csv"
    found.write_text(f"{HEADER}\nold,2021-03-01T00:00:00Z,w2,opening,,,5,SOL,,,2021-03-01,75\n")
    program.run("import", str(found))
    done = program.run("assume")
    assert done.status == 1
    assert "look again: 3.5 SOL more are assumed in w2 than are missing: take some back" in done.err
    assert ("SOL", "3.5", "80", "assumed") in lots(program)
    assert assumed(program, "--undo", "1")["surplus"] == []
    assert (gaps(program), [lot for lot in lots(program) if lot[0] == "SOL"]) == ([], [])


def test_a_deposit_whose_other_end_turns_up_needs_no_assumption(program: Program, tmp_path: Path) -> None:
    assumed(program, "w2", "BTC", "0.3", "--acquired", "2021-05-01", "--cost-basis", "5", *WHY)
    found = tmp_path / "found.csv"
    found.write_text(
        f"{HEADER}\nb7,2023-03-01T00:00:00Z,w3,trade,900,USD,0.3,BTC,,,,\n"
        "o7,2024-08-31T23:00:00Z,w3,withdrawal,0.3,BTC,,,,,,\n"
    )
    program.run("import", str(found))
    assert [one["state"] for one in assumed(program)["assumptions"]] == ["matched"]
    assert [lot for lot in lots(program) if lot[0] == "BTC"] == [("BTC", "0.3", "900", "transferred")]


def test_an_assumption_in_a_removed_account_is_kept_and_told(program: Program, tmp_path: Path) -> None:
    assumed(program, *SOL)
    assert program.run("accounts", "--remove", "w2").status == 0
    body = assumed(program, status=0)
    assert [(one["number"], one["state"]) for one in body["assumptions"]] == [(1, "account_gone")]
    assert lots(program) == [("ADA", "1", "100", "proven")]
    program.run("import", str(tmp_path / "ledger.csv"))
    assert [one["state"] for one in assumed(program)["assumptions"]] == ["applied"]


def test_what_nothing_asks_for_is_recorded_with_a_warning(program: Program) -> None:
    body = assumed(program, "w1", "ADA", "2", "--acquired", "2025-01-01", "--cost-basis", "3", *WHY)
    assert body["decided"]["warnings"] == ["nothing asks for it: no ADA in w1 is without a lot or a basis"]
    assert body["surplus"] == [{"account": "w1", "asset": "ADA", "quantity": "2"}]


def changed(at: int, *words: str) -> tuple[str, ...]:
    return (*SOL[:at], *words, *SOL[at + len(words) :])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (changed(0, "w22"), "no account 'w22'; did you mean w2?"),
        (changed(1, "SOLL"), "w2 never had 'SOLL'; did you mean SOL?"),
        (changed(1, "USD"), "US dollars have no basis"),
        (changed(2, "0"), "0 is no quantity"),
        (changed(2, "3,5x"), "the quantity '3,5x' is not a number"),
        (changed(2, "0.1234567890123456789"), "the quantity has more than 18 decimals"),
        (changed(4, "2999-01-01"), "2999-01-01 is in the future"),
        (changed(4, "2008-12-31"), "there was no coin on 2008-12-31"),
        (changed(4, "2025-13-01"), "'2025-13-01' is not a day"),
        (changed(4, "1.5.2021"), "'1.5.2021' is not a day; write it like 2021-04-05"),
        (changed(4, "2025-12-01"), "the units left on 2025-10-01, before 2025-12-01"),
        (changed(6, "-80"), "a cost basis is never negative"),
        (changed(6, "NaN"), "the cost basis 'NaN' is not a number"),
        (changed(8, "  "), "an assumption needs a reason"),
        (changed(8, "a\x1b[31mb"), "the reason is too long, or has invisible signs in it"),
        ((*SOL, "--unit-cost", "3"), "give --cost-basis, in all, or --unit-cost, for one unit"),
        (SOL[:7], "an assumption also needs --reason"),
        (SOL[:2], "an assumption also needs quantity, --acquired, --reason"),
        ((*SOL, "--undo", "1"), "--undo takes one decision back and nothing else"),
        ((*SOL, "--for", "w2:s22"), "'w2:s22' does not ask for a basis of SOL in w2; did you mean w2:s2?"),
        ((*SOL, "--for", "w2:d1"), "'w2:d1' does not ask for a basis of SOL in w2"),
        (("--undo", "7"), "there is no decision 7"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else "",
)
def test_what_cannot_be_is_one_line_and_records_nothing(program: Program, words: tuple[str, ...], told: str) -> None:
    assert told in program.run("assume", *words).refused(2)
    assert assumed(program)["assumptions"] == []


def test_where_several_things_could_be_meant_the_user_says_which(program: Program, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text(f"{HEADER}\nd2,2024-10-01T00:00:00Z,w2,deposit,,,0.25,BTC,,,,\n")
    program.run("import", str(more))
    words = ("w2", "BTC", "0.1", "--acquired", "2021-05-01", "--cost-basis", "5", *WHY)
    assert "it may be about w2:d1, w2:d2; say which with --for ID" in program.run("assume", *words).refused(2)
    body = assumed(program, *words, "--for", "w2:d2")
    assert [(row["event_id"], row["quantity"]) for row in body["unknown_deposits"]] == [
        ("w2:d1", "0.3"),
        ("w2:d2", "0.15"),
    ]
    # The amount of one alone says which.
    exact = ("w2", "BTC", "0.15", "--acquired", "2021-05-01", "--cost-basis", "5", *WHY)
    assert [row["event_id"] for row in assumed(program, *exact)["unknown_deposits"]] == ["w2:d1"]
