"""Read-only API keys: from a command, the environment or the OS keyring; never printed, never in a file of ours."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

from harvest_tui.core.credentials import Credentials, Secret
from harvest_tui.errors import InputError, KeyUnavailable

_SERVICE = "harvest-tui"
_KEYRING_SECONDS = 3.0
_COMMAND_SECONDS = 30.0
_TRUSTED_BACKENDS = {
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.libsecret.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.kwallet.DBusKeyringKWallet4",
    "keyring.backends.macOS.Keyring",
    "keyring.backends.Windows.WinVaultKeyring",
}
"""Backends that really encrypt. Anything else (plaintext files of keyrings.alt) is refused."""


class KeySource(Protocol):
    """Where credentials of accounts come from."""

    async def load(self, account: str) -> Credentials:
        """The account's key. Raises KeyUnavailable with what to do."""
        ...

    async def save(self, account: str, credentials: Credentials) -> None:
        """Keep the key safely. Raises KeyUnavailable where there is no safe place."""
        ...

    async def forget(self, account: str) -> None:
        """Remove the key; no error where there is none."""
        ...

    def origin(self, account: str) -> str:
        """Where the key would be looked for first: `command`, `environment` or `keyring`."""
        ...


def environment_names(account: str) -> tuple[str, str]:
    """The two variables that may hold key and secret of the account."""
    name = re.sub(r"[^A-Z0-9]", "_", account.upper())
    return f"HARVEST_TUI_KEY_{name}", f"HARVEST_TUI_SECRET_{name}"


def parse_credentials(text: str) -> Credentials:
    """Key and secret from two lines (the secret may be a PEM of several) or a JSON object.

    JSON takes `key`/`secret` or Coinbase's own `name`/`privateKey`.
    Raises InputError where neither fits; the text itself is never repeated.
    """
    text = text.strip()
    if text.startswith("{"):
        try:
            table = json.loads(text)
            key = table.get("key") or table["name"]
            secret = table.get("secret") or table["privateKey"]
        except (ValueError, KeyError, AttributeError):
            raise InputError("the key is JSON without key and secret", "give the key file unchanged") from None
    else:
        key, _, secret = text.partition("\n")
    if not isinstance(key, str) or not isinstance(secret, str) or not key.strip() or not secret.strip():
        raise InputError("no key and secret given", "put the key on the first line and the secret on the next")
    return Credentials(Secret(key.strip()), Secret(secret.strip().replace("\\n", "\n")))


class UserKeys:
    """Keys of one home: command in config.toml, then environment, then OS keyring."""

    def __init__(self, home: Path, commands: Mapping[str, str]) -> None:
        self._commands = commands
        self._suffix = sha256(str(home).encode()).hexdigest()[:12]

    def origin(self, account: str) -> str:
        if self._commands.get(account):
            return "command"
        return "environment" if environment_names(account)[0] in os.environ else "keyring"

    async def load(self, account: str) -> Credentials:
        origin = self.origin(account)
        if origin == "command":
            return await asyncio.to_thread(_run_command, self._commands[account], account)
        if origin == "environment":
            return _from_environment(account)
        text = await asyncio.to_thread(_in_time, lambda ring: ring.get_password(_SERVICE, self._entry(account)))
        if text is None:
            raise KeyUnavailable(f"no key for {account} in the keyring", f"run: harvest-tui connect, account {account}")
        return parse_credentials(str(text))

    async def save(self, account: str, credentials: Credentials) -> None:
        if self.origin(account) != "keyring":
            return
        body = json.dumps({"key": credentials.key.reveal(), "secret": credentials.secret.reveal()})
        await asyncio.to_thread(_in_time, lambda ring: ring.set_password(_SERVICE, self._entry(account), body))

    async def forget(self, account: str) -> None:
        if self.origin(account) == "keyring":
            await asyncio.to_thread(_in_time, lambda ring: _delete(ring, self._entry(account)))

    def _entry(self, account: str) -> str:
        return f"{account}@{self._suffix}"


class GivenKeys:
    """Keys held in memory only: the demo's throw-away accounts."""

    def __init__(self, keys: Mapping[str, Credentials]) -> None:
        self._keys = dict(keys)

    def origin(self, account: str) -> str:
        return "memory"

    async def load(self, account: str) -> Credentials:
        try:
            return self._keys[account]
        except KeyError:
            raise KeyUnavailable(f"no key for {account}", "add the account again") from None

    async def save(self, account: str, credentials: Credentials) -> None:
        self._keys[account] = credentials

    async def forget(self, account: str) -> None:
        self._keys.pop(account, None)


def _from_environment(account: str) -> Credentials:
    key_name, secret_name = environment_names(account)
    secret = os.environ.get(secret_name, "")
    if not secret:
        raise KeyUnavailable(f"{key_name} is set but {secret_name} is not", "set both or none")
    return parse_credentials(os.environ[key_name] + "\n" + secret)


def _run_command(command: str, account: str) -> Credentials:
    hint = f"run it by hand and correct key_command of {account} in config.toml"
    try:
        done = subprocess.run(
            shlex.split(command), capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        raise KeyUnavailable(f"the key command of {account} did not run", hint) from None
    if done.returncode:
        raise KeyUnavailable(f"the key command of {account} ended with status {done.returncode}", hint)
    try:
        return parse_credentials(done.stdout)
    except InputError as error:
        raise KeyUnavailable(f"the key command of {account}: {error.happened}", error.hint) from None


def _trusted_keyring() -> Any:
    import keyring

    ring = keyring.get_keyring()
    members = getattr(ring, "backends", [ring])
    for member in members:
        name = f"{type(member).__module__}.{type(member).__qualname__}"
        if name in _TRUSTED_BACKENDS:
            return member
    raise KeyUnavailable(
        "this machine has no safe keyring",
        "set HARVEST_TUI_KEY_… and HARVEST_TUI_SECRET_…, or key_command in config.toml (see README, Keys)",
    )


def _in_time(use: Callable[[Any], Any]) -> Any:
    """Run `use` on the keyring, in at most a few seconds: a locked D-Bus keyring can block for ever."""
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["value"] = use(_trusted_keyring())
        except KeyUnavailable as error:
            outcome["error"] = error
        except Exception as error:  # keyring backends raise what they like
            outcome["error"] = KeyUnavailable(f"the keyring failed ({type(error).__name__})", "unlock it and try again")

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(_KEYRING_SECONDS)
    if thread.is_alive():
        raise KeyUnavailable("the keyring does not answer", "unlock it and try again")
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]


def _delete(ring: Any, entry: str) -> None:
    if ring.get_password(_SERVICE, entry) is not None:
        ring.delete_password(_SERVICE, entry)
