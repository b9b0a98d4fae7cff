"""The chain of records: each names the hash of the one before, so that no byte can change unseen.

It shows that nothing was altered, removed or put in between. It is no signature: whoever rewrites everything from some
record on must also change the last hash, so a copy of that, kept elsewhere, fixes all before it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from harvest_tui.core.identification.record import (
    FORMAT,
    GENESIS,
    Record,
    RecordKind,
    canonical,
    link_hash,
    record_of,
)

FILE_KIND = "harvest-tui identification records"
_LINE = re.compile(rb'\{"record":(.*),"sha256":"([0-9a-f]{64})"\}', re.DOTALL)


class Link(NamedTuple):
    """A record as it is kept: its number, its text, and its hash in hexadecimal digits."""

    number: int
    text: bytes
    sha256: str


class Head(NamedTuple):
    """How many records there are and the hash of the last, noted apart from them."""

    records: int
    sha256: str

    @property
    def words(self) -> str:
        """As it is noted."""
        return f"{self.records} {self.sha256}"


NO_RECORDS = Head(0, GENESIS)


def head_of(note: str | None) -> Head | None:
    """The head as noted; None where there is no note. Raises ValueError where it is not such a note."""
    if note is None:
        return None
    found = re.fullmatch(r"([0-9]{1,9}) ([0-9a-f]{64})", note, re.ASCII)
    if found is None:
        raise ValueError("the note of the last record is damaged")
    return Head(int(found[1]), found[2])


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a check found: how many records are as they were written, the last hash of those, and the first that is not.

    `broken` is None with a `problem` where every record is sound and what is noted about them is not.
    """

    sound: int
    head: str
    broken: int | None = None
    problem: str = ""

    @property
    def is_whole(self) -> bool:
        """Nothing is changed, missing or out of place."""
        return not self.problem


def check(links: Sequence[Link], head: Head | None) -> ChainReport:
    """Goes through the chain from its beginning. `head` None: nothing is noted, which is right only without records."""
    previous = GENESIS
    before: list[Record] = []
    for expected, link in enumerate(links, 1):
        found = _followed(link, expected, previous, before)
        if isinstance(found, str):
            return ChainReport(expected - 1, previous, expected, found)
        before.append(found)
        previous = link.sha256
    return _against(head or NO_RECORDS, ChainReport(len(links), previous), is_noted=head is not None)


def _against(head: Head, found: ChainReport, *, is_noted: bool) -> ChainReport:
    if head == (found.sound, found.head):
        return found
    if not is_noted:
        return ChainReport(found.sound, found.head, None, "the note of the last record is missing")
    if head.records > found.sound:
        missing = f"{head.records - found.sound} of {head.records} records are missing at the end"
        return ChainReport(found.sound, found.head, found.sound + 1, missing)
    told = f"{head.records} records are noted, and {found.sound} are there or the last one is another"
    return ChainReport(found.sound, found.head, None, told)


def _followed(link: Link, expected: int, previous: str, before: Sequence[Record]) -> Record | str:
    """The record of the link, or in words what is wrong with it."""
    if link.number != expected:
        return f"record {expected} is missing; record {link.number} stands in its place"
    if link_hash(previous, link.text) != link.sha256:
        return f"record {expected} is not what was written, or not in its place: its hash differs"
    try:
        record = record_of(link.text.decode())
    except ValueError as error:
        return f"record {expected} cannot be read: {error}"
    if record.number != expected or record.previous != previous:
        return f"record {expected} does not follow the one before"
    if before and record.recorded_at < before[-1].recorded_at:
        return f"record {expected} says that it was made before record {expected - 1}"
    if record.kind is not RecordKind.IDENTIFY:
        about = record.about or 0
        if not 0 < about < expected or before[about - 1].kind is not RecordKind.IDENTIFY:
            return f"record {expected} speaks of a record that identifies nothing"
    return record


def readable(links: Iterable[Link]) -> list[Record]:
    """The records up to the first that is not as it was written."""
    previous = GENESIS
    found: list[Record] = []
    for expected, link in enumerate(links, 1):
        record = _followed(link, expected, previous, found)
        if isinstance(record, str):
            break
        found.append(record)
        previous = link.sha256
    return found


def exported(links: Iterable[Link]) -> bytes:
    """The file of the chain: a line about it, then a line a record with its text and hash."""
    kept = list(links)
    head = Head(len(kept), kept[-1].sha256) if kept else NO_RECORDS
    lines = [_header(head), *(b'{"record":%s,"sha256":"%s"}' % (one.text, one.sha256.encode()) for one in kept)]
    return b"".join(line + b"\n" for line in lines)


def _header(head: Head) -> bytes:
    body = {"format": FORMAT, "head": head.sha256, "kind": FILE_KIND, "records": head.records}
    return canonical(body).encode()


def check_file(content: bytes) -> ChainReport:
    """Checks an exported file down to its last byte."""
    lines = content.split(b"\n")
    links: list[Link] = []
    for number, line in enumerate(lines[1:-1], 1):
        parts = _LINE.fullmatch(line)
        if parts is None:
            return _broken_line(links, number)
        links.append(Link(number, parts[1], parts[2].decode()))
    if lines[-1]:
        return _broken_line(links, len(links) + 1)
    found = check(links, _told_head(lines[0]) or Head(len(links), links[-1].sha256 if links else GENESIS))
    if found.is_whole and lines[0] != _header(Head(found.sound, found.head)):
        return ChainReport(found.sound, found.head, None, "the first line is not what was written")
    return found


def _broken_line(links: Sequence[Link], number: int) -> ChainReport:
    before = check(links, Head(len(links), links[-1].sha256 if links else GENESIS))
    if not before.is_whole:
        return before
    return ChainReport(before.sound, before.head, number, f"the line of record {number} is not what was written")


def _told_head(line: bytes) -> Head | None:
    """What the first line says; None where it cannot be read, which the check of its bytes then finds."""
    try:
        body = json.loads(line)
        return head_of(f"{body['records']} {body['head']}")
    except (ValueError, KeyError, TypeError):
        return None
