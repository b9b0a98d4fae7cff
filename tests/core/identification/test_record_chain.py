"""Records say what they say, word for word, and any byte that changes is found."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from decimal import Decimal

import pytest

from harvest_tui.core.identification.chain import Head, Link, check, check_file, exported, head_of, readable
from harvest_tui.core.identification.record import GENESIS, Record, canonical, record_of
from support.identification import Recorder, lot


def three() -> Recorder:
    made = Recorder(clock_ahead=Decimal("-0.25"))
    first = made.identify(
        20,
        lot("dear", "0.10", "6000.500000000000000001", day=10, reason="bank \u201eslip\u201c\u2028[/]\x1b"),
        lot("b", 2, None, account="w2", price=None),
        known=19,
    )
    made.identify(20, lot("old", 1, 20000, net_benefit=Decimal("812.55"), loss_basis=Decimal(18000)))
    made.revoke(21, first)
    return made


def test_a_record_is_read_back_as_it_was_written() -> None:
    for record in three().records:
        again = record_of(record.text)
        assert again == record
        assert again.sha256 == record.sha256


def test_the_text_of_a_record_is_one_line_with_sorted_keys_and_exact_figures() -> None:
    text = three().records[0].text
    body = json.loads(text)
    assert text == json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert "\n" not in text
    assert (body["number"], body["previous"], body["recorded_at"]) == (1, "0" * 64, "2024-01-21T00:00:00Z")
    assert (body["zone"], body["local_time"]) == ("UTC", "2024-01-21T00:00:00+00:00")
    told = body["lots"][0]
    assert (told["quantity"], told["cost_basis"]) == ("0.1", "6000.500000000000000001")
    assert told["quote"] == {"at": "2024-01-12T00:00:00Z", "price": "30000", "source": "test BTC/USD"}
    assert body["lots"][1]["cost_basis"] is None
    assert body["accounts"][0]["clock_ahead_seconds"] == "-0.25"
    assert body["accounts"][0]["known_until"] == {"BTC": "2024-01-20T00:00:00Z"}


def test_the_hash_is_that_of_the_hash_before_and_the_text() -> None:
    first, second, _ = three().records
    assert first.sha256 == hashlib.sha256(b"0" * 64 + first.text.encode()).hexdigest()
    assert second.previous == first.sha256
    assert second.sha256 == hashlib.sha256((first.sha256 + second.text).encode()).hexdigest()


def test_a_whole_chain_is_found_whole() -> None:
    made = three()
    found = check(made.links(), made.head())
    assert (found.is_whole, found.sound, found.head) == (True, 3, made.records[-1].sha256)
    assert check([], None).is_whole


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_record_taken_out_is_named(number: int) -> None:
    made = three()
    links = made.links()
    del links[number - 1]
    found = check(links, made.head())
    assert (found.broken, found.sound) == (number, number - 1)
    assert "missing" in found.problem


@pytest.mark.parametrize(("one", "other"), [(0, 1), (1, 2), (0, 2)])
@pytest.mark.parametrize("is_renumbered", [True, False])
def test_records_in_another_order_are_found(one: int, other: int, is_renumbered: bool) -> None:
    made = three()
    links = made.links()
    links[one], links[other] = links[other], links[one]
    if is_renumbered:
        links = [link._replace(number=number) for number, link in enumerate(links, 1)]
    assert check(links, made.head()).broken == one + 1


def test_a_tail_that_was_cut_off_shows_in_the_note_of_the_last_record() -> None:
    made = three()
    assert check(made.links()[:2], made.head()).broken == 3
    assert "2 of 3 records are missing" in check(made.links()[:1], made.head()).problem
    assert check([], made.head()).broken == 1
    assert not check(made.links(), None).is_whole
    assert not check(made.links(), Head(2, made.records[1].sha256)).is_whole


def test_a_record_that_was_rewritten_with_its_own_hash_breaks_the_next_one() -> None:
    made = three()
    forged = replace(made.records[0], plan="another")
    links = [Link(1, forged.text.encode(), forged.sha256), *made.links()[1:]]
    assert check(links, made.head()).broken == 2


def rehashed(records: list[Record]) -> list[Link]:
    """A chain with right hashes of texts that should not be."""
    previous, links = GENESIS, []
    for number, record in enumerate(records, 1):
        record = replace(record, number=number, previous=previous)
        previous = record.sha256
        links.append(Link(number, record.text.encode(), previous))
    return links


def test_a_record_older_than_the_one_before_or_about_nothing_is_found_even_with_right_hashes() -> None:
    made = three()
    first, second, third = made.records
    backdated = rehashed([replace(first, recorded_at=third.recorded_at), second])
    assert "made before record 1" in check(backdated, Head(2, backdated[-1].sha256)).problem
    about_itself = rehashed([first, second, replace(third, about=3)])
    assert check(about_itself, Head(3, about_itself[-1].sha256)).broken == 3


def test_another_way_to_write_the_same_record_is_found_even_with_a_right_hash() -> None:
    record = three().records[0]
    for text in (record.text.replace('":', '": ', 1), record.text.replace('"0.1"', '"0.10"'), record.text[:-1]):
        digest = hashlib.sha256((GENESIS + text).encode()).hexdigest()
        assert check([Link(1, text.encode(), digest)], Head(1, digest)).broken == 1


def test_every_flipped_byte_of_an_exported_file_is_found() -> None:
    content = exported(three().links())
    assert check_file(content).is_whole
    for place in range(len(content)):
        for bit in (0x01, 0x20, 0x80):
            changed = bytearray(content)
            changed[place] ^= bit
            assert not check_file(bytes(changed)).is_whole, (place, bit)


def test_the_first_changed_record_of_a_file_is_named() -> None:
    made = three()
    content = exported(made.links())
    for number, record in enumerate(made.records, 1):
        place = content.index(record.text.encode()) + 40
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        found = check_file(changed)
        assert (found.broken, found.sound) == (number, number - 1)
    assert check_file(content.replace(b'"records":3', b'"records":4')).broken == 4


@pytest.mark.parametrize("cut", [1, 2, 100, 2000])
def test_a_file_that_was_cut_short_or_grew_is_found(cut: int) -> None:
    content = exported(three().links())
    assert not check_file(content[:-cut]).is_whole
    assert not check_file(content + content[-cut:]).is_whole
    assert not check_file(b"").is_whole


def test_an_export_without_records_is_whole() -> None:
    assert check_file(exported([])).is_whole
    assert not check_file(b"not a file of records\n").is_whole


def test_records_count_up_to_the_first_that_is_broken() -> None:
    made = three()
    links = made.links()
    links[1] = links[1]._replace(text=links[1].text.replace(b"20000", b"20001"))
    assert readable(links) == made.records[:1]
    assert readable(made.links()) == made.records


def test_a_head_that_is_no_head_is_refused() -> None:
    assert head_of(None) is None
    assert head_of(three().head().words) == three().head()
    for text in ("", "3", "x " + "0" * 64, "3 " + "g" * 64, "3 " + "0" * 63, "\u0663 " + "0" * 64):
        with pytest.raises(ValueError, match="damaged"):
            head_of(text)


def test_nothing_that_json_cannot_hold_gets_into_a_record() -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical({"a": Decimal("NaN").__float__()})


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"format":1}', "[" * 5000, '{"kind":"identify","kind":"revoke"}', "\x00"]
)
def test_what_is_no_record_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        record_of(text)
