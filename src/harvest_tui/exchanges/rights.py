"""What a key may do, and whether we take it."""

from __future__ import annotations

from harvest_tui.errors import KeyTooPowerful, RightMissing
from harvest_tui.exchanges.strategies.base import KeyRights


def judge(rights: KeyRights, *, allow_trade_key: bool) -> str:
    """ "read", "trade" (taken because the user insists) or "unknown" (the exchange does not tell).

    Raises:
        KeyTooPowerful: the key can withdraw, or it can trade and the user does not insist.
        RightMissing: the key cannot read.
    """
    if rights.can_withdraw:
        raise KeyTooPowerful(
            "this key can withdraw coins, so it is not used",
            "make a key that can only read (query balances and history), and delete this one at the exchange",
        )
    if rights.can_trade and not allow_trade_key:
        raise KeyTooPowerful(
            "this key can place orders, so it is not used",
            "make a key that can only read; if the exchange offers none, insist with --allow-trade-key",
        )
    if rights.can_read is False:
        raise RightMissing(
            "this key cannot read balances and history", "add the read rights to it at the exchange, then connect again"
        )
    if rights.can_trade:
        return "trade"
    if rights.can_withdraw is None or rights.can_trade is None:
        return "unknown"
    return "read"
