"""`harvest-tui disposals`: realized results, one row for each part of a lot that went."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from itertools import islice
from pathlib import Path

from harvest_tui.cli.home import choices_for, opened
from harvest_tui.cli.lots import gap_row, new_file
from harvest_tui.cli.output import amount, dollars, instant, say, write_json, write_table
from harvest_tui.core.lots.cautions import Caution, CautionKind
from harvest_tui.core.lots.ledger import BasisGap, Disposal
from harvest_tui.core.lots.realized import Realized
from harvest_tui.core.money import plain
from harvest_tui.core.tax_days import tax_day
from harvest_tui.session.harvesting import write_new
from harvest_tui.session.realized import load_realized

SAID = 5
"""So many cautions of a kind are said to people; the rest is counted, and all are in the JSON."""


def run(arguments: Namespace) -> int:
    """Print disposals, gaps, totals and what to look at."""
    return asyncio.run(_run(arguments))


async def _run(arguments: Namespace) -> int:
    choices, target = choices_for(arguments), new_file(arguments.csv)
    async with opened(choices) as session:
        rules = session.rules().under(arguments.method, arguments.scope)
        realized = await load_realized(session.store, choices.settings, rules, arguments.year)
    if target is not None:
        await _write(realized, target)
    if arguments.json:
        write_json(_body(realized))
    elif target is None:
        _tables(realized)
    _say_cautions(realized)
    return 1 if realized.gaps or realized.unknown else 0


async def _write(realized: Realized, target: Path) -> None:
    """A row for each part, then one for each gap."""
    from harvest_tui.core.lot_frame import disposals_csv

    rows: list[tuple[Disposal | BasisGap, str]] = [*zip(realized.disposals, realized.boxes, strict=True)]
    rows += [(gap, "") for gap in realized.gaps]
    await write_new(target, disposals_csv(rows, realized.zone).encode())
    gaps = f" and {len(realized.gaps)} without a lot" if realized.gaps else ""
    say(f"harvest-tui: {len(realized.disposals)} disposals{gaps} written to {target}")


def _row(disposal: Disposal, box: str) -> dict[str, object]:
    return {
        "event_id": disposal.event_id,
        "lot_id": disposal.lot_id,
        "origin_id": disposal.origin_id,
        "account": disposal.account,
        "asset": disposal.asset,
        "acquired_at": instant(disposal.acquired_at),
        "disposed_at": instant(disposal.disposed_at),
        "quantity": plain(disposal.quantity),
        "proceeds": amount(disposal.proceeds),
        "cost_basis": amount(disposal.cost_basis),
        "gain": amount(disposal.gain),
        "term": disposal.term.value,
        "form_8949_box": box,
    }


def _warning(caution: Caution) -> dict[str, object]:
    return {
        "kind": caution.kind.value,
        "event_id": caution.event_id,
        "account": caution.account,
        "asset": caution.asset,
        "at": instant(caution.at),
        "message": caution.message,
    }


def _body(realized: Realized) -> dict[str, object]:
    return {
        "schema": 1,
        "year": realized.year,
        "disposals": [_row(*pair) for pair in zip(realized.disposals, realized.boxes, strict=True)],
        "gaps": [gap_row(gap) for gap in realized.gaps],
        "totals": {"short": plain(realized.short), "long": plain(realized.long)},
        "warnings": [_warning(caution) for caution in realized.cautions],
    }


def _tables(realized: Realized) -> None:
    names = ("Disposed", "Acquired", "Account", "Asset", "Quantity", "Proceeds", "Cost basis", "Gain", "Term", "Box")
    rows = [
        (
            tax_day(one.disposed_at, realized.zone).isoformat(),
            tax_day(one.acquired_at, realized.zone).isoformat(),
            one.account,
            one.asset,
            plain(one.quantity),
            dollars(one.proceeds),
            dollars(one.cost_basis),
            dollars(one.gain),
            one.term.value,
            box,
        )
        for one, box in zip(realized.disposals, realized.boxes, strict=True)
    ]
    when = "all years" if realized.year is None else str(realized.year)
    title = f"{len(rows)} disposals of {when}, US dollars, days in {realized.zone.key}"
    write_table(title, names, rows, right=(4, 5, 6, 7))
    totals = [("short-term", dollars(realized.short)), ("long-term", dollars(realized.long))]
    if realized.unknown:
        totals.append(("unknown, in no total", f"{realized.unknown} disposals"))
    write_table("Gain", ("Term", "US dollars"), totals, right=(1,))
    if realized.gaps:
        columns = ("Needs attention", "Account", "Asset", "Quantity", "Event")
        gaps = [("gap: no purchase known", g.account, g.asset, plain(g.quantity), g.event_id) for g in realized.gaps]
        write_table("Gaps", columns, gaps, right=(3,))


def _say_cautions(realized: Realized) -> None:
    for kind in CautionKind:
        of_kind = [caution for caution in realized.cautions if caution.kind is kind]
        for caution in islice(of_kind, SAID):
            say(f"harvest-tui: {caution.message}")
        if len(of_kind) > SAID:
            say(f"harvest-tui: {len(of_kind) - SAID} more of this kind; --json has all of them")
