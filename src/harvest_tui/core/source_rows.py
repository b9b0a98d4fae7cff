"""Where an event comes from: the exchange's own rows, or the file that told it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class SourceRow(NamedTuple):
    """A raw row that tells an event.

    From an exchange: its ccxt id, the stream, the row's own id, the endpoint and when it was fetched. From a file:
    `exchange` is "", `stream` the file's name and `row_id` the first digits of its SHA-256; `endpoint` is "".
    """

    exchange: str
    stream: str
    row_id: str
    endpoint: str = ""
    fetched_at: datetime | None = None
