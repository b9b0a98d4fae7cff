"""`harvest-tui verify`: whether every identification record, in the home or in a file, is as it was written."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from harvest_tui.cli.home import choices_for
from harvest_tui.cli.output import say, write_json, write_table
from harvest_tui.errors import InputError

if TYPE_CHECKING:
    from harvest_tui.core.identification.chain import ChainReport

LARGEST = 256 * 1024 * 1024
"""Bytes of a file that is read: a record of a hundred lots takes 40 KiB."""


def run(arguments: Namespace) -> int:
    """Check the chain; 1 where a record is changed, missing or out of place."""
    if arguments.file is None:
        found, where = asyncio.run(_home(arguments)), "this home"
    else:
        found, where = _file(Path(arguments.file)), arguments.file
    if arguments.json:
        write_json(_body(found))
    else:
        _table(found, where)
    if not found.is_whole:
        say(f"harvest-tui: {found.problem}")
    return 0 if found.is_whole else 1


async def _home(arguments: Namespace) -> ChainReport:
    from harvest_tui.session.verdicts import checked
    from harvest_tui.store import Store

    choices = choices_for(arguments)
    async with await Store.open(choices.locations.database) as store:
        return await checked(store)


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
