"""Koinly's universal file imports unchanged."""

from decimal import Decimal

import pytest

from harvest_tui.core.records import Amount, EventKind
from harvest_tui.errors import InputError
from harvest_tui.imports.reading import read

HEADER = (
    "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,"
    "Net Worth Amount,Net Worth Currency,Label,Description,TxHash\n"
)


def events(folder, *rows, header=HEADER):
    path = folder / "koinly.csv"
    path.write_text(header + "".join(f"{row}\n" for row in rows), "utf-8")
    return read(path).events


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("2024-01-01 10:00 UTC,1000,USD,0.025,BTC,,,,,,,", EventKind.TRADE),
        ("2024-01-01 10:00 UTC,0.01,BTC,0.2,ETH,,,500,USD,,,", EventKind.TRADE),
        ("2024-01-01 10:00 UTC,1,MATIC,1,POL,,,,,swap,,", EventKind.CONVERT),
        ("2024-01-01 10:00 UTC,,,0.2,ETH,,,,,,,0xab", EventKind.DEPOSIT),
        ("2024-01-01 10:00 UTC,,,0.2,ETH,,,600,USD,Reward,,", EventKind.INCOME),
        ("2024-01-01 10:00 UTC,0,,0.2,ETH,0.000,,600,USD,airdrop,,", EventKind.INCOME),
        ("2024-01-01 10:00 UTC,,,0.2,ETH,,,600,USD,loan_interest,,", EventKind.INCOME),
        ("2024-01-01 10:00 UTC,0.2,ETH,,,0.001,ETH,,,,,0xab", EventKind.WITHDRAWAL),
        ("2024-01-01 10:00 UTC,0.2,ETH,,,,,,,gift,,", EventKind.GIFT_OUT),
        ("2024-01-01 10:00 UTC,0.2,ETH,,,,,,,donation,,", EventKind.GIFT_OUT),
        ("2024-01-01 10:00 UTC,0.2,ETH,,,,,,,lost,,", EventKind.LOST),
        ("2024-01-01 10:00 UTC,0.2,ETH,,,,,600,USD,cost,,", EventKind.SPEND),
        ("2024-01-01 10:00 UTC,0.2,ETH,,,,,600,USD,margin fee,,", EventKind.FEE),
        ("2024-01-01 10:00 UTC,0.2,ETH,,,,,,,my own tag,,", EventKind.WITHDRAWAL),
        ("2024-01-01 10:00 UTC,5000,LUNA,0,USD,,,,,,,", EventKind.TRADE),
    ],
)
def test_labels_and_sides_say_the_kind(tmp_path, row, kind):
    (event,) = events(tmp_path, row)
    assert event.kind is kind
    assert event.account == "koinly"


def test_values_and_texts_are_kept(tmp_path):
    (event,) = events(tmp_path, "2024-01-01 10:00 UTC,0.01,BTC,0.2,ETH,1.5,USD,500.25,USD,Exchange,my swap,0xab")
    assert event.sent == Amount(Decimal("0.01"), "BTC")
    assert event.fee == Amount(Decimal("1.5"), "USD")
    assert (event.value, event.note, event.txid) == (Decimal("500.25"), "[exchange] my swap", "0xab")


def test_a_net_worth_in_other_money_is_no_dollar_value(tmp_path):
    (event,) = events(tmp_path, "2024-01-01 10:00 UTC,0.01,BTC,0.2,ETH,,,500,EUR,,,")
    assert event.value is None
    assert event.note == "(net worth 500 EUR)"


def test_equal_rows_are_two_events_with_the_same_ids_each_time(tmp_path):
    row = "2024-01-01 10:00 UTC,1000,USD,0.025,BTC,,,,,,,"
    first, second = events(tmp_path, row, row)
    assert first.event_id != second.event_id
    assert [one.event_id for one in events(tmp_path, row, row)] == [first.event_id, second.event_id]


def test_the_newer_column_names_are_known(tmp_path):
    header = HEADER.replace("Date", "Koinly Date").replace("Label", "Tag")
    assert events(tmp_path, "2024-01-01 10:00:00,,,1,BTC,,,,,reward,,", header=header)[0].kind is EventKind.INCOME


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("2024-01-01 10:00 UTC,,,50,USD,,,,,realized gain,,", "column Label: 'realized gain' is a result of futures"),
        ("2024-01-01 10:00 UTC,,,,,,,,,,,", "column Sent Amount: empty, and so is Received Amount"),
        ("yesterday,,,1,BTC,,,,,,,", "column Date: 'yesterday' is not a time"),
        ("2024-01-01,,,-1,BTC,,,,,,,", "column Received Amount: '-1' is negative"),
        ("2024-01-01,,,1,,,,,,,,", "column Received Currency: empty beside an amount"),
    ],
)
def test_a_broken_row_is_named(tmp_path, row, complaint):
    with pytest.raises(InputError) as caught:
        events(tmp_path, "2024-01-01 10:00 UTC,1000,USD,0.025,BTC,,,,,,,", row)
    assert str(caught.value).startswith(f"koinly.csv line 3, {complaint}")


def test_what_other_programs_write_for_koinly_imports_as_it_is(tmp_path):
    quoted = (
        '"2020-03-26T15:36:40Z","0.000000","","700.000000","FIO","0.000000","","","","","to a, b","ce8d"\n',
        '"2020-03-26 15:36:45 UTC","40.000000","FIO","0.000000","","2.000000","FIO","","","cost","","ab"\r\n',
        "2020-03-27 10:00:00,0.5,ID:4437,12.5,USD,,,12.5,USD,,,\n",
    )
    first, second, third = events(tmp_path, "".join(quoted), header="\ufeff" + HEADER.replace("\n", "\r\n"))
    assert (first.kind, first.sent, first.received, first.fee) == (
        EventKind.DEPOSIT,
        None,
        Amount(Decimal(700), "FIO"),
        None,
    )
    assert (second.kind, second.fee, second.note) == (EventKind.SPEND, Amount(Decimal(2), "FIO"), "[cost]")
    assert (third.kind, third.sent) == (EventKind.TRADE, Amount(Decimal("0.5"), "ID:4437"))


def test_only_the_date_and_the_two_sides_are_needed(tmp_path):
    header = "Received Currency,Date,Sent Amount,Sent Currency,Received Amount\n"
    (event,) = events(tmp_path, "ETH,2024-01-01 10:00 UTC,0.01,BTC,0.2", header=header)
    assert (event.kind, event.received) == (EventKind.TRADE, Amount(Decimal("0.2"), "ETH"))
    with pytest.raises(InputError, match="there is no column 'Received Currency'"):
        events(tmp_path, header="Date,Sent Amount,Sent Currency,Received Amount\n")
    with pytest.raises(InputError, match="unknown column 'Wallet'"):
        events(tmp_path, header=HEADER.replace("TxHash", "Wallet"))
