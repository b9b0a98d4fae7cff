"""`tax`: the calculator of the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from harvest_tui.cli import main

FIELDS = [
    "year",
    "status",
    "adjusted_gross_income",
    "taxable_income",
    "net_short",
    "net_long",
    "capital_gain_or_loss",
    "allowed_loss",
    "regular_tax",
    "alternative_minimum_tax",
    "net_investment_income_tax",
    "total_tax",
    "carry_short_out",
    "carry_long_out",
]
ONE = ["tax", "--year", "2026", "--status", "single"]


def answered(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("harvest-tui: ") and told.err.count("\n") == 1
    return told.err


def batch(folder: Path, body: object) -> str:
    file = folder / "batch.json"
    file.write_text(body if isinstance(body, str) else json.dumps(body))
    return str(file)


def test_one_return_has_exactly_the_fields_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    told = answered(capsys, *ONE, "--wages", "120000", "--short-gain", "-5000.25", "--interest", "150.75")
    assert list(told) == ["schema", *FIELDS]
    assert told["schema"] == 1 and told["year"] == 2026 and told["status"] == "single"
    assert all(isinstance(told[key], str) for key in FIELDS[2:])
    assert (told["net_short"], told["capital_gain_or_loss"], told["allowed_loss"]) == ("-5000.25", "-3000", "3000")
    assert (told["carry_short_out"], told["adjusted_gross_income"]) == ("2000.25", "117150.75")


def test_every_amount_reaches_the_return(capsys: pytest.CaptureFixture[str]) -> None:
    told = answered(
        capsys,
        *("tax", "--year", "2025", "--status", "married_joint", "--wages", "210000", "--interest", "11000"),
        *("--qualified-dividends", "12000", "--short-gain", "21000", "--long-gain", "31000"),
        *("--collectibles-gain", "7000", "--carry-short", "5000", "--carry-long", "2500"),
    )
    assert (told["net_short"], told["net_long"]) == ("16000", "35500")
    assert told["adjusted_gross_income"] == "284500"
    assert told["net_investment_income_tax"] == "1311"
    # 43,000 at 15 %; the other 210,000, of them 4,500 on collectibles, reach 24 %: 35,302 + 792.
    assert told["taxable_income"] == "253000"
    assert told["regular_tax"] == "42544"


def test_amounts_may_be_written_as_people_do(capsys: pytest.CaptureFixture[str]) -> None:
    plain = answered(capsys, *ONE, "--wages", "120000", "--short-gain", "-5000")
    assert answered(capsys, *ONE, "--wages", "$120,000", "--short-gain", "-5,000") == plain


def test_people_get_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ONE, "--wages", "120000", "--short-gain", "-5000"]) == 0
    told = capsys.readouterr().out
    assert "Federal tax 2026, single" in told
    assert "Total tax" in told and "16,910.00" in told


def test_a_batch_answers_every_row_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = batch(
        tmp_path,
        [
            {"year": 2025, "status": "single", "wages": 5000, "short_gain": "-10000"},
            {"year": 2025, "status": "single", "wages": 17000.00, "short_gain": -8000},
        ],
    )
    told = answered(capsys, "tax", "--batch", file)
    assert list(told) == ["schema", "answers"]
    assert [list(answer) for answer in told["answers"]] == [FIELDS, FIELDS]
    assert [answer["carry_short_out"] for answer in told["answers"]] == ["10000", "6750"]


def test_a_number_of_a_batch_is_read_exactly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = '[{"year": 2026, "status": "single", "wages": 90071992547409.93}]'
    told = answered(capsys, "tax", "--batch", batch(tmp_path, body))
    assert told["answers"][0]["adjusted_gross_income"] == "90071992547409.93"


def test_options_beside_a_batch_hold_for_rows_that_do_not_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = answered(capsys, *ONE, "--wages", "50000", "--batch", batch(tmp_path, [{"wages": "70000"}, {"year": 2024}]))
    assert [(one["year"], one["adjusted_gross_income"]) for one in told["answers"]] == [
        (2026, "70000"),
        (2024, "50000"),
    ]


def test_a_batch_for_people_is_one_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ONE, "--batch", batch(tmp_path, [{"wages": "90000"}, {"wages": "30000"}])]) == 0
    told = capsys.readouterr().out
    assert "73,900.00" in told and "13,900.00" in told


def test_an_estimated_year_says_so_beside_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tax", "--year", "2027", "--status", "single", "--wages", "90000", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["taxable_income"] == "73450"
    assert "2027 is an estimate, not law" in told.err
    assert "alternative minimum tax of 2027 is not known" in told.err


def test_no_home_is_made_or_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HARVEST_TUI_HOME", str(home))
    monkeypatch.setenv("HOME", str(home))
    answered(capsys, *ONE, "--wages", "1000")
    answered(capsys, "--home", str(home), *ONE, "--wages", "1000")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["tax", "--status", "single"], "no year is given"),
        (["tax", "--year", "2026"], "no status is given"),
        (["tax", "--year", "2031", "--status", "single"], "no tax parameters for year '2031'"),
        (["tax", "--year", "next", "--status", "single"], "no tax parameters for year 'next'"),
        (["tax", "--year", "2026", "--status", "widow"], "no filing status: 'widow'"),
        ([*ONE, "--wages", "-4"], "wages is below zero: -4"),
        ([*ONE, "--carry-long", "-900"], "carryovers are positive losses"),
        ([*ONE, "--wages", "nan"], "wages: "),
        ([*ONE, "--short-gain", "Infinity"], "short_gain: "),
        ([*ONE, "--long-gain", "1e99"], "long_gain: "),
        ([*ONE, "--wages", "\u0661\u0662"], "wages: "),
    ],
)
def test_bad_options_are_refused_in_one_line(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in refused(capsys, *words)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ([{"year": 2026, "status": "single"}, {"year": 2026, "status": "single", "wage": 1}], "row 2 of"),
        ([{"year": 2026, "status": "single", "wage": 1}], "unknown key 'wage'"),
        ([{"year": 2026, "status": "single", "wages": True}], "wages is not an amount"),
        ([{"year": 2026, "status": "single", "wages": None}], "wages is not an amount"),
        ([{"year": 2026, "status": "single", "wages": [1]}], "wages is not an amount"),
        ([{"year": True, "status": "single"}], "no tax parameters for year"),
        ([{"year": 2026.5, "status": "single"}], "no tax parameters for year '2026.5'"),
        ([{"year": 2026, "status": ["single"]}], "no filing status"),
        ([["year", 2026]], "row 1 of"),
        ({"year": 2026, "status": "single"}, "holds no array"),
        ('[{"year": 2026, "status": "single", "wages": NaN}]', "NaN is no amount"),
        ('[{"year": 2026, "status": "single", "wages": 1e999}]', "wages: "),
        ('[{"year": 2026, "status": "single", "wages": 1, "wages": 2}]', "key 'wages' is there twice"),
        ('[{"year": 2026, "status": "sin', "not the JSON that is needed"),
        ("[" * 100_000, "not the JSON that is needed"),
        ("", "not the JSON that is needed"),
    ],
)
def test_a_bad_batch_is_refused_whole(
    body: object, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says in refused(capsys, "tax", "--json", "--batch", batch(tmp_path, body))


def test_a_batch_that_cannot_be_read_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "cannot read" in refused(capsys, "tax", "--batch", str(tmp_path / "none.json"))
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00[")
    assert "not the JSON that is needed" in refused(capsys, "tax", "--batch", str(tmp_path / "binary.json"))
