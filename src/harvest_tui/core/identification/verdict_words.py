"""A verdict in words: one heading and the facts under it. Names in them are outside text, cleaned by whoever draws."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

from harvest_tui.core.identification.consumption import Part, total_or_none
from harvest_tui.core.identification.verdict import Outcome, Verdict
from harvest_tui.core.money import EXACT, ROUNDED, plain, rounded

_HUNDRED = Decimal(100)


def heading(verdict: Verdict, zone: ZoneInfo) -> str:
    """The verdict in a line."""
    lot = verdict.lot
    day = lot.acquired_at.astimezone(zone).date()
    doubt = ", as far as the times told can say" if verdict.too_close else ""
    return f"{plain(lot.quantity)} {lot.asset} of {day} in {lot.account}: {verdict.outcome.value}{doubt}"


def facts(verdict: Verdict, zone: ZoneInfo) -> list[str]:
    """What there is to know about it, the most important first."""
    return [*_units(verdict), *_causes(verdict, zone), *_money(verdict), *_advice(verdict)]


def _units(verdict: Verdict) -> Iterator[str]:
    asset = verdict.lot.asset
    if verdict.identified:
        yield f"{plain(verdict.identified)} {asset} sold from the lot, as identified"
    if verdict.strayed:
        came_from = _origins(verdict.parts, verdict)
        yield f"{plain(verdict.strayed)} {asset} sold, but by {verdict.method} from {came_from}"
    if verdict.lost:
        yield f"{plain(verdict.lost)} {asset} are no longer in the lot and were not sold under the record"
    if verdict.beyond:
        came_from = _origins(verdict.beyond_parts, verdict)
        yield f"{plain(verdict.beyond)} {asset} more were sold than recorded, by {verdict.method} from {came_from}"
    if verdict.revoked:
        yield f"{plain(verdict.revoked)} {asset} were taken back"
    if verdict.left:
        yield f"{plain(verdict.left)} {asset} left to sell"


def _origins(parts: tuple[Part, ...], verdict: Verdict) -> str:
    names: dict[str, None] = {}
    for part in parts:
        if part.origin_id != verdict.lot.origin_id or part in verdict.beyond_parts:
            names["no known lot" if part.lot_id is None else f"lot {part.lot_id}"] = None
    return ", ".join(names) or "other lots"


def _causes(verdict: Verdict, zone: ZoneInfo) -> Iterator[str]:
    for one in verdict.culprits:
        units, at = f"{plain(one.quantity)} {verdict.lot.asset}", f"{one.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        if verdict.outcome is Outcome.WRONG_ACCOUNT:
            yield f"{one.event_id} sold {units} in {one.account} at {at}: other lots, in no record"
        elif verdict.outcome is Outcome.SOLD_BEFORE:
            yield f"{one.event_id} took {units} at {at}, before the record: it is not identified by it"
        else:
            yield f"{one.event_id} took {units} at {at}"
    if verdict.too_close:
        yield (
            f"{', '.join(verdict.too_close)} and record {verdict.record} are within one second of each other: "
            "by the venue's clock nobody can tell which came first"
        )
    if not verdict.is_bound:
        yield "the broker had to be told of the lots by the time of the sale, and no record says that it was"


def _money(verdict: Verdict) -> Iterator[str]:
    if not verdict.parts:
        return
    yield f"result {signed(verdict.obtained)} of {signed(verdict.promised)} USD promised at the quote"
    if verdict.slippage is not None and verdict.slippage_rate is not None:
        rate = ROUNDED.multiply(verdict.slippage_rate, _HUNDRED)
        yield f"price {signed(verdict.slippage)} USD against the quote ({signed(rate)} %)"
    if verdict.fees is not None:
        yield f"fees {plain(rounded(verdict.fees, 2))} USD"
    beyond = total_or_none(part.gain for part in verdict.beyond_parts)
    if verdict.beyond_parts:
        yield f"result of what was sold on top {signed(beyond)} USD"


def _advice(verdict: Verdict) -> Iterator[str]:
    if verdict.outcome in (Outcome.SOLD_BEFORE, Outcome.WRONG_ACCOUNT, Outcome.EATEN) and (
        verdict.left or verdict.lost
    ):
        yield f"record {verdict.record} still waits for a sale: revoke it if there will be none"
    elif verdict.outcome is Outcome.LOT_GONE:
        yield f"look for the missing purchase, or revoke record {verdict.record}"


def signed(value: Decimal | None) -> str:
    """A figure with its sign and two decimals; `-` where unknown."""
    if value is None:
        return "-"
    shown = rounded(value, 2)
    text = format(abs(shown), ",f")
    return text if not shown else f"+{text}" if shown > 0 else f"-{text}"


def loss_kept(verdict: Verdict) -> Decimal | None:
    """The part of the promised loss that was obtained, as a part of one; None where either is unknown or no loss."""
    if verdict.promised is None or verdict.obtained is None or verdict.promised >= 0:
        return None
    return ROUNDED.divide(EXACT.minus(verdict.obtained), EXACT.minus(verdict.promised))
