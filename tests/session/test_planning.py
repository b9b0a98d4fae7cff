"""What surrounds a position when a plan is made, out of settings, balances and the year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.circumstances import Circumstances, Reach
from harvest_tui.core.harvest.costs import ASSUMED
from harvest_tui.core.portfolio import PositionKey
from harvest_tui.core.records import Account, AccountId, Asset, Balance, Event
from harvest_tui.core.valuation import PriceHistory
from harvest_tui.session.facts import Rules, derive
from harvest_tui.session.planning import Home, surroundings_of
from harvest_tui.settings import AccountSettings, Settings
from support.lot_events import at, buy

ZONE = ZoneInfo("America/New_York")
KRAKEN = Account(AccountId("kraken"), "kraken", at(0))
BTC: PositionKey = (AccountId("kraken"), Asset("BTC"))
FUND: PositionKey = (AccountId("kraken"), Asset("IBIT"))


def around(
    now: datetime, balances: tuple[Balance, ...] = (), settings: Settings | None = None, *events: Event
) -> dict[PositionKey, Circumstances]:
    told = settings or Settings()
    rules = Rules("fifo", "account", ZONE, {AccountId("kraken"): "hifo"})
    bought = [buy("b1", 0, 2, "BTC", 61_000, account="kraken"), *events]
    facts = derive(bought, balances, [KRAKEN], PriceHistory(()), rules, now)
    home = Home(cast(Any, None), told, rules, cast(Any, None))
    return surroundings_of(home, facts, now, [KRAKEN], {}, {key[1]: ASSUMED for key in facts.positions})


def year(number: int) -> datetime:
    return datetime(number, 11, 22, 15, tzinfo=UTC)


def test_what_is_locked_comes_from_the_balances_of_the_same_instant() -> None:
    staked = Balance(*BTC, Decimal(2), year(2026), locked=Decimal("0.5"))
    assert around(year(2026), (staked,))[BTC].locked == Decimal("0.5")
    assert around(year(2026))[BTC].locked == 0


def test_a_balance_that_differs_is_a_mismatch() -> None:
    less = Balance(*BTC, Decimal("1.5"), year(2026))
    assert around(year(2026), (less,))[BTC].is_mismatched
    assert not around(year(2026), (less._replace(quantity=Decimal(2)),))[BTC].is_mismatched


def test_a_broker_sells_in_its_own_order_from_2027_unless_it_takes_instructions_or_is_none() -> None:
    assert around(year(2026))[BTC].reach is Reach.ANY
    bound = around(year(2027))[BTC]
    assert (bound.reach, bound.lot_order) == (Reach.IN_ORDER, "hifo")
    for chosen in (AccountSettings(identification="instructed"), AccountSettings(custody="self")):
        settings = Settings(accounts={"kraken": chosen})
        assert around(year(2027), (), settings)[BTC].reach is Reach.ANY


def test_only_securities_come_under_the_wash_sale_rule_and_only_units_of_30_days_count() -> None:
    settings, now = Settings(securities=("IBIT",)), at(60)
    shares = [buy(f"i{day}", day, 10 + day, "IBIT", 900, account="kraken") for day in (1, 30, 31, 59)]
    found = around(now, (), settings, *shares)
    assert (found[FUND].wash_sale_rule, found[FUND].bought_lately) == (True, 40 + 41 + 69)
    assert (found[BTC].wash_sale_rule, found[BTC].bought_lately) == (False, 0)
    later = around(now + timedelta(days=1), (), settings, *shares)
    assert later[FUND].bought_lately == 41 + 69
