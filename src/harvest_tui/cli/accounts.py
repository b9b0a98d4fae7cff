"""`harvest-tui accounts`: what is connected, with which rights, and when it was last read."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from harvest_tui.cli.home import choices_for, opened
from harvest_tui.cli.output import instant, write_json, write_table
from harvest_tui.core.records import AccountId
from harvest_tui.errors import InputError
from harvest_tui.lot_settings import LOT_ORDERS
from harvest_tui.session.choices import Choices
from harvest_tui.session.syncing import last_synced
from harvest_tui.settings_file import set_choice

DEFAULT = "default"
"""Instead of an order: the account follows the home's method again."""


def run(arguments: Namespace) -> int:
    """List accounts, after removing one or choosing the lot order of one where that is asked for."""
    return asyncio.run(_run(arguments))


async def _run(arguments: Namespace) -> int:
    choices = choices_for(arguments)
    if arguments.lot_order:
        await _choose_lot_order(choices, arguments.lot_order)
        choices = choices_for(arguments)
    async with opened(choices) as session:
        if arguments.remove:
            if not any(account.account == arguments.remove for account in session.accounts()):
                raise InputError(f"no account {arguments.remove!r}", "see: harvest-tui accounts")
            await session.disconnect(AccountId(arguments.remove))
        rows = []
        for account in session.accounts():
            last = await last_synced(session.store, account.account)
            counted = session.store.raw_count if account.exchange else session.store.event_count
            rows.append(
                {
                    "account": account.account,
                    "exchange": account.exchange or None,
                    "rights": account.rights if account.exchange else None,
                    "lot_order": account.lot_order,
                    "rows": await counted(account.account),
                    "synced_at": instant(last),
                }
            )
    if arguments.json:
        write_json({"schema": 1, "accounts": rows})
    else:
        columns = ("account", "exchange", "rights", "lot_order", "rows", "synced_at")
        cells = [[str(row[name] if row[name] is not None else "-") for name in columns] for row in rows]
        write_table("Accounts", ("Account", "Exchange", "Key may", "Lot order", "Rows", "Synced"), cells, right=(4,))
    return 0


async def _choose_lot_order(choices: Choices, told: str) -> None:
    """Keep `NAME=ORDER` in config.toml, where an account's own order comes before that of the home; `default` ends it.

    Raises InputError where there is no such account or order.
    """
    name, _, order = told.rpartition("=")
    if not name or order not in (*LOT_ORDERS, DEFAULT):
        raise InputError(f"{told!r} is not NAME=ORDER", f"choose the order from {', '.join((*LOT_ORDERS, DEFAULT))}")
    async with opened(choices) as session:
        if not any(account.account == name for account in session.accounts()):
            raise InputError(f"no account {name!r}", "see: harvest-tui accounts")
    place = ("accounts", name, "lot_order")
    set_choice(choices.locations.config_file, place, None if order == DEFAULT else order)
