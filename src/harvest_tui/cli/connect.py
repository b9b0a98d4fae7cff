"""`harvest-tui connect`: add an exchange account; the key never passes through the command line."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from argparse import Namespace
from pathlib import Path

from harvest_tui.cli.home import choices_for, opened
from harvest_tui.cli.output import say, write_json
from harvest_tui.core.credentials import Credentials
from harvest_tui.errors import InputError
from harvest_tui.keys import KeySource, parse_credentials

_MAX_KEY = 16_384
_ADVICE = {
    "kraken": "Query Funds, Query Ledger Entries, Query Closed Orders & Trades",
    "coinbase": "View only",
    "binance": "Enable Reading only",
    "binanceus": "Can Read only",
}


def run(arguments: Namespace) -> int:
    """Connect and say what the key may do."""
    return asyncio.run(_run(arguments))


async def _run(arguments: Namespace) -> int:
    choices = choices_for(arguments)
    name = arguments.exchange if arguments.account is None else arguments.account
    async with opened(choices) as session:
        session.check_new_account(arguments.exchange, name)
        credentials = await _credentials(arguments, name, choices.keys)
        account = await session.connect(
            arguments.exchange,
            name,
            credentials.key.reveal(),
            credentials.secret.reveal(),
            allow_trade_key=arguments.allow_trade_key,
            tier=arguments.tier,
        )
    if arguments.json:
        body = {"account": account.account, "exchange": account.exchange, "rights": account.rights}
        write_json({"schema": 1, **body})
    else:
        say(f"connected {account.account} ({account.exchange}); the key may: {account.rights}. Next: harvest-tui sync")
    return 0


async def _credentials(arguments: Namespace, name: str, keys: KeySource) -> Credentials:
    if arguments.key_file:
        return parse_credentials(_read(Path(arguments.key_file)))
    if keys.origin(name) != "keyring":
        return await keys.load(name)
    if not sys.stdin.isatty():
        return parse_credentials(sys.stdin.read(_MAX_KEY))
    say(f"Create a key on {arguments.exchange} that may only read: {_ADVICE.get(arguments.exchange, 'read only')}.")
    key = getpass.getpass("API key (not shown): ")
    return parse_credentials(f"{key}\n{_secret()}")


def _secret() -> str:
    first = getpass.getpass("Secret (not shown; a PEM may be pasted whole): ")
    lines = [first]
    while "-----BEGIN" in first and "-----END" not in lines[-1]:
        lines.append(getpass.getpass(""))
    return os.linesep.join(lines)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_KEY:
            raise InputError(f"{path} is too large for a key", "give the exchange's key file")
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}", "check its name and permissions") from error
