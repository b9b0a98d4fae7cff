"""Settings name the nearest key; keys come from a command or the environment and never show themselves."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as FailingKeyring

from harvest_tui.core.credentials import Credentials, Secret
from harvest_tui.errors import InputError, KeyUnavailable
from harvest_tui.keys import UserKeys, environment_names, parse_credentials
from harvest_tui.settings import load_settings, locate


def config(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    return path


def test_a_missing_config_is_all_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "config.toml").method == "fifo"


def test_a_misspelt_setting_names_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown setting 'metod'; did you mean method"):
        load_settings(config(tmp_path, 'metod = "hifo"'))


def test_a_wrong_choice_names_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean hifo"):
        load_settings(config(tmp_path, 'method = "hfio"'))


def test_an_unknown_time_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="America/New_York"):
        load_settings(config(tmp_path, 'timezone = "Eastern"'))


def test_a_config_made_to_explode_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="larger than 16 KiB"):
        load_settings(config(tmp_path, "a" + ".a" * 8000 + " = 1"))


def test_the_home_is_one_folder_of_the_user_alone(tmp_path: Path) -> None:
    places = locate(str(tmp_path / "mine"))
    places.create()
    assert {p.stat().st_mode & 0o077 for p in (places.data, places.cache, places.logs)} == {0}


def test_a_secret_shows_nowhere() -> None:
    credentials = Credentials(Secret("public-part"), Secret("canary"))
    assert "canary" not in f"{credentials} {credentials!r} {credentials.secret}"
    with pytest.raises(TypeError):
        pickle.dumps(credentials.secret)


def test_coinbase_key_files_are_taken_as_they_are() -> None:
    pem = "-----BEGIN EC PRIVATE KEY-----\\nabc\\n-----END EC PRIVATE KEY-----\\n"
    found = parse_credentials(f'{{"name": "organizations/x/apiKeys/y", "privateKey": "{pem}"}}')
    assert found.key.reveal() == "organizations/x/apiKeys/y"
    assert found.secret.reveal().splitlines()[1] == "abc"


@pytest.mark.parametrize("text", ["", "only-a-key", "{}", '{"key": 3, "secret": 4}', "\n\n"])
def test_half_a_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_credentials(text)
    assert "only-a-key" not in str(refused.value)


async def test_keys_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key_name, secret_name = environment_names("my kraken")
    assert (key_name, secret_name) == ("HARVEST_TUI_KEY_MY_KRAKEN", "HARVEST_TUI_SECRET_MY_KRAKEN")
    monkeypatch.setenv(key_name, "k")
    keys = UserKeys(tmp_path, {})
    with pytest.raises(KeyUnavailable, match="SECRET_MY_KRAKEN is not"):
        await keys.load("my kraken")
    monkeypatch.setenv(secret_name, "s")
    assert (await keys.load("my kraken")).secret.reveal() == "s"
    assert keys.origin("my kraken") == "environment"


async def test_keys_come_from_a_command(tmp_path: Path) -> None:
    command = f"{sys.executable} -c \"print('k'); print('s')\""
    keys = UserKeys(tmp_path, {"main": command})
    assert (await keys.load("main")).secret.reveal() == "s"
    failing = UserKeys(tmp_path, {"main": f'{sys.executable} -c "raise SystemExit(3)"'})
    with pytest.raises(KeyUnavailable, match="status 3"):
        await failing.load("main")


async def test_without_a_safe_keyring_the_user_is_told_the_other_ways(tmp_path: Path) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(FailingKeyring())
    try:
        with pytest.raises(KeyUnavailable, match="HARVEST_TUI_KEY_"):
            await UserKeys(tmp_path, {}).load("kraken")
    finally:
        keyring.set_keyring(before)
