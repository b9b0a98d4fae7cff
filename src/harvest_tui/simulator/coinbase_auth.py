"""Coinbase's check of a CDP key's token: an ES256 JWT made for one method, host and path, valid two minutes."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from harvest_tui.simulator.venue import ApiKey

LEEWAY_SECONDS = 10
"""How far ahead a token's start may lie: clocks differ a little."""
_LONGEST_SECONDS = 120
_ISSUERS = frozenset({"cdp", "coinbase-cloud"})


class TokenCheck:
    """Knows one key. `accepts` is the whole answer: Coinbase never says what is wrong with a token."""

    def __init__(self, key: ApiKey) -> None:
        """Raises ValueError where the secret is no EC private key in PEM."""
        private = load_pem_private_key(key.secret.replace("\\n", "\n").encode(), None)
        if not isinstance(private, EllipticCurvePrivateKey):
            raise ValueError("a Coinbase key is an EC private key")
        self._name = key.key
        self._public = private.public_key()

    def accepts(self, authorization: str, uri: str, now_s: float) -> bool:
        """Whether the header is a token of this key for `uri` (`GET host/path`, no query) at this time."""
        scheme, _, token = authorization.partition(" ")
        parts = token.split(".")
        if scheme != "Bearer" or len(parts) != 3:
            return False
        try:
            header, claims = (json.loads(_decoded(part)) for part in parts[:2])
            raw = _decoded(parts[2])
        except (ValueError, binascii.Error):
            return False
        if not isinstance(header, dict) or not isinstance(claims, dict) or len(raw) != 64:
            return False
        return self._is_signed(f"{parts[0]}.{parts[1]}", raw) and self._is_meant(header, claims, uri, now_s)

    def _is_signed(self, text: str, raw: bytes) -> bool:
        signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            self._public.verify(signature, text.encode(), ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True

    def _is_meant(self, header: Mapping[str, Any], claims: Mapping[str, Any], uri: str, now_s: float) -> bool:
        start, end = claims.get("nbf"), claims.get("exp")
        if not isinstance(start, int) or not isinstance(end, int):
            return False
        return (
            header.get("alg") == "ES256"
            and header.get("kid") == self._name == claims.get("sub")
            and bool(header.get("nonce"))
            and claims.get("iss") in _ISSUERS
            and start <= now_s + LEEWAY_SECONDS
            and now_s < end <= start + _LONGEST_SECONDS
            and claims.get("uri") == uri
        )


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
