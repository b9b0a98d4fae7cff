"""Pages in any order, overlapping and repeated, come to the same cache."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import COINBASE, KRAKEN, account, leg, page, parse_swaps

from harvest_tui.core.pages import Page
from harvest_tui.store import Store

ROWS = 14
WHOLE = [
    page([leg(number) for number in range(ROWS)], stream=stream, of=of)
    for of in (KRAKEN, COINBASE)
    for stream in ("ledger", "trades")
]


async def digest_of(cache: Path, pages: list[Page]) -> str:
    async with await Store.open(cache) as store:
        await store.add_account(account())
        await store.add_account(account(COINBASE, "coinbase"))
        for each in pages:
            await store.save_page(each, parse_swaps)
        return await store.content_digest()


@st.composite
def walks(draw: st.DrawFn) -> list[Page]:
    """Every stream cut into overlapping pages, all of them shuffled and some repeated."""
    cut: list[Page] = []
    for whole in WHOLE:
        edges = sorted(draw(st.sets(st.integers(1, ROWS - 1), max_size=4)) | {0, ROWS})
        for first, end in pairwise(edges):
            overlap = draw(st.integers(0, 3))
            rows = draw(st.permutations(whole.rows[max(0, first - overlap) : end]))
            cut.append(page(rows, stream=whole.stream, of=whole.account))
    repeated = draw(st.lists(st.sampled_from(cut), max_size=4))
    return draw(st.permutations([*cut, *repeated]))


@given(pages=walks())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_content_does_not_depend_on_how_it_came(
    tmp_path_factory: pytest.TempPathFactory, pages: list[Page]
) -> None:
    folder = tmp_path_factory.mktemp("walk")
    assert await digest_of(folder / "any.db", pages) == await digest_of(folder / "plain.db", WHOLE)


async def test_the_digest_tells_contents_apart(tmp_path: Path) -> None:
    digests = {
        await digest_of(tmp_path / f"{n}.db", pages)
        for n, pages in enumerate(
            ([], WHOLE, WHOLE[:3], [*WHOLE, page([leg(3, quantity="1.5")])], [*WHOLE, page([leg(3)], stream="third")])
        )
    }
    assert len(digests) == 5


async def test_syncing_twice_changes_nothing(tmp_path: Path) -> None:
    assert await digest_of(tmp_path / "a.db", WHOLE + WHOLE) == await digest_of(tmp_path / "b.db", WHOLE)
