"""What holds for every history: nothing appears or vanishes, and no order of arrival matters."""

from collections import defaultdict
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvest_tui.core.lots.books import HeldLot
from harvest_tui.core.lots.matching import Matched, Scope, match_books
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.lots.replay import Replay
from harvest_tui.core.lots.scaled import to_scaled
from harvest_tui.core.records import USD, Event, EventKind
from harvest_tui.core.valuation import NoPrices
from support.lot_events import event, ledger

COINS = ("BTC", "ETH", "BNB")
ACCOUNTS = ("w1", "w2", "w3")
KINDS = [kind.value for kind in EventKind if kind is not EventKind.NFT_TRADE]
METHODS = st.sampled_from(["fifo", "lifo", "hifo", "lofo"])
SEEDS = st.integers(0, 2**32)
SIZES = st.integers(1, 25)
FEW = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def quantity(random: Random) -> Decimal:
    """Whole coins, satoshis or odd wei, so that shares rarely come out even."""
    scale = random.choice((0, 2, 8, 18))
    return Decimal(random.randrange(1, 90 * 10**scale)).scaleb(-scale) + Decimal("0.001")


def dollars(random: Random) -> Decimal:
    return Decimal(random.randrange(0, 7_000_000)).scaleb(-2)


def random_event(random: Random, number: int) -> Event:
    """Any kind of event at one of few instants, so that many share theirs."""
    kind = random.choice(KINDS)
    coin, other = random.sample(COINS, 2)
    account, elsewhere = random.sample(ACCOUNTS, 2)
    coins = (quantity(random), coin)
    facts: dict[str, object] = {"value": random.choice((None, dollars(random)))}
    if kind == "trade":
        legs = [coins, random.choice(((dollars(random), USD), (quantity(random), other)))]
        random.shuffle(legs)
        facts["sent"], facts["received"] = legs
    elif kind == "convert":
        facts.update(sent=coins, received=(quantity(random), other))
    else:
        is_coming = kind in ("deposit", "income", "opening", "gift_in")
        facts["received" if is_coming else "sent"] = coins
    if kind in ("opening", "gift_in"):
        facts.update(acquired=-random.randrange(1, 900), cost_basis=dollars(random))
    if kind == "transfer":
        facts["to"] = elsewhere
    if random.random() < 0.3:
        facts["fee"] = (Decimal(random.randrange(1, 999)).scaleb(-5), random.choice((*COINS, USD)))
        facts["fee_value"] = random.choice((None, Decimal("2.37")))
    return event(f"e{number}", kind, random.randrange(12) * 61, account=account, sequence=number, **facts)


def history_of(seed: int, size: int) -> list[Event]:
    """That many events, and up to two withdrawals that arrive elsewhere."""
    random = Random(seed)
    made = [random_event(random, number) for number in range(size)]
    for number in range(random.randrange(3)):
        coins, day = (quantity(random), "BTC"), random.randrange(12) * 61
        made.append(event(f"o{number}", "withdrawal", day, sent=coins, account="w1", sequence=size))
        made.append(event(f"i{number}", "deposit", day + 0.1, received=coins, account="w2", sequence=size))
    return made


histories = st.builds(history_of, SEEDS, SIZES)


def books(history: list[Event], method: str) -> Matched:
    return match_books(
        history,
        methods=MethodTable(Method(method)),
        scope=Scope.ACCOUNT,
        zone=ZoneInfo("UTC"),
        values=NoPrices(),
    )


def units_wanted(history: list[Event]) -> dict[tuple[str, str], int]:
    """Units that each event sends or pays as a fee, by event and coin."""
    wanted: dict[tuple[str, str], int] = defaultdict(int)
    for one in history:
        for leg in (one.sent, one.fee):
            if leg and leg.asset != USD:
                wanted[one.event_id, leg.asset] += to_scaled(leg.quantity)
    return wanted


def all_lots(replay: Replay) -> dict[str, HeldLot]:
    """Every lot there ever was, by id."""
    pieces = [part.piece for part in (*replay.sold, *replay.left, *replay.moved)]
    return {lot.lot_id: lot for lot in [*replay.open_lots(), *(piece.lot for piece in pieces)]}


def check_every_unit_sent_is_a_piece_of_a_lot_or_a_gap(history: list[Event], replay: Replay) -> None:
    found: dict[tuple[str, str], int] = defaultdict(int)
    for part in (*replay.sold, *replay.left, *replay.moved):
        found[part.posting.event_id, part.piece.lot.asset] += part.piece.units
    for gap in replay.gaps:
        found[gap.event_id, gap.asset] += to_scaled(gap.quantity)
    assert dict(found) == dict(units_wanted(history))


def check_units_and_basis_of_a_lot_are_sold_gone_moved_or_still_open(replay: Replay) -> None:
    units: dict[str, int] = defaultdict(int)
    costs: dict[str, int] = defaultdict(int)
    for part in (*replay.sold, *replay.left, *replay.moved):
        units[part.piece.lot.lot_id] += part.piece.units
        costs[part.piece.lot.lot_id] += part.piece.cost or 0
    for name, lot in all_lots(replay).items():
        assert units[name] + lot.left == lot.units
        assert lot.left >= 0
        if lot.cost is not None and lot.cost_left is not None:
            assert costs[name] + lot.cost_left == lot.cost
            assert bool(lot.left) or not lot.cost_left


def check_what_moves_arrives_with_its_units_and_basis(history: list[Event], replay: Replay) -> None:
    sent: dict[str, int] = defaultdict(int)
    arrived: dict[str, int] = defaultdict(int)
    for part in replay.moved:
        sent[part.posting.event_id] += part.piece.cost or 0
    for lot in all_lots(replay).values():
        if lot.parent is not None:
            arrived[lot.opened_by] += lot.cost or 0
    assert {name: cost for name, cost in sent.items() if cost} == {name: cost for name, cost in arrived.items() if cost}
    transfers = {one.event_id: one for one in history if one.kind is EventKind.TRANSFER}
    for name, one in transfers.items():
        units = sum(lot.units for lot in all_lots(replay).values() if lot.opened_by == name)
        assert units == to_scaled(one.sent.quantity)


@MANY
@given(histories, METHODS)
def test_no_unit_and_no_basis_appears_or_vanishes(history, method):
    replay = books(history, method).replay
    check_every_unit_sent_is_a_piece_of_a_lot_or_a_gap(history, replay)
    check_units_and_basis_of_a_lot_are_sold_gone_moved_or_still_open(replay)
    check_what_moves_arrives_with_its_units_and_basis(history, replay)


@MANY
@given(histories, METHODS, st.randoms(use_true_random=False))
def test_the_order_in_which_facts_arrive_changes_nothing_and_ids_stay(history, method, shuffler):
    shuffled = list(history)
    shuffler.shuffle(shuffled)
    assert ledger(*shuffled, method=method) == ledger(*history, method=method)


@FEW
@given(histories, METHODS)
def test_lot_ids_are_unique_and_survive_later_events(history, method):
    made = ledger(*history, method=method)
    ids = [lot.lot_id for lot in made.lots]
    assert len(ids) == len(set(ids))
    later = event("late", "income", 9000, received=(1, "SOL"), value=20)
    grown = {lot.lot_id: lot for lot in ledger(*history, later, method=method).lots}
    assert all(grown[lot.lot_id] == lot for lot in made.lots)


@FEW
@given(histories)
def test_proceeds_of_a_fully_covered_sale_add_up_to_what_was_paid(history):
    made = ledger(*history)
    broken = {gap.event_id for gap in made.gaps}
    for one in history:
        if one.kind is EventKind.TRADE and one.received and one.received.asset == USD and one.event_id not in broken:
            if one.fee is not None or one.sent is None or one.sent.asset == USD:
                continue
            parts = [part.proceeds for part in made.disposals if part.event_id == one.event_id]
            assert sum(parts, Decimal(0)) == one.received.quantity


@FEW
@given(histories, METHODS)
def test_one_pool_keeps_every_unit(history, method):
    steady = [one for one in history if one.kind is not EventKind.CONVERT]
    made = ledger(*steady, method=method, scope="universal")
    still: dict[str, int] = defaultdict(int)
    for one in steady:
        if one.received and one.received.asset != USD:
            still[one.received.asset] += to_scaled(one.received.quantity)
        for leg in (None if one.kind is EventKind.TRANSFER else one.sent, one.fee):
            if leg and leg.asset != USD:
                still[leg.asset] -= to_scaled(leg.quantity)
    for lot in made.lots:
        still[lot.asset] -= to_scaled(lot.quantity)
    for gap in made.gaps:
        still[gap.asset] += to_scaled(gap.quantity)
    assert not any(still.values())
