"""What a program sent to its terminal, taken apart: the text, and every sequence that a terminal obeys."""

from __future__ import annotations

import base64
import re
from typing import NamedTuple

_SEQUENCE = re.compile(
    r"\x1b\[(?P<csi>[0-?]*[ -/]*[@-~])"
    r"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b(?P<string>[PX^_][^\x1b]*\x1b\\)"
    r"|\x1b(?P<short>[ -/]*[0-~])"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])"
)
_CLIPBOARD = "52;c;"


class Sent(NamedTuple):
    """Text as it was printed, what a terminal was told to do, and what was put on its clipboard."""

    text: str
    orders: frozenset[str]
    clipboard: tuple[str, ...]


def taken_apart(data: bytes) -> Sent:
    """The bytes as a terminal reads them.

    Of an order that says where the cursor goes or what is cleared, only its kind counts; of one that sets a style or a
    mode, all of it.
    """
    decoded = data.decode("utf-8", "strict")
    orders: set[str] = set()
    clipboard: list[str] = []
    for found in _SEQUENCE.finditer(decoded):
        kind = found.lastgroup
        assert kind is not None
        told = found[kind]
        if kind == "osc" and told.startswith(_CLIPBOARD):
            clipboard.append(base64.b64decode(told.removeprefix(_CLIPBOARD), validate=True).decode())
            told = _CLIPBOARD
        elif kind == "csi" and told[-1] not in "mhlpqtu":
            told = re.sub(r"[0-9;]+", "", told)
        orders.add(f"{kind} {told!r}")
    return Sent(_SEQUENCE.sub("", decoded), frozenset(orders), tuple(clipboard))
