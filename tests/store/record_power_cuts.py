"""Power cuts, simulated: what a disk may hold after one, rebuilt from the writes and syncs of a real process.

The process runs under strace. Up to a chosen call everything that a file was synced after is there; of later writes any
part may be, in any order, torn at sectors of 512 bytes. A deleted file may be there still. Names of new files are taken
to be there, and a disk that lies about a sync is not covered.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from record_drill import WORKER, check_records

SECTOR = 512
_TRACED = "openat,close,pwrite64,write,ftruncate,fdatasync,fsync,unlink"
_CALL = re.compile(r"^(?P<pid>\d+) +(?P<name>\w+)\((?P<rest>.*)$", re.DOTALL)
_RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)$", re.DOTALL)
_UNFINISHED = " <unfinished ...>"
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


class Call(NamedTuple):
    """One call on a file of the cache: `write` of `data` at `offset`, `truncate` to it, `sync`, or `unlink`; or an
    `ack`, whose `data` the process wrote to whoever waits for it."""

    kind: str
    file: str
    offset: int = 0
    data: bytes = b""


@dataclass
class Tally:
    """What came of the states that were looked at."""

    states: int = 0
    with_pending: int = 0
    lost: list[str] = field(default_factory=list)


def record_calls(folder: Path, records: int, synchronous: str = "FULL") -> list[Call] | None:
    """What a process that commits so many records and closes the cache does to it; None where strace cannot run."""
    strace = shutil.which("strace")
    if strace is None:
        return None
    folder.mkdir(parents=True)
    cache, trace = folder / "cache.db", folder / "trace"
    watch = ["-f", "-qq", "-xx", "-s", "1000000", "-e", f"trace={_TRACED}", "-e", "signal=none", "-o", str(trace)]
    work = [sys.executable, str(WORKER), str(cache), str(records), synchronous]
    done = subprocess.run([strace, *watch, *work], capture_output=True, text=True, timeout=600, check=False)
    if "Operation not permitted" in done.stderr:
        return None
    assert done.returncode == 0, done.stderr
    return list(_calls(trace, {str(cache), f"{cache}-wal"}))


def _calls(trace: Path, files: set[str]) -> Iterator[Call]:
    begun: dict[str, str] = {}
    opened: dict[int, str] = {}
    with trace.open(encoding="ascii") as lines:
        for line in lines:
            line = line.rstrip("\n")
            resumed = _RESUMED.match(line)
            if resumed is not None:
                line = f"{resumed['pid']} {begun.pop(resumed['pid'])}{resumed['rest']}"
            found = _CALL.match(line)
            if found is None:
                continue
            if line.endswith(_UNFINISHED):
                begun[found["pid"]] = f"{found['name']}({found['rest'].removesuffix(_UNFINISHED)}"
                continue
            call = _call(found["name"], found["rest"], opened, files)
            if call is not None:
                yield call


def _call(name: str, rest: str, opened: dict[int, str], files: set[str]) -> Call | None:
    """The call, where it is one on a watched file, or words for who waits; `opened` is kept up to date."""
    told, _, answer = rest.rpartition(" = ")
    told = told.rstrip()
    if answer.startswith("-1"):
        return None
    texts = [bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(told)]
    if name == "openat":
        opened[int(answer)] = texts[0].decode()
        return None
    if name == "unlink":
        path = texts[0].decode()
        return Call("unlink", path) if path in files else None
    handle = int(re.match(r"\d+", told)[0])  # type: ignore[index]
    if name == "close":
        opened.pop(handle, None)
        return None
    if name == "write":
        return Call("ack", "", data=texts[0]) if handle == 1 else None
    path = opened.get(handle, "")
    if path not in files:
        return None
    if name in {"fdatasync", "fsync"}:
        return Call("sync", path)
    last = int(told.rstrip(")").rpartition(", ")[2])
    return Call("truncate", path, last) if name == "ftruncate" else Call("write", path, last, texts[0])


class Disk:
    """Files as they are for sure, and what was done to them since without a sync."""

    def __init__(self) -> None:
        self.sure: dict[str, bytearray] = {}
        self.pending: dict[str, list[Call]] = {}

    def take(self, call: Call) -> None:
        """Goes one call further."""
        if call.kind == "sync":
            for one in self.pending.pop(call.file, []):
                _apply(self.sure, one)
        elif call.kind != "ack":
            self.sure.setdefault(call.file, bytearray())
            self.pending.setdefault(call.file, []).append(call)

    def after_a_cut(self, chance: random.Random) -> dict[str, bytearray]:
        """What is on it if the power goes now: all, none or any part of what was not synced."""
        files = {name: bytearray(content) for name, content in self.sure.items()}
        share = chance.choice((0.0, 1.0, chance.random()))
        for calls in self.pending.values():
            parts = [part for call in calls for part in _sectors(call) if chance.random() < share]
            if share < 1:
                chance.shuffle(parts)
            for part in parts:
                _apply(files, part)
        return files


def _sectors(call: Call) -> list[Call]:
    if call.kind != "write":
        return [call]
    first = call.offset // SECTOR * SECTOR
    edges = range(first, call.offset + len(call.data), SECTOR)
    starts = [max(edge, call.offset) for edge in edges]
    ends = [*starts[1:], call.offset + len(call.data)]
    return [
        call._replace(offset=start, data=call.data[start - call.offset : end - call.offset])
        for start, end in zip(starts, ends, strict=True)
    ]


def _apply(files: dict[str, bytearray], call: Call) -> None:
    if call.kind == "unlink":
        files.pop(call.file, None)
        return
    content = files.setdefault(call.file, bytearray())
    if call.kind == "truncate":
        del content[call.offset :]
        content.extend(bytes(call.offset - len(content)))
        return
    end = call.offset + len(call.data)
    content.extend(bytes(max(0, end - len(content))))
    content[call.offset : end] = call.data


async def cut_and_check(calls: Sequence[Call], folder: Path, states: int, seed: int) -> Tally:
    """Cuts the power at random calls, as often as asked, and opens what is left with the program's own code. Every
    record that was acknowledged before the cut must be there, unchanged and in its place."""
    chance, tally = random.Random(seed), Tally()
    begin = next(place for place, call in enumerate(calls) if call.kind == "ack")
    cuts = sorted(chance.randrange(begin, len(calls) + 1) for _ in range(states))
    disk, said, done = Disk(), b"", 0
    for cut in cuts:
        for call in calls[done:cut]:
            disk.take(call)
            said += call.data if call.kind == "ack" else b""
        done = cut
        tally.states += 1
        tally.with_pending += any(disk.pending.values())
        home = folder / f"{tally.states}"
        home.mkdir(parents=True, mode=0o700)
        for name, content in disk.after_a_cut(chance).items():
            (home / Path(name).name).write_bytes(content)
        words = [line.split() for line in said.decode().split("\n")[:-1]]
        try:
            await check_records(home / "cache.db", [one[1] for one in words if len(one) == 2])
        except Exception as error:  # any failure to open or to find them is a loss
            tally.lost.append(f"cut at call {cut}: {type(error).__name__}: {str(error)[:200]}")
        shutil.rmtree(home)
    return tally
