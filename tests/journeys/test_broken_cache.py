"""The monitor over a cache that cannot be opened: one line says why, and the terminal is left clean."""

from __future__ import annotations

from pathlib import Path

from support.journey_terminal import ProgramInTerminal

LEDGER = """id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset
b1,2025-03-04T15:00:00Z,wallet,trade,1300,USD,0.25,BTC
"""


def test_a_damaged_cache_ends_the_monitor_with_one_line(tmp_path: Path) -> None:
    home, ledger = tmp_path / "home", tmp_path / "ledger.csv"
    ledger.write_text(LEDGER)
    imported = ProgramInTerminal(["--home", str(home), "import", str(ledger)], tmp_path / "first")
    assert imported.wait() == 0
    (home / "facts.sqlite3").write_bytes(b"this is no database, whatever its name says" * 40)

    monitor = ProgramInTerminal(["--home", str(home)], tmp_path / "second")
    assert monitor.wait() == 3
    said = [line for line in monitor.lines() if line.strip()]
    assert "harvest-tui: cannot open the cache" in said[0]
    assert "facts.sqlite3" in " ".join(said)
    assert "Traceback" not in " ".join(said)
    assert b"\x1b[?1049l" in monitor.sent, "the screen before is given back"
