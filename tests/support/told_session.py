"""A sample session that also has realized results and the user's own choices, the same every time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.ledger import BasisGap, Disposal, Provenance, Term
from harvest_tui.core.lots.realized import Realized
from harvest_tui.core.records import AccountId, Asset, Balance, EventId, LotId
from harvest_tui.session.profile_watch import ProfileWatch
from harvest_tui.settings import Locations, Settings
from support.planner_home import TAXPAYER
from support.sample_portfolio import NOW, SampleSession, make_lot, make_portfolio

ZONE = ZoneInfo("America/New_York")
PLACE = Path("/srv/harvest")
"""Nothing is there; it only stands on screen."""
_ROWS = (
    # Day of 2026, account, asset, quantity, proceeds, basis, days held, box, provenance.
    (20, "kraken", "BTC", "0.5", "31000.10", "20000.25", 640, "J", "proven"),
    (51, "kraken", "ETH", "2.25", "4800", "9100.5", 90, "G", "proven"),
    (51, "kraken", "ETH", "1", "2133.33", "1470", 820, "K", "transferred"),
    (84, "coinbase", "SOL", "41.5", "6120.75", "7188.01", 233, "H", "proven"),
    (120, "cold store", "LINK", "120", "1611.6", None, 12, "I", "unknown"),
    (150, "coinbase", "DOGE", "21000", "2310", "2310", 400, "L", "assumed"),
    (201, "binance", "BTC", "0.00412", "251.02", "260.44", 31, "I", "proven"),
)


def sample_year() -> Realized:
    """A year of seven sales and a gap."""
    disposals, boxes, short, long = [], [], Decimal(0), Decimal(0)
    for number, (day, account, asset, quantity, proceeds, basis, held, box, proof) in enumerate(_ROWS, 1):
        at = datetime(2026, 1, 1, 15, 4, 5, tzinfo=UTC) + timedelta(days=day)
        term = Term.LONG if held > 365 else Term.SHORT
        cost = None if basis is None else Decimal(basis)
        one = Disposal(
            EventId(f"{account}:T{number}"), LotId(f"{account}:B{number}"), EventId(f"{account}:B{number}"),
            AccountId(account), Asset(asset), at - timedelta(days=held), at, Decimal(quantity), Decimal(proceeds), cost,
            term, Provenance(proof),
        )  # fmt: skip
        disposals.append(one)
        boxes.append(box)
        short += one.gain or 0 if term is Term.SHORT else 0
        long += one.gain or 0 if term is Term.LONG else 0
    gap = BasisGap(
        AccountId("coinbase"), Asset("ETH"), Decimal("7.6"), NOW - timedelta(days=99), EventId("coinbase:T9")
    )
    return Realized(2026, tuple(disposals), tuple(boxes), (gap,), (), short, long, ZONE)


class SampleResults:
    """Answers as the real ones do."""

    async def years(self) -> tuple[int, ...]:
        return (2024, 2026)

    async def of(self, year: int) -> Realized | None:
        found = sample_year()
        return found if year == 2026 else replace_year(found, year)


def replace_year(found: Realized, year: int) -> Realized:
    """Another year, in which nothing was sold."""
    return found._replace(year=year, disposals=(), boxes=(), gaps=(), short=Decimal(0), long=Decimal(0))


async def _take(_: Settings) -> None:
    """Nobody is told."""


def _watch() -> ProfileWatch:
    locations = Locations(PLACE, PLACE, PLACE, PLACE)
    return ProfileWatch(locations, Settings(timezone="America/New_York", profile=TAXPAYER), _take)


@dataclass
class ToldSession(SampleSession):
    """With results and choices."""

    watch: ProfileWatch = field(default_factory=_watch)

    @property
    def results(self) -> SampleResults:  # type: ignore[override]
        """A year of a few sales."""
        return SampleResults()

    @property
    def profile_watch(self) -> ProfileWatch:
        """Choices of which no file tells."""
        return self.watch


def one_asset() -> ToldSession:
    """Ethereum in three accounts: lots of both terms, a part staked, one lately bought, one without a basis."""
    lots = (
        make_lot(1, "ETH", "kraken", "3", "4410", 955),
        make_lot(2, "ETH", "kraken", "6.00250125", "19820.17", 401),
        make_lot(3, "ETH", "kraken", "2.5", "8125.5", 350),
        make_lot(4, "ETH", "kraken", "1.2", "2840.16", 11),
        make_lot(5, "ETH", "coinbase", "12.4", "38440", 122),
        make_lot(6, "ETH", "coinbase", "0.75", "1500", 500)._replace(cost_basis=None, provenance=Provenance.UNKNOWN),
        make_lot(7, "ETH", "binance", "1.1", "2500", 30),
    )
    staked = Balance(AccountId("kraken"), Asset("ETH"), Decimal("12.7"), NOW, Decimal("6.5"))
    return ToldSession(held=replace(make_portfolio(lots), balances=(staked,)))
