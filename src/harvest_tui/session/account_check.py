"""Whether an account can still be asked: what its key may do, and how far our clock is off. Each for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from harvest_tui.errors import HarvestError

if TYPE_CHECKING:
    from harvest_tui.core.records import Account
    from harvest_tui.session.connections import Connections


class AccountCheck(NamedTuple):
    """`ahead` are the seconds our clock is ahead of the exchange's. What could not be found out is an error."""

    rights: str | HarvestError
    ahead: float | HarvestError


async def check_account(connections: Connections, account: Account) -> AccountCheck:
    """Asks the exchange for its time, then for what the key may do; one that gives no answer is asked once."""
    try:
        ahead = await connections.clock_of(account.exchange)
    except HarvestError as error:
        return AccountCheck(error, error)
    try:
        return AccountCheck(await _rights(connections, account), ahead)
    except HarvestError as error:
        return AccountCheck(error, ahead)


async def _rights(connections: Connections, account: Account) -> str:
    from harvest_tui.exchanges.rights import judge

    client = await connections.keyed(account, connections.strategy(account.exchange))
    try:
        return judge(await client.rights(), allow_trade_key=account.rights == "trade")
    finally:
        await client.close()
