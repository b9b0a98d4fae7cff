"""Short words for the closed loop: records of lots by name, events before and after them, and what is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from harvest_tui.core.identification.assignment import identify
from harvest_tui.core.identification.chain import Head, Link
from harvest_tui.core.identification.consumption import moved_out
from harvest_tui.core.identification.judging import judge
from harvest_tui.core.identification.record import (
    GENESIS,
    Record,
    RecordedAccount,
    RecordedLot,
    RecordKind,
)
from harvest_tui.core.identification.verdict import Verdict
from harvest_tui.core.lots.ledger import Ledger
from harvest_tui.core.lots.matching import Scope, ledger_of, match_books
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.records import AccountId, Asset, Event, EventId, LotId, Quote
from harvest_tui.core.tax_days import long_term_on
from harvest_tui.core.valuation import NoPrices
from support.lot_events import UTC_ZONE, at


def lot(
    origin: str,
    quantity: object,
    cost: object,
    *,
    day: float = 0,
    asset: str = "BTC",
    account: str = "w1",
    price: object = 30000,
    of: object = None,
    **more: object,
) -> RecordedLot:
    """Units of the lot that the row `origin` of the account opened on `day`, quoted at `price` (None: no quote)."""
    units = Decimal(str(quantity))
    quote = None if price is None else Quote(Asset(asset), Decimal(str(price)), at(day + 1), "test BTC/USD")
    name = EventId(f"{account}:{origin}")
    return RecordedLot(
        account=AccountId(account),
        asset=Asset(asset),
        lot_id=LotId(name),
        origin_id=name,
        acquired_at=at(day),
        long_term_on=long_term_on(at(day), UTC_ZONE),
        quantity=units,
        lot_quantity=units if of is None else Decimal(str(of)),
        cost_basis=None if cost is None else Decimal(str(cost)),
        quote=quote,
        **more,  # type: ignore[arg-type]
    )


@dataclass
class Recorder:
    """Records made one after the other, each chained to the one before."""

    zone: str = "UTC"
    clock_ahead: Decimal | None = None
    is_broker: bool = False

    def __post_init__(self) -> None:
        self.records: list[Record] = []

    def identify(self, day: float, *lots: RecordedLot, known: float | None = None, told: Sequence[str] = ()) -> Record:
        """These lots are to be sold; of their assets the last event known was on day `known`."""
        assets: dict[AccountId, set[Asset]] = {}
        for one in lots:
            assets.setdefault(one.account, set()).add(one.asset)
        accounts = tuple(
            RecordedAccount(
                name,
                "kraken",
                "fifo",
                self.is_broker,
                self.clock_ahead,
                () if known is None else tuple((asset, at(known)) for asset in sorted(held)),
            )
            for name, held in sorted(assets.items())
        )
        return self._keep(RecordKind.IDENTIFY, at(day), lots=lots, accounts=accounts, told=told)

    def revoke(self, day: float, about: Record) -> Record:
        """What is left of a record is off."""
        return self._keep(RecordKind.REVOKE, at(day), accounts=about.accounts, about=about.number)

    def tell(self, day: float, about: Record, *accounts: str) -> Record:
        """The venues got the instruction."""
        return self._keep(RecordKind.TOLD, at(day), accounts=about.accounts, about=about.number, told=accounts)

    def _keep(
        self,
        kind: RecordKind,
        moment: datetime,
        *,
        lots: Sequence[RecordedLot] = (),
        accounts: tuple[RecordedAccount, ...] = (),
        about: int | None = None,
        told: Sequence[str] = (),
    ) -> Record:
        record = Record(
            number=len(self.records) + 1,
            previous=self.records[-1].sha256 if self.records else GENESIS,
            kind=kind,
            recorded_at=moment,
            zone=self.zone,
            local_time=moment.astimezone(ZoneInfo(self.zone)).isoformat(),
            program="1.2.3",
            plan="dip \u201eone\u201c",
            rule=(("broker_held", "books_and_records_accepted"), ("tax_year", str(moment.year))),
            accounts=accounts,
            lots=tuple(lots),
            about=about,
            told=tuple(AccountId(name) for name in told),
        )
        self.records.append(record)
        return record

    def links(self) -> list[Link]:
        """The chain as a store keeps it."""
        return [Link(one.number, one.text.encode(), one.sha256) for one in self.records]

    def head(self) -> Head:
        """What is noted of the last record."""
        return Head(len(self.records), self.records[-1].sha256)


@dataclass(frozen=True)
class Loop:
    """Events under records: as identified, matched, and judged."""

    events: list[Event]
    ledger: Ledger
    verdicts: tuple[Verdict, ...]

    @property
    def outcomes(self) -> list[str]:
        """The outcomes in a row."""
        return [verdict.outcome.value for verdict in self.verdicts]


def loop(events: Sequence[Event], records: Sequence[Record], method: str = "fifo", scope: str = "account") -> Loop:
    """Everything that the records do to these events, through the real engine."""
    identified = identify(events, records)
    matched = match_books(
        identified,
        methods=MethodTable(Method(method)),
        scope=Scope(scope),
        zone=UTC_ZONE,
        values=NoPrices(),
    )
    ledger = ledger_of(matched, UTC_ZONE)
    return Loop(identified, ledger, judge(records, events, ledger, moved=moved_out(matched.replay)))
