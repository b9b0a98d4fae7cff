"""`harvest-tui demo`: the real program on simulated exchanges, in a home that is thrown away."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from argparse import Namespace
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from textwrap import wrap

from harvest_tui.cli.demo_story import Story
from harvest_tui.cli.home import start_log
from harvest_tui.cli.output import say, write_line
from harvest_tui.cli.signals import on_signals
from harvest_tui.core.harvest.alert_rules import AlertRules
from harvest_tui.core.money import ZERO
from harvest_tui.core.records import Account, AccountId
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.errors import InputError
from harvest_tui.keys import GivenKeys
from harvest_tui.session.choices import Choices, Loopback, utc_now
from harvest_tui.session.run import Session
from harvest_tui.settings import Settings, locate
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.simulator.scenario import FASTEST, SLOWEST, Scenario
from harvest_tui.simulator.scenarios import SCENARIOS
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.looks import looks_for

VENUES = ("kraken", "coinbase", "binanceus")
_CRASH_AFTER_SECONDS = 20.0
_SIGNALS = ("SIGTERM", "SIGHUP")
_PARAGRAPH = 78
"""Cells in a line of what is told here: a terminal of 80 breaks none."""
_MOST_TICKS = 50.0
"""Price changes a second on each exchange, however fast the market runs: a screen shows fewer."""
_log = logging.getLogger("harvest_tui.demo")
TAXPAYER = Profile(
    status=FilingStatus.SINGLE,
    wages=Decimal(140_000),
    short_gain=Decimal(6_000),
    long_gain=ZERO,
    carry_short=ZERO,
    carry_long=ZERO,
    fee=Decimal("0.0025"),
)
"""Invented like everything else here, so that the planner has a return to work on."""
ALERTS = AlertRules(net_benefit=Decimal(50))
"""The accounts are small: a dip is told from less on than by default."""


def run(arguments: Namespace) -> int:
    """Start the simulator, connect three accounts, open the monitor; leave nothing behind."""
    if arguments.list:
        list_scenarios()
        return 0
    check_choices(arguments.scenario, arguments.speed)
    with tempfile.TemporaryDirectory(prefix="harvest-demo-") as home:
        return asyncio.run(_run_until_told(arguments, Path(home)))


def list_scenarios() -> None:
    """Every scenario with its paragraph, on standard output."""
    for place, scenario in enumerate(SCENARIOS.values()):
        if place:
            write_line("")
        write_line(scenario.name)
        for line in wrap(scenario.words, _PARAGRAPH):
            write_line(f"  {line}")


def check_choices(scenario: str | None, speed: float) -> None:
    """Raises InputError for a scenario that there is not, and for a speed that no market here can run at."""
    if scenario is not None and scenario not in SCENARIOS:
        near = get_close_matches(scenario, SCENARIOS, 1)
        hint = f"did you mean {near[0]}?" if near else "see: harvest-tui demo --list"
        raise InputError(f"no scenario is called {scenario[:40]!r}", hint)
    if not SLOWEST <= speed <= FASTEST:
        raise InputError(f"the market cannot run at {speed:g} times its pace", f"from {SLOWEST:g} to {FASTEST:g}")


def _tell(text: str) -> None:
    for line in wrap(text, _PARAGRAPH):
        say(line)


async def _run_until_told(arguments: Namespace, home: Path) -> int:
    """As `_run`; a signal or a closed terminal before the app watches for them itself ends it as cleanly."""
    task, told = asyncio.current_task(), list[int]()

    def end(number: int) -> None:
        told.append(number)
        if task is not None:
            task.cancel()

    on_signals(_SIGNALS, end)
    try:
        return await _run(arguments, home)
    except asyncio.CancelledError:
        if not told:
            raise
        return 128 + told[0]


async def _run(arguments: Namespace, home: Path) -> int:
    scenario, speed = SCENARIOS.get(arguments.scenario or ""), arguments.speed
    _tell("Starting three simulated exchanges on this machine; nothing leaves it and nothing is kept.")
    _tell("The taxpayer is invented too: single, wages of $140,000, $6,000 of short-term gains made elsewhere.")
    _tell(f"Alerts are told from ${ALERTS.net_benefit} of net benefit on (by default $250), the accounts being small.")
    if scenario is not None:
        say("")
        _tell(f"{scenario.name}: {scenario.words}")
    simulator = SimulatorProcess(
        seed=arguments.seed,
        venues=VENUES,
        rows=arguments.rows,
        tick_rate=min(_MOST_TICKS, arguments.tick_rate * speed),
        scenario="calm" if scenario is None else scenario.name,
        speed=speed,
    )
    async with simulator, demo_session(simulator, home, scenario) as session:
        plays = [asyncio.create_task(_crash_later(simulator, arguments.crash, speed))]
        if scenario is not None:
            plays.append(asyncio.create_task(Story(scenario, session, simulator, speed).play()))
        try:
            app = HarvestApp(session, looks=looks_for("", "", {}))
            await app.run_async()
            return app.return_code or 0
        finally:
            await _ended(plays)


@asynccontextmanager
async def demo_session(
    simulator: SimulatorProcess, home: Path, scenario: Scenario | None = None
) -> AsyncIterator[Session]:
    """A session with one account on each simulated exchange and what the scenario tells by a file; the keys exist in
    memory only."""
    locations = locate(str(home))
    locations.create()
    start_log(locations)
    if "kraken" in simulator.accounts:
        await simulator.limits("kraken", "pro")
    keys = GivenKeys({venue: simulator.credentials(venue) for venue in simulator.accounts})
    loopback = Loopback(simulator.routes, Path(simulator.ca_file))
    session = await Session.open(
        Choices(locations, Settings(timezone="America/New_York", profile=TAXPAYER, alerts=ALERTS), keys, loopback)
    )
    try:
        for venue in simulator.accounts:
            await session.store.add_account(Account(AccountId(venue), venue, utc_now(), "read", tier="pro"))
        if scenario is not None and scenario.ledger:
            await _import(session, home, scenario.ledger)
        await session.accounts_changed()
        yield session
    finally:
        await session.close()


async def _import(session: Session, home: Path, ledger: str) -> None:
    from harvest_tui.imports.reading import tell

    path = home / "wallet.csv"
    await asyncio.to_thread(path.write_text, ledger, encoding="utf-8")
    told = await asyncio.to_thread(tell, path, None, None)
    await session.store.import_events(told.file.events, path.name, told.file.sha256)


async def _crash_later(simulator: SimulatorProcess, percent: float | None, speed: float) -> None:
    if percent is not None:
        await asyncio.sleep(_CRASH_AFTER_SECONDS / speed)
        await simulator.crash(percent)


async def _ended(plays: Sequence[asyncio.Task[None]]) -> None:
    """Cancels what still plays; what went wrong in it is a line of the log, for the terminal is the app's."""
    for play in plays:
        play.cancel()
    for outcome in await asyncio.gather(*plays, return_exceptions=True):
        if isinstance(outcome, Exception):
            _log.error("the scenario ended with %s", type(outcome).__name__, exc_info=outcome)
