"""Short words for harvests: `person(wages=..., short_gain=...)`, `saved(...)`, `loss_of(10_000, "short")`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from harvest_tui.core.harvest.bill import ExpectedBill, expected_bill
from harvest_tui.core.harvest.costs import Sale
from harvest_tui.core.harvest.value import HarvestValue, value_of
from harvest_tui.core.lots.ledger import Term
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.taxpayer import FilingStatus


def dec(value: object) -> Decimal:
    return Decimal(str(value))


def person(status: str = "single", **told: Any) -> Profile:
    """A profile whose numbers may be written as they come; fees are none unless told."""
    words = {"fee": 0, "spread": 0} | told
    kept = {name: value if isinstance(value, bool | dict) else dec(value) for name, value in words.items()}
    if "wait_days" in kept:
        kept["wait_days"] = int(words["wait_days"])
    return Profile(status=FilingStatus(status), **kept, stated=frozenset(told))


def bill_of(profile: Profile, year: int) -> tuple[ExpectedBill, Decimal, Decimal]:
    """The bill and the year's results so far, all from elsewhere."""
    inputs = profile.inputs(year)
    return expected_bill(profile, inputs), inputs.short_gain, inputs.long_gain


def loss_of(loss: object, term: str, value: object = 50_000, **more: Any) -> Sale:
    """A sale that makes that loss, out of a lot of that value."""
    return Sale(value=dec(value), gain=-dec(loss), term=Term(term), **more)


def worth(profile: Profile, year: int, sale: Sale) -> HarvestValue:
    """What the sale is worth to that taxpayer."""
    return value_of(*bill_of(profile, year), sale, profile)


def saved(profile: Profile, year: int, loss: object, term: str) -> Decimal:
    """What that loss saves this year."""
    return worth(profile, year, loss_of(loss, term)).saved_now
