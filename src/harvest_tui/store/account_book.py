"""Accounts: connected ones and books filled by import."""

from __future__ import annotations

from harvest_tui.core.records import Account, AccountId
from harvest_tui.errors import InputError
from harvest_tui.store.columns import microseconds, moment
from harvest_tui.store.engine import Rows, Transaction, Value

_COLUMNS = "account, exchange, added_us, rights, lot_order, tier"


async def all_accounts(source: Rows) -> list[Account]:
    """Every account, the one added first first."""
    found = await source.rows(f"SELECT {_COLUMNS} FROM accounts ORDER BY added_us, account")
    return [
        Account(AccountId(account), exchange, moment(added_us), rights, lot_order, tier)
        for account, exchange, added_us, rights, lot_order, tier in found
    ]


def _row(account: Account) -> tuple[Value, ...]:
    added_us = microseconds(account.added_at)
    return account.account, account.exchange, added_us, account.rights, account.lot_order, account.tier


async def add(transaction: Transaction, account: Account) -> None:
    """Raises InputError where the name is taken."""
    if await transaction.rows("SELECT 1 FROM accounts WHERE account = ?", (account.account,)):
        raise InputError(f"there is an account {account.account!r} already", "choose another name")
    await transaction.run(f"INSERT INTO accounts ({_COLUMNS}) VALUES (?,?,?,?,?,?)", _row(account))
    transaction.touch_facts()


async def update(transaction: Transaction, account: Account) -> None:
    """Raises InputError where there is no account of that name."""
    name, *values = _row(account)
    found = await transaction.rows(
        "UPDATE accounts SET exchange = ?, added_us = ?, rights = ?, lot_order = ?, tier = ? WHERE account = ? "
        "RETURNING 1",
        (*values, name),
    )
    _require(found, account.account)
    transaction.touch_facts()


async def remove(transaction: Transaction, account: AccountId) -> None:
    """Removes the account with its history, events, balances and cursors. Raises InputError where there is none."""
    _require(await transaction.rows("DELETE FROM accounts WHERE account = ? RETURNING 1", (account,)), account)
    await transaction.run("DELETE FROM imports WHERE import_id NOT IN (SELECT import_id FROM imported_events)")
    transaction.touch_facts()
    transaction.touched.is_all = True


def _require(found: list[object], account: AccountId) -> None:
    if not found:
        raise InputError(f"there is no account {account!r}", "`harvest-tui accounts` lists them")
