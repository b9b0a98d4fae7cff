"""The profile from the outside: shown with reasons, changed in place, and never at the cost of the user's own words."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from harvest_tui.errors import InputError
from harvest_tui.settings import load_settings
from harvest_tui.settings_file import edited, set_choice
from support.journey_commands import Program, ProgramHere

CONFIG = """\
# my choices
timezone = "Europe/Berlin"   # while I travel

# lots
method = "hifo"

[accounts."my wallet"]       # cold
lot_order = "lifo"

[profile]
wages = 90_000               # before the raise
# nothing else yet

[theme_notes]
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return ProgramHere(home)


def config(program: Program) -> str:
    return (program.home / "config.toml").read_text()


def answer(program: Program, key: str) -> object:
    body = program.run("profile", "--json").body
    return next(one["value"] for one in body["answers"] if one["key"] == key)


def test_everything_is_shown_with_its_reason(program: Program) -> None:
    shown = program.run("profile")
    assert shown.status == 0
    for word in ("wages", "carry-long", "Why it matters", "not told", "default", "Wages are not told"):
        assert word in shown.out
    body = program.run("profile", "--json").body
    assert Program(program.home).run("profile", "--json").body == body
    assert {"timezone", "method", "fees", "limits", "answers"} <= body.keys()
    assert all(one["why"] and one["asks"] for one in body["answers"])
    assert not (program.home / "config.toml").exists()


def test_answers_are_kept_and_taken_back(program: Program) -> None:
    assert program.run("profile", "set", "wages", "$120,000", "--json").body == {
        "schema": 1,
        "key": "wages",
        "value": "120000",
    }
    for words in (("short-gain", "-5,000.50"), ("long_gain", "-$7,000"), ("status", "married", "joint")):
        assert program.run("profile", "set", *words).status == 0
    program.run("profile", "set", "state-rate", "5%")
    program.run("profile", "set", "state-allows-carryover", "no")
    program.run("profile", "set", "wait-days", "31")
    profile = load_settings(program.home / "config.toml").taxpayer
    assert (str(profile.wages), str(profile.short_gain), str(profile.long_gain)) == ("120000", "-5000.5", "-7000")
    assert (profile.filing_status.value, str(profile.state_rate), profile.wait_days) == ("married_joint", "0.05", 31)
    assert profile.state_allows_carryover is False
    assert answer(program, "wages") == "120000"
    assert program.run("profile", "unset", "wages", "--json").body["value"] is None
    assert answer(program, "wages") is None


def test_a_fee_belongs_to_one_account_or_to_all(program: Program) -> None:
    program.run("profile", "set", "fee", "0.6%")
    program.run("profile", "set", "fee", "kraken", "0.25%")
    program.run("profile", "set", "fee", "my wallet", "0")
    body = program.run("profile", "--json").body
    assert body["fees"] == {"kraken": "0.0025", "my wallet": "0"}
    assert answer(program, "fee") == "0.006"
    program.run("profile", "unset", "fee", "kraken")
    assert program.run("profile", "--json").body["fees"] == {"my wallet": "0"}
    assert "0.6%" in config(program)


def test_the_time_zone_decides_the_day_of_a_lot(program: Program, tmp_path: Path) -> None:
    rows = "id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset\n"
    (tmp_path / "l.csv").write_text(rows + "b1,2025-03-02T03:00:00Z,w1,trade,5000,USD,2,ETH\n")
    program.run("import", str(tmp_path / "l.csv"))
    days = []
    for zone in ("UTC", "America/New_York"):
        assert program.run("profile", "set", "timezone", zone).status == 0
        days.append(program.run("lots", "--json").body["lots"][0]["long_term_on"])
    assert days == ["2026-03-03", "2026-03-02"]
    assert program.run("profile", "set", "method", "lifo").status == 0
    assert program.run("lots", "--json").body["method"] == "lifo"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set", "wagse", "1"), "did you mean wages?"),
        (("set", "wages", "120k"), "not an amount in dollars"),
        (("set", "wages", "-5"), "cannot be negative"),
        (("set", "wages"), "profile set wages 120000"),
        (("set", "state-rate", "5"), "write 5%"),
        (("set", "timezone", "Eastern"), "America/New_York"),
        (("set", "method", "best"), "choose from fifo"),
        (("set", "status", "sngle"), "did you mean single?"),
        (("set", "fee", "kraken", "40%"), "at most 10%"),
        (("unset",), "profile unset wages"),
        (("unset", "wages", "interest"), "one key at a time"),
        (("set", "fee", "kra\x1b[2Jken", "0.1%"), "control characters"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_written(program: Program, words, said) -> None:
    assert said in program.run("profile", *words).refused(2)
    assert not (program.home / "config.toml").exists()


def test_comments_and_other_keys_stay_as_they_are(program: Program) -> None:
    path = program.home / "config.toml"
    path.write_text(CONFIG.replace("\n[theme_notes]\n", ""))
    for words in (("wages", "120000"), ("timezone", "America/New_York"), ("interest", "12.5"), ("fee", "a b", "1%")):
        assert program.run("profile", "set", *words).status == 0
    assert config(program) == (
        CONFIG.replace("\n[theme_notes]\n", "")
        .replace("90_000 ", "120000 ")
        .replace('"Europe/Berlin" ', '"America/New_York" ')
        .replace("raise\n", "raise\ninterest = 12.5\n")
        + '\n[profile.fees]\n"a b" = "1%"\n'
    )
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "profile = { wages = 5 }\n",
        "profile.wages = 5\n",
        'theme = """harvest-dark"""\n[profile]\nwages = """\n7"""\n',
        "[profile]\nwages = 1\n[profile.fees]\nkraken = '1%'\n",
        "\n\n[profile]\n",
        "[accounts.x]\r\nlot_order = 'fifo'\r\n",
        "# only a comment",
        "",
    ],
)
def test_whatever_the_layout_the_change_is_right_or_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode())
    before = tomllib.loads(text)
    try:
        set_choice(path, ("profile", "wages"), 42)
    except InputError as error:
        assert path.read_bytes() == text.encode()
        assert "write wages = 42 under [profile]" in str(error) or "is not" in str(error)
        return
    after = tomllib.loads(path.read_text())
    assert after["profile"].pop("wages") == 42
    before.setdefault("profile", {}).pop("wages", None)
    assert after == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["config.toml"]


def test_the_file_is_the_users_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.touch(0o644)
    before = os.umask(0o022)
    try:
        set_choice(path, ("profile", "wages"), 42)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_at_the_top_goes_above_the_first_table() -> None:
    assert edited("[profile]\nwages = 1\n", ("timezone",), "UTC") == 'timezone = "UTC"\n\n[profile]\nwages = 1\n'
    assert edited("# mine\n\n[profile]\n", ("timezone",), "UTC").startswith('# mine\ntimezone = "UTC"\n')


def test_a_file_that_is_wrong_already_is_left_alone(program: Program) -> None:
    path = program.home / "config.toml"
    path.write_text("[profile]\nwagse = 5\n")
    assert "unknown setting profile.wagse; did you mean wages?" in program.run("profile", "set", "wages", "1").refused(
        2
    )
    assert path.read_text() == "[profile]\nwagse = 5\n"


@pytest.mark.parametrize(
    "line", ["wages = nan", "wages = true", "wages = [1]", 'fee = "400%"', 'status = "x"', "fees = 1"]
)
def test_a_value_written_by_hand_is_checked_like_a_typed_one(tmp_path: Path, line: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[profile]\n{line}\n")
    with pytest.raises(InputError, match=rf"profile\.{line.split()[0]}"):
        load_settings(path)


def test_the_file_may_be_a_link(program: Program, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("# kept in dotfiles\n")
    (program.home / "config.toml").symlink_to(real)
    assert program.run("profile", "set", "wages", "5").status == 0
    assert (program.home / "config.toml").is_symlink()
    assert real.read_text() == "# kept in dotfiles\n\n[profile]\nwages = 5\n"
