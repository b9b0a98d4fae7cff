"""Who may open the monitor in a browser: each way in is tried without what it needs."""

from __future__ import annotations

import logging
import re
import socket
import sys
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, WSServerHandshakeError
from yarl import URL

from harvest_tui.errors import WorldError
from harvest_tui.web.gate import Gate
from harvest_tui.web.server import serving

WAYS_IN = ("", "page.css", "page.js", "static/js/textual.js", "socket", "download/key", "nowhere")
STARTED = "import pathlib, sys; pathlib.Path(sys.argv[1]).touch()"


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    """A server whose program leaves a file behind as soon as it is started."""
    command = [sys.executable, "-c", STARTED, str(tmp_path / "started")]
    async with serving(command, "harvest", lambda _: None) as gate:
        yield gate


@pytest.fixture
async def client() -> AsyncIterator[ClientSession]:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


async def pass_of(client: ClientSession, gate: Gate) -> dict[str, str]:
    """The cookie for the token, as the header that a browser sends."""
    async with client.get(gate.address, allow_redirects=False) as answer:
        (cookie,) = answer.cookies.values()
    client.cookie_jar.clear()
    return {"Cookie": f"{cookie.key}={cookie.value}"}


async def status_of(client: ClientSession, gate: Gate, way: str, headers: dict[str, str]) -> int:
    """What a request, or a socket's handshake, is answered with; 101 where the socket opens."""
    address = URL(f"{gate.origin}{gate.room}{way}", encoded=True)
    if way != "socket":
        async with client.get(address, headers=headers, allow_redirects=False) as answer:
            assert "Content-Security-Policy" in answer.headers
            return answer.status
    try:
        async with client.ws_connect(address, headers=headers):
            return 101
    except WSServerHandshakeError as error:
        return error.status


@pytest.mark.parametrize("told", ["", "?token=", "?token=guessed", "?token=é", "?other=1"])
async def test_without_the_token_or_with_another_the_door_stays_shut(
    client: ClientSession, gate: Gate, told: str
) -> None:
    async with client.get(f"{gate.origin}/{told}", allow_redirects=False) as answer:
        assert (answer.status, answer.cookies, answer.headers.get("Location")) == (403, {}, None)
        assert gate.room not in await answer.text()


async def test_the_token_is_exchanged_for_a_cookie_that_no_script_and_no_other_site_gets(
    client: ClientSession, gate: Gate
) -> None:
    async with client.get(gate.address, allow_redirects=False) as answer:
        (cookie,) = answer.cookies.values()
        assert (answer.status, answer.headers["Location"]) == (303, gate.room)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", gate.room)
    token = gate.address.partition("token=")[2]
    assert len(token) >= 40 and len(cookie.value) >= 40 and cookie.value != token


@pytest.mark.parametrize("way", WAYS_IN)
async def test_each_way_in_needs_the_pass_the_address_and_our_own_page(
    client: ClientSession, gate: Gate, tmp_path: Path, way: str
) -> None:
    passed = await pass_of(client, gate)
    wrong = {"Cookie": passed["Cookie"][:-1] + ("A" if passed["Cookie"][-1] != "A" else "B")}
    token = {"Cookie": f"harvest_tui={gate.address.partition('token=')[2]}"}
    own = {"Origin": gate.origin}
    port = gate.origin.rpartition(":")[2]
    refused = {
        "no cookie": own,
        "another cookie": wrong | own,
        "the token as cookie": token | own,
        "another page": passed | {"Origin": "http://evil.example"},
        "another port": passed | {"Origin": "http://127.0.0.1:1"},
        "a page of nowhere": passed | {"Origin": "null"},
        "a name that was bound anew": passed | own | {"Host": f"evil.example:{port}"},
        "our name at another port": passed | own | {"Host": "127.0.0.1:1"},
        "a neighbour's request": passed | own | {"Sec-Fetch-Site": "same-site"},
    }
    statuses = {name: await status_of(client, gate, way, headers) for name, headers in refused.items()}
    assert statuses == dict.fromkeys(refused, 403)
    assert not (tmp_path / "started").exists()


async def test_a_socket_must_tell_from_which_page_it_is_asked_for(
    client: ClientSession, gate: Gate, tmp_path: Path
) -> None:
    passed = await pass_of(client, gate)
    assert await status_of(client, gate, "socket", passed) == 403
    assert not (tmp_path / "started").exists()


async def test_with_the_pass_each_way_in_answers_as_it_should(client: ClientSession, gate: Gate) -> None:
    headers = await pass_of(client, gate) | {"Origin": gate.origin, "Sec-Fetch-Site": "same-origin"}
    answers = {way: await status_of(client, gate, way, headers) for way in WAYS_IN}
    assert answers == dict.fromkeys(WAYS_IN, 200) | {"socket": 101, "download/key": 404, "nowhere": 404}


@pytest.mark.parametrize("way", ["static/", "static/../page.html", "static/%2e%2e/server.py", "static//etc/passwd"])
async def test_no_other_file_is_shown(client: ClientSession, gate: Gate, way: str) -> None:
    passed = await pass_of(client, gate)
    assert await status_of(client, gate, way, passed) in (403, 404)


async def test_nothing_on_the_page_comes_from_elsewhere(client: ClientSession, gate: Gate) -> None:
    passed = await pass_of(client, gate)
    texts = {}
    for way in ("", "page.css", "page.js", "static/js/textual.js", "static/css/xterm.css"):
        async with client.get(f"{gate.origin}{gate.room}{way}", headers=passed) as answer:
            policy = answer.headers["Content-Security-Policy"]
            texts[way] = await answer.text()
    addresses = re.findall(r"(?:https?:|wss?:)?//[\w.-]+(?::\d+)?", texts[""])
    assert set(addresses) == {f"ws{gate.origin.removeprefix('http')}"}
    assert re.findall(r'url\((?!"static/)|@import', texts["page.css"] + texts["static/css/xterm.css"]) == []
    assert "script-src 'self';" in policy and "default-src 'none'" in policy and "unsafe-eval" not in policy
    assert policy.count("//") == 1 and f"connect-src ws{gate.origin.removeprefix('http')};" in policy
    token = gate.address.partition("token=")[2]
    assert not any(token in text for text in texts.values())


async def test_neither_token_nor_pass_is_ever_logged(
    client: ClientSession, gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = gate.address.partition("token=")[2]
    passed = await pass_of(client, gate)
    for headers in (passed, passed | {"Origin": "http://evil.example"}, {}):
        for way in WAYS_IN:
            await status_of(client, gate, way, headers | {"Referer": gate.address})
    async with client.get(f"{gate.origin}/?token={token}&x=%ff", data=b"x" * 10) as answer:
        assert answer.status in (200, 403)
    kept = passed["Cookie"].partition("=")[2]
    assert [line for line in caplog.messages if token in line or kept in line] == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux answers to all of 127.0.0.0/8")
async def test_only_127_0_0_1_is_listened_on(gate: Gate) -> None:
    port = int(gate.origin.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5).close()
    socket.create_connection(("127.0.0.1", port), timeout=5).close()


async def test_a_port_that_is_taken_is_told(gate: Gate) -> None:
    with pytest.raises(WorldError, match="--port"):
        async with serving(["true"], "harvest", lambda _: None, int(gate.origin.rpartition(":")[2])):
            pass


async def test_each_run_has_another_token_pass_and_room(gate: Gate) -> None:
    async with serving(["true"], "harvest", lambda _: None) as other:
        assert gate.room != other.room
        assert gate.address.partition("token=")[2] != other.address.partition("token=")[2]


def test_the_files_of_the_page_come_with_the_program() -> None:
    ours = resources.files("harvest_tui.web")
    assert all(ours.joinpath(name).is_file() for name in ("page.html", "page.css", "page.js"))
    static = resources.files("textual_serve").joinpath("static")
    page = ours.joinpath("page.html").read_text("utf-8") + ours.joinpath("page.css").read_text("utf-8")
    assert all(static.joinpath(name).is_file() for name in re.findall(r"\"static/([^\"]+)\"", page))
