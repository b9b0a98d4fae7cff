"""The user's own table of Rev. Proc. 2024-28: which units of which lot each account holds on 1 January 2025."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from harvest_tui.core.money import parse_decimal
from harvest_tui.imports.rows import CsvFile

COLUMNS = ("account", "origin_id", "quantity")


def read_allocation(path: Path) -> tuple[tuple[str, str, Decimal], ...]:
    """(account, event that first acquired the units, units) of each row, columns in any order.

    Raises InputError naming file, line and column of the first thing that is off.
    """
    file = CsvFile(path)
    placed: dict[tuple[str, str], Decimal] = {}
    for row in file.rows({name: name for name in COLUMNS}, COLUMNS):
        account, origin, units = (row.cells.get(name, "") for name in COLUMNS)
        if not account:
            row.complain("account", "there is no account", "name the account that holds the units")
        if not all(origin.partition(":")):
            row.complain("origin_id", "is no event", "write ACCOUNT:ROWID, as `lots --json` has it")
        if (account, origin) in placed:
            row.complain("origin_id", f"is there twice for {account}", "add the two rows up")
        try:
            quantity = parse_decimal(units)
        except ValueError:
            quantity = Decimal(0)
        if quantity <= 0:
            row.complain("quantity", "is not a number of units above 0", "write it like 0.25")
        if row.complaints:
            file.refuse(row)
        placed[account, origin] = quantity
    return tuple((account, origin, quantity) for (account, origin), quantity in placed.items())
