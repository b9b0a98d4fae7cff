"""Work with an event loop of its own, so that decoding megabytes does not hold up the screen."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

Result = TypeVar("Result")


async def run_beside(work: Callable[[], Awaitable[Result]]) -> Result:
    """What `work` answers, run in a thread. Cancelling the wait cancels the work."""
    home = asyncio.get_running_loop()
    answer: asyncio.Future[Result] = home.create_future()
    started: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []

    def settle(result: Result | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result)  # type: ignore[arg-type]

    async def deliver() -> None:
        task = asyncio.current_task()
        assert task is not None
        started.append((asyncio.get_running_loop(), task))
        try:
            result = await work()
        except Exception as error:
            home.call_soon_threadsafe(settle, None, error)
        else:
            home.call_soon_threadsafe(settle, result, None)

    def thread() -> None:
        try:
            asyncio.run(deliver())
        except (asyncio.CancelledError, RuntimeError):
            # Cancelled, or the loop that waited is closed: nobody is left to tell.
            return

    threading.Thread(target=thread, name="harvest-side-loop", daemon=True).start()
    try:
        return await answer
    except asyncio.CancelledError:
        for loop, task in started:
            loop.call_soon_threadsafe(task.cancel)
        raise
