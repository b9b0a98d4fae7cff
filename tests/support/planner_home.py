"""A home with a year behind it: lots bought and sold from a ledger, prices kept, a profile; no network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from harvest_tui.core.harvest.alert_rules import AlertRules
from harvest_tui.core.records import Account, AccountId, Asset, Quote
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.imports.reading import tell
from harvest_tui.keys import GivenKeys
from harvest_tui.session.choices import Choices
from harvest_tui.session.opening import Opening
from harvest_tui.session.run import Session
from harvest_tui.session.snapshot import load_picture
from harvest_tui.settings import Settings, locate
from support.sample_portfolio import NOW, PRICES, ROWS

HEADER = "id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset,value,acquired,cost_basis\n"
TAXPAYER = Profile(
    status=FilingStatus.SINGLE,
    wages=Decimal(120_000),
    short_gain=Decimal(6_500),
    long_gain=Decimal(0),
    carry_long=Decimal("1200.50"),
    stated=frozenset({"status", "wages", "short_gain", "long_gain", "carry_long"}),
)
"""Tells all but next year."""
SILENT = AlertRules(
    net_benefit=None,
    loss=None,
    loss_percent=None,
    shrinking=None,
    long_term_days=None,
    year_end=False,
    mismatches=False,
    stale_hours=None,
    rule_change_days=None,
)
"""Tells nothing: what is seen then does not depend on when the session looks for alerts."""


@dataclass
class Clock:
    """The session's clock: it stands still until it is moved."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **time: float) -> None:
        """Time goes by."""
        self.at += timedelta(**time)


def opening_rows(held: tuple[tuple[str, str, str, str, int], ...] = ROWS) -> list[str]:
    """The lots of the sample portfolio as ledger rows, and two sales of this year."""
    rows = []
    for number, (asset, account, quantity, basis, days) in enumerate(held, 1):
        at = (NOW - timedelta(days=days)).isoformat()
        rows.append(f"L{number},{at},{account},opening,,,{quantity},{asset},,{at},{basis}")
    rows.append("B1,2026-01-05T10:00:00Z,kraken,trade,9000,USD,4,PAXG,,,")
    rows.append("S1,2026-03-02T10:00:00Z,kraken,trade,2,PAXG,9250.40,USD,,,")
    rows.append("S2,2026-05-04T10:00:00Z,kraken,trade,2,PAXG,4100.10,USD,,,")
    return rows


@dataclass
class PlannerHome:
    """Makes the home once; sessions over it are opened one after the other."""

    folder: Path
    profile: Profile = TAXPAYER
    clock: Clock = field(default_factory=Clock)
    alerts: AlertRules = SILENT

    @property
    def choices(self) -> Choices:
        """Settings, files and the clock."""
        locations = locate(str(self.folder))
        locations.create()
        settings = Settings(timezone="America/New_York", profile=self.profile, alerts=self.alerts)
        return Choices(locations, settings, GivenKeys({}), clock=self.clock)

    async def fill(self, rows: list[str] | None = None, prices: dict[str, str] = PRICES) -> None:
        """Imports the rows and keeps the prices."""
        path = self.folder / "ledger.csv"
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = opening_rows() if rows is None else rows
        path.write_text(HEADER + "".join(line + "\n" for line in lines), "utf-8")
        told = await asyncio.to_thread(tell, path, None, None)
        session = await Session.open(self.choices)
        try:
            for account in ("kraken", "coinbase", "binance"):
                await session.store.add_account(Account(AccountId(account), "", datetime(2026, 1, 2, tzinfo=UTC)))
            await session.store.import_events(told.file.events, "ledger.csv", told.file.sha256)
            await session.store.save_quotes(quotes_of(prices, self.clock()))
            await session.accounts_changed()
        finally:
            await session.close()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """An open session with its lots derived."""
        session = await Session.open(self.choices)
        try:
            await session.reload_facts()
            session.planner.is_awake = True
            yield session
        finally:
            await session.close()

    def opening(self) -> Opening:
        """What the screen begins with: the picture of the last run."""
        picture = load_picture(self.choices.locations, self.choices.settings, self.clock())
        assert picture is not None
        return Opening(picture, lambda: self.choices, self.clock)


def quotes_of(prices: dict[str, str], at: datetime) -> dict[tuple[str, Asset], Quote]:
    """Prices of one exchange."""
    return {
        ("kraken", Asset(name)): Quote(Asset(name), Decimal(price), at, f"kraken {name}/USD")
        for name, price in prices.items()
    }


def tick(session: Session, asset: str, price: str) -> None:
    """A new price arrives."""
    session._pricing.arrived({("kraken", Asset(asset)): Quote(Asset(asset), Decimal(price), session.now(), "kraken")})
