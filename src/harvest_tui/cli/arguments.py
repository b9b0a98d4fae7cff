"""What may be typed: commands, options and their help."""

from __future__ import annotations

import argparse
import gc
import re
from collections.abc import Callable, Sequence
from importlib import import_module

from harvest_tui import __version__
from harvest_tui.errors import InputError

_METHODS = ("fifo", "lifo", "hifo", "lofo")
_SCOPES = ("account", "universal", "us")
_SCREENS = ("monitor", "demo")
_LOSS = re.compile(r"-\$?[0-9][0-9,]*(?:\.[0-9]*)?$|-\.[0-9]+$", re.ASCII)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise InputError(message, f"see: {self.prog} --help")


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    """The command's `run`, imported when it is chosen, so that none pays for another's libraries."""

    def run(arguments: argparse.Namespace) -> int:
        if name not in _SCREENS:
            return int(import_module(f"harvest_tui.cli.{name}").run(arguments))
        # Nothing made before the first frame is garbage; the app turns the collector on again after it.
        gc.disable()
        try:
            return int(import_module(f"harvest_tui.cli.{name}").run(arguments))
        finally:
            gc.enable()

    return run


def _tax_year(text: str) -> int:
    """A year of four digits in which there were coins. argparse puts ValueError into its own words."""
    year = int(text) if text.isascii() and text.isdigit() else 0
    if not 2009 <= year <= 2100:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no tax year such as 2025")
    return year


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The chosen command with its options. Raises InputError in plain words."""
    return parser().parse_args(argv)


def parser() -> argparse.ArgumentParser:
    """Every command and option with its help; also what completion and the manual page are made from."""
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
    _add_decisions(commands)
    _add_profile(commands)
    _add_tax(commands)
    _add_alerts(commands)
    _add_demo(commands)
    _add_serve(commands)
    _add_help(commands)
    return parser


def _add(commands: argparse._SubParsersAction[_Parser], name: str, module: str, text: str) -> _Parser:
    parser: _Parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=_command(module))
    # Losses are typed as people write them, -5,000 or -$5,000: they are no options.
    parser._negative_number_matcher = _LOSS
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
    accounts.add_argument(
        "--lot-order", metavar="NAME=ORDER", help="the order the venue sells lots in, like kraken=lifo"
    )
    sync = _add(commands, "sync", "sync", "fetch what is new from the connected exchanges")
    sync.add_argument("--account", help="only this one")


def _add_facts(commands: argparse._SubParsersAction[_Parser]) -> None:
    lots = _add(commands, "lots", "lots", "open lots, with value and unrealized result where a price is known")
    lots.add_argument("--as-of", metavar="TIME", help="the lots as they were then (ISO 8601)")
    lots.add_argument("--method", choices=_METHODS, help="lot order (default: your setting, else fifo)")
    lots.add_argument("--scope", choices=_SCOPES, help="which lots a sale may use (default: your setting)")
    lots.add_argument("--prices", metavar="FILE", help="CSV asset,price[,time] in US dollars")
    lots.add_argument("--csv", metavar="FILE", help="write them into a new file for a spreadsheet, every digit")
    disposals = _add(commands, "disposals", "disposals", "realized results, one row for each part of a lot that went")
    disposals.add_argument("--year", type=_tax_year, metavar="Y", help="only this tax year, in your own time zone")
    disposals.add_argument("--method", choices=_METHODS, help="one lot order for all accounts and years")
    disposals.add_argument("--scope", choices=_SCOPES, help="which lots a sale may use")
    disposals.add_argument("--csv", metavar="FILE", help="write them into a new file for a spreadsheet, every digit")
    explain = _add(commands, "explain", "explain", "why a lot or a disposal is what it is, down to the source rows")
    explain.add_argument("id", metavar="ID", help="a lot id, an event id, or the beginning of one")
    explain.add_argument("--method", choices=_METHODS, help="one lot order for all accounts and years")
    explain.add_argument("--scope", choices=_SCOPES, help="which lots a sale may use")
    load = _add(commands, "import", "importing", "read a ledger file or Koinly's universal file")
    load.add_argument("file", metavar="FILE")
    load.add_argument("--format", help="instead of detecting it: ledger or koinly")
    load.add_argument("--account", help="the account of rows that name none")
    load.add_argument("--dry-run", action="store_true", help="only say what would be new")
    doctor = _add(commands, "doctor", "doctor", "database, reconciliation, key rights, clock, price ages")
    doctor.add_argument("--offline", action="store_true", help="ask no exchange")
    doctor.add_argument("--backup", metavar="FILE", help="write a checked copy of the database into a new file")
    verify = _add(commands, "verify", "verify", "whether every identification record is as it was written")
    verify.add_argument("file", metavar="FILE", nargs="?", help="an exported file (default: the records of the home)")
    verify.add_argument("--export", metavar="FILE", help="write the records of the home into a new file")


def _add_decisions(commands: argparse._SubParsersAction[_Parser]) -> None:
    transfers = _add(commands, "transfers", "transfers", "which withdrawals became which deposits, and your word on it")
    verbs = transfers.add_mutually_exclusive_group()
    verbs.add_argument("--confirm", nargs=2, metavar=("WITHDRAWAL", "DEPOSIT"), help="the two are one move")
    verbs.add_argument("--split", metavar="WITHDRAWAL", help="it is not the deposit it is paired with")
    verbs.add_argument("--external", metavar="ID", help="the other end is not in an account of yours")
    verbs.add_argument("--undo", type=int, metavar="N", help="take decision N back")
    assume = _add(commands, "assume", "assume", "a basis for units that nothing proves, kept with its reason")
    assume.add_argument("account", nargs="?", help="without anything: list what asks for a basis and what is assumed")
    assume.add_argument("asset", nargs="?")
    assume.add_argument("quantity", nargs="?", help="units")
    assume.add_argument("--acquired", metavar="DATE", help="the day they were acquired, like 2021-04-05")
    assume.add_argument("--cost-basis", metavar="USD", help="what they cost in all, fees included")
    assume.add_argument("--unit-cost", metavar="USD", help="instead: what one unit cost")
    assume.add_argument("--reason", metavar="TEXT", help="why you think so; kept and shown with the lot")
    assume.add_argument(
        "--for", dest="about", metavar="ID", help="the sale or deposit it is for, where several could be"
    )
    assume.add_argument("--undo", type=int, metavar="N", help="take decision N back")


def _add_profile(commands: argparse._SubParsersAction[_Parser]) -> None:
    profile = _add(commands, "profile", "profile", "your own figures: income, other gains, fees, and why each matters")
    profile.add_argument("action", nargs="?", choices=("set", "unset"), help="without it: show everything")
    profile.add_argument("words", nargs="*", metavar="KEY VALUE", help="such as wages 120000, or fee kraken 0.25%%")


def _add_tax(commands: argparse._SubParsersAction[_Parser]) -> None:
    plan = _add(commands, "plan", "plan", "the best set of lots to sell, and the year's tax before and after")
    plan.add_argument("--target", default="best", help="best, offset-gains, max-deduction, loss:AMOUNT or gain:AMOUNT")
    plan.add_argument("--prices", metavar="FILE", help="CSV asset,price[,time] in US dollars")
    plan.add_argument("--as-of", metavar="TIME", help="as if it were then (ISO 8601)")
    plan.add_argument("--year", type=int, help="the tax year; the one of that time")
    tax = _add(commands, "tax", "tax", "the federal tax on figures you give; reads and keeps nothing else")
    tax.add_argument("--year", metavar="Y", help="tax year; a year that is not published yet is an estimate")
    tax.add_argument("--status", metavar="S", help="single, married_joint, married_separate, head_of_household, ...")
    for name in ("wages", "interest", "qualified-dividends"):
        tax.add_argument(f"--{name}", metavar="DOLLARS")
    tax.add_argument("--short-gain", metavar="DOLLARS", help="net short-term result of the year, losses negative")
    tax.add_argument("--long-gain", metavar="DOLLARS", help="net long-term result, without collectibles")
    tax.add_argument("--collectibles-gain", metavar="DOLLARS", help="long-term result on collectibles (28 %% at most)")
    tax.add_argument("--carry-short", metavar="DOLLARS", help="short-term loss carried in, as a positive amount")
    tax.add_argument("--carry-long", metavar="DOLLARS", help="long-term loss carried in, as a positive amount")
    tax.add_argument(
        "--batch", metavar="FILE", help="a JSON array of objects, keys as the options with _ for -; options fill gaps"
    )


def _add_alerts(commands: argparse._SubParsersAction[_Parser]) -> None:
    watch = _add(commands, "watch", "watch", "alerts without a screen, as a service or from cron; never an order")
    watch.add_argument("--once", action="store_true", help="look once: status 0 quiet, 1 told something, 3 no price")
    watch.add_argument("--interval", type=int, default=60, metavar="SECONDS", help="between two looks (default: 60)")
    watch.add_argument("--offline", action="store_true", help="ask no exchange: the prices as they were last")
    watch.add_argument("--sync", action="store_true", help="fetch new trades too, not only prices")
    watch.add_argument("--exec", metavar="CMD", help="run CMD for each alert, which is JSON on its standard input")
    alerts = _add(commands, "alerts", "alerts", "what was announced, and what shall not be for a while")
    verbs = alerts.add_mutually_exclusive_group()
    verbs.add_argument(
        "--snooze", nargs=2, metavar=("ID", "FOR"), help="silence: 12h, 7d, or $200 of change in its value"
    )
    verbs.add_argument("--mute", metavar="ASSET", help="no alert about it")
    verbs.add_argument("--unmute", metavar="ASSET", help="alerts about it again")
    alerts.add_argument("--last", type=int, default=50, metavar="N", help="so many of the journal (default: 50)")


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
    demo.add_argument("--scenario", metavar="NAME", help="a story to watch and to act in; --list tells them")
    demo.add_argument("--list", action="store_true", help="tell every scenario and leave")
    demo.add_argument(
        "--speed",
        type=float,
        default=1.0,
        metavar="X",
        help="let prices and the scenario run X times as fast (0.1 to 100); clocks and dates stay true",
    )
    demo.add_argument("--crash", type=float, metavar="PERCENT", default=None, help="let the market fall after a while")


def _add_serve(commands: argparse._SubParsersAction[_Parser]) -> None:
    words = "the monitor in a browser on this machine, behind a secret address"
    serve = commands.add_parser("serve", help=words, description=words)
    serve.set_defaults(run=_command("serve"))
    serve.add_argument("--port", type=int, default=0, metavar="N", help="on 127.0.0.1 (default: a free one)")
    serve.add_argument("--demo", action="store_true", help="the demo instead; it begins anew with each window")


def _add_help(commands: argparse._SubParsersAction[_Parser]) -> None:
    words = "short texts on keys, files, accounts, import, plan, alerts, tax, privacy and limits"
    parser = commands.add_parser("help", help=words, description=words)
    parser.set_defaults(run=_command("topics"))
    parser.add_argument("topic", nargs="?", metavar="TOPIC", help="without it: which there are")
    parser.add_argument("--man", action="store_true", help="all of it as a manual page, for man -l")
    words = "a script that completes commands and options in your shell"
    completion = commands.add_parser("completion", help=words, description=words)
    completion.set_defaults(run=_command("completion"))
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help="which one")
