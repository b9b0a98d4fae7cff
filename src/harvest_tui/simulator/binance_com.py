"""Binance: `sapi` with converts, dust, dividends, fiat and Simple Earn."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from harvest_tui.core.money import EXACT, ROUNDED
from harvest_tui.simulator.binance_body import BinanceBody, Route, listed, without
from harvest_tui.simulator.binance_limits import Cost
from harvest_tui.simulator.binance_queries import (
    Query,
    Refusal,
    capital_page,
    converts_page,
    dividends_page,
    dust_page,
    numbered_page,
)
from harvest_tui.simulator.binance_rows import Streams, com_streams

_FIAT_SIZE = ("rows", 100, 500)
_FIAT_TIMES = ("beginTime", "endTime")


class BinanceVenue(BinanceBody):
    """One account at api.binance.com. Every other staked coin lies in a flexible product, the rest are locked."""

    name: ClassVar[str] = "binance"
    hosts: ClassVar[tuple[str, ...]] = ("api.binance.com", "stream.binance.com")
    _weight_limit: ClassVar[int] = 6000
    _weights: ClassVar[Mapping[str, int]] = {
        "info": 20,
        "klines": 2,
        "day": 2,
        "day_all": 80,
        "price": 2,
        "price_all": 4,
        "book": 2,
        "book_all": 4,
        "account": 20,
        "trades": 20,
    }

    def _build(self) -> Streams:
        return com_streams(self._world.history(self.name))

    def _own(self) -> dict[str, Route]:
        once = Cost(1, is_sapi=True)
        earn = Cost(150, is_sapi=True)
        slow = Cost(0, uid_second=18_000, is_sapi=True)
        fiat = Cost(0, uid=45_000, is_sapi=True)
        return {
            "/sapi/v1/account/apiRestrictions": Route(self._restrictions, once),
            "/sapi/v1/capital/deposit/hisrec": Route(lambda query: capital_page(query, self._rows("deposits")), once),
            "/sapi/v1/capital/withdraw/history": Route(
                lambda query: capital_page(query, self._rows("withdrawals")), slow
            ),
            "/sapi/v1/convert/tradeFlow": Route(
                lambda query: converts_page(query, self._rows("converts")), Cost(0, uid=3_000, is_sapi=True)
            ),
            "/sapi/v1/asset/dribblet": Route(lambda query: dust_page(query, self._rows("dust")), once),
            "/sapi/v1/asset/assetDividend": Route(
                lambda query: dividends_page(query, self._rows("dividends")), Cost(10, is_sapi=True)
            ),
            "/sapi/v1/fiat/orders": Route(self._fiat_orders, fiat),
            "/sapi/v1/fiat/payments": Route(self._fiat_payments, once),
            "/sapi/v1/simple-earn/flexible/position": Route(self._flexible, earn),
            "/sapi/v1/simple-earn/locked/position": Route(self._locked, earn),
        }

    def _restrictions(self, query: Query) -> dict[str, object]:
        return {
            "ipRestrict": False,
            "createTime": 1_698_645_219_000,
            "enableReading": self.key.can_read,
            "enableWithdrawals": self.key.can_withdraw,
            "enableInternalTransfer": False,
            "enableMargin": False,
            "enableFutures": False,
            "permitsUniversalTransfer": False,
            "enableVanillaOptions": False,
            "enableFixApiTrade": False,
            "enableFixReadOnly": False,
            "enableSpotAndMarginTrading": self.key.can_trade,
            "enablePortfolioMarginTrading": False,
        }

    def _fiat_orders(self, query: Query) -> dict[str, object]:
        return self._fiat(query, {"0": "fiat_deposits", "1": "fiat_withdrawals"})

    def _fiat_payments(self, query: Query) -> dict[str, object]:
        return self._fiat(query, {"0": "fiat_buys", "1": "fiat_sells"})

    def _fiat(self, query: Query, streams: Mapping[str, str]) -> dict[str, object]:
        stream = streams.get(query.text("transactionType"))
        if stream is None:
            raise Refusal(-1130, "Data sent for parameter 'transactionType' is not valid.")
        rows, total = numbered_page(query, self._rows(stream), size=_FIAT_SIZE, times=_FIAT_TIMES)
        return {"code": "000000", "message": "success", "data": rows, "total": total, "success": True}

    def _earn(self) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        staked = sorted(self._world.staked(self.name).items())
        return dict(staked[::2]), dict(staked[1::2])

    def _spot(self) -> dict[str, Decimal]:
        """Free and locked coins; a flexible product shows here too, as its `LD` twin."""
        flexible, locked = self._earn()
        spot = without(without(self._world.balances(self.name), flexible), locked)
        return spot | {f"LD{asset}": units for asset, units in flexible.items()}

    def _flexible(self, query: Query) -> dict[str, object]:
        rows: list[dict[str, object]] = [
            {
                "totalAmount": text,
                "latestAnnualPercentageRate": "0.02599895",
                "asset": asset,
                "canRedeem": True,
                "collateralAmount": "0",
                "productId": f"{asset}001",
                "yesterdayRealTimeRewards": "0",
                "cumulativeBonusRewards": "0",
                "cumulativeRealTimeRewards": "0",
                "cumulativeTotalRewards": "0",
                "autoSubscribe": False,
            }
            for asset, text in listed(self._earn()[0])
        ]
        return self._positions(query, rows)

    def _locked(self, query: Query) -> dict[str, object]:
        rows: list[dict[str, object]] = []
        for asset, units in sorted(self._earn()[1].items()):
            half = ROUNDED.multiply(units, Decimal("0.5")).quantize(Decimal("1e-8"), context=ROUNDED)
            for number, part in enumerate((half, EXACT.subtract(units, half))):
                rows.append(self._locked_row(asset, part, number))
        return self._positions(query, rows)

    @staticmethod
    def _locked_row(asset: str, units: Decimal, number: int) -> dict[str, object]:
        return {
            "positionId": 123_123 + number,
            "projectId": f"{asset}*60",
            "asset": asset,
            "amount": listed({asset: units})[0][1],
            "purchaseTime": "1646182276000",
            "duration": "60",
            "accrualDays": "4",
            "rewardAsset": asset,
            "APY": "0.2032",
            "isRenewable": True,
            "isAutoRenew": True,
            "redeemDate": "1732182276000",
        }

    @staticmethod
    def _positions(query: Query, rows: list[dict[str, object]]) -> dict[str, object]:
        size, number = query.limit(10, 100, "size"), query.number("current", 1)
        return {"rows": rows[(number - 1) * size : number * size], "total": len(rows)}
