"""The ledger file: what each column means, ids that hold, and formats that are told apart."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.core.records import Amount, EventKind, NamedLot
from harvest_tui.errors import InputError
from harvest_tui.imports.reading import detect_format, read

HEADER = "id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset"


def write(folder: Path, text: str, name: str = "ledger.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_row_is_an_event_with_everything_it_tells(tmp_path):
    path = write(
        tmp_path,
        "note,txid,fee_value,fee_asset,fee_amount,value,time,kind,account,received_asset,received_amount,sent_asset,"
        "sent_amount,id,url,address\n"
        '"one, two ""quoted""",0xFE,3.25,bnb,0.01,2500.5,2026-03-01 14:05:00.1234567+01:00,Trade,Cold wallet,eth,2.5,'
        "btc,0.1,row 7,https://x.example/7,bc1q\n",
    )
    (event,) = read(path).events
    assert (event.event_id, event.account, event.kind) == ("Cold wallet:row 7", "Cold wallet", EventKind.TRADE)
    assert event.executed_at == datetime(2026, 3, 1, 13, 5, 0, 123456, tzinfo=UTC)
    assert (event.sent, event.received) == (Amount(Decimal("0.1"), "BTC"), Amount(Decimal("2.5"), "ETH"))
    assert (event.fee, event.fee_value, event.value) == (
        Amount(Decimal("0.01"), "BNB"),
        Decimal("3.25"),
        Decimal("2500.5"),
    )
    assert (event.note, event.txid, event.address, event.url) == (
        'one, two "quoted"',
        "0xFE",
        "bc1q",
        "https://x.example/7",
    )


def test_a_byte_order_mark_windows_lines_and_blank_rows_are_fine(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_bytes(b"\xef\xbb\xbf" + HEADER.encode() + b"\r\nb1,2026-01-02,w1,trade,100,USD,1,BTC\r\n\r\n,,,,,,,\r\n")
    file = read(path)
    assert [event.executed_at for event in file.events] == [datetime(2026, 1, 2, tzinfo=UTC)]
    assert (file.format, len(file.sha256)) == ("ledger", 64)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T14:05:00Z", datetime(2026, 3, 1, 14, 5, tzinfo=UTC)),
        ("2026-03-01T14:05", datetime(2026, 3, 1, 14, 5, tzinfo=UTC)),
        ("2026-03-01 14:05 UTC", datetime(2026, 3, 1, 14, 5, tzinfo=UTC)),
        ("2026-03-01T14:05:09.5Z", datetime(2026, 3, 1, 14, 5, 9, 500000, tzinfo=UTC)),
        ("2026-03-01T14:05:09.123456789-0830", datetime(2026, 3, 1, 22, 35, 9, 123456, tzinfo=UTC)),
        ("2026-03-01T23:05:00-05", datetime(2026, 3, 2, 4, 5, tzinfo=UTC)),
    ],
)
def test_times_of_iso_8601_are_read_exactly(tmp_path, text, expected):
    path = write(tmp_path, f"{HEADER}\nb1,{text},w1,deposit,,,1,BTC\n")
    assert read(path).events[0].executed_at == expected


def test_a_day_alone_of_an_acquisition_stays_that_day_all_over_the_country(tmp_path):
    path = write(
        tmp_path,
        "time,account,kind,received_amount,received_asset,acquired,cost_basis\n"
        "2026-01-01,w1,opening,2,BTC,2023-02-28,31000\n",
    )
    assert read(path).events[0].acquired_at == datetime(2023, 2, 28, 12, tzinfo=UTC)


def test_ids_come_from_content_and_ordinal_and_do_not_depend_on_columns_or_spelling(tmp_path):
    first = write(
        tmp_path,
        "time,account,kind,sent_amount,sent_asset,received_amount,received_asset\n"
        "2026-01-02T00:00:00Z,w1,trade,100,USD,1,BTC\n"
        "2026-01-02T00:00:00Z,w1,trade,100,USD,1,BTC\n"
        "2026-01-02T00:00:00Z,w1,trade,101,USD,1,BTC\n",
    )
    ids = [event.event_id for event in read(first).events]
    assert len(set(ids)) == 3
    assert ids == [event.event_id for event in read(first).events]
    second = write(
        tmp_path,
        "note,kind,account,time,received_asset,received_amount,sent_asset,sent_amount\n"
        ",trade,w1,2026-01-02 00:00,btc,1.0,usd,101.00\n"
        ",trade,w1,2026-01-02 00:00,btc,1.000,usd,1e2\n",
        "other.csv",
    )
    assert {event.event_id for event in read(second).events} == {ids[2], ids[0]}


def test_the_account_option_fills_rows_that_name_none(tmp_path):
    path = write(tmp_path, "time,account,kind,received_amount,received_asset\n2026-01-02,,deposit,1,BTC\n")
    assert read(path, account="vault").events[0].account == "vault"


def test_named_lots_point_at_rows_of_this_and_other_accounts(tmp_path):
    path = write(
        tmp_path,
        f"{HEADER},counter_account,lots\n"
        "b1,2026-01-01,w1,trade,100,USD,1,BTC,,\n"
        "t1,2026-01-02,w1,transfer,0.4,BTC,,,w2,b1=0.4\n"
        "b2,2026-01-03,w2,trade,300,USD,1,BTC,,\n"
        "s1,2026-01-05,w2,trade,0.5,BTC,900,USD,,w1:b1 = 0.3; b2=0.2\n",
    )
    assert read(path).events[3].lots == (NamedLot("w1:b1", Decimal("0.3")), NamedLot("w2:b2", Decimal("0.2")))


def test_a_lot_told_by_an_earlier_file_can_be_named(tmp_path):
    earlier = read(write(tmp_path, f"{HEADER}\nb1,2026-01-01,w1,trade,100,USD,1,BTC\n"))
    later = write(tmp_path, f"{HEADER},lots\ns1,2026-02-01,w1,trade,1,BTC,200,USD,b1=1\n", "later.csv")
    with pytest.raises(InputError, match="does not exist"):
        read(later)
    assert read(later, known=earlier.events).events[0].lots == (NamedLot("w1:b1", Decimal(1)),)


def test_the_same_text_in_a_spreadsheet_guard_is_the_same_text(tmp_path):
    path = write(
        tmp_path, "time,account,kind,received_amount,received_asset,note\n2026-01-02,w1,deposit,1,BTC,'=SUM(A1)\n"
    )
    assert read(path).events[0].note == "=SUM(A1)"


def test_a_note_over_two_lines_with_a_joined_emoji_becomes_one_line(tmp_path):
    header = "time,account,kind,received_amount,received_asset,note"
    path = write(tmp_path, f'{header}\n2026-01-02,w1,deposit,1,BTC,"from mum\n and \u200ddad"\n')
    assert read(path).events[0].note == "from mum and dad"


def test_formats_are_told_apart_by_their_columns(tmp_path):
    assert detect_format(write(tmp_path, HEADER + "\n")) == "ledger"
    koinly = "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Label\n"
    assert detect_format(write(tmp_path, koinly)) == "koinly"
    with pytest.raises(InputError, match="semicolons"):
        detect_format(write(tmp_path, HEADER.replace(",", ";") + "\n"))
    with pytest.raises(InputError, match="no known file"):
        detect_format(write(tmp_path, "Buy,Sell,Exchange\n"))


def test_progress_is_told_in_rows_and_bytes_up_to_the_end(tmp_path):
    rows = "".join(f"b{number},2026-01-02,w1,deposit,,,1,BTC\n" for number in range(2500))
    path = write(tmp_path, f"{HEADER}\n{rows}")
    told: list[tuple[int, int, int]] = []
    read(path, progress=lambda rows, done, total: told.append((rows, done, total)))
    size = path.stat().st_size
    assert [rows for rows, _, _ in told] == [1000, 2000, 2500]
    assert told == sorted(told)
    assert told[-1] == (2500, size, size)
