"""What may be typed: commands, options and their help."""

from __future__ import annotations

import argparse
import gc
from collections.abc import Callable, Sequence
from importlib import import_module

from harvest_tui import __version__
from harvest_tui.errors import InputError

_METHODS = ("fifo", "lifo", "hifo", "lofo")
_SCOPES = ("account", "universal", "us")
_SCREENS = ("monitor", "demo")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise InputError(message, f"see: {self.prog} --help")


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    """The command's `run`, imported when it is chosen, so that none pays for another's libraries."""

    def run(arguments: argparse.Namespace) -> int:
        if name in _SCREENS:
            # Nothing made before the first frame is garbage; the app turns the collector on again after it.
            gc.disable()
        return int(import_module(f"harvest_tui.cli.{name}").run(arguments))

    return run


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The chosen command with its options. Raises InputError in plain words."""
    parser = _Parser(
        prog="harvest-tui",
        description="A terminal monitor for crypto tax lots and the losses worth harvesting. "
        "Without a command it opens the monitor.",
        epilog="Exit status: 0 done, 1 done but facts need attention, 2 bad input, 3 network, key or disk failed.",
    )
    parser.add_argument("--version", action="version", version=f"harvest-tui {__version__}")
    parser.add_argument("--home", metavar="DIR", help="keep everything of one user under DIR (or HARVEST_TUI_HOME)")
    parser.set_defaults(run=_command("monitor"), json=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)
    _add_accounts(commands)
    _add_facts(commands)
    _add_demo(commands)
    return parser.parse_args(argv)


def _add(commands: argparse._SubParsersAction[_Parser], name: str, module: str, text: str) -> _Parser:
    parser: _Parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=_command(module))
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    return parser


def _add_accounts(commands: argparse._SubParsersAction[_Parser]) -> None:
    connect = _add(commands, "connect", "connect", "add an exchange account with a read-only API key")
    connect.add_argument("exchange", help="kraken, coinbase, binance or binanceus")
    connect.add_argument("--account", help="your name for it (default: the exchange's)")
    connect.add_argument("--tier", default="", help="Kraken: starter, intermediate or pro (sets the request rate)")
    connect.add_argument("--allow-trade-key", action="store_true", help="take a key that may trade (never withdraw)")
    connect.add_argument("--key-file", metavar="FILE", help="read key and secret from FILE (Coinbase's JSON is fine)")
    accounts = _add(commands, "accounts", "accounts", "list accounts, their rights and last sync")
    accounts.add_argument("--remove", metavar="NAME", help="forget an account, its key and its facts")
    sync = _add(commands, "sync", "sync", "fetch what is new from the connected exchanges")
    sync.add_argument("--account", help="only this one")


def _add_facts(commands: argparse._SubParsersAction[_Parser]) -> None:
    lots = _add(commands, "lots", "lots", "open lots, with value and unrealized result where a price is known")
    lots.add_argument("--as-of", metavar="TIME", help="the lots as they were then (ISO 8601)")
    lots.add_argument("--method", choices=_METHODS, help="lot order (default: your setting, else fifo)")
    lots.add_argument("--scope", choices=_SCOPES, default="account")
    lots.add_argument("--prices", metavar="FILE", help="CSV asset,price[,time] in US dollars")
    load = _add(commands, "import", "importing", "read a ledger file or a known export")
    load.add_argument("file", metavar="FILE")
    load.add_argument("--format", help="instead of detecting it: ledger or koinly")
    load.add_argument("--account", help="the account of rows that name none")
    load.add_argument("--dry-run", action="store_true", help="only say what would be new")
    doctor = _add(commands, "doctor", "doctor", "database, reconciliation, key rights, clock, price ages")
    doctor.add_argument("--offline", action="store_true", help="ask no exchange")


def _add_demo(commands: argparse._SubParsersAction[_Parser]) -> None:
    demo = commands.add_parser(
        "demo",
        help="try it: three simulated exchanges with a live market, in a throw-away home",
        description="Starts a simulator on this machine and the real program on it. Nothing is kept.",
    )
    demo.set_defaults(run=_command("demo"))
    demo.add_argument("--seed", type=int, default=7, help="another seed is another history")
    demo.add_argument("--rows", type=int, default=450, help="about this many rows on each exchange")
    demo.add_argument("--tick-rate", type=float, default=8.0, help="price changes a second on each exchange")
    demo.add_argument("--crash", type=float, metavar="PERCENT", default=None, help="let the market fall after a while")
