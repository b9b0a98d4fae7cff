"""Bad rows kept instead of raised: what is counted, what is remembered, what is still known of them."""

from pathlib import Path

import pytest

from harvest_tui.core.records import EventId
from harvest_tui.imports.complaints import MAX_KEPT, Complaint, Refusals, RowRefused
from harvest_tui.imports.reading import contradictions, read, settle, tell

HEADER = "id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset,lots\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "led.csv"
    path.write_text(HEADER + text, "utf-8")
    return path


def complaint(line: int) -> Complaint:
    return Complaint("led.csv", line, "value", "'x' is not a number", "write digits")


def test_a_refused_row_tells_its_first_complaint_as_an_error() -> None:
    refused = RowRefused([complaint(3), complaint(4)])
    assert str(refused) == "led.csv line 3, column value: 'x' is not a number; write digits"
    assert refused.exit_code == 2
    whole = complaint(3)._replace(column="")
    assert str(whole) == "led.csv line 3: 'x' is not a number; write digits"


def test_all_are_counted_but_only_so_many_are_kept() -> None:
    refusals = Refusals()
    for line in range(MAX_KEPT):
        refusals(RowRefused([complaint(line), complaint(line)]))
    assert (refusals.rows, refusals.problems, len(refusals.kept)) == (MAX_KEPT, 2 * MAX_KEPT, MAX_KEPT)
    assert refusals.kept[-1].line == MAX_KEPT // 2 - 1


def test_good_rows_keep_their_ids_and_order_whatever_stands_between_them(tmp_path: Path) -> None:
    good = [
        "a,2024-01-01,w1,deposit,,,1,BTC,\n",
        ",2024-01-01,w1,deposit,,,1,BTC,\n",
        "c,2024-01-02,w1,deposit,,,2,BTC,\n",
    ]
    whole = read(write(tmp_path, "".join(good)))
    bad = ",2024-01-01,w1,deposit,,,one,BTC,\n"
    refusals = Refusals()
    told = tell(write(tmp_path, bad.join(["", *good, ""])), refuse=refusals)
    assert (refusals.rows, told.is_whole) == (4, False)
    assert [event.event_id for event in told.file.events] == [event.event_id for event in whole.events]
    assert [event.sequence for event in told.file.events] == [1, 3, 5]
    assert told.file.lines[EventId("w1:c")] == 7


def test_the_row_that_is_first_in_the_file_is_the_one_raised(tmp_path: Path) -> None:
    path = write(tmp_path, "a,2024-01-01,w1,deposit,,,1,BTC,\nb,x,w1,deposit,,,1,BTC,\nc,2024-01-01,w1,odd,,,1,BTC,\n")
    with pytest.raises(RowRefused) as caught:
        tell(path)
    assert [(one.line, one.column) for one in caught.value.complaints] == [(3, "time")]


def test_a_file_that_names_no_lots_asks_nothing_of_what_is_known(tmp_path: Path) -> None:
    told = tell(write(tmp_path, "a,2024-01-01,w1,deposit,,,1,BTC,\n"))
    assert told.naming == {}
    assert settle(told, ()) is told.file


def test_contradictions_are_of_content_and_not_of_place(tmp_path: Path) -> None:
    rows = ["a,2024-01-01,w1,deposit,,,1,BTC,\n", "b,2024-01-02,w1,deposit,,,2,BTC,\n"]
    known = read(write(tmp_path, "".join(rows))).events
    turned = read(write(tmp_path, "".join(reversed(rows))))
    assert contradictions(turned, known) == []
    changed = read(write(tmp_path, rows[1] + rows[0].replace(",1,BTC", ",1.5,BTC")))
    [found] = contradictions(changed, known)
    assert (found.line, found.column, found.problem) == (3, "id", "'a' is known in w1 with other content")
