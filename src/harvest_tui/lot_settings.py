"""Choices in config.toml that decide which lots a sale consumes: orders by year and account, and the allocation.

scope = "us"                  # account (default), universal, or us: one pool until the end of 2024, then accounts

[methods]
2023 = "hifo"                 # all accounts in that tax year

[methods."kraken"]
2024 = "lifo"                 # that account in that year: the most specific choice holds

[accounts."kraken"]
lot_order = "fifo"            # that account in every other year: the venue's own order
custody = "broker"            # or "self": whether a broker's Form 1099-DA is expected (default: by the exchange)

[allocation]                  # of unused basis to accounts on 1 January 2025 (Rev. Proc. 2024-28)
decided = 2024-12-20          # the day it was written down
order = ["cold", "kraken"]    # accounts that lack units are served in this order
file = "allocation.csv"       # or unit by unit: account,origin_id,quantity, beside this file
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from harvest_tui.errors import InputError

LOT_ORDERS = ("fifo", "lifo", "hifo", "lofo")
SCOPES = ("account", "universal", "us")
CUSTODIES = ("broker", "self")
YEARS = range(2009, 2101)
"""Tax years in which there were coins to sell."""


@dataclass(frozen=True, slots=True)
class MethodChoices:
    """Lot orders by tax year, and by account and tax year."""

    by_year: Mapping[int, str] = field(default_factory=dict)
    by_account_year: Mapping[tuple[str, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AllocationChoice:
    """The allocation on 1 January 2025. `table` is what `file` says: (account, acquiring event, units)."""

    decided: date | None = None
    order: tuple[str, ...] = ()
    file: str = ""
    table: tuple[tuple[str, str, Decimal], ...] = ()


NO_METHODS = MethodChoices(MappingProxyType({}), MappingProxyType({}))
NO_ALLOCATION = AllocationChoice()


def methods_from(value: object, path: Path) -> MethodChoices:
    """The `[methods]` table of the file at `path`. Raises InputError naming the key that is off.

    A table that says nothing reads as no file does: the picture of the last run is kept by how its rules read.
    """
    by_year: dict[int, str] = {}
    by_account_year: dict[tuple[str, int], str] = {}
    for key, chosen in _table(value, "methods", path).items():
        if isinstance(chosen, dict):
            for year, order in chosen.items():
                by_account_year[key, _year(year, path)] = _order(order, f'methods."{key}".{year}', path)
        else:
            by_year[_year(key, path)] = _order(chosen, f"methods.{key}", path)
    return MethodChoices(by_year, by_account_year) if by_year or by_account_year else NO_METHODS


def allocation_from(value: object, path: Path) -> AllocationChoice:
    """The `[allocation]` table; its file is not read here. Raises InputError naming the key that is off."""
    table = _table(value, "allocation", path)
    for key in table:
        if key not in ("decided", "order", "file"):
            raise InputError(f"{path}: unknown setting allocation.{key}", "choose from decided, order, file")
    decided, order, file = table.get("decided"), table.get("order", []), table.get("file", "")
    if decided is not None and type(decided) is not date:
        raise InputError(f"{path}: allocation.decided is not a day", "write decided = 2024-12-20, without quotes")
    if not isinstance(order, list) or not all(isinstance(name, str) for name in order):
        raise InputError(f"{path}: allocation.order is not a list of accounts", 'write order = ["cold", "kraken"]')
    if len(set(order)) != len(order):
        raise InputError(f"{path}: allocation.order names an account twice", "name each once")
    if not isinstance(file, str):
        raise InputError(f"{path}: allocation.file is not a text", 'write file = "allocation.csv"')
    return AllocationChoice(decided, tuple(order), file)


def _table(value: object, name: str, path: Path) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise InputError(f"{path}: {name} is not a table", f"write a [{name}] section")
    return value


def _year(text: str, path: Path) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) in YEARS):
        raise InputError(
            f"{path}: {text[:40]!r} in methods is no tax year", 'write 2024 = "hifo", or [methods."ACCOUNT"] sections'
        )
    return int(text)


def _order(value: object, key: str, path: Path) -> str:
    if value not in LOT_ORDERS:
        raise InputError(f"{path}: {key} cannot be {value!r}", f"choose from {', '.join(LOT_ORDERS)}")
    return str(value)
