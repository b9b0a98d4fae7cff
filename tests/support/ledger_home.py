"""A home made of ledger rows and a config, and what its commands say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.journey_commands import Done

HEADER = (
    "id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset,fee_amount,fee_asset,fee_value,"
    "counter_account,value,acquired,cost_basis,lots\n"
)


@dataclass(frozen=True)
class LedgerHome:
    """Runs commands on one home, in the way `run` does."""

    folder: Path
    run: Callable[..., Done]

    def config(self, text: str) -> None:
        """What config.toml says from now on."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "config.toml").write_text(text, "utf-8")

    def tell(self, *rows: str, header: str = HEADER) -> None:
        """Imports the rows; a short one is filled up with empty cells."""
        self.folder.mkdir(exist_ok=True)
        path = self.folder / "ledger.csv"
        commas = header.count(",")
        path.write_text(header + "".join(row + "," * (commas - row.count(",")) + "\n" for row in rows), "utf-8")
        done = self.command("import", str(path), "--json")
        assert done.status in (0, 1), done.err

    def prices(self, **by_asset: object) -> str:
        """A file of these prices; where it lies."""
        path = self.folder / "prices.csv"
        path.write_text("asset,price\n" + "".join(f"{asset},{price}\n" for asset, price in by_asset.items()), "utf-8")
        return str(path)

    def command(self, *words: str) -> Done:
        """`harvest-tui --home FOLDER WORDS`."""
        return self.run("--home", str(self.folder), *words)

    def disposals(self, *words: str) -> dict[str, Any]:
        """The JSON of `disposals`."""
        return self._json("disposals", *words)

    def lots(self, *words: str) -> dict[str, Any]:
        """The JSON of `lots`."""
        return self._json("lots", *words)

    def gains(self, *words: str) -> list[tuple[str, str, str]]:
        """(event, term, gain) of each disposal."""
        return [(part["event_id"], part["term"], part["gain"]) for part in self.disposals(*words)["disposals"]]

    def held(self, *words: str) -> list[tuple[str, str, str, str]]:
        """(account, origin, quantity, cost basis) of each open lot."""
        rows = self.lots(*words)["lots"]
        return [(lot["account"], lot["origin_id"], lot["quantity"], lot["cost_basis"]) for lot in rows]

    def _json(self, *words: str) -> dict[str, Any]:
        done = self.command(*words, "--json")
        assert done.status in (0, 1), done.err
        return done.body
