"""Who may open the page: whoever has the token, from this server's own address and from no other page."""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlencode

from aiohttp import web

LOOPBACK = "127.0.0.1"
_COOKIE = "harvest_tui"
_OWN_SITES = frozenset({"same-origin", "none"})


class Gate:
    """One token, and the pass that it is exchanged for, for as long as the server runs.

    A browser sends a cookie of 127.0.0.1 to every port there. The pass is therefore bound to a path of random
    letters, which no page of another program on this machine can name.
    """

    def __init__(self, port: int) -> None:
        """`port` is the one that is listened on."""
        self._token = secrets.token_urlsafe(32)
        self._pass = secrets.token_urlsafe(32)
        self._hosts = {f"{LOOPBACK}:{port}"} | ({LOOPBACK} if port == 80 else set[str]())
        self.room = f"/{secrets.token_urlsafe(12)}/"
        """Where everything lies but the door itself."""
        self.origin = f"http://{LOOPBACK}" + ("" if port == 80 else f":{port}")
        self.address = f"{self.origin}/?{urlencode({'token': self._token})}"
        """What the user opens. It holds the token: for the user's eyes alone."""

    def check(self, request: web.Request) -> None:
        """Raises HTTPForbidden for another host name or another page's request, and in the room without the pass."""
        if request.headers.get("Host", "") not in self._hosts:
            raise web.HTTPForbidden(text="This server has another address.")
        origin = request.headers.get("Origin")
        if origin is not None and origin != self.origin:
            raise web.HTTPForbidden(text="Another page may not ask here.")
        if request.path != "/":
            self._check_pass(request)

    def _check_pass(self, request: web.Request) -> None:
        if request.headers.get("Sec-Fetch-Site", "none") not in _OWN_SITES:
            raise web.HTTPForbidden(text="Another page may not ask here.")
        if not _is_same(request.cookies.get(_COOKIE, ""), self._pass):
            raise web.HTTPForbidden(text="Open the address that harvest-tui serve printed.")

    def check_socket(self, request: web.Request) -> None:
        """Raises HTTPForbidden where a socket is asked for without telling from which page."""
        if "Origin" not in request.headers:
            raise web.HTTPForbidden(text="Another page may not ask here.")

    def enter(self, request: web.Request) -> web.Response:
        """Takes the token and gives the pass, by way of an address without the token. Raises HTTPForbidden."""
        if not _is_same(request.query.get("token", ""), self._token):
            raise web.HTTPForbidden(text="Open the address that harvest-tui serve printed.")
        response = web.Response(status=303, headers={"Location": self.room})
        response.set_cookie(_COOKIE, self._pass, path=self.room, httponly=True, samesite="Strict")
        return response


def _is_same(told: str, wanted: str) -> bool:
    """In a time that does not tell how much of it was right."""
    return hmac.compare_digest(told.encode("utf-8", "replace"), wanted.encode())
