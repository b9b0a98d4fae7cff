"""`harvest-tui doctor`: is what we know sound, and can we still ask?"""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path

from harvest_tui.cli.home import choices_for, opened
from harvest_tui.cli.lots import attention
from harvest_tui.cli.output import write_json, write_table
from harvest_tui.core.records import Account
from harvest_tui.errors import HarvestError
from harvest_tui.session.run import Session

_OLD_SECONDS = 24 * 3600
"""A price of another day says little of today's loss."""
Finding = tuple[str, str, str]
"""(what was looked at, `ok` or `attention`, what was found)."""


def run(arguments: Namespace) -> int:
    """Check the cache, the lots, the prices and, unless offline, each key and clock."""
    return asyncio.run(_run(arguments))


async def _run(arguments: Namespace) -> int:
    async with opened(choices_for(arguments)) as session:
        if arguments.backup:
            await session.store.backup(Path(arguments.backup))
        findings = await _database(session) + await _records(session) + _reconciliation(session) + _prices(session)
        if arguments.backup:
            findings.append(("backup", "ok", f"a checked copy is in {arguments.backup}"))
        if not arguments.offline:
            for account in session.accounts():
                findings += await _account(session, account)
    if arguments.json:
        names = ("check", "state", "found")
        write_json({"schema": 1, "findings": [dict(zip(names, finding, strict=True)) for finding in findings]})
    else:
        write_table("Doctor", ("Check", "State", "Found"), findings)
    return 1 if any(state != "ok" for _, state, _ in findings) else 0


async def _database(session: Session) -> list[Finding]:
    problems = await session.store.integrity()
    notes = [problem for problem in problems if problem.lower().startswith("note")]
    found = [("database", "attention", problem) for problem in problems if problem not in notes]
    found = found or [("database", "ok", "complete and as it should be")]
    return found + [("database", "ok", note) for note in notes]


async def _records(session: Session) -> list[Finding]:
    report = await session.harvesting.verify()
    if report.is_whole:
        return [("records", "ok", f"{report.sound} identification records, each as it was written")]
    return [("records", "attention", f"{report.problem}; see: harvest-tui verify")]


def _reconciliation(session: Session) -> list[Finding]:
    problems = attention(session.portfolio())
    findings: list[Finding] = [
        (
            "lots",
            "attention",
            f"{g['account']}: {g['quantity']} {g['asset']} left by {g['event_id']} without a purchase",
        )
        for g in problems["gaps"]
    ]
    findings += [
        ("balance", "attention", f"{m['account']}: {m['asset']} held {m['held']}, in lots {m['in_lots']}")
        for m in problems["mismatches"]
    ]
    return findings or [("lots", "ok", "every balance is covered by lots")]


def _prices(session: Session) -> list[Finding]:
    portfolio, now = session.portfolio(), session.now()
    findings: list[Finding] = []
    for account, asset in portfolio.positions:
        quote = portfolio.quotes.get((account, asset))
        if quote is None:
            findings.append(("price", "attention", f"no price is known for {asset} in {account}"))
    if portfolio.quotes:
        oldest = min(portfolio.quotes.values(), key=lambda quote: quote.at)
        seconds = int((now - oldest.at).total_seconds())
        state = "ok" if seconds < _OLD_SECONDS else "attention"
        findings.append(("price", state, f"the oldest is {oldest.source}, {seconds} s old"))
    return findings


async def _account(session: Session, account: Account) -> list[Finding]:
    if not account.exchange:
        return []
    rights, ahead = await session.check_account(account)
    if isinstance(ahead, HarvestError):
        return [(f"account {account.account}", "attention", str(ahead))]
    clock: Finding = (f"clock {account.account}", "ok" if abs(ahead) <= 2 else "attention", f"{ahead:+.1f} s")
    if isinstance(rights, HarvestError):
        return [(f"account {account.account}", "attention", str(rights)), clock]
    state = "ok" if rights == "read" else "attention"
    return [(f"key {account.account}", state, f"may {rights}; from {session.key_origin(account)}"), clock]
