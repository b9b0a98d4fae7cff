"""Short words for events: `buy("b1", 2, "BTC", 61000)` on a running clock, `history(...)` to match them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.ledger import Ledger
from harvest_tui.core.lots.matching import match
from harvest_tui.core.records import USD, AccountId, Amount, Asset, Event, EventId, EventKind, NamedLot

UTC_ZONE = ZoneInfo("UTC")
DAY_ONE = datetime(2024, 1, 1, tzinfo=UTC)


def at(day: float) -> datetime:
    """That many days after 1 January 2024."""
    return DAY_ONE + timedelta(days=day)


def amount(quantity: object, asset: str) -> Amount:
    return Amount(Decimal(str(quantity)), Asset(asset))


def money(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def event(
    name: str,
    kind: str,
    day: float,
    *,
    sent: tuple[object, str] | None = None,
    received: tuple[object, str] | None = None,
    fee: tuple[object, str] | None = None,
    fee_value: object = None,
    value: object = None,
    account: str = "w1",
    to: str | None = None,
    acquired: float | None = None,
    cost_basis: object = None,
    lots: tuple[tuple[str, object], ...] = (),
    txid: str = "",
    sequence: int = 0,
) -> Event:
    """An event of `account`; named lots are (event id, quantity)."""
    return Event(
        event_id=EventId(f"{account}:{name}"),
        account=AccountId(account),
        kind=EventKind(kind),
        executed_at=at(day),
        sent=amount(*sent) if sent else None,
        received=amount(*received) if received else None,
        fee=amount(*fee) if fee else None,
        fee_value=money(fee_value),
        value=money(value),
        counter_account=AccountId(to) if to else None,
        acquired_at=None if acquired is None else at(acquired),
        cost_basis=money(cost_basis),
        lots=tuple(NamedLot(EventId(origin), Decimal(str(quantity))) for origin, quantity in lots),
        txid=txid,
        sequence=sequence,
    )


def buy(name: str, day: float, quantity: object, asset: str, dollars: object, **more: object) -> Event:
    return event(name, "trade", day, sent=(dollars, USD), received=(quantity, asset), **more)  # type: ignore[arg-type]


def sell(name: str, day: float, quantity: object, asset: str, dollars: object, **more: object) -> Event:
    return event(name, "trade", day, sent=(quantity, asset), received=(dollars, USD), **more)  # type: ignore[arg-type]


def ledger(*events: Event, **options: object) -> Ledger:
    """The events matched, in UTC and FIFO by account unless told otherwise."""
    return match(events, **{"zone": UTC_ZONE, **options})  # type: ignore[arg-type]


def told(parts: object) -> list[tuple[str, ...]]:
    """Disposals as (event, origin, quantity, proceeds, cost basis) in plain text, `-` for unknown."""
    return [
        (part.event_id, part.origin_id, _plain(part.quantity), _plain(part.proceeds), _plain(part.cost_basis))
        for part in parts  # type: ignore[attr-defined]
    ]


def open_lots(made: Ledger) -> list[tuple[str, ...]]:
    """Lots as (origin, account, asset, quantity, cost basis, provenance) in plain text."""
    return [
        (lot.origin_id, lot.account, lot.asset, _plain(lot.quantity), _plain(lot.cost_basis), lot.provenance.value)
        for lot in made.lots
    ]


def _plain(value: Decimal | None) -> str:
    from harvest_tui.core.money import plain

    return "-" if value is None else plain(value)
