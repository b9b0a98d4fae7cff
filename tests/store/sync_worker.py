"""A sync of its own process, for tests that kill it: goes on from the stored cursor and says what is acknowledged.

Run as `sync_worker.py CACHE PAGES`. Every line on standard output is the cursor of a page that is on disk.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from store_samples import KRAKEN, account, leg, page, parse_swaps

from harvest_tui.errors import StoreError
from harvest_tui.store import Store

ROWS_A_PAGE = 7
OVERLAP = 2
REBUILD_EVERY = 9 * ROWS_A_PAGE


async def save_next(store: Store, done: int) -> int:
    rows = [leg(number) for number in range(max(0, done - OVERLAP), done + ROWS_A_PAGE)]
    await store.save_page(page(rows, cursor=str(done + ROWS_A_PAGE)), parse_swaps)
    print(done + ROWS_A_PAGE, flush=True)
    return done + ROWS_A_PAGE


async def sync(cache: Path, pages: int) -> None:
    async with await Store.open(cache) as store:
        if not await store.accounts():
            await store.add_account(account())
        print("open", flush=True)
        done = int((await store.cursors(KRAKEN)).get("ledger", "0"))
        for _ in range(pages):
            try:
                if done % REBUILD_EVERY == 0:
                    await store.rebuild_events(KRAKEN, parse_swaps)
                done = await save_next(store, done)
            except StoreError as error:
                print(f"failed {error}", flush=True)
                await store.events()  # what is known can still be read


if __name__ == "__main__":
    asyncio.run(sync(Path(sys.argv[1]), int(sys.argv[2])))
