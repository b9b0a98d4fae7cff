"""`harvest-tui verify`: whether every identification record, in the home or in a file, is as it was written.

`--export FILE` writes those of the home into a new file, which is checked wherever it is.
"""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from harvest_tui.cli.home import choices_for
from harvest_tui.cli.output import say, write_json, write_line, write_table
from harvest_tui.errors import InputError

if TYPE_CHECKING:
    from harvest_tui.core.identification.chain import ChainReport
    from harvest_tui.store import Store

LARGEST = 256 * 1024 * 1024
"""Bytes of a file that is read: a record of a hundred lots takes 40 KiB."""


def run(arguments: Namespace) -> int:
    """Check the chain, and export it where that is asked for; 1 where a record is changed, missing or out of place."""
    if arguments.export and arguments.file is not None:
        raise InputError("--export writes the records of the home, not those of a file", "leave FILE out, or --export")
    if arguments.file is None:
        found, where = asyncio.run(_home(arguments)), "this home"
    else:
        found, where = _file(Path(arguments.file)), arguments.file
    if arguments.json:
        write_json(_body(found) | ({"exported": arguments.export} if arguments.export else {}))
    else:
        _table(found, where)
        if arguments.export:
            write_line(f"Exported: {arguments.export}")
    if not found.is_whole:
        say(f"harvest-tui: {found.problem}")
    return 0 if found.is_whole else 1


async def _home(arguments: Namespace) -> ChainReport:
    from harvest_tui.session.verdicts import checked
    from harvest_tui.store import Store

    choices = choices_for(arguments)
    async with await Store.open(choices.locations.database) as store:
        if arguments.export:
            await _export(store, Path(arguments.export))
        return await checked(store)


async def _export(store: Store, path: Path) -> None:
    from harvest_tui.core.identification.chain import exported
    from harvest_tui.session.harvesting import write_new

    await write_new(path, exported(await store.record_links()))


def _file(path: Path) -> ChainReport:
    from harvest_tui.core.identification.chain import check_file

    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} is too large for a file of records", "name a file that harvest-tui exported")
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "name a file that harvest-tui exported") from None
    return check_file(content)


def _body(found: ChainReport) -> dict[str, object]:
    return {
        "schema": 1,
        "whole": found.is_whole,
        "records": found.sound,
        "head": found.head,
        "broken": found.broken,
        "problem": found.problem or None,
    }


def _table(found: ChainReport, where: str) -> None:
    rows = [
        ("records as they were written", str(found.sound)),
        ("hash of the last of them", found.head),
        ("first that is not", "-" if found.broken is None else str(found.broken)),
        ("verdict", "whole" if found.is_whole else found.problem),
    ]
    write_table(f"Identification records of {where}", ("What", "Found"), rows)
