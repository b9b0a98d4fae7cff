"""Everything that could not be proven or reached, one value each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from harvest_tui.core.lots.ledger import Mismatch
from harvest_tui.core.money import EXACT, plain
from harvest_tui.core.portfolio import Portfolio, PositionKey
from harvest_tui.core.records import AccountId
from harvest_tui.session import FeedState, FeedStatus, SyncPhase, SyncState


class ProblemKind(StrEnum):
    """What sort of trouble, in the words of the screen."""

    SYNC = "sync failed"
    FEED = "price feed"
    STALE = "stale price"
    NO_PRICE = "no price"
    GAP = "missing basis"
    MISMATCH = "balance differs"
    UNMATCHED = "unmatched move"
    UNPRICED = "unpriced event"


class Problem(NamedTuple):
    """One line of the list. `happened` and `to_do` may hold outside text: clean before showing.

    `event_id`, `quantity` and `day` (in UTC) are those of the event that a decision of the user could settle.
    """

    kind: ProblemKind
    account: str
    asset: str
    happened: str
    to_do: str
    event_id: str = ""
    quantity: Decimal | None = None
    day: date | None = None
    is_deposit: bool = False

    @property
    def asks_for_basis(self) -> bool:
        """Whether assuming a basis would settle it."""
        return self.kind is ProblemKind.GAP or (self.kind is ProblemKind.UNMATCHED and self.is_deposit)


def problems_of_facts(portfolio: Portfolio) -> tuple[Problem, ...]:
    """What matching could not prove, worst first."""
    ledger = portfolio.ledger
    found = [_of_mismatch(mismatch) for mismatch in portfolio.mismatches]
    for gap in ledger.gaps:
        found.append(
            Problem(
                ProblemKind.GAP,
                gap.account,
                gap.asset,
                f"{plain(gap.quantity)} left on {gap.at.date()} with no lot to cover it",
                "import what brought these units in: earlier trades, a deposit's origin, or an `opening` row; "
                "`o` assumes a basis",
                gap.event_id,
                gap.quantity,
                gap.at.date(),
            )
        )
    for move in ledger.unmatched:
        way, other = ("deposit", "sender") if move.is_deposit else ("withdrawal", "receiver")
        found.append(
            Problem(
                ProblemKind.UNMATCHED,
                move.account,
                move.asset,
                f"{way} of {plain(move.quantity)} on {move.at.date()}: no other end in your accounts",
                f"connect or import the {other}, or `x` says what it was; a payment or gift is a `spend`, "
                "`gift_out` or `gift_in` row",
                move.event_id,
                move.quantity,
                move.at.date(),
                move.is_deposit,
            )
        )
    for event in ledger.unpriced:
        found.append(
            Problem(
                ProblemKind.UNPRICED,
                event.account,
                event.asset,
                f"nothing tells the dollar value of {event.event_id} on {event.at.date()}",
                "import the row again with its `value` in US dollars",
            )
        )
    return tuple(found)


def _of_mismatch(mismatch: Mismatch) -> Problem:
    difference = EXACT.subtract(mismatch.held, mismatch.in_lots)
    word = "more" if difference > 0 else "less"
    causes = "; ".join(mismatch.causes)
    return Problem(
        ProblemKind.MISMATCH,
        mismatch.account,
        mismatch.asset,
        f"the exchange holds {plain(mismatch.held)}, lots say {plain(mismatch.in_lots)}: "
        f"{plain(abs(difference))} {word}",
        causes or "sync again; if it stays, import what the exchange does not report",
    )


def problems_of_world(
    portfolio: Portfolio,
    feeds: Mapping[str, FeedState],
    states: Mapping[AccountId, SyncState],
    stale: Mapping[PositionKey, str],
) -> tuple[Problem, ...]:
    """What cannot be reached just now: accounts, feeds, and prices that are missing or too old."""
    found = list(_of_syncs(states))
    for feed in feeds.values():
        if feed.status in {FeedStatus.STALE, FeedStatus.OFFLINE}:
            found.append(
                Problem(
                    ProblemKind.FEED,
                    feed.exchange,
                    "",
                    f"prices are {feed.status.value}" + (f": {feed.message}" if feed.message else ""),
                    "the last prices stay, dimmed with their age; it is tried again by itself",
                )
            )
    for (account, asset), old in stale.items():
        found.append(
            Problem(ProblemKind.STALE, account, asset, f"the price is {old} old", "check the connection; `s` syncs")
        )
    for account, asset in portfolio.positions:
        if (account, asset) not in portfolio.quotes:
            found.append(
                Problem(
                    ProblemKind.NO_PRICE,
                    account,
                    asset,
                    "no price is known, so it is left out of the totals",
                    "connect an exchange that trades it, or pass --prices FILE to the commands",
                )
            )
    return tuple(found)


def _of_syncs(states: Mapping[AccountId, SyncState]) -> Iterator[Problem]:
    for state in states.values():
        if state.phase is SyncPhase.FAILED:
            happened, _, hint = state.message.partition("; ")
            yield Problem(
                ProblemKind.SYNC, state.account, "", happened or "the sync failed", hint or "press `s` to try again"
            )
        elif state.phase is SyncPhase.NEEDS_KEY:
            yield Problem(
                ProblemKind.SYNC, state.account, "", state.message or "no key is stored", "add it with `a` in accounts"
            )
