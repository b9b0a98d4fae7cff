"""Damage is found and named; a backup is whole and opens."""

# ruff: noqa: ASYNC240 -- nothing else runs on the loop of a test
from __future__ import annotations

import random
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from store_samples import KRAKEN, leg, page, parse_swaps

from harvest_tui.errors import InputError, StoreError
from harvest_tui.store import NOTE, Store
from harvest_tui.store.integrity import has_wal_reset_race

PAGES = [page([leg(number) for number in range(first, first + 40)]) for first in range(0, 400, 40)]


def damage(findings: list[str]) -> list[str]:
    return [finding for finding in findings if not finding.startswith(NOTE)]


async def filled(store: Store) -> Store:
    for each in PAGES:
        await store.save_page(each, parse_swaps)
    return store


async def test_a_sound_cache_has_no_findings(store: Store, cache: Path) -> None:
    assert damage(await (await filled(store)).integrity()) == []
    async with await Store.open(cache) as viewer:
        assert damage(await viewer.integrity()) == []


async def test_a_payload_that_was_altered_behind_our_back_is_named(cache: Path, store: Store) -> None:
    await filled(store)
    with closing(sqlite3.connect(cache, isolation_level=None)) as hand:
        (made,) = hand.execute("SELECT sql FROM sqlite_master WHERE name = 'raw_rows_never_change'").fetchone()
        hand.execute("DROP TRIGGER raw_rows_never_change")
        hand.execute("UPDATE raw_rows SET payload = replace(payload, '8.07', '80.7') WHERE native_id = 'L000007'")
        hand.execute(made)
    [finding] = damage(await store.integrity())
    assert "L000007" in finding and "SHA-256" in finding


async def test_loose_ends_and_altered_tables_are_named(cache: Path, store: Store) -> None:
    with closing(sqlite3.connect(cache)) as hand:
        hand.execute("INSERT INTO balances VALUES ('nobody', 'BTC', '1', 0, '0')")
        hand.commit()
        assert any("balances" in finding for finding in damage(await store.integrity()))
        hand.execute("CREATE VIEW peek AS SELECT 1")
    assert any("tables" in finding for finding in damage(await store.integrity()))


async def test_a_folder_others_may_write_to_is_named(cache: Path, store: Store) -> None:
    cache.parent.chmod(0o777)
    assert any("chmod 700" in finding for finding in damage(await store.integrity()))


async def test_a_backup_is_one_private_file_with_the_same_content(store: Store, cache: Path, tmp_path: Path) -> None:
    await filled(store)
    target = tmp_path / "kept" / "cache-backup.db"
    await store.backup(target)
    await store.save_page(page([leg(9000)]), parse_swaps)
    assert [file.name for file in target.parent.iterdir()] == [target.name]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    async with await Store.open(target) as restored:
        assert await restored.content_digest() != await store.content_digest()
        await restored.save_page(page([leg(9000)]), parse_swaps)
        assert await restored.content_digest() == await store.content_digest()


async def test_a_viewer_can_back_up_what_another_instance_is_writing(store: Store, cache: Path, tmp_path: Path) -> None:
    await filled(store)
    async with await Store.open(cache) as viewer:
        await viewer.backup(tmp_path / "b.db")
    async with await Store.open(tmp_path / "b.db") as restored:
        assert await restored.content_digest() == await store.content_digest()


async def test_a_backup_never_overwrites_and_never_leaves_a_part(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "mine.db"
    target.write_bytes(b"mine")
    with pytest.raises(InputError, match="exists"):
        await store.backup(target)
    assert target.read_bytes() == b"mine"
    target.unlink()
    target.symlink_to(tmp_path / "elsewhere.db")
    with pytest.raises(InputError, match="exists"):
        await store.backup(target)
    (tmp_path / "plain").write_bytes(b"")
    with pytest.raises(StoreError):
        await store.backup(tmp_path / "plain" / "b.db")
    assert list(tmp_path.glob("**/*.part")) == []


async def test_flipped_bits_in_told_rows_never_pass_unnoticed(store: Store, tmp_path: Path) -> None:
    await filled(store)
    await store.backup(tmp_path / "b.db")
    sound = (tmp_path / "b.db").read_bytes()
    chance = random.Random(7)
    payload = leg(123).payload.encode()
    places = [place for place in range(len(sound)) if sound.startswith(payload, place)]
    assert places
    for trial in range(25):
        place = chance.choice(places) + chance.randrange(len(payload))
        broken = bytearray(sound)
        broken[place] ^= 1 << chance.randrange(7)
        flipped = tmp_path / f"flipped{trial}.db"
        flipped.write_bytes(broken)
        async with await Store.open(flipped) as store_of_it:
            assert damage(await store_of_it.integrity()), f"bit at {place}"


async def test_a_torn_file_is_an_error_in_words(store: Store, tmp_path: Path) -> None:
    await filled(store)
    await store.backup(tmp_path / "b.db")
    torn = tmp_path / "torn.db"
    torn.write_bytes((tmp_path / "b.db").read_bytes()[: 4096 * 9])
    with pytest.raises(StoreError):
        async with await Store.open(torn) as opened:
            assert damage(await opened.integrity())
            await opened.events(KRAKEN)
            await opened.raw_rows(KRAKEN)
            raise StoreError("found by its integrity check", "restore the backup")


@pytest.mark.parametrize(
    ("version", "is_affected"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((4, 0, 0), False),
    ],
)
def test_sqlite_releases_with_the_wal_reset_race_are_known(version: tuple[int, int, int], is_affected: bool) -> None:
    assert has_wal_reset_race(version) is is_affected
