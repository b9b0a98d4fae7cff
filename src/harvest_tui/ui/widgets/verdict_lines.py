"""What became of each recorded lot: one line in the list, and all there is to know about it below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from harvest_tui.core.identification.consumption import Part
from harvest_tui.core.identification.record import Record
from harvest_tui.core.identification.ticket import TicketOrder, price_text
from harvest_tui.core.identification.verdict import Outcome, Verdict
from harvest_tui.core.identification.verdict_words import facts, heading
from harvest_tui.core.money import plain
from harvest_tui.core.tax_days import tax_day, term_of
from harvest_tui.ui.format import MINUS, UNKNOWN, clean, exact, money, signed
from harvest_tui.ui.widgets.lane_table import Column, dollars, fitting, header_of, role_of, row_of, units
from harvest_tui.ui.widgets.line_list import Line
from harvest_tui.ui.widgets.paragraph import Part as Words
from harvest_tui.ui.widgets.row_view import Piece

SIGNS: Mapping[Outcome, tuple[str, str, str]] = {
    Outcome.WAITING: ("○", "waits for a sale", "soon"),
    Outcome.PARTLY_SOLD: ("◐", "partly sold", "soon"),
    Outcome.AS_IDENTIFIED: ("✓", "as identified", "gain"),
    Outcome.SOLD_MORE: ("✓", "sold more", "soon"),
    Outcome.SOLD_LESS: ("✓", "sold less", "plain"),
    Outcome.SOLD_BEFORE: ("✗", "sold before the record", "loss"),
    Outcome.WRONG_ACCOUNT: ("✗", "sold elsewhere", "loss"),
    Outcome.EATEN: ("✗", "eaten by another order", "loss"),
    Outcome.FELL_TO_METHOD: ("✗", "fell to the method", "loss"),
    Outcome.LOT_GONE: ("✗", "the lot is not there", "loss"),
    Outcome.REVOKED: ("-", "revoked", "muted"),
}
"""A sign, a few words and a role for each outcome: none is told by its colour alone."""
_CLOSE = " ±1s"
"""The sale is within a second of its record: which came first is told by clocks that may be off by as much."""
_SHORTER = {Outcome.SOLD_BEFORE: "sold before", Outcome.EATEN: "eaten", Outcome.LOT_GONE: "lot not there"}
"""Outcomes that leave no room for it beside them."""
COLUMNS = (
    Column("#", 4, 0),
    Column("Written", 17, 6, True),
    Column("Account", 9, 5, True),
    Column("Asset", 7, 1, True),
    Column("Outcome", 25, 0, True),
    Column("Recorded", 11, 8),
    Column("Sold", 11, 4),
    Column("Left", 9, 7),
    Column("Promised", 12, 3),
    Column("Obtained", 12, 2),
    Column("Slippage", 9, 10),
    Column("Fees", 8, 11),
    Column("Term", 6, 9, True),
)
_MINUS = re.compile(r"(?<![\w.,:-])-(?=\d)")


def verdict_rows(
    verdicts: Sequence[Verdict], records: Mapping[int, Record], zone: ZoneInfo, width: int
) -> tuple[Line, list[Line]]:
    """Titles and one line a verdict, as many columns as fit."""
    kept = fitting(COLUMNS, width)
    lines = [row_of(COLUMNS, kept, _cells(one, records.get(one.record), zone)) for one in verdicts]
    return header_of(COLUMNS, kept), lines


def _cells(one: Verdict, record: Record | None, zone: ZoneInfo) -> tuple[Piece, ...]:
    lot = one.lot
    sign, words, role = SIGNS[one.outcome]
    if one.too_close:
        words = _SHORTER.get(one.outcome, words) + _CLOSE
    written = UNKNOWN if record is None else f"{record.recorded_at.astimezone(zone):%Y-%m-%d %H:%M}"
    return (
        (str(one.record), "muted"),
        (written, "muted"),
        (clean(lot.account), "plain"),
        (clean(lot.asset), "title"),
        (f"{sign} {words}", role),
        (units(lot.quantity, 10), "plain"),
        (units(one.sold, 10), "plain"),
        (units(one.left, 8), "soon" if one.left else "muted"),
        (dollars(one.promised, 11, has_sign=True), role_of(one.promised)),
        (dollars(one.obtained, 11, has_sign=True), role_of(one.obtained)),
        (dollars(one.slippage, 8, has_sign=True), role_of(one.slippage)),
        (dollars(one.fees, 7), "plain"),
        (term_word(one, zone), "muted"),
    )


def term_word(one: Verdict, zone: ZoneInfo) -> str:
    """`short`, `long`, or `both` of the units sold; `-` before anything was."""
    terms = {term_of(part.acquired_at, part.sold_at, zone).value for part in one.parts if part.acquired_at is not None}
    return UNKNOWN if not terms else terms.pop() if len(terms) == 1 else "both"


def verdict_words(one: Verdict, record: Record | None, order: TicketOrder | None, zone: ZoneInfo) -> list[list[Words]]:
    """The verdict in full, a list of parts for each line; names in it are clean."""
    sign, _, role = SIGNS[one.outcome]
    style = "bold" if role in ("plain", "muted") else f"bold ${role}"
    lines: list[list[Words]] = [[(f"{sign} {clean(heading(one, zone), 300)}", style)]]
    lines += [[f"  {true_minus(clean(fact, 400))}"] for fact in facts(one, zone)]
    if one.left:
        lines += [[("  → ", "bold $soon"), clean(text, 300)] for text in still_to_sell(one, order)]
    for title, parts in (("sold", one.parts), ("on top", one.beyond_parts)):
        for part in parts:
            lines.append([(f"  {title}: ", "$muted"), clean(part_words(part, one, zone), 400)])
    lines.append([("  evidence: ", "$muted"), (clean(evidence(one, record), 600), "$muted")])
    return lines


def true_minus(text: str) -> str:
    """The words with a true minus sign before figures."""
    return _MINUS.sub(MINUS, text)


def still_to_sell(one: Verdict, order: TicketOrder | None) -> Iterator[str]:
    """What is left to sell and how, as the ticket has it."""
    lot = one.lot
    price = lot.worst_price
    limit = "its basis is unknown" if price is None else f"a loss below {price_text(price)} USD, before fees"
    yield f"sell {plain(one.left)} {lot.asset} in {lot.account}: {limit}"
    if order is not None and order.ahead:
        yield (
            f"the account's own order ({order.method}) would use up {plain(order.ahead)} {lot.asset} of other lots "
            "first: the record says otherwise, and a broker may have to be told"
        )
    elif order is not None:
        yield f"the account's own order ({order.method}) uses the recorded lots up first: one plain sale is enough"


def part_words(part: Part, one: Verdict, zone: ZoneInfo) -> str:
    """One part of a lot that a sale took."""
    asset, at = one.lot.asset, f"{part.sold_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    if part.lot_id is None or part.acquired_at is None:
        return f"{exact(part.quantity)} {asset} of no known lot, by {part.event_id} at {at}"
    whose = "the recorded lot" if part.origin_id == one.lot.origin_id else f"lot {part.lot_id}"
    term = term_of(part.acquired_at, part.sold_at, zone).value
    return (
        f"{exact(part.quantity)} {asset} of {whose}, acquired {tax_day(part.acquired_at, zone)} ({term}-term), "
        f"for {money(part.proceeds)}, basis {money(part.cost_basis)}, result {signed(part.gain)}, "
        f"by {part.event_id} at {at}"
    )


def evidence(one: Verdict, record: Record | None) -> str:
    """Where all this can be looked up: events by id, the lot, and the hash of the record."""
    events = dict.fromkeys(
        [str(part.event_id) for part in (*one.parts, *one.beyond_parts)] + [str(who.event_id) for who in one.culprits]
    )
    told = [", ".join(events) or "no sale yet", f"lot {one.lot.lot_id}"]
    if record is not None:
        told.append(f"record {record.number} written {record.local_time} ({record.zone}), sha256 {record.sha256[:16]}…")
    return "; ".join(told)


def text_of(lines: Sequence[Sequence[Words]]) -> str:
    """The lines as plain text."""
    return "\n".join("".join(part if isinstance(part, str) else part[0] for part in line) for line in lines) + "\n"


def news_words(one: Verdict) -> str:
    """A verdict in one sentence, for a note at the edge of the screen."""
    lot = one.lot
    told = (
        f"{SIGNS[one.outcome][0]} {one.outcome.value}: {lot.asset} {exact(one.sold or lot.quantity)} in {lot.account}"
    )
    if one.obtained is not None:
        word = "loss" if one.obtained < 0 else "gain"
        told += f", {word} {signed(one.obtained)} obtained"
        if one.promised is not None:
            told += f" of {signed(one.promised)}"
    if one.left:
        told += f", {exact(one.left)} left to sell"
    doubt = ", within a second of the sale" if one.too_close else ""
    return f"{told} (record {one.record}{doubt})"
