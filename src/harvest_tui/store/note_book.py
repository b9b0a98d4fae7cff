"""The user's lasting choices as small texts under a key."""

from __future__ import annotations

from harvest_tui.store.engine import Rows, Transaction


async def note(source: Rows, key: str) -> str | None:
    """The text under the key, None where there is none."""
    found = await source.rows("SELECT value FROM notes WHERE key = ?", (key,))
    return str(found[0][0]) if found else None


async def set_note(transaction: Transaction, key: str, value: str | None) -> None:
    """Puts the text under the key; None takes the key away."""
    if await note(transaction, key) == value:
        return
    if value is None:
        await transaction.run("DELETE FROM notes WHERE key = ?", (key,))
    else:
        await transaction.run("INSERT OR REPLACE INTO notes (key, value) VALUES (?,?)", (key, value))
    transaction.touch_facts()
