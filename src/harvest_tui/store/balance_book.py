"""Balances as the exchange last told them. An account that looks suddenly empty is asked twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.records import AccountId, Asset, Balance
from harvest_tui.errors import StoreError
from harvest_tui.store.columns import microseconds, moment, number_text
from harvest_tui.store.engine import Rows, Transaction

SECOND_READ_AFTER = timedelta(seconds=60)


async def all_balances(source: Rows) -> list[Balance]:
    """Every balance, by account and asset."""
    found = await source.rows("SELECT account, asset, quantity, at_us, locked FROM balances ORDER BY account, asset")
    return [
        Balance(AccountId(account), Asset(asset), Decimal(quantity), moment(us), Decimal(locked))
        for account, asset, quantity, us, locked in found
    ]


async def replace_balances(
    transaction: Transaction, account: AccountId, balances: Sequence[Balance], at: datetime
) -> bool:
    """True where the balances were accepted, False where they are held back as suspiciously empty."""
    summed: dict[Asset, Decimal] = {}
    locked: dict[Asset, Decimal] = {}
    for balance in balances:
        if balance.account != account:
            raise StoreError(f"a balance of {balance.account!r} was told for {account!r}", "please report this")
        summed[balance.asset] = EXACT.add(summed.get(balance.asset, ZERO), balance.quantity)
        locked[balance.asset] = EXACT.add(locked.get(balance.asset, ZERO), balance.locked)
    held = await transaction.rows("SELECT quantity FROM balances WHERE account = ?", (account,))
    looks_emptied = not any(summed.values()) and any(Decimal(quantity) for (quantity,) in held)
    if looks_emptied and not await _is_confirmed(transaction, account, microseconds(at)):
        return False
    await transaction.run("DELETE FROM empty_balances WHERE account = ?", (account,))
    await transaction.run("DELETE FROM balances WHERE account = ?", (account,))
    rows = [
        (account, asset, number_text(quantity), microseconds(at), number_text(locked[asset]))
        for asset, quantity in summed.items()
    ]
    await transaction.run_many(
        "INSERT INTO balances (account, asset, quantity, at_us, locked) VALUES (?,?,?,?,?)", rows
    )
    transaction.touch_facts()
    return True


async def _is_confirmed(transaction: Transaction, account: AccountId, at_us: int) -> bool:
    """True where an empty read lies a minute back; else this one is noted as the first."""
    [(first_us,)] = await transaction.rows(
        """INSERT INTO empty_balances (account, first_seen_us) VALUES (?,?)
        ON CONFLICT (account) DO UPDATE SET first_seen_us = min(first_seen_us, excluded.first_seen_us)
        RETURNING first_seen_us""",
        (account, at_us),
    )
    return bool(at_us - first_us >= SECOND_READ_AFTER // timedelta(microseconds=1))
