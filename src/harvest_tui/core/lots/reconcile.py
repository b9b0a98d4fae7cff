"""Lots against what the exchange says it holds: every difference is listed with its likely causes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from harvest_tui.core.lots.ledger import BasisGap, Ledger, Mismatch, UnmatchedMove
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, plain
from harvest_tui.core.records import USD, AccountId, Asset, Balance, Event

DUST = Decimal("0.00000001")
REWARD_SHARE = Decimal("0.05")
"""Staking rewards that were missed are mostly smaller than this part of the holding."""
FEE_SHARE = Decimal("0.01")
Key = tuple[AccountId, Asset]


@dataclass(frozen=True, slots=True)
class _Clues:
    """What the ledger itself says about one account and asset, and about the asset elsewhere."""

    gaps: Sequence[BasisGap]
    moves: Sequence[UnmatchedMove]
    moves_elsewhere: Sequence[UnmatchedMove]
    assumed: Sequence[Event] = ()
    """Openings that the user assumed, where a gap asked for them."""

    def assumed_units(self, asset: Asset) -> Decimal:
        """Units of them all."""
        units = ZERO
        for event in self.assumed:
            if event.received is not None and event.received.asset == asset:
                units = EXACT.add(units, event.received.quantity)
        return units


def _day(move: UnmatchedMove | BasisGap) -> str:
    return move.at.date().isoformat()


def _of_size(moves: Sequence[UnmatchedMove], size: Decimal, *, is_deposit: bool) -> list[UnmatchedMove]:
    """Unmatched moves in one direction that explain the difference, the best first: the same amount, within 1 %."""
    tolerance = ROUNDED.multiply(size, FEE_SHARE)
    near = [
        move
        for move in moves
        if move.is_deposit is is_deposit and abs(EXACT.subtract(move.quantity, size)) <= tolerance
    ]
    return sorted(near, key=lambda move: (abs(EXACT.subtract(move.quantity, size)), move.at, move.event_id))


def _holds_more(missing: Decimal, held: Decimal, asset: Asset, clues: _Clues) -> list[str]:
    """Causes where the exchange holds more than the lots: something came in that nobody told, or came back."""
    causes = [
        f"the withdrawal of {plain(move.quantity)} {asset} on {_day(move)} was cancelled or came back"
        for move in _of_size(clues.moves, missing, is_deposit=False)
    ]
    causes += [
        f"the withdrawal of {plain(move.quantity)} {asset} from {move.account} on {_day(move)} arrived here untold"
        for move in _of_size(clues.moves_elsewhere, missing, is_deposit=False)
    ]
    if clues.gaps:
        causes.append(f"the history begins too late or has a hole: units left without a lot on {_day(clues.gaps[0])}")
    elif clues.assumed:
        units = plain(clues.assumed_units(asset))
        causes.append(f"the history begins too late or has a hole: more was there than the {units} {asset} assumed")
    if missing <= ROUNDED.multiply(held, REWARD_SHARE):
        causes.append("staking rewards, interest or an airdrop not in the history")
    causes.append("a deposit or purchase not in the history")
    return causes


def _holds_less(excess: Decimal, in_lots: Decimal, asset: Asset, clues: _Clues) -> list[str]:
    """Causes where the exchange holds less than the lots: something went out that nobody told, or was never there."""
    causes = []
    if clues.assumed and excess <= (units := clues.assumed_units(asset)):
        names = ", ".join(event.event_id for event in clues.assumed)
        causes.append(f"{plain(units)} {asset} assumed by you ({names}) are more than there were")
    causes += [
        f"the deposit of {plain(move.quantity)} {asset} on {_day(move)} is counted twice or never arrived"
        for move in _of_size(clues.moves, excess, is_deposit=True)
    ]
    causes += [
        f"the deposit of {plain(move.quantity)} {asset} to {move.account} on {_day(move)} came from here untold"
        for move in _of_size(clues.moves_elsewhere, excess, is_deposit=True)
    ]
    if excess <= ROUNDED.multiply(in_lots, FEE_SHARE):
        causes.append(f"trading or network fees paid in {asset} that the history does not show")
    if excess == in_lots:
        causes.append("a dust conversion, delisting or sale not in the history")
    causes.append("a withdrawal or sale not in the history")
    return causes


def _causes(held: Decimal, in_lots: Decimal, asset: Asset, clues: _Clues) -> tuple[str, ...]:
    difference = EXACT.subtract(held, in_lots)
    if abs(difference) < DUST:
        return (f"rounding dust below {plain(DUST)}",)
    if difference > 0:
        return tuple(_holds_more(difference, held, asset, clues))
    return tuple(_holds_less(-difference, in_lots, asset, clues))


def _sums(ledger: Ledger) -> dict[Key, Decimal]:
    sums: dict[Key, Decimal] = defaultdict(lambda: ZERO)
    for lot in ledger.lots:
        key = (lot.account, lot.asset)
        sums[key] = EXACT.add(sums[key], lot.quantity)
    return sums


def _reported(balances: Sequence[Balance]) -> dict[Key, Decimal]:
    """The latest balance of each account and asset; several of one instant (wallets of an account) add up."""
    latest: dict[Key, Balance] = {}
    sums: dict[Key, Decimal] = {}
    for balance in balances:
        key = (balance.account, balance.asset)
        known = latest.get(key)
        if known is None or balance.at > known.at:
            latest[key], sums[key] = balance, balance.quantity
        elif balance.at == known.at:
            sums[key] = EXACT.add(sums[key], balance.quantity)
    return sums


def _fills_gap(event: Event, key: Key) -> bool:
    """Whether the event is an assumption that added units; one about a deposit only gave them a basis."""
    leg = event.received
    return leg is not None and (event.account, leg.asset) == key and event.acquired_at == event.executed_at


def reconcile(
    ledger: Ledger,
    balances: Sequence[Balance],
    assumed: Sequence[Event] = (),
    in_lots: Mapping[Key, Decimal] | None = None,
) -> tuple[Mismatch, ...]:
    """The accounts and assets whose balance is not the sum of their lots, with likely causes, best first.

    An account that reports any balance reports all of them: an asset it does not name is held at zero. Accounts without
    any balance (filled by import) are not judged; dollars have no lots. `assumed` are the openings that the user
    assumed: where they do not agree with a balance they are the first to be doubted. `in_lots` are the units in lots
    by account and asset, where somebody has summed them already.
    """
    held = _reported(balances)
    in_lots = _sums(ledger) if in_lots is None else in_lots
    judged = {balance.account for balance in balances}
    keys = {key for key in held.keys() | in_lots.keys() if key[0] in judged and key[1] != USD}
    mismatches = []
    for account, asset in sorted(keys):
        reported, counted = held.get((account, asset), ZERO), in_lots.get((account, asset), ZERO)
        if reported == counted:
            continue
        of_asset = [move for move in ledger.unmatched if move.asset == asset]
        clues = _Clues(
            [gap for gap in ledger.gaps if (gap.account, gap.asset) == (account, asset)],
            [move for move in of_asset if move.account == account],
            [move for move in of_asset if move.account != account],
            [event for event in assumed if _fills_gap(event, (account, asset))],
        )
        mismatches.append(Mismatch(account, asset, reported, counted, _causes(reported, counted, asset, clues)))
    return tuple(mismatches)
