"""An open cache in a folder of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from store_samples import account

from harvest_tui.store import Store


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "home" / "cache.db"


@pytest_asyncio.fixture
async def store(cache: Path) -> AsyncIterator[Store]:
    async with await Store.open(cache) as opened:
        await opened.add_account(account())
        yield opened
