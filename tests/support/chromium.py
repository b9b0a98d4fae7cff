"""A real headless Chromium, driven through its devtools; it can reach 127.0.0.1 and nothing else."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import shutil
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pyte

from support.journey import until_told

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_WORDS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--remote-debugging-port=0",
    "--window-size=1280,760",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class Page:
    """The only tab: what it asked for, what its socket was sent, and what is on it."""

    def __init__(self, devtools: aiohttp.ClientWebSocketResponse) -> None:
        self._devtools = devtools
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._screen = pyte.Screen(300, 100)
        self._stream = pyte.ByteStream(self._screen)
        self.asked: list[str] = []
        """Addresses of all requests."""
        self.complaints: list[str] = []
        """Errors in the console, refused resources among them."""
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self._devtools:
            told = message.json()
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            else:
                self._note(told["method"], told["params"])

    def _note(self, method: str, told: dict[str, Any]) -> None:
        match method:
            case "Network.requestWillBeSent":
                self.asked.append(told["request"]["url"])
            case "Network.webSocketCreated":
                self.asked.append(told["url"])
                self._screen.reset()
            case "Network.webSocketFrameReceived" if told["response"]["opcode"] == 2:
                self._stream.feed(b64decode(told["response"]["payloadData"]))
            case "Log.entryAdded" if told["entry"]["level"] == "error":
                self.complaints.append(told["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(told["exceptionDetails"]))

    async def call(self, method: str, **told: object) -> dict[str, Any]:
        """What devtools answers."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._devtools.send_json({"id": number, "method": method, "params": told})
        async with asyncio.timeout(60):
            answered = await answer
        assert "result" in answered, answered
        result: dict[str, Any] = answered["result"]
        return result

    async def evaluate(self, script: str) -> Any:
        """The value of an expression, once it is there."""
        answered = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        return answered["result"].get("value")

    async def go(self, address: str) -> None:
        """Opens an address as if it had been typed."""
        await self.call("Page.navigate", url=address, transitionType="typed")

    async def press(self, key: str) -> None:
        """A key with a letter on it."""
        for kind in ("keyDown", "keyUp"):
            await self.call("Input.dispatchKeyEvent", type=kind, key=key, text=key if kind == "keyDown" else "")

    def lines(self) -> list[str]:
        """The rows of the terminal as its socket drew them."""
        return [line.rstrip() for line in self._screen.display]

    async def until_drawn(self, is_so: Callable[[list[str]], object], what: str) -> list[str]:
        """The rows once it is so."""

        async def looks() -> bool:
            return bool(is_so(self.lines()))

        try:
            await until_told(looks, what)
        except AssertionError as error:
            raise AssertionError("\n".join([f"{error}; drawn:", *filter(None, self.lines())])) from error
        return self.lines()

    async def picture(self, row: int, column: int, cells: int) -> bytes:
        """A PNG of cells in a row, as a person sees them."""
        box = await self.evaluate(
            "(() => { const s = document.querySelector('.xterm-screen'), b = s.getBoundingClientRect();"
            " return [b.x, b.y, b.width, b.height]; })()"
        )
        width, height = 9.0, 20.0
        clip = {"x": box[0] + column * width, "y": box[1] + row * height, "width": cells * width, "height": height}
        taken = await self.call("Page.captureScreenshot", format="png", clip=clip | {"scale": 1})
        return b64decode(taken["data"])


@asynccontextmanager
async def browsing(folder: Path) -> AsyncIterator[Page]:
    """A browser with an empty profile in `folder`, while the block runs."""
    assert PROGRAM is not None
    words = [*_WORDS, *(["--no-sandbox"] if os.geteuid() == 0 else []), f"--user-data-dir={folder}"]
    process = await asyncio.create_subprocess_exec(PROGRAM, *words, "about:blank", stderr=asyncio.subprocess.PIPE)
    try:
        async with aiohttp.ClientSession() as client, asyncio.timeout(300):
            port = await _port(process)
            async with client.get(f"http://127.0.0.1:{port}/json/list") as answer:
                tabs = await answer.json()
            devtools = await client.ws_connect(tabs[0]["webSocketDebuggerUrl"], max_msg_size=0)
            page = Page(devtools)
            for domain in ("Page", "Network", "Log", "Runtime"):
                await page.call(f"{domain}.enable")
            await page.call("Emulation.setFocusEmulationEnabled", enabled=True)
            yield page
            await page.call("Browser.close")
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _port(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    said = b""
    while not (found := re.search(rb"ws://127\.0\.0\.1:(\d+)/", said)):
        line = await process.stderr.readline()
        assert line, said
        said += line
    return found[1].decode()
