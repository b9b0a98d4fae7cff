"""The story of a lot or a disposal: the part of the history that concerns it, matched anew in a thread."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from harvest_tui.errors import InputError
from harvest_tui.session.deciding import load_history
from harvest_tui.session.facts import Rules, load_prices

if TYPE_CHECKING:
    from harvest_tui.core.lots.explanation import Explanation, NoSuchName
    from harvest_tui.store import Store

_SHOWN = 3


async def load_explanation(store: Store, rules: Rules, name: str) -> Explanation:
    """How the lot, or what the event of that id took, came about under the rules, with the source rows of it all.

    `name` may be the beginning of an id, where only one begins so. Raises InputError where it names nothing or several.
    """
    from harvest_tui.core.lots.explaining import events_about, explain
    from harvest_tui.core.lots.explanation import NoSuchName
    from harvest_tui.core.lots.matching import Scope

    history = await load_history(store, rules.zone)
    events = await asyncio.to_thread(events_about, name, history.events)
    prices = await load_prices(store, events)

    def tell() -> Explanation:
        return explain(
            name,
            events,
            methods=rules.methods(),
            scope=Scope(rules.scope),
            zone=rules.zone,
            prices=prices,
            pairs=history.pairs,
            allocation=rules.placements(),
        )

    try:
        explanation = await asyncio.to_thread(tell)
    except NoSuchName as error:
        raise _refusal(error) from None
    return replace(explanation, sources=await store.sources(explanation.event_ids()))


def _refusal(error: NoSuchName) -> InputError:
    if not error.candidates:
        return InputError(f"no lot or disposal is called {error.name[:80]!r}", "harvest-tui lots --json lists lot ids")
    shown = ", ".join(error.candidates[:_SHOWN])
    more = len(error.candidates) - _SHOWN
    others = f" and {more} more" if more > 0 else ""
    return InputError(f"{error.name[:80]!r} may be {shown}{others}", "give more of the id")
