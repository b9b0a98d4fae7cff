"""What harvesting one lot, or a part of it, is really worth. Never loss times rate: the bill with and without it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from harvest_tui.core.harvest.bill import ExpectedBill, Levels
from harvest_tui.core.harvest.costs import HarvestCosts, Sale, costs_of
from harvest_tui.core.harvest.tiers import Tier, TierPart, tier_parts
from harvest_tui.core.harvest.trigger import ROUGH, Trigger, trigger
from harvest_tui.core.lots.ledger import Term
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.tax.profile import Profile

_plus, _minus = EXACT.add, EXACT.subtract
_YEAR = Decimal(365)


@dataclass(frozen=True, slots=True)
class HarvestValue:
    """One harvest, exact and unrounded, in US dollars; `loss` is positive (negative for a gain).

    `saved_now` is this year's tax, federal and state, without the sale less with it, as the year stands. `saved_hoped`
    is what gains planned this year and next year's room add, by their probability. `owed_later` is today's worth of the
    tax on the lower basis, less what a carryforward will take off that very tax. `net` is what remains of all of it.
    `parts` tells where the loss lands, best tier first.
    """

    term: Term
    loss: Decimal
    saved_now: Decimal
    saved_hoped: Decimal
    owed_later: Decimal
    fees: Decimal
    reset_cost: Decimal
    wait_cost: Decimal
    parts: tuple[TierPart, ...]

    @property
    def net(self) -> Decimal:
        """Saved now and hoped for, less all it costs."""
        gained = _plus(self.saved_now, self.saved_hoped)
        spent = _plus(_plus(self.owed_later, self.fees), _plus(self.reset_cost, self.wait_cost))
        return _minus(gained, spent)

    @property
    def benefit(self) -> Decimal:
        """Saved less owed later, before fees and risks: what the trigger weighs against them."""
        return _minus(_plus(self.saved_now, self.saved_hoped), self.owed_later)

    @property
    def tier(self) -> Tier | None:
        """Where the first dollar of the loss lands; None for a gain."""
        return self.parts[0].tier if self.parts else None

    @property
    def wasted(self) -> Decimal:
        """Dollars of the loss that meet nothing but the gain they make themselves."""
        return next((part.loss for part in self.parts if part.tier is Tier.CARRIED), ZERO)

    @property
    def verdict(self) -> str:
        """One sentence: worth it, or what stands against it."""
        return _verdict(self)


def value_of(bill: ExpectedBill, short: Decimal, long: Decimal, sale: Sale, profile: Profile) -> HarvestValue:
    """What the sale is worth on top of the year's results so far (before carryovers, in US dollars).

    The benefit is NB = [T(s, l) - T(s - loss, l)] - rate later * discount * loss - fees - reset - wait, with the year's
    whole return in T.
    """
    before, after = bill.levels(short, long), bill.levels(*results_after(short, long, sale))
    parts = tier_parts(bill, short, long, sale.loss)
    return value_between(before, after, sale, costs_of(sale, profile, bill.rates), parts)


def results_after(short: Decimal, long: Decimal, sale: Sale) -> tuple[Decimal, Decimal]:
    """The year's short- and long-term results with the sale."""
    return (_plus(short, sale.gain), long) if sale.term is Term.SHORT else (short, _plus(long, sale.gain))


def value_between(
    before: Levels, after: Levels, sale: Sale, costs: HarvestCosts, parts: tuple[TierPart, ...]
) -> HarvestValue:
    """The same from the bill before and after the sale, for those who go from lot to lot."""
    saved_now = _minus(before.now, after.now)
    saved_expected = _minus(before.expected, after.expected)
    covered = _minus(_minus(before.counted, after.counted), saved_expected)
    return HarvestValue(
        term=sale.term,
        loss=sale.loss,
        saved_now=saved_now,
        saved_hoped=_minus(saved_expected, saved_now),
        owed_later=_minus(costs.owed_later, covered),
        fees=costs.fees,
        reset_cost=costs.reset,
        wait_cost=costs.wait,
        parts=parts,
    )


def trigger_of(value: HarvestValue, sale: Sale, years: Decimal) -> Trigger:
    """Whether the lot is deep enough in loss today; `years` are left to the last day on which waiting still counts."""
    spent = _plus(value.fees, _plus(value.reset_cost, value.wait_cost))
    per_dollar = ROUGH.divide(value.benefit, value.loss) if value.loss > 0 else ZERO
    return trigger(sale.value, sale.basis, ROUGH.divide(spent, sale.value), per_dollar, sale.volatility.yearly, years)


def years_until(last: date, day: date) -> Decimal:
    """The time from `day` to `last`, 0 where that is past."""
    return ROUGH.divide(Decimal(max(0, (last - day).days)), _YEAR)


def lost_by_turning_long(bill: ExpectedBill, short: Decimal, long: Decimal, sale: Sale) -> Decimal:
    """What a short-term loss saves less if it is taken once it is long-term, in US dollars; never below zero.

    It matters only where long-term gains stand in its way that are taxed at less than other income.
    """
    if sale.term is Term.LONG or sale.loss <= 0:
        return ZERO
    as_short = bill.expected_tax(_plus(short, sale.gain), long)
    as_long = bill.expected_tax(short, _plus(long, sale.gain))
    return max(ZERO, _minus(as_long, as_short))


def last_day(day: date, long_from: date, term_matters: bool) -> date:
    """The last day on which waiting costs nothing: that of the year, or the last short-term one where it matters."""
    end = date(day.year, 12, 31)
    return min(end, long_from - timedelta(days=1)) if term_matters and long_from > day else end


def _verdict(value: HarvestValue) -> str:
    if value.net > 0:
        return "Worth it: it saves more than it costs."
    if value.loss <= 0:
        return "A gain: taking it now costs more than it spares later."
    saved = _plus(value.saved_now, value.saved_hoped)
    if not saved:
        if value.tier is Tier.GAINS:
            return "Saves nothing: the gains it would offset are not taxed."
        if value.tier is Tier.DEDUCTION:
            return "Saves nothing: there is no taxed income to deduct it from."
        return "Saves nothing: there are no gains left to offset, it would only be carried forward."
    if value.fees >= saved:
        return "Fees are more than it saves."
    if value.owed_later >= saved:
        return "The tax that comes back later is more than it saves."
    return "Fees, the restarted holding period and tax later are more than it saves."
