"""Which box of Form 8949 a disposal is reported under.

Boxes (instructions of Form 8949 and of Form 1099-DA for 2025): through 2024 coins go with securities, and as no form
showed them the box is C (short-term) or F (long-term). From 2025 digital assets have boxes of their own:

    G, J    a broker reported proceeds and basis
    H, K    a broker reported proceeds without the basis
    I, L    no broker reported the sale

What a broker will report is not known before its Form 1099-DA is here, so the box is the one the law leads to expect:

- Only a custodial broker in the United States files (Reg. 1.6045-1(g)(4)(i)(A), TD 10000), and only for sales it makes
  itself: coins that are spent, burnt as a network's fee or sent away leave it as a withdrawal.
- Sales of 2025 are reported without basis. From 2026 on the basis is there for units bought on or after
  1 January 2026 in the same account and kept in it ever since (Reg. 1.6045-1(a)(15)(i)(J)); units that were moved in,
  received as income or as a gift, or told as an opening lot are taken to have none.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.ledger import Disposal, Term
from harvest_tui.core.records import AccountId, Event, EventId, EventKind
from harvest_tui.core.tax.digital_assets import Reporting
from harvest_tui.core.tax_days import tax_year

OWN_BOXES_FROM = 2025
"""First tax year of Form 1099-DA and of boxes for digital assets."""
BASIS_REPORTED_FROM = 2026
"""First tax year in which brokers report the basis of what was bought from its first day on."""
BROKERS_SALES = frozenset({EventKind.TRADE, EventKind.NFT_TRADE})

_WITH_SECURITIES = {Term.SHORT: "C", Term.LONG: "F"}
_OWN = {
    (Term.SHORT, Reporting.BASIS_REPORTED): "G",
    (Term.SHORT, Reporting.BASIS_NOT_REPORTED): "H",
    (Term.SHORT, Reporting.NO_FORM): "I",
    (Term.LONG, Reporting.BASIS_REPORTED): "J",
    (Term.LONG, Reporting.BASIS_NOT_REPORTED): "K",
    (Term.LONG, Reporting.NO_FORM): "L",
}


@dataclass(frozen=True, slots=True)
class ExpectedForms:
    """What brokers' forms are expected to say: `brokers` are the accounts held with one, `events` all that is told."""

    brokers: Set[AccountId]
    events: Mapping[EventId, Event]
    zone: ZoneInfo

    def box(self, disposal: Disposal) -> str:
        """The letter of the box, `C` or `F` through 2024 and one of `G` to `L` from 2025 on."""
        if self._year(disposal.disposed_at) < OWN_BOXES_FROM:
            return _WITH_SECURITIES[disposal.term]
        return _OWN[disposal.term, self.reporting(disposal)]

    def reporting(self, disposal: Disposal) -> Reporting:
        """What the broker's form will say of it, if one holds the account and makes the sale."""
        sale = self.events.get(disposal.event_id)
        is_sale_of_broker = disposal.account in self.brokers and sale is not None and sale.kind in BROKERS_SALES
        if not is_sale_of_broker or self._year(disposal.disposed_at) < OWN_BOXES_FROM:
            return Reporting.NO_FORM
        return Reporting.BASIS_REPORTED if self._is_covered(disposal) else Reporting.BASIS_NOT_REPORTED

    def _is_covered(self, disposal: Disposal) -> bool:
        """Whether the broker has to report the basis. A lot that moved has an id other than its origin's."""
        origin = self.events.get(disposal.origin_id)
        return (
            str(disposal.lot_id) == str(disposal.origin_id)
            and origin is not None
            and origin.account == disposal.account
            and origin.kind in BROKERS_SALES
            and self._year(disposal.acquired_at) >= BASIS_REPORTED_FROM
            and self._year(disposal.disposed_at) >= BASIS_REPORTED_FROM
        )

    def _year(self, at: datetime) -> int:
        return tax_year(at, self.zone)
