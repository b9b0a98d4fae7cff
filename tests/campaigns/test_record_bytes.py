"""Every byte of an exported file and of the pages that hold the records, changed in many ways: `verify` finds it."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "store"))

from record_worker import record
from test_records import kept_in

from harvest_tui.cli import main
from harvest_tui.core.identification.chain import Head, check, check_file, exported
from harvest_tui.store import Store

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(3600)]
PAGE = 4096


async def filled(cache: Path, records: int) -> bytes:
    """A cache with records, closed; their export."""
    async with await Store.open(cache) as store:
        for _ in range(records):
            await store.add_record(record)
        return exported(await store.record_links())


async def test_every_other_value_of_every_byte_of_an_exported_file_is_found(tmp_path: Path) -> None:
    content = await filled(tmp_path / "home" / "cache.db", 1)
    assert check_file(content).is_whole
    changed = bytearray(content)
    for place, right in enumerate(content):
        for value in range(256):
            if value != right:
                changed[place] = value
                assert not check_file(bytes(changed)).is_whole, (place, value)
        changed[place] = right
    print(f"\nbytes {len(content)}, changes {len(content) * 255}, found all")


async def test_every_byte_that_is_left_out_or_put_in_is_found(tmp_path: Path) -> None:
    content = await filled(tmp_path / "home" / "cache.db", 2)
    for place in range(len(content) + 1):
        for more in (b"\n", b" ", b"0", b"\x00", content[place - 1 : place]):
            assert not more or not check_file(content[:place] + more + content[place:]).is_whole, (place, more)
        if place < len(content):
            assert not check_file(content[:place] + content[place + 1 :]).is_whole, place


async def test_the_command_finds_a_changed_byte_wherever_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = await filled(tmp_path / "home" / "cache.db", 2)
    file = tmp_path / "records.jsonl"
    file.write_bytes(content)
    assert main(["verify", str(file), "--json"]) == 0
    for place in range(len(content)):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert main(["verify", str(file), "--json"]) == 1, place
        capsys.readouterr()


async def test_no_changed_byte_of_a_page_with_records_passes_for_another_record(tmp_path: Path) -> None:
    """Each byte of each page on which a record or the note of the last one lies: what is read is either as it was, or
    found to be changed, or cannot be read at all."""
    cache = tmp_path / "home" / "cache.db"
    await filled(cache, 3)
    content = cache.read_bytes()
    with closing(sqlite3.connect(cache)) as file:
        links, head = await kept_in(file)
    assert isinstance(head, Head)
    copy = tmp_path / "copy.db"
    places = list(places_on_pages(content, [link.text[:40] for link in links] + [head.words.encode()]))  # type: ignore
    tally = {"as it was": 0, "found": 0, "unreadable": 0}
    with copy.open("wb") as damaged:
        damaged.write(content)
        for place in places:
            for bit in (0x01, 0x10, 0x80):
                damaged.seek(place)
                damaged.write(bytes([content[place] ^ bit]))
                damaged.flush()
                tally[await seen_in(copy, links, head)] += 1
            damaged.seek(place)
            damaged.write(content[place : place + 1])
    print(f"\nbytes {len(places)}, changes {sum(tally.values())}: {tally}")
    assert tally["found"] > 3 * sum(len(link.text) for link in links) * 0.9  # type: ignore[attr-defined]


def places_on_pages(content: bytes, words: list[bytes]) -> Iterator[int]:
    """Every byte of the pages on which any of the words is."""
    pages = set()
    for word in words:
        place = content.find(word)
        assert place >= 0
        while place >= 0:
            pages.add(place // PAGE)
            place = content.find(word, place + 1)
    for page in sorted(pages):
        yield from range(page * PAGE, (page + 1) * PAGE)


async def seen_in(copy: Path, links: list[object], head: Head) -> str:
    """What the program's own reading makes of the file."""
    try:
        with closing(sqlite3.connect(f"file:{copy}?mode=ro&immutable=1", uri=True)) as file:
            found, noted = await kept_in(file)
    except (sqlite3.Error, ValueError, TypeError, UnicodeError):
        return "unreadable"
    if (found, noted) == (links, head):
        return "as it was"
    assert not check(found, noted).is_whole
    return "found"
