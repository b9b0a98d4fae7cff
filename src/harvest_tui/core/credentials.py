"""API credentials as values that cannot print themselves."""

from __future__ import annotations

from dataclasses import dataclass


class Secret:
    """Text that shows as `***` wherever it is printed, formatted, logged or dumped."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Call it only where a request is signed or a keyring entry is written."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a Secret is never pickled")


@dataclass(frozen=True, slots=True)
class Credentials:
    """An API key (its public name) and its secret; `passphrase` where the exchange has one."""

    key: Secret
    secret: Secret
    passphrase: Secret | None = None
