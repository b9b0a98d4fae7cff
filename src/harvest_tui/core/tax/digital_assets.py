"""The dated rules of digital assets: what a tax year asks of lots, identification, forms and wash sales."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from harvest_tui.core.lots.ledger import Term


class BasisScope(StrEnum):
    """Where lots may be pooled: anywhere until the end of 2024, then wallet by wallet (Reg. 1.1012-1(j))."""

    WALLET_OR_UNIVERSAL = "wallet_or_universal"
    WALLET_OR_ACCOUNT = "wallet_or_account"


class BrokerIdentification(StrEnum):
    """Whose record names the units sold at a broker: the owner's (Notices 2025-7 and 2026-20) or the broker's."""

    OWN_BOOKS = "books_and_records_accepted"
    TELL_THE_BROKER = "tell_the_broker"


class BrokerForm(StrEnum):
    """What Form 1099-DA tells the IRS about a sale of the year."""

    NONE = "none"
    GROSS_PROCEEDS = "gross_proceeds"
    PROCEEDS_AND_BASIS = "gross_proceeds_and_basis_of_covered_units"


class Reporting(StrEnum):
    """How a broker reported one sale; it decides the box of Form 8949."""

    BASIS_REPORTED = "basis_reported"
    BASIS_NOT_REPORTED = "basis_not_reported"
    NO_FORM = "no_1099"


@dataclass(frozen=True, slots=True)
class DigitalAssetRules:
    """The rules of one year. `wash_sale_rule_applies` is about coins; securities have had that rule all along.

    `boxes` holds the letter of Form 8949 by term and reporting; `covered_unit` says in words which units have a
    basis that brokers report, and is empty where none do; `law_status` says what the switches assume.
    """

    wash_sale_rule_applies: bool
    constructive_sale_rule_applies: bool
    basis_scope: BasisScope
    default_lot_order: str
    specific_identification: str
    broker_identification: BrokerIdentification
    broker_form: BrokerForm
    boxes: Mapping[tuple[Term, Reporting], str]
    covered_unit: str
    law_status: str
    sources: tuple[str, ...]

    def box(self, term: Term, reporting: Reporting) -> str:
        """The box of Form 8949: A to F until 2024, G to L for digital assets from 2025."""
        return self.boxes[term, reporting]

    def wash_sale_rule_binds(self, is_security: bool) -> bool:
        """Whether a loss can be washed out this year: IRC 1091 knows securities, coins only if a law adds them."""
        return is_security or self.wash_sale_rule_applies


def rules_from(entry: Mapping[str, object], boxes: Mapping[str, Mapping[str, str]]) -> DigitalAssetRules:
    """The rules as the year's table words them. Raises ValueError for a word that is not known here."""
    sources = entry["sources"]
    return DigitalAssetRules(
        wash_sale_rule_applies=entry["wash_sale_rule_applies"] is True,
        constructive_sale_rule_applies=entry["constructive_sale_rule_applies"] is True,
        basis_scope=BasisScope(str(entry["basis_scope"])),
        default_lot_order=str(entry["default_lot_order"]),
        specific_identification=str(entry["specific_identification"]),
        broker_identification=BrokerIdentification(str(entry["broker_held_identification"])),
        broker_form=BrokerForm(str(entry["form_1099_da"])),
        boxes={(term, how): boxes[term.value][how.value] for term in Term for how in Reporting},
        covered_unit=str(entry.get("covered_unit", "")),
        law_status=str(entry.get("law_status", "")),
        sources=tuple(map(str, sources)) if isinstance(sources, list) else (),
    )
