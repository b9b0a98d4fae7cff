"""Whether nothing of what outsiders named was obeyed: on a terminal, on its clipboard, in a file."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from support.hostile_names import is_harmless
from support.terminal_bytes import Sent

_FORMULA = ("=", "@", "\t", "\r")


def wrong_on_screen(sent: Sent, allowed: Iterable[str] | None = None) -> list[str]:
    """What a terminal was told that only data can have said; `allowed` are all orders of a run without hostile names.

    Without them: orders that the program never gives.
    """
    if allowed is None:
        wrong = sorted(order for order in sent.orders if order not in _OURS and not _is_plain(order))
    else:
        wrong = sorted(sent.orders.difference(allowed))
    if not is_harmless(sent.text):
        wrong.append(f"printed {sorted({hex(ord(one)) for one in sent.text if not is_harmless(one)})}")
    for text in sent.clipboard:
        if not is_harmless(text.replace("\n", "").replace("\t", "")):
            wrong.append(f"copied {text[:300]!r}")
    return wrong


_OURS = frozenset({"osc '52;c;'", "osc '22;default'", "control '\\r'", "control '\\n'", "csi '0m'", "csi '1m'"})


def _is_plain(order: str) -> bool:
    """Whether it moves or clears, sets a mode, or sets a style with colours as the themes have them."""
    return order.startswith("csi ") and (not order.endswith("m'") or "8;2;" in order)


def wrong_in_file(path: Path) -> list[str]:
    """What an editor or a spreadsheet would obey in the file."""
    text = path.read_bytes().decode("utf-8")
    wrong = []
    bare = text.removeprefix("\ufeff").replace("\n", "").replace("\r", "").replace("\t", "")
    if not is_harmless(bare):
        wrong.append(f"{path.name} holds {sorted({hex(ord(one)) for one in bare if not is_harmless(one)})}")
    if path.suffix == ".csv":
        cells = (cell for row in csv.reader(text.splitlines()) for cell in row)
        wrong += [f"{path.name} has a formula {cell[:80]!r}" for cell in cells if cell.startswith(_FORMULA)]
    return wrong
