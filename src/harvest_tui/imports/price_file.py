"""Prices from a file: CSV `asset,price[,time]` in US dollars, instead of the network."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from harvest_tui.core.money import parse_decimal
from harvest_tui.core.portfolio import PositionKey
from harvest_tui.core.records import Asset, Quote
from harvest_tui.errors import InputError

_COLUMNS = {"asset", "price", "time"}
_EVER = datetime.min.replace(tzinfo=UTC)
_MAX_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PriceFile:
    """Prices by asset in order of time; a row without time holds at any time."""

    name: str
    series: Mapping[Asset, tuple[tuple[datetime, Decimal], ...]]

    def quote(self, asset: Asset, as_of: datetime) -> Quote | None:
        """The latest price at or before `as_of`."""
        series = self.series.get(asset, ())
        found = bisect_right(series, as_of, key=lambda pair: pair[0])
        if not found:
            return None
        at, price = series[found - 1]
        return Quote(asset, price, as_of if at == _EVER else at, self.name)

    def at(self, positions: Iterable[PositionKey], as_of: datetime) -> dict[PositionKey, Quote]:
        """The quote of each position that the file prices."""
        quotes = {key: self.quote(key[1], as_of) for key in positions}
        return {key: quote for key, quote in quotes.items() if quote is not None}


def read_prices(path: Path) -> PriceFile:
    """The prices in `path`. Raises InputError naming line and column of the first bad cell."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(f"{path} is over 50 MiB", "keep only the assets and days you need")
        with path.open(newline="", encoding="utf-8-sig") as file:
            return PriceFile(path.name, _series(csv.reader(file, strict=True), path))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"cannot read {path} as CSV ({type(error).__name__})", "check its name and encoding"
        ) from error


def _series(rows: Iterable[list[str]], path: Path) -> dict[Asset, tuple[tuple[datetime, Decimal], ...]]:
    lines = iter(rows)
    header = [name.strip().lower() for name in next(lines, [])]
    if not {"asset", "price"} <= set(header) <= _COLUMNS or len(set(header)) != len(header):
        raise InputError(f"{path}: line 1 is not asset,price[,time]", "put these names on the first line")
    found: dict[Asset, dict[datetime, Decimal]] = {}
    for number, cells in enumerate(lines, start=2):
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise InputError(f"{path}: line {number} has {len(cells)} cells", f"write {len(header)}")
        row = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        found.setdefault(Asset(row["asset"]), {})[_time(row.get("time", ""), number, path)] = _price(
            row["price"], number, path
        )
    return {asset: tuple(sorted(series.items())) for asset, series in found.items()}


def _price(text: str, line: int, path: Path) -> Decimal:
    try:
        price = parse_decimal(text)
    except ValueError as error:
        raise InputError(f"{path}: line {line}, price: {error}", "write dollars like 1234.56") from error
    if price < 0:
        raise InputError(f"{path}: line {line}, price is negative", "write dollars like 1234.56")
    return price


def _time(text: str, line: int, path: Path) -> datetime:
    if not text:
        return _EVER
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{path}: line {line}, time: {text[:40]!r}", "write it like 2026-03-31T16:00:00Z") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
