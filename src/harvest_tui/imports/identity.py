"""Ids of rows that bring none: from their content, and their ordinal among equal rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import fields, replace
from datetime import datetime
from decimal import Decimal

from harvest_tui.core.money import plain
from harvest_tui.core.records import Amount, Event, EventId

_TOLD = [field.name for field in fields(Event) if field.name not in {"event_id", "sequence", "is_assumed"}]


def _text(value: object) -> str:
    if isinstance(value, Amount):
        return f"{plain(value.quantity)} {value.asset}"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return ";".join(f"{named.origin}={plain(named.quantity)}" for named in value)
    return "" if value is None else str(value)


class DerivedIds:
    """Names the rows of one file. Equal rows get ordinals, so that the same file gives the same ids again."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def name(self, event: Event) -> Event:
        """The event with an id made of what it says."""
        content = "\x1f".join(_text(getattr(event, name)) for name in _TOLD)
        digest = hashlib.sha256(content.encode()).hexdigest()[:16]
        self._seen[digest] += 1
        ordinal = self._seen[digest]
        mark = digest if ordinal == 1 else f"{digest}.{ordinal}"
        return replace(event, event_id=EventId(f"{event.account}:{mark}"))
