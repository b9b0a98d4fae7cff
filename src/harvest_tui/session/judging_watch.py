"""Verdicts beside the screen: judged anew when facts change, in a thread, and what is new told once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from harvest_tui.core.money import plain
from harvest_tui.core.portfolio import PositionKey
from harvest_tui.core.records import Asset
from harvest_tui.errors import HarvestError

if TYPE_CHECKING:
    from harvest_tui.core.harvest.volatility import Volatility
    from harvest_tui.core.identification.verdict import Verdict
    from harvest_tui.session.home import Home
    from harvest_tui.session.verdicts import Judged

Spawn = Callable[[Coroutine[Any, Any, None], str], None]
_TOLD = "verdicts told"
"""The note of what was told: by record and line the outcome and the units sold."""


class JudgingView(NamedTuple):
    """What is known at this instant. `judged` is None before the first judging; `version` grows with each.

    `trouble` says why the latest facts could not be judged; then `judged` is of earlier ones. `volatilities` are of the
    harvested assets.
    """

    judged: Judged | None = None
    volatilities: Mapping[Asset, Volatility] = {}
    is_judging: bool = False
    trouble: str = ""
    version: int = 0


class JudgingWatch:
    """Judges in the background, one judging at a time; to look costs nothing and never waits."""

    def __init__(
        self,
        home: Home,
        judge: Callable[[], Awaitable[Judged]],
        volatilities: Callable[[set[Asset]], Awaitable[Mapping[Asset, Volatility]]],
        spawn: Spawn | None = None,
    ) -> None:
        self._home = home
        self._judge = judge
        self._volatilities = volatilities
        self._spawn = spawn or self._own_task
        self._tasks: set[asyncio.Task[None]] = set()
        self._view = JudgingView()
        self._judged_of: int | None = None
        """The version of the facts that were judged last."""
        self._is_wanted = False
        self._told: dict[str, str] | None = None
        self._news: list[Verdict] = []

    @property
    def to_restore(self) -> frozenset[PositionKey]:
        """Positions of which something sold is not bought back: their prices are wanted though nothing is held."""
        judged = self._view.judged
        return frozenset((one.account, one.asset) for one in judged.rebuys if one.left) if judged else frozenset()

    def refresh(self) -> None:
        """The next look judges anew, though no fact has changed: a wait has."""
        self._is_wanted = True

    def view(self) -> JudgingView:
        """What is known now. Starts a judging where one is due."""
        if not self._view.is_judging and (self._is_wanted or self._judged_of != self._home.facts_version):
            self._view = self._view._replace(is_judging=True)
            self._spawn(self.look(), "judge")
        return self._view

    def news(self) -> tuple[Verdict, ...]:
        """Verdicts that became another since they were told last, each once."""
        if not self._news:
            return ()
        found, self._news = tuple(self._news), []
        return found

    async def look(self) -> None:
        """Judges the facts as of now, and notes what is new."""
        version, self._is_wanted = self._home.facts_version, False
        try:
            judged = await self._judge()
            volatilities = await self._volatilities({one.asset for one in judged.rebuys})
            await self._compare(judged)
        except HarvestError as error:
            trouble = f"{error.happened}. {error.hint}"
            self._view = self._view._replace(trouble=trouble, version=self._view.version + 1)
        else:
            before = self.to_restore
            self._view = JudgingView(judged, volatilities, True, "", self._view.version + 1)
            if before != self.to_restore:
                self._home.want_prices()
        finally:
            self._judged_of = version
            self._view = self._view._replace(is_judging=False)

    async def _compare(self, judged: Judged) -> None:
        """Finds the verdicts that are others than those told last, here or in an earlier run.

        Where nothing is noted yet nobody was told anything: what is old then is taken as known.
        """
        store = self._home.store
        if self._told is None:
            note = await store.get_note(_TOLD)
            told: dict[str, str] | None = json.loads(note) if note else None
        else:
            told = self._told
        seen = {f"{one.record}.{one.line}": _state(one) for one in judged.verdicts}
        if told is not None:
            self._news += [one for one in judged.verdicts if _is_news(one, told)]
        if seen != (told or {}) and store.writable:
            await store.set_note(_TOLD, json.dumps(seen, sort_keys=True))
        self._told = seen

    def _own_task(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _state(verdict: Verdict) -> str:
    """What makes a verdict another: its outcome and the units that were sold."""
    return f"{verdict.outcome.value} {plain(verdict.sold)} {plain(verdict.lost)}"


def _is_news(verdict: Verdict, told: Mapping[str, str]) -> bool:
    """Whether somebody should hear of it: not of a record that only waits."""
    before = told.get(f"{verdict.record}.{verdict.line}")
    if before == _state(verdict):
        return False
    from harvest_tui.core.identification.verdict import Outcome

    return before is not None or verdict.outcome is not Outcome.WAITING
