"""What the verbs of a session (deciding, marking, alerting, planning, charting) need of the session itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from harvest_tui.core.portfolio import Portfolio
    from harvest_tui.core.records import Account
    from harvest_tui.session.facts import Facts, Rules
    from harvest_tui.store import Store


class Home(Protocol):
    """One user's facts, rules and clock."""

    facts_version: int
    """Grows when lots changed."""

    @property
    def store(self) -> Store:
        """The cache of facts."""
        ...

    @property
    def quotes_version(self) -> int:
        """Grows when a price changed."""
        ...

    def rules(self) -> Rules:
        """How lots are consumed."""
        ...

    def now(self) -> datetime:
        """The clock, aware UTC."""
        ...

    def facts(self) -> Facts:
        """Everything derived."""
        ...

    def portfolio(self) -> Portfolio:
        """The latest facts under the latest quotes."""
        ...

    def accounts(self) -> tuple[Account, ...]:
        """Connected and imported accounts."""
        ...

    async def reload_facts(self) -> None:
        """Derives everything anew."""
        ...

    def want_prices(self) -> None:
        """Asks for live prices of everything held or to be bought back."""
        ...
