"""A realized result in words, and as a spreadsheet takes it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.ledger import BasisGap, Provenance
from harvest_tui.core.money import plain
from harvest_tui.core.tax_days import tax_day
from harvest_tui.ui.format import clean, count, day, exact, money, signed, tint_of
from harvest_tui.ui.widgets.history_entries import Entry, Heading, Sums
from harvest_tui.ui.widgets.lot_copy import MOST_BYTES, guarded
from harvest_tui.ui.widgets.paragraph import Part

_FORMS = {
    "C": "no broker's form shows it",
    "F": "no broker's form shows it",
    "G": "a broker is expected to report proceeds and basis",
    "H": "a broker is expected to report the proceeds without the basis",
    "I": "no broker's form is expected",
    "J": "a broker is expected to report proceeds and basis",
    "K": "a broker is expected to report the proceeds without the basis",
    "L": "no broker's form is expected",
}
_BASIS = {
    Provenance.PROVEN: "basis proven by the purchase",
    Provenance.TRANSFERRED: "basis carried over from another own account",
    Provenance.ASSUMED: "basis assumed: nothing proves it",
    Provenance.UNKNOWN: "basis unknown: import what brought these units in",
}
TITLES = (
    "Sold", "Account", "Asset", "Acquired", "Quantity", "Proceeds USD", "Cost basis USD", "Gain USD", "Term",
    "Form 8949 box", "Basis is", "Event",
)  # fmt: skip


def title_parts(year: int, sums: Sums) -> list[Part]:
    """The year and what it came to: short, long, net."""
    parts: list[Part] = [f"harvest › tax year {year}"]
    for name, value in (("short", sums.short), ("long", sums.long), ("net", sums.net)):
        parts += [(f"  {name} ", "$muted"), (signed(value), tint_of(value))]
    parts.append(("  " + count(sums.disposals, "part"), "$muted"))
    if sums.gaps:
        parts.append((", " + count(sums.gaps, "gap"), "$soon"))
    if sums.unknown:
        parts.append((f", {sums.unknown:,} in no sum", "$soon"))
    return parts


def entry_words(entry: Entry, zone: ZoneInfo) -> list[Part]:
    """Everything that is known of one part of a lot."""
    one = entry.what
    when = f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
    where = f"{exact(one.quantity)} {clean(one.asset, 40)} in {clean(one.account, 40)}"
    if isinstance(one, BasisGap):
        return [
            (where, "bold"),
            f"  left on {when} by {clean(one.event_id, 60)}; no lot covers them, so nothing of it is in the sums\n",
            ("→ ", "bold $soon"),
            "import what brought these units in, or press ! and o to assume a basis with its reason",
        ]
    bought = tax_day(one.acquired_at, zone)
    gain = one.gain
    return [
        (where, "bold"),
        f"  sold {when}, acquired {day(bought)}: held {(entry.on - bought).days:,} days, {one.term.value}-term\n",
        f"{money(one.proceeds)} proceeds less {money(one.cost_basis)} basis: ",
        (f"{signed(gain)} USD" if gain is not None else "unknown, and in no sum", _colour(gain)),
        f"; {_BASIS[one.provenance]}\n",
        (f"Form 8949 box {entry.box}: {_FORMS[entry.box]}   {clean(one.event_id, 60)}", "$muted"),
    ]


def heading_words(heading: Heading) -> list[Part]:
    """A group in a sentence."""
    left_out = f"; {count(heading.unknown, 'line')} of unknown result are in no sum" if heading.unknown else ""
    return [
        (f"{clean(heading.name, 40)}  ", "bold"),
        f"{count(heading.lines, 'line')}: {money(heading.proceeds)} proceeds less {money(heading.basis)} basis: ",
        (f"{signed(heading.gain)} USD", _colour(heading.gain)),
        left_out,
    ]


def _colour(gain: Decimal | None) -> str:
    return "$soon" if gain is None else tint_of(gain)


def copied_line(entry: Entry, zone: ZoneInfo) -> str:
    """Cells between tabs: every digit, no name that a spreadsheet would obey."""
    one = entry.what
    names = [guarded(one.account), guarded(one.asset)]
    if isinstance(one, BasisGap):
        cells = [day(entry.on), *names, "", plain(one.quantity), "", "", "", "", "", "gap"]
    else:
        figures = ["" if value is None else plain(value) for value in (one.proceeds, one.cost_basis, one.gain)]
        cells = [day(entry.on), *names, day(tax_day(one.acquired_at, zone)), plain(one.quantity), *figures]
        cells += [one.term.value, entry.box, one.provenance.value]
    return "\t".join([*cells, guarded(one.event_id)])


def copied_table(entries: Iterable[Entry], zone: ZoneInfo) -> str | None:
    """Titles and one line a part; None where it is more than a terminal's clipboard takes."""
    lines = ["\t".join(TITLES)]
    size = len(lines[0])
    for entry in entries:
        lines.append(copied_line(entry, zone))
        size += len(lines[-1].encode()) + 1
        if size > MOST_BYTES:
            return None
    return "\n".join(lines) + "\n"
