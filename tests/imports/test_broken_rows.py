"""A file of every kind of event, broken in one place at a time: each gives one clear line and nothing is read."""

from pathlib import Path

import pytest

from harvest_tui.errors import InputError
from harvest_tui.imports.ledger_file import COLUMNS
from harvest_tui.imports.reading import read

GOOD = {
    2: dict(id="b1", kind="trade", sent_amount="100", sent_asset="USD", received_amount="3", received_asset="BTC"),
    3: dict(
        id="x1",
        kind="trade",
        sent_amount="0.5",
        sent_asset="BTC",
        received_amount="8",
        received_asset="ETH",
        value="90",
    ),
    4: dict(id="d1", kind="deposit", received_amount="2", received_asset="SOL"),
    5: dict(id="w1", kind="withdrawal", sent_amount="1", sent_asset="SOL", fee_amount="0.01", fee_asset="SOL"),
    6: dict(id="t1", kind="transfer", sent_amount="0.25", sent_asset="BTC", counter_account="cold", lots="b1=0.25"),
    7: dict(id="c1", kind="convert", sent_amount="1", sent_asset="ETH", received_amount="1", received_asset="WETH"),
    8: dict(id="i1", kind="income", received_amount="0.1", received_asset="DOT", value="0.7"),
    9: dict(id="o1", kind="opening", received_amount="5", received_asset="ADA", acquired="2021-05-05", cost_basis="4"),
    10: dict(
        id="g1",
        kind="gift_in",
        received_amount="1",
        received_asset="LTC",
        acquired="2020-01-01",
        cost_basis="40",
        value="70",
    ),
    11: dict(id="g2", kind="gift_out", sent_amount="0.5", sent_asset="LTC"),
    12: dict(id="p1", kind="spend", sent_amount="0.1", sent_asset="LTC", value="8"),
    13: dict(id="f1", kind="fee", sent_amount="0.01", sent_asset="ETH", value="25"),
    14: dict(id="l1", kind="lost", sent_amount="1", sent_asset="ADA"),
    15: dict(
        id="n1", kind="nft_trade", sent_amount="1", sent_asset="ETH", received_amount="1", received_asset="apes#7"
    ),
    16: dict(id="s1", kind="trade", sent_amount="1", sent_asset="BTC", received_amount="70", received_asset="USD"),
}
FILLERS = 184


def ledger_text(changes: dict[tuple[int, str], str] | None = None, header: str | None = None) -> str:
    """200 rows, with the given cells (line, column) written otherwise."""
    lines = [header or ",".join(COLUMNS)]
    for line, cells in GOOD.items():
        row = {"time": f"2026-01-{line:02d}T10:00:00Z", "account": "w1", **cells}
        row |= {column: text for (at, column), text in (changes or {}).items() if at == line}
        lines.append(",".join(row.get(column, "") for column in COLUMNS))
    for number in range(FILLERS + 1):
        row = {"id": f"z{number}", "time": "2026-02-01", "account": "w1", "kind": "deposit"}
        row |= {"received_amount": "7", "received_asset": "XRP"}
        lines.append(",".join(row.get(column, "") for column in COLUMNS))
    return "\n".join(lines) + "\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "my ledger.csv"
    path.write_text(text, "utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read(path)
    return str(caught.value)


def test_the_whole_file_reads_when_nothing_is_broken(tmp_path):
    file = read(write(tmp_path, ledger_text()))
    assert len(file.events) == 200
    assert len({event.kind for event in file.events}) == 13


@pytest.mark.parametrize(
    ("line", "column", "text", "complaint"),
    [
        (2, "sent_amount", "1.000.00", "'1.000.00' is not a number; write digits with a point"),
        (2, "sent_amount", "", "empty, but trade needs it; write what was sent"),
        (2, "received_amount", "-3", "'-3' is negative; write it without the sign"),
        (2, "received_amount", "NaN", "'NaN' is not a number"),
        (2, "received_amount", "0", "'0' is nothing; write an amount above zero"),
        (2, "received_amount", "0.1234567890123456789", "has more than 18 decimals; round it to 18"),
        (2, "received_asset", "", "empty beside an amount; write the asset"),
        (3, "received_asset", "BTC", "'BTC' is also what was sent; write two assets"),
        (3, "time", "03/01/2026", "'03/01/2026' is not a time; write it as 2026-03-01T14:05:00Z"),
        (3, "time", "2026-02-30T10:00:00Z", "is no day or hour there is"),
        (4, "kind", "deposti", "'deposti' is unknown; write one of trade, deposit"),
        (4, "account", "", "empty; write the wallet or exchange account"),
        (4, "account", "a:b", "'a:b' is not an account name"),
        (5, "received_amount", "1", "'1' has no meaning for withdrawal"),
        (5, "fee_asset", "", "empty beside an amount"),
        (5, "fee_amount", "", "empty beside SOL; write how much of it"),
        (6, "counter_account", "", "empty, but transfer needs it; write the account the units went to"),
        (6, "counter_account", "w1", "'w1' is the account itself"),
        (6, "lots", "b9=0.25", "names 'b9', a row that does not exist"),
        (6, "lots", "b1=0.2", "adds up to 0.2, not to the 0.25 that are sent"),
        (6, "lots", "b1", "has the part 'b1' that is no lot; write ROWID=QUANTITY"),
        (6, "lots", "d1=0.25", "names 'w1:d1', of which 0.25 BTC are not in w1 at that time"),
        (9, "acquired", "", "empty, but opening needs it; write when the units were first acquired"),
        (9, "acquired", "2027-05-05", "is later than the row's own time"),
        (10, "cost_basis", "", "empty, but gift_in needs it; write their total basis"),
        (12, "value", "", "empty, but spend needs it; write what it was worth"),
        (14, "id", "b1", "'b1' is also on line 2; give each row of an account its own id"),
        (15, "received_amount", "2", "of apes#7 is not one token; write 1"),
        (15, "received_asset", "APE", "has no NFT on either side"),
        (16, "txid", "blue \u202e moon", "holds the invisible character U+202E; take it out"),
        (16, "note", "\x1b]0;hi\x07", "holds the invisible character U+001B; take it out"),
    ],
)
def test_a_broken_cell_is_named_with_line_column_and_remedy(tmp_path, line, column, text, complaint):
    told = refusal(write(tmp_path, ledger_text({(line, column): text})))
    assert told.startswith(f"my ledger.csv line {line}, column ")
    assert complaint in told
    assert "\n" not in told
    assert told.isprintable()


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        (
            ",".join(COLUMNS).replace("received_asset", "recieved_asset"),
            "unknown column 'recieved_asset'; did you mean",
        ),
        (",".join(COLUMNS).replace("url", "note"), "column 'note' is there twice; keep one of them"),
        (",".join(COLUMNS).replace("url", ""), "column 19 has no name"),
        (",".join(COLUMNS).replace("kind", "value2"), "unknown column 'value2'"),
    ],
)
def test_a_wrong_header_is_named(tmp_path, header, complaint):
    told = refusal(write(tmp_path, ledger_text(header=header)))
    assert told.startswith("my ledger.csv line 1: ")
    assert complaint in told


def test_a_missing_column_is_named(tmp_path):
    assert "there is no column 'account'" in refusal(write(tmp_path, "time,kind,received_amount,received_asset\n"))


def test_cells_too_many_or_too_few_are_counted(tmp_path):
    text = ledger_text().replace("2026-01-04T10:00:00Z,w1", "2026-01-04T10:00:00Z,w1,extra")
    assert "my ledger.csv line 4: 21 cells under 20 columns" in refusal(write(tmp_path, text))


def test_lines_count_as_an_editor_counts_them_when_a_cell_spans_several(tmp_path):
    header = "time,account,kind,received_amount,received_asset,note"
    text = f'{header}\n2026-01-01,w1,deposit,1,BTC,"a\nb"\n\n2026-01-01,w1,deposit,x,BTC,\n'
    assert "line 5, column received_amount: 'x'" in refusal(write(tmp_path, text))
    text = f'{header}\n2026-01-01,w1,deposit,1,"B\nTC",\n'
    assert "line 2, column received_asset: 'B\\nTC' holds the invisible character U+000A" in refusal(
        write(tmp_path, text)
    )


def test_bytes_that_are_not_utf_8_are_named(tmp_path):
    path = tmp_path / "old.csv"
    path.write_bytes(b"time,account,kind\n2026-01-01,caf\xe9,deposit\n")
    assert refusal(path) == (
        "old.csv line 2, column account: 'caf\\udce9' holds byte 0xE9, which is not UTF-8; save the file as CSV UTF-8"
    )


def test_an_open_quote_is_named_where_it_begins(tmp_path):
    text = (
        'time,account,kind,received_amount,received_asset\n2026-01-01,w1,deposit,1,BTC\n2026-01-01,"w1,deposit,1,BTC\n'
    )
    assert "my ledger.csv line 3: the quotes or separators are broken" in refusal(write(tmp_path, text))


@pytest.mark.parametrize("text", ["", "\ufeff"])
def test_an_empty_file_is_named(tmp_path, text):
    assert "is empty" in refusal(write(tmp_path, text))


def test_bombs_are_refused_before_they_go_off(tmp_path):
    header = "time,account,kind,received_amount,received_asset,note\n"
    long_cell = refusal(write(tmp_path, f"{header}2026-01-01,w1,deposit,1,BTC,{'x' * 5000}\n"))
    assert "line 2, column note:" in long_cell
    assert "longer than 4096 characters" in long_cell
    assert len(long_cell) < 300
    assert "longer than 256 KiB" in refusal(write(tmp_path, f"{header}{'x' * 300_000}\n"))
    exponent = refusal(write(tmp_path, f"{header}2026-01-01,w1,deposit,1e99,BTC,\n"))
    assert "'1e99' is not a number" in exponent
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(51 * 1024 * 1024)
    assert "more than 50 are not read" in refusal(path)


def test_what_is_no_file_is_named(tmp_path):
    assert "is not a file" in refusal(tmp_path)
    assert "nowhere.csv is not there; give the path" in refusal(tmp_path / "nowhere.csv")
