"""Which lots a sale consumes is the user's choice: by year, account and scope, and by the allocation at the switch."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pytest

from harvest_tui.cli.home import choices_for, opened
from support.journey_commands import Done
from support.ledger_home import LedgerHome

ZONE = 'timezone = "America/New_York"\n'
BOUGHT = [
    f"{account}{number},{2019 + number}-02-01T15:00:00Z,{account},trade,{dollars},USD,3,BTC"
    for account in ("kraken", "cold")
    for number, dollars in enumerate((300, 900, 600), 1)
]
SOLD = [
    f"{account}s{year},{year}-06-01T15:00:00Z,{account},trade,1,BTC,1000,USD"
    for account in ("kraken", "cold")
    for year in (2023, 2024, 2025)
]
# Three lots in each account at 100, 300 and 200 a coin.
FIFO, HIFO, LOFO, LIFO = "900", "700", "900", "800"


@pytest.fixture
def home(tmp_path: Path, run_here: Callable[..., Done]) -> LedgerHome:
    made = LedgerHome(tmp_path / "home", run_here)
    made.config(ZONE)
    return made


def gains_by_event(home: LedgerHome, *words: str) -> dict[str, str]:
    return {event.partition(":")[2]: gain for event, _, gain in home.gains(*words)}


def test_the_most_specific_choice_of_a_method_holds(home: LedgerHome) -> None:
    home.tell(*BOUGHT, *SOLD)
    home.config(
        f'{ZONE}method = "lifo"\n[methods]\n2023 = "hifo"\n2024 = "lofo"\n'
        '[methods."kraken"]\n2024 = "hifo"\n[accounts."kraken"]\nlot_order = "fifo"\n'
    )
    assert gains_by_event(home) == {
        "krakens2023": FIFO,  # the account's own order comes before the year's
        "krakens2024": HIFO,  # and the account's of that year before both
        "krakens2025": FIFO,
        "colds2023": HIFO,
        "colds2024": LOFO,
        "colds2025": LIFO,
    }
    assert home.lots()["method"] == "lifo"
    # A method on the command line is one for all accounts and years.
    assert set(gains_by_event(home, "--method", "hifo").values()) == {HIFO}
    assert set(gains_by_event(home, "--method", "lifo").values()) == {LIFO}


def test_a_year_of_a_method_begins_at_the_taxpayers_midnight(home: LedgerHome) -> None:
    home.tell(
        *BOUGHT[:3],
        "s1,2024-01-01T04:59:59Z,kraken,trade,1,BTC,1000,USD",
        "s2,2024-01-01T05:00:00Z,kraken,trade,1,BTC,1000,USD",
    )
    home.config(f'{ZONE}[methods]\n2023 = "hifo"\n2024 = "lifo"\n')
    assert gains_by_event(home) == {"s1": HIFO, "s2": LIFO}


def test_lots_and_the_monitor_follow_the_same_choices(home: LedgerHome) -> None:
    home.tell(*BOUGHT[:3], SOLD[0])
    assert [row[1:3] for row in home.held()] == [
        ("kraken:kraken1", "2"),
        ("kraken:kraken2", "3"),
        ("kraken:kraken3", "3"),
    ]
    home.config(f'{ZONE}[methods]\n2023 = "hifo"\n')
    assert [row[1:3] for row in home.held()] == [
        ("kraken:kraken1", "3"),
        ("kraken:kraken2", "2"),
        ("kraken:kraken3", "3"),
    ]
    home.config(f'{ZONE}[methods."kraken"]\n2023 = "lifo"\n')
    assert [row[1:3] for row in home.held()] == [
        ("kraken:kraken1", "3"),
        ("kraken:kraken2", "3"),
        ("kraken:kraken3", "2"),
    ]


def test_an_open_session_shows_the_orders_in_use(home: LedgerHome) -> None:
    home.tell(*BOUGHT)
    home.config(f'{ZONE}method = "hifo"\n[accounts."cold"]\nlot_order = "fifo"\n')

    async def orders() -> dict[str, str]:
        async with opened(choices_for(Namespace(home=str(home.folder)))) as session:
            return {account.account: account.lot_order for account in session.accounts()}

    assert asyncio.run(orders()) == {"kraken": "hifo", "cold": "fifo"}


def test_the_venues_own_order_is_set_by_a_command_and_comes_before_the_homes(home: LedgerHome) -> None:
    home.tell(*BOUGHT, *SOLD)
    home.config(f'# my choices\n{ZONE}method = "hifo"\n')
    done = home.command("accounts", "--lot-order", "kraken=fifo", "--json")
    assert done.status == 0
    assert {row["account"]: row["lot_order"] for row in done.body["accounts"]} == {"kraken": "fifo", "cold": "hifo"}
    told = [row.split(",")[2] for row in (*BOUGHT, *SOLD)]
    assert {row["account"]: row["rows"] for row in done.body["accounts"]} == {
        name: told.count(name) for name in ("kraken", "cold")
    }
    assert gains_by_event(home)["krakens2023"] == FIFO and gains_by_event(home)["colds2023"] == HIFO
    assert (home.folder / "config.toml").read_text().startswith("# my choices\n")
    home.command("accounts", "--lot-order", "kraken=lifo")
    assert gains_by_event(home)["krakens2023"] == LIFO
    home.command("accounts", "--lot-order", "kraken=default")
    assert gains_by_event(home)["krakens2023"] == HIFO


@pytest.mark.parametrize(
    ("told", "words"), [("nobody=fifo", "no account 'nobody'"), ("kraken=best", "fifo"), ("fifo", "NAME")]
)
def test_an_order_that_cannot_be_is_refused_and_nothing_is_written(told: str, words: str, home: LedgerHome) -> None:
    home.tell(*BOUGHT)
    assert words in home.command("accounts", "--lot-order", told).refused(2)
    assert (home.folder / "config.toml").read_text() == ZONE


POOLED = [
    "b1,2024-01-01T15:00:00Z,a,trade,100,USD,1,BTC",
    "b2,2024-01-02T15:00:00Z,b,trade,200,USD,1,BTC",
    "b3,2024-01-03T15:00:00Z,b,trade,300,USD,1,BTC",
    "s1,2024-02-01T15:00:00Z,b,trade,1,BTC,500,USD",
    "t1,2024-03-01T15:00:00Z,b,transfer,1,BTC,,,,,,c",
]
"""The pool sells b1; then a and c hold a coin each, and b2 and b3 are left to give out."""


def test_the_scope_of_the_law_allocates_at_the_end_of_2024(home: LedgerHome) -> None:
    home.tell(*POOLED, "s2,2025-02-01T15:00:00Z,c,trade,1,BTC,1000,USD")
    assert gains_by_event(home, "--scope", "us") == {"s1": "400", "s2": "700"}
    home.config(f'{ZONE}scope = "us"\n')
    assert home.lots()["scope"] == "us"
    assert home.held() == [("a", "b:b2", "1", "200")]
    assert gains_by_event(home) == {"s1": "400", "s2": "700"}
    # The option still says otherwise for once.
    assert gains_by_event(home, "--scope", "account") == {"s1": "300", "s2": "700"}
    home.config(f'{ZONE}scope = "us"\n[allocation]\ndecided = 2024-12-20\norder = ["c", "a"]\n')
    assert gains_by_event(home) == {"s1": "400", "s2": "800"}
    assert home.held() == [("a", "b:b3", "1", "300")]
    assert home.disposals()["warnings"] == []


def test_a_table_of_ones_own_places_units_and_what_does_not_fit_is_told(home: LedgerHome) -> None:
    home.tell(*POOLED)
    home.config(f'{ZONE}scope = "us"\n[allocation]\ndecided = 2024-12-20\nfile = "mine.csv"\n')
    table = home.folder / "mine.csv"
    table.write_text("origin_id,quantity,account\nb:b2,0.75,c\nb:b3,0.25,c\n")
    assert sorted(home.held()) == [
        ("a", "b:b2", "0.25", "50"),
        ("a", "b:b3", "0.75", "225"),
        ("c", "b:b2", "0.75", "150"),
        ("c", "b:b3", "0.25", "75"),
    ]
    assert home.disposals()["warnings"] == []
    table.write_text("account,origin_id,quantity\na,b:b3,1.5\nc,b:b9,0.5\n")
    assert sorted(home.held()) == [("a", "b:b3", "1", "300"), ("c", "b:b2", "1", "200")]
    done = home.command("disposals", "--json")
    assert done.status == 0
    assert [(warning["kind"], warning["account"]) for warning in done.body["warnings"]] == [
        ("allocation", "a"),
        ("allocation", "c"),
    ]
    assert "0.5 BTC of b:b3 in a" in done.err and "0.5 of b:b9, which is no event" in done.err
    # Without the switch there is no allocation to speak of.
    assert home.disposals("--scope", "account")["warnings"] == []


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('decided = 2024-12-31\norder = ["c"]\n', ""),
        ('decided = 2025-01-01\norder = ["c"]\n', "Rev. Proc. 2024-28 asks for it before 2025"),
        ('order = ["c"]\n', "has no date"),
        ('decided = 2025-02-01\nfile = "mine.csv"\n', ""),
        ('decided = 2025-02-02\nfile = "mine.csv"\n', "after the first disposal of 2025-02-01"),
    ],
)
def test_an_allocation_written_too_late_is_told(written: str, words: str, home: LedgerHome) -> None:
    home.tell(*POOLED, "s2,2025-02-01T15:00:00Z,c,trade,1,BTC,1000,USD")
    (home.folder / "mine.csv").write_text("account,origin_id,quantity\nc,b:b3,1\n")
    home.config(f'{ZONE}scope = "us"\n[allocation]\n{written}')
    warnings = [warning["message"] for warning in home.disposals()["warnings"]]
    assert len(warnings) == bool(words)
    assert words in "".join(warnings)
    assert gains_by_event(home)["s2"] == ("700" if "file" in written else "800")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ('[methods]\n2023 = "best"\n', "methods.2023 cannot be 'best'"),
        ('[methods]\n23 = "hifo"\n', "'23' in methods is no tax year"),
        ('[methods]\n2008 = "hifo"\n', "'2008' in methods is no tax year"),
        ('[methods."kraken"]\nnext = "hifo"\n', "'next' in methods is no tax year"),
        ('[methods."kraken"]\n2024 = 7\n', "cannot be 7"),
        ('methods = "hifo"\n', "methods is not a table"),
        ('scope = "all"\n', "scope cannot be 'all'"),
        ('[accounts."kraken"]\ncustody = "brokr"\n', "did you mean broker"),
        ('[allocation]\ndecided = "2024-12-20"\n', "without quotes"),
        ("[allocation]\ndecided = 2024-12-20T00:00:00Z\n", "decided is not a day"),
        ('[allocation]\norder = "c"\n', "not a list of accounts"),
        ('[allocation]\norder = ["c", "c"]\n', "names an account twice"),
        ('[allocation]\nfile = ["c"]\n', "file is not a text"),
        ('[allocation]\nrule = "c"\n', "unknown setting allocation.rule"),
        ('[allocation]\nfile = "nowhere.csv"\n', "nowhere.csv"),
        ('[allocation]\nfile = "bad.csv"\n', "bad.csv line 3, column quantity"),
    ],
)
def test_a_choice_that_is_off_is_named_and_nothing_is_done(config: str, words: str, home: LedgerHome) -> None:
    home.config(config)
    (home.folder / "bad.csv").write_text("account,origin_id,quantity\na,b:b2,1\na,b:b3,-1\n")
    for command in ("lots", "disposals"):
        assert words in home.command(command, "--json").refused(2)
    assert not (home.folder / "facts.sqlite3").exists()
