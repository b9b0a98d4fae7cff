"""The windowed histories of Binance and Binance.US: endpoint, window, page, cursor and id of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from harvest_tui.exchanges.strategies import binance_events as events
from harvest_tui.exchanges.strategies.base import Endpoint
from harvest_tui.exchanges.strategies.binance_pace import Pace
from harvest_tui.exchanges.strategies.binance_replies import (
    JsonObject,
    bad,
    bare_list,
    data_rows,
    id_of,
    listed_under,
    ms_at,
    ms_of,
    total_of,
)
from harvest_tui.exchanges.strategies.binance_windows import Feed, Params, by_narrowing, by_offset, by_page

CAPITAL_PAGE = 1000
FIAT_PAGE = 500
DIVIDEND_PAGE = 500
DUST_PAGE = 100
US_ORDER_PAGE = 100
LEAST_US_PAGE = 10
"""Binance.US does not say how long a page of fiat payments is; no page of it is shorter than this."""

_OPENED = ms_at(datetime(2017, 7, 1, tzinfo=UTC))
"""Binance opened in July 2017. No call tells when an account was made, so its life is asked from here."""
_CONVERTS = ms_at(datetime(2020, 1, 1, tzinfo=UTC))
_DUST = ms_at(datetime(2020, 12, 1, tzinfo=UTC))
"""The dust log begins on 2020-12-01 (developers.binance.com, wallet, DustLog)."""
_US_OPENED = ms_at(datetime(2019, 9, 1, tzinfo=UTC))


def sapi(path: str, implicit: str) -> Endpoint:
    """A read below `sapi/v1`. Its limits are its own, not those of the shared weight, so it costs nothing of that."""
    return Endpoint("GET", f"/sapi/v1/{path}", implicit, 0.0)


DEPOSITS = sapi("capital/deposit/hisrec", "sapiGetCapitalDepositHisrec")
WITHDRAWALS = sapi("capital/withdraw/history", "sapiGetCapitalWithdrawHistory")
CONVERTS = sapi("convert/tradeFlow", "sapiGetConvertTradeFlow")
DUST = sapi("asset/dribblet", "sapiGetAssetDribblet")
DIVIDENDS = sapi("asset/assetDividend", "sapiGetAssetAssetDividend")
FIAT_ORDERS = sapi("fiat/orders", "sapiGetFiatOrders")
FIAT_PAYMENTS = sapi("fiat/payments", "sapiGetFiatPayments")
US_FIAT_IN = sapi("fiatpayment/query/deposit/history", "sapiGetFiatpaymentQueryDepositHistory")
US_FIAT_OUT = sapi("fiatpayment/query/withdraw/history", "sapiGetFiatpaymentQueryWithdrawHistory")
US_OTC = sapi("otc/orders", "sapiGetOtcOrders")
US_OCBS = sapi("ocbs/orders", "sapiGetOcbsOrders")
US_DUST = sapi("asset/query/dust-logs", "sapiGetAssetQueryDustLogs")
US_DISTRIBUTIONS = sapi("asset/assetDistributionHistory", "sapiGetAssetAssetDistributionHistory")
US_REWARDS = sapi("staking/stakingRewardsHistory", "sapiGetStakingStakingRewardsHistory")


def _at(*keys: str) -> Callable[[JsonObject], int]:
    return lambda row: ms_of(row, *keys)


def _id(*keys: str) -> Callable[[JsonObject], str]:
    return lambda row: id_of(row, *keys)


def _codes(*keys: str) -> Callable[[JsonObject], Sequence[str]]:
    return lambda row: [row[key] for key in keys]


def _deposit_id(row: JsonObject) -> str:
    """Binance.US gives deposits no id: one transaction credits one address with one amount of a coin once."""
    if row.get("id"):
        return id_of(row, "id")
    return ":".join(
        [id_of(row, "coin"), *(str(row.get(key) or "") for key in ("txId", "address", "addressTag", "amount"))]
    )


def _dust_coins(row: JsonObject) -> Sequence[str]:
    found = {"BNB"}
    for detail in bare_list(row.get("userAssetDribbletDetails")):
        found |= {detail[key] for key in ("fromAsset", "toAsset") if detail.get(key)}
    return sorted(found)


def _grouped(word: str, identity: Callable[[JsonObject], str]) -> Callable[[JsonObject], str]:
    return lambda row: f"{word}:{identity(row)}"


def _capital(stream: str, endpoint: Endpoint, since_ms: int, pace: Pace | None, time: str) -> Feed:
    is_deposit = stream == "deposits"
    identity = _deposit_id if is_deposit else _id("id")
    return Feed(
        stream=stream,
        endpoint=endpoint,
        since_ms=since_ms,
        days=90,
        overlap_days=30,
        rows=bare_list,
        at=_at(time),
        identity=identity,
        group=_grouped(stream[:-1], identity),
        read=events.deposit if is_deposit else events.withdrawal,
        coins=_codes("coin"),
        following=by_offset(CAPITAL_PAGE),
        first_page={"limit": CAPITAL_PAGE},
        starts_with_account=not is_deposit,
        pace=pace,
    )


def _fiat(stream: str, endpoint: Endpoint, side: int, read: Callable[[JsonObject], object], *coins: str) -> Feed:
    identity = _id("orderNo")
    return Feed(
        stream=stream,
        endpoint=endpoint,
        since_ms=_OPENED,
        days=None,
        overlap_days=30,
        rows=data_rows,
        at=_at("createTime"),
        identity=identity,
        group=_grouped(stream[:-1], identity),
        read=read,
        coins=_codes(*coins),
        following=by_page(FIAT_PAGE, total_of),
        first_page={"transactionType": side, "page": 1, "rows": FIAT_PAGE},
        times=("beginTime", "endTime"),
    )


def _converts() -> Feed:
    """Sixty windows a minute are allowed. A longer life meets that limit once and waits as long as the reply says:
    the next sync of the same minute would meet it all the same, so it is not kept here.
    """
    identity = _id("orderId")
    return Feed(
        stream="converts",
        endpoint=CONVERTS,
        since_ms=_CONVERTS,
        days=30,
        overlap_days=7,
        rows=_flow_rows,
        at=_at("createTime"),
        identity=identity,
        group=_grouped("convert", identity),
        read=events.convert,
        coins=_codes("fromAsset", "toAsset"),
        following=by_narrowing(lambda reply, rows: bool(reply["moreData"]), _at("createTime")),
        first_page={"limit": CAPITAL_PAGE},
        starts_with_account=True,
    )


def _flow_rows(reply: Any) -> Sequence[JsonObject]:
    rows = listed_under("list", "moreData")(reply)
    if not isinstance(reply["moreData"], bool):
        raise bad("a page that does not say whether more follows")
    return rows


def _dust(endpoint: Endpoint, key: str, since_ms: int, page: int | None) -> Feed:
    identity = _id("transId", "tranId")
    return Feed(
        stream="dust",
        endpoint=endpoint,
        since_ms=since_ms,
        days=None,
        overlap_days=7,
        rows=listed_under(key),
        at=_at("operateTime"),
        identity=identity,
        group=_grouped("dust", identity),
        read=events.dust,
        coins=_dust_coins,
        following=by_narrowing(lambda reply, rows: page is not None and len(rows) >= page, _at("operateTime")),
        first_page={},
    )


def _income(stream: str, endpoint: Endpoint, since_ms: int, days: int | None) -> Feed:
    def identity(row: JsonObject) -> str:
        return f"{id_of(row, 'id', 'tranId')}:{id_of(row, 'tranId')}:{id_of(row, 'asset')}"

    def us_group(row: JsonObject) -> str:
        return f"income:{id_of(row, 'asset')}:{id_of(row, 'tranId')}"

    return Feed(
        stream=stream,
        endpoint=endpoint,
        since_ms=since_ms,
        days=days,
        overlap_days=7,
        rows=listed_under("rows", "total"),
        at=_at("divTime"),
        identity=identity,
        group=_grouped("income", identity) if stream == "dividends" else us_group,
        read=events.income,
        coins=_codes("asset"),
        following=by_narrowing(lambda reply, rows: total_of(reply) > len(rows), _at("divTime")),
        first_page={"limit": DIVIDEND_PAGE},
    )


def com_feeds() -> tuple[Feed, ...]:
    """Binance's windowed histories, those that show an account's first sign of life first."""
    return (
        _capital("deposits", DEPOSITS, _OPENED, None, "insertTime"),
        _fiat("fiat_deposits", FIAT_ORDERS, 0, events.fiat_deposit, "fiatCurrency"),
        _fiat("fiat_buys", FIAT_PAYMENTS, 0, events.fiat_buy, "fiatCurrency", "cryptoCurrency"),
        _fiat("fiat_withdrawals", FIAT_ORDERS, 1, events.fiat_withdrawal, "fiatCurrency"),
        _fiat("fiat_sells", FIAT_PAYMENTS, 1, events.fiat_sell, "fiatCurrency", "cryptoCurrency"),
        _dust(DUST, "userAssetDribblets", _DUST, DUST_PAGE),
        _income("dividends", DIVIDENDS, _OPENED, 180),
        # Ten calls a second, the limit of this endpoint alone.
        _capital("withdrawals", WITHDRAWALS, _OPENED, Pace(10, 1), "applyTime"),
        _converts(),
    )


def _us_fiat(stream: str, endpoint: Endpoint, read: Callable[[JsonObject], object]) -> Feed:
    def following(reply: Any, rows: Sequence[JsonObject], asked: Params) -> Params | None:
        return by_offset(LEAST_US_PAGE)(reply, rows, asked)

    identity = _id("orderId")
    return Feed(
        stream=stream,
        endpoint=endpoint,
        since_ms=_US_OPENED,
        days=90,
        overlap_days=30,
        rows=listed_under("assetLogRecordList"),
        at=_at("createTime"),
        identity=identity,
        group=_grouped(stream[:-1], identity),
        read=read,
        coins=_codes("fiatCurrency"),
        following=following,
        first_page={"offset": 0},
    )


def _us_orders(stream: str, endpoint: Endpoint, key: str) -> Feed:
    identity = _id("orderId")
    return Feed(
        stream=stream,
        endpoint=endpoint,
        since_ms=_US_OPENED,
        days=None,
        overlap_days=7,
        rows=listed_under(key, "total"),
        at=_at("createTime"),
        identity=identity,
        group=lambda row: f"us_order:{stream}:{identity(row)}",
        read=events.us_order,
        coins=_codes("fromCoin", "toCoin"),
        following=by_page(US_ORDER_PAGE, total_of),
        first_page={"page": 1, "limit": US_ORDER_PAGE},
    )


def _us_rewards() -> Feed:
    return Feed(
        stream="staking_rewards",
        endpoint=US_REWARDS,
        since_ms=_US_OPENED,
        days=None,
        overlap_days=7,
        rows=data_rows,
        at=_at("time"),
        identity=lambda row: f"{id_of(row, 'tranId')}:{id_of(row, 'asset')}:{id_of(row, 'time')}",
        group=lambda row: f"income:{id_of(row, 'asset')}:{id_of(row, 'tranId')}",
        read=events.income,
        coins=_codes("asset"),
        following=by_page(DIVIDEND_PAGE, total_of),
        first_page={"page": 1, "limit": DIVIDEND_PAGE},
    )


def us_feeds() -> tuple[Feed, ...]:
    """Binance.US's windowed histories, those that show an account's first sign of life first."""
    return (
        _capital("deposits", DEPOSITS, _US_OPENED, None, "insertTime"),
        _us_fiat("fiat_deposits", US_FIAT_IN, events.fiat_deposit),
        _us_fiat("fiat_withdrawals", US_FIAT_OUT, events.fiat_withdrawal),
        _us_orders("otc", US_OTC, "rows"),
        _us_orders("ocbs", US_OCBS, "dataList"),
        _dust(US_DUST, "userDustConvertHistory", _US_OPENED, None),
        _income("distributions", US_DISTRIBUTIONS, _US_OPENED, None),
        _us_rewards(),
        _capital("withdrawals", WITHDRAWALS, _US_OPENED, None, "applyTime"),
    )
