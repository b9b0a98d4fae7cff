"""`transfers`: pairs and why, the user's word on them, and what that does to the lots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.journey_commands import Program, ProgramHere

LEDGER = """\
id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset,fee_amount,fee_asset,fee_value,txid
b1,2024-01-10T15:00:00Z,w1,trade,5000,USD,2,ETH,10,USD,,
o1,2024-03-01T00:00:00Z,w1,withdrawal,0.5,ETH,,,0.001,ETH,3,0xAA
i1,2024-03-01T01:30:00Z,w2,deposit,,,0.5,ETH,,,,aa
o2,2024-04-01T00:00:00Z,w1,withdrawal,0.25,ETH,,,,,,
i2,2024-04-11T01:30:00Z,w2,deposit,,,0.24,ETH,,,,
u1,2024-05-01T00:00:00Z,w2,deposit,,,500,USD,,,,
"""
KEYS = [
    *("withdrawal", "deposit", "asset", "from_account", "to_account", "sent", "arrived", "fee", "fee_asset"),
    *("sent_at", "arrived_at", "hours_apart", "txid"),
]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / "home").mkdir()
    (tmp_path / "ledger.csv").write_text(LEDGER)
    program = ProgramHere(tmp_path / "home")
    assert program.run("import", str(tmp_path / "ledger.csv")).status == 0
    return program


def decided(program: Program, *words: str, status: int = 1) -> dict[str, Any]:
    done = program.run("transfers", *words, "--json")
    assert done.status == status, (done.out, done.err)
    return done.body


def lots_in(program: Program, account: str) -> list[tuple[str, str | None, str]]:
    body = program.run("lots", "--json").body
    return [
        (lot["quantity"], lot["cost_basis"], lot["provenance"]) for lot in body["lots"] if lot["account"] == account
    ]


def test_pairs_say_why_and_loose_ends_what_they_may_be(program: Program) -> None:
    body = decided(program)
    assert list(body) == ["schema", "pairs", "unmatched", "decisions", "decided"]
    (pair,) = body["pairs"]
    assert list(pair) == [*KEYS, "confirmed"]
    assert (pair["withdrawal"], pair["deposit"], pair["sent"], pair["arrived"]) == ("w1:o1", "w2:i1", "0.5", "0.5")
    assert (pair["fee"], pair["fee_asset"], pair["hours_apart"], pair["txid"]) == ("0.001", "ETH", "1.5", "equal")
    assert pair["confirmed"] is False
    assert Program(program.home).run("transfers", "--json").body == body
    out, into = body["unmatched"]
    assert (out["event_id"], out["kind"], out["quantity"], out["external"]) == ("w1:o2", "withdrawal", "0.25", False)
    assert [(one["deposit"], one["arrived"], one["hours_apart"]) for one in out["candidates"]] == [
        ("w2:i2", "0.24", "241.5")
    ]
    assert [one["withdrawal"] for one in into["candidates"]] == ["w1:o2"]
    assert (body["decisions"], body["decided"]) == ([], None)


def test_a_confirmed_pair_carries_its_basis_until_it_is_undone(program: Program) -> None:
    before = lots_in(program, "w2")
    assert before == [("0.5", "1252.5", "transferred"), ("0.24", None, "unknown")]
    body = decided(program, "--confirm", "w1:o2", "w2:i2", status=0)
    assert body["decided"]["said"] == "decision 1: w1:o2 and w2:i2 are one move"
    assert body["decided"]["warnings"] == []
    assert [pair["confirmed"] for pair in body["pairs"]] == [False, True]
    # 0.24 of a lot of 2 for 5010; the 0.01 that did not arrive are a disposal.
    assert lots_in(program, "w2") == [("0.5", "1252.5", "transferred"), ("0.24", "601.2", "transferred")]
    again = decided(program, "--undo", "1")
    assert [(one["number"], one["state"]) for one in again["decisions"]] == [(1, "undone")]
    assert lots_in(program, "w2") == before


def test_a_pair_is_split_and_an_end_marked_as_somebody_elses(program: Program) -> None:
    assert decided(program, "--split", "w1:o1")["pairs"] == []
    assert lots_in(program, "w2") == [("0.5", None, "unknown"), ("0.24", None, "unknown")]
    for number, event_id in enumerate(("w1:o1", "w1:o2", "w2:i1"), 2):
        assert decided(program, "--external", event_id)["decided"]["number"] == number
    body = decided(program, "--external", "w2:i2", status=0)
    assert [end["external"] for end in body["unmatched"]] == [True] * 4
    assert all(end["candidates"] == [] for end in body["unmatched"])
    assert lots_in(program, "w1") == [("1.249", "3128.745", "proven")]


def test_the_last_word_holds(program: Program) -> None:
    decided(program, "--split", "w1:o1")
    body = decided(program, "--confirm", "w1:o1", "w2:i1")
    assert [(one["number"], one["kind"], one["state"]) for one in body["decisions"]] == [
        (1, "split", "overruled"),
        (2, "confirm", "applied"),
    ]
    assert lots_in(program, "w2")[0] == ("0.5", "1252.5", "transferred")


def test_a_pair_against_the_odds_is_made_and_to_be_looked_at_again(program: Program, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text(LEDGER.splitlines()[0] + "\ni9,2024-03-20T00:00:00Z,w2,deposit,,,0.3,ETH,,,,bb\n")
    program.run("import", str(more))
    done = program.run("transfers", "--confirm", "w1:o2", "w2:i9")
    assert done.status == 1
    said, first, second = done.err.splitlines()
    assert said == "decision 1: w1:o2 and w2:i9 are one move"
    assert first == "look again: 0.05 ETH more arrive than left: their basis is unknown"
    assert second == "look again: the deposit is stamped more than a day before the withdrawal"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--confirm", "w1:o22", "w2:i2"), "no withdrawal is called 'w1:o22'; did you mean w1:o2?"),
        (("--confirm", "w1:o2", "w2:i22"), "did you mean w2:i2?"),
        (("--confirm", "w2:i2", "w1:o2"), "'w2:i2' is a deposit, not a withdrawal"),
        (("--confirm", "w1:o2", "w2:u1"), "'w2:u1' moves US dollars"),
        (("--confirm", "w1:o2", "w1:b1"), "no deposit is called 'w1:b1'"),
        (("--confirm", "w1:o2"), "expected 2 arguments"),
        (("--split", "w1:o2"), "w1:o2 is paired with no deposit"),
        (("--split", "nothing"), "no withdrawal is called 'nothing'"),
        (("--external", "w1:b1"), "no deposit or withdrawal is called 'w1:b1'"),
        (("--external", "w2:u1"), "dollars have no lots"),
        (("--undo", "3"), "there is no decision 3"),
        (("--undo", "x"), "invalid int value"),
        (("--split", "w1:o1", "--external", "w1:o2"), "not allowed with"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_makes_no_sense_is_one_line_and_decides_nothing(
    program: Program, words: tuple[str, ...], told: str
) -> None:
    assert told in program.run("transfers", *words, "--json").refused(2)
    assert decided(program)["decisions"] == []


def test_another_coin_is_no_other_end(program: Program, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text(LEDGER.splitlines()[0] + "\ni9,2024-04-02T00:00:00Z,w2,deposit,,,0.25,BTC,,,,\n")
    program.run("import", str(more))
    told = program.run("transfers", "--confirm", "w1:o2", "w2:i9").refused(2)
    assert "w1:o2 is ETH and w2:i9 is BTC; only a withdrawal and a deposit of one coin are a move" in told


def test_decisions_on_a_removed_account_are_kept_and_told(program: Program, tmp_path: Path) -> None:
    decided(program, "--confirm", "w1:o2", "w2:i2", status=0)
    decided(program, "--external", "w1:o1", status=1)
    assert program.run("accounts", "--remove", "w2").status == 0
    body = decided(program)
    assert [(one["number"], one["state"]) for one in body["decisions"]] == [(1, "event_gone"), (2, "applied")]
    assert lots_in(program, "w1") == [("1.249", "3128.745", "proven")]
    program.run("import", str(tmp_path / "ledger.csv"))
    assert [one["state"] for one in decided(program)["decisions"]] == ["applied", "applied"]
    assert lots_in(program, "w2") == [("0.24", "601.2", "transferred"), ("0.5", None, "unknown")]


def test_people_get_tables_and_ids_are_literal(program: Program, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text(LEDGER.splitlines()[0] + "\n[red]x[/red],2024-06-02T00:00:00Z,w2,deposit,,,7,ADA,,,,\n")
    program.run("import", str(more))
    program.run("transfers", "--external", "w2:[red]x[/red]")
    out = program.run("transfers").out
    assert "Moves between your accounts: 1" in out
    assert "same amount, fee 0.001 ETH, 1.5 h later, txid equal" in out
    assert "w2:[red]x[/red]" in out and "not in an own account: you said so" in out
    assert "w2:i2: 0.01 less arrived, 241.5 h later" in out
