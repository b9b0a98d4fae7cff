"""A home that lives: pages, files, decisions, prices and balances land in a real store in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from core.test_lot_properties import ACCOUNTS, COINS, dollars, history_of, quantity
from harvest_tui.core.lots.decisions import Assumption, Decision, DecisionKind, standing
from harvest_tui.core.pages import Page, RawRow, StoredRow
from harvest_tui.core.records import Account, AccountId, Asset, Balance, Candle, Event, EventId, EventKind
from harvest_tui.core.valuation import bucket_start
from harvest_tui.session.facts import Facts, Rules, rules_of
from harvest_tui.settings import Settings
from harvest_tui.store import Store
from support.lot_events import at

FIRST = datetime(2023, 12, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
IMPORTED = AccountId("paper")


def told_of(facts: Facts) -> dict[str, object]:
    """All that a screen reads of facts, in a form that compares: ladders by what they lose at some prices."""
    ledger = facts.ledger
    return {
        "lots": tuple(ledger.lots),
        "disposals": tuple(ledger.disposals),
        "how many": (len(ledger.lots), len(ledger.disposals)),
        "gaps": ledger.gaps,
        "unpriced": ledger.unpriced,
        "unmatched": ledger.unmatched,
        "shortfalls": ledger.named_shortfalls,
        "positions": [(key, one[:6], losses(one.short), losses(one.long)) for key, one in facts.positions.items()],
        "mismatches": facts.mismatches,
        "balances": facts.balances,
        "day": facts.tax_day,
        "exchanges": dict(facts.exchanges),
        "missing prices": facts.missing_prices,
    }


def losses(ladder: object) -> object:
    if ladder is None:
        return None
    return [ladder.losing_at(Decimal(price)) for price in ("0.5", "90", "70000")]  # type: ignore[attr-defined]


@dataclass
class StoredWalk:
    """One store and all that can happen to it; `step` does one thing at random and says which."""

    store: Store
    random: Random
    now: datetime = NOW
    rules: Rules = field(default_factory=lambda: rules_of(Settings(timezone="America/New_York"), ()))
    told: dict[str, Event | None] = field(default_factory=dict)
    """What each payload tells; None: nothing."""
    rows: dict[str, Event] = field(default_factory=dict)
    """What the row of each native id told last."""

    @classmethod
    async def begin(cls, store: Store, seed: int) -> StoredWalk:
        """A home with three accounts and a few pages."""
        walk = cls(store, Random(seed))
        for name in ACCOUNTS:
            await store.add_account(Account(AccountId(name), "kraken", FIRST, "read"))
        walk.waiting = history_of(seed, 40)
        walk.random.shuffle(walk.waiting)
        scope = walk.random.choice(("account", "account", "universal", "us"))
        walk.rules = replace(walk.rules, scope=scope, method=walk.random.choice(("fifo", "hifo", "lifo")))
        for _ in range(3):
            await walk.page()
        return walk

    waiting: list[Event] = field(default_factory=list)

    def parse(self, account: AccountId, group: str, rows: Sequence[StoredRow]) -> list[Event]:
        """Each row tells one event, or none any more."""
        found = [self.told[row.payload] for row in rows]
        return [one for one in found if one is not None]

    async def page(self) -> None:
        """New rows of one account; an event may be of any time."""
        some = [self.waiting.pop() for _ in range(min(len(self.waiting), self.random.randrange(1, 5)))]
        for account in {one.account for one in some}:
            await self._save(account, [one for one in some if one.account == account])

    async def retell(self) -> None:
        """A row tells its event otherwise: at another time, of other units, or nothing."""
        if not self.rows:
            return
        one = self.rows[self.random.choice(sorted(self.rows))]
        if self.random.random() < 0.2:
            del self.rows[one.event_id]
            await self._save(one.account, [one], is_nothing=True)
            return
        if self.random.random() < 0.4:
            one = replace(one, executed_at=at(self.random.randrange(12) * 61))
        legs = {name: leg for name in ("sent", "received") if (leg := getattr(one, name)) is not None}
        legs = {name: replace(leg, quantity=quantity(self.random)) for name, leg in legs.items()}
        await self._save(one.account, [replace(one, value=dollars(self.random), **legs)])

    async def _save(self, account: AccountId, events: Sequence[Event], *, is_nothing: bool = False) -> None:
        rows = []
        for one in events:
            payload = f"{one.event_id}/{len(self.told)}"
            self.told[payload] = None if is_nothing else one
            if not is_nothing:
                self.rows[one.event_id] = one
            rows.append(RawRow(one.event_id, f"group {one.event_id}", payload))
        page = Page(account, "ledger", tuple(rows), None, True, "/ledger", self.now)
        await self.store.save_page(page, self.parse)

    async def file(self) -> None:
        """A file: events of its own account, and now and then one that an exchange tells too or will tell."""
        made = [
            replace(one, event_id=EventId(f"{IMPORTED}:{one.event_id}"), account=IMPORTED)
            for one in history_of(self.random.randrange(2**32), 2)
        ]
        if self.waiting and self.random.random() < 0.5:
            made.append(replace(self.random.choice(self.waiting), note="as the file has it"))
        known = {one.event_id: one for one in await self.store.named_events([one.event_id for one in made])}
        made = [known.get(one.event_id, one) for one in made]
        await self.store.import_events(made, "paper.csv", "0" * 64)

    async def price(self) -> None:
        """The candle of an hour or a day in which something happened, new or told otherwise."""
        if not self.rows:
            return
        one = self.rows[self.random.choice(sorted(self.rows))]
        length = self.random.choice((3600, 86_400))
        price = dollars(self.random) + 1
        start, coin = bucket_start(one.executed_at, length), Asset(self.random.choice(COINS))
        await self.store.save_candles([Candle(coin, start, length, price, price, price, price, "kraken")])

    async def balance(self) -> None:
        """What an account says it holds."""
        account = AccountId(self.random.choice(ACCOUNTS))
        held = [Balance(account, Asset(coin), quantity(self.random), self.now) for coin in COINS]
        await self.store.save_balances(account, held[: self.random.randrange(1, 4)], self.now)

    async def decide(self) -> None:
        """The user's word on two moves or on a missing basis, or taken back."""
        events = await self.store.events()
        outs = [one.event_id for one in events if one.kind is EventKind.WITHDRAWAL]
        intos = [one.event_id for one in events if one.kind is EventKind.DEPOSIT]
        pick, made = self.random.choice, Decision(0, DecisionKind.UNDO, self.now)
        stands = standing(await self.store.decisions())
        if stands and self.random.random() < 0.3:
            made = replace(made, undoes=pick(stands).number)
        elif outs and intos and self.random.random() < 0.8:
            kind = pick((DecisionKind.CONFIRM, DecisionKind.SPLIT))
            made = replace(made, kind=kind, withdrawal=pick(outs), deposit=pick(intos))
        elif intos and self.random.random() < 0.5:
            made = replace(made, kind=DecisionKind.EXTERNAL, deposit=pick(intos))
        else:
            about = pick([None, *intos])
            what = Assumption(AccountId(pick(ACCOUNTS)), Asset("BTC"), Decimal("0.25"), FIRST.date(), Decimal(5), about)
            made = replace(made, kind=DecisionKind.ASSUME, assumption=what, reason="an old mail")
        await self.store.add_decision(made)

    async def later(self) -> None:
        """Time goes by: lots become long-term."""
        self.now += timedelta(days=self.random.choice((0, 1, 40)))

    async def choose(self) -> None:
        """Another order of lots."""
        self.rules = replace(self.rules, method=self.random.choice(("fifo", "lifo", "hifo", "lofo")))

    async def leave(self) -> None:
        """The file's account goes, with all its events."""
        if IMPORTED in {one.account for one in await self.store.accounts()}:
            await self.store.remove_account(IMPORTED)

    async def step(self, rarely: float = 0.1) -> str:
        """One thing that happens; with that chance one after which everything must be replayed."""
        choices = (self.page, self.page, self.retell, self.file, self.price, self.balance, self.later)
        if self.random.random() < rarely:
            choices = (self.decide, self.choose, self.leave)  # type: ignore[assignment]
        done = self.random.choice(choices)
        await done()
        return done.__name__
