"""Binance.US: fiat payments, one-click and OTC orders, distributions, dust and staking."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from harvest_tui.simulator.binance_body import BinanceBody, Route, listed, without
from harvest_tui.simulator.binance_limits import Cost
from harvest_tui.simulator.binance_queries import Query, Row, between, capital_page, dividends_page, numbered_page
from harvest_tui.simulator.binance_rows import Streams
from harvest_tui.simulator.binance_us_rows import us_streams

_TIMES = ("startTime", "endTime")
_FIAT_PAGE = 100


class BinanceUsVenue(BinanceBody):
    """One account at api.binance.us. It has no endpoint that tells the rights of a key."""

    name: ClassVar[str] = "binanceus"
    hosts: ClassVar[tuple[str, ...]] = ("api.binance.us", "stream.binance.us")
    _weight_limit: ClassVar[int] = 1200
    _weights: ClassVar[Mapping[str, int]] = {
        "info": 10,
        "klines": 1,
        "day": 1,
        "day_all": 40,
        "price": 1,
        "price_all": 2,
        "book": 1,
        "book_all": 2,
        "account": 10,
        "trades": 10,
    }

    def _build(self) -> Streams:
        return us_streams(self._world.history(self.name))

    def _own(self) -> dict[str, Route]:
        once = Cost(1, is_sapi=True)
        return {
            "/sapi/v1/capital/deposit/hisrec": Route(lambda query: capital_page(query, self._rows("deposits")), once),
            "/sapi/v1/capital/withdraw/history": Route(
                lambda query: capital_page(query, self._rows("withdrawals")), once
            ),
            "/sapi/v1/fiatpayment/query/deposit/history": Route(lambda query: self._fiat(query, "fiat_deposits"), once),
            "/sapi/v1/fiatpayment/query/withdraw/history": Route(
                lambda query: self._fiat(query, "fiat_withdrawals"), once
            ),
            "/sapi/v1/otc/orders": Route(self._otc, once, bare=True),
            "/sapi/v1/ocbs/orders": Route(self._ocbs, once, bare=True),
            "/sapi/v1/asset/query/dust-logs": Route(self._dust, once),
            "/sapi/v1/asset/assetDistributionHistory": Route(
                lambda query: dividends_page(query, self._rows("distributions"), None), once
            ),
            "/sapi/v1/staking/stakingRewardsHistory": Route(self._rewards, once),
            "/sapi/v1/staking/stakingBalance": Route(self._staking, once),
        }

    def _spot(self) -> dict[str, Decimal]:
        return without(self._world.balances(self.name), self._world.staked(self.name))

    def _fiat(self, query: Query, stream: str) -> dict[str, object]:
        offset = query.number("offset", 0)
        found = between(self._rows(stream), query.window(90))
        return {"assetLogRecordList": found[offset : offset + _FIAT_PAGE]}

    def _otc(self, query: Query) -> dict[str, object]:
        rows, total = self._orders(query, "otc")
        return {"total": total, "rows": rows}

    def _ocbs(self, query: Query) -> dict[str, object]:
        rows, total = self._orders(query, "ocbs")
        return {"total": total, "dataList": rows}

    def _orders(self, query: Query, stream: str) -> tuple[list[Row], int]:
        return numbered_page(query, self._rows(stream), size=("limit", 10, 100), times=_TIMES)

    def _dust(self, query: Query) -> dict[str, object]:
        window = query.number("startTime"), query.number("endTime")
        found = between(self._rows("dust"), window)
        return {"total": len(found), "userDustConvertHistory": found}

    def _rewards(self, query: Query) -> dict[str, object]:
        rows, total = numbered_page(query, self._rows("staking_rewards"), size=("limit", 500, 500), times=_TIMES)
        return {"code": "000000", "message": "success", "data": rows, "total": total, "success": True}

    def _staking(self, query: Query) -> dict[str, object]:
        rows = [
            {"asset": asset, "stakingAmount": text, "rewardAsset": asset, "apr": "0.05", "apy": "0.05"}
            for asset, text in listed(self._world.staked(self.name))
        ]
        return {"code": "000000", "message": "success", "data": rows, "status": ["available"], "success": True}
