"""Only keys that can read are taken; what the exchange does not tell is shown as unknown."""

import pytest

from harvest_tui.errors import KeyTooPowerful, RightMissing
from harvest_tui.exchanges.rights import judge
from harvest_tui.exchanges.strategies.base import KeyRights


def rights(read: bool | None, trade: bool | None, withdraw: bool | None) -> KeyRights:
    return KeyRights(can_read=read, can_trade=trade, can_withdraw=withdraw)


@pytest.mark.parametrize("trade", [True, False, None])
@pytest.mark.parametrize("insists", [True, False])
def test_a_key_that_can_withdraw_is_refused_whatever_the_user_says(trade: bool | None, insists: bool) -> None:
    with pytest.raises(KeyTooPowerful) as refusal:
        judge(rights(True, trade, True), allow_trade_key=insists)
    assert "withdraw" in refusal.value.happened
    assert "make a key that can only read" in refusal.value.hint


def test_a_key_that_can_trade_is_refused_unless_the_user_insists() -> None:
    with pytest.raises(KeyTooPowerful, match="place orders"):
        judge(rights(True, True, False), allow_trade_key=False)
    assert judge(rights(True, True, False), allow_trade_key=True) == "trade"


def test_a_read_only_key_is_read() -> None:
    assert judge(rights(True, False, False), allow_trade_key=False) == "read"


@pytest.mark.parametrize(("trade", "withdraw"), [(None, None), (False, None), (None, False)])
def test_an_untold_right_stays_unknown(trade: bool | None, withdraw: bool | None) -> None:
    assert judge(rights(None, trade, withdraw), allow_trade_key=False) == "unknown"


def test_a_key_that_cannot_read_says_which_rights_to_add() -> None:
    with pytest.raises(RightMissing, match="add the read rights"):
        judge(rights(False, False, False), allow_trade_key=False)
