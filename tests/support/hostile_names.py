"""Names that outsiders choose for their tokens: markup, escapes, bidirectional text, length."""

from __future__ import annotations

import unicodedata

from harvest_tui.core.lots.ledger import BasisGap, Ledger, Mismatch
from harvest_tui.core.records import Account, AccountId, EventId
from harvest_tui.session import FeedState, FeedStatus, SyncPhase, SyncState
from support.sample_portfolio import NOW, SampleSession, make_lot, make_portfolio, quote

REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def is_harmless(text: str) -> bool:
    """Whether no character of it could be obeyed by a terminal."""
    return all(unicodedata.category(character) not in REFUSED for character in text)


HOSTILE_NAMES = (
    "[red]RED[/red]",
    "[@click=app.quit]claim[/]",
    "X[/]Y",
    "[b +",
    "X[/",
    "\\[/]",
    "[[/]]",
    "$name ${name} {name} %s",
    "\x1b]52;c;aGVsbG8=\x07",
    "\x1b]0;owned\x07title",
    "\x1b[31mred\x1b[0m",
    "\x9b31mC1",
    "\x90dcs\x9c",
    "a\nb\rc\td",
    "\u202edesrever\u202c",
    "\u2066isolate\u2069",
    "zero\u200bwidth\u200d",
    "\u2028line\u2029paragraph",
    "e" + "\u0301" * 500,
    "\u0301leading mark",
    "\ufeffBOM",
    "\ud800",
    "\ue000private",
    "漢字" * 40,
    "👨‍👩‍👧‍👦" * 20,
    "A" * 10_000,
    "\x00\x7f",
    "",
    " ",
)


def hostile_session() -> SampleSession:
    """Every outside text of a session, hostile."""
    lots = tuple(
        make_lot(number, name, f"kraken{name}", "1.5", "300", 40, lot_id=f"{name}{number}")
        for number, name in enumerate(HOSTILE_NAMES)
    )
    gaps = tuple(BasisGap(lot.account, lot.asset, lot.quantity, NOW, EventId(lot.lot_id)) for lot in lots)
    mismatches = tuple(Mismatch(lot.account, lot.asset, lot.quantity * 2, lot.quantity, (lot.asset,)) for lot in lots)
    quotes = {(lot.account, lot.asset): quote(lot.asset, "100", source=lot.asset) for lot in lots}
    accounts = tuple(Account(AccountId(name), name, NOW, name, lot_order=name) for name in dict.fromkeys(HOSTILE_NAMES))
    states = {
        account.account: SyncState(
            account.account, account.exchange, phase, account.exchange, 7, message=account.exchange
        )
        for account, phase in zip(accounts, list(SyncPhase) * len(accounts), strict=False)
    }
    feeds = {
        name: FeedState(name, status, NOW, name)
        for name, status in zip(HOSTILE_NAMES, list(FeedStatus) * 9, strict=False)
    }
    return SampleSession(
        held=make_portfolio(lots, quotes, ledger=Ledger(gaps=gaps), mismatches=mismatches),
        known=accounts,
        states=states,
        price_feeds=feeds,
    )
