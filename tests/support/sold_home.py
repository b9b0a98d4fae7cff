"""A home in which much was sold: both terms, two years, a gap, a gain; lots of three accounts are left."""

from __future__ import annotations

from pathlib import Path

from harvest_tui.core.tax.profile import Profile
from support.planner_home import TAXPAYER, PlannerHome, opening_rows

SALES = [
    "S3,2026-06-04T10:00:00Z,kraken,trade,9,ETH,21000,USD,,,",
    "S4,2026-07-04T10:00:00Z,coinbase,trade,20,ETH,41000,USD,,,",
    "S5,2026-01-01T04:30:00Z,kraken,trade,0.1,BTC,9000,USD,,,",
    "G1,2026-10-01T10:00:00Z,kraken,trade,21000,USD,9,ETH,,,",
    "G2,2026-10-05T10:00:00Z,kraken,trade,4520,USD,2,ETH,,,",
]
"""After those of the sample: nine ETH of two lots; twenty, of which 12.4 are covered; a tenth of a Bitcoin on the last
day of 2025 in New York; two purchases."""


async def sold_home(folder: Path, profile: Profile = TAXPAYER, more: tuple[str, ...] = ()) -> PlannerHome:
    """The home, filled and closed."""
    home = PlannerHome(folder / "home", profile)
    await home.fill([*opening_rows(), *SALES, *more])
    return home
