"""Typed choices from config.toml, and where the files of one user live."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from harvest_tui.errors import InputError, StoreError
from harvest_tui.lot_settings import (
    CUSTODIES,
    LOT_ORDERS,
    NO_ALLOCATION,
    NO_METHODS,
    SCOPES,
    AllocationChoice,
    MethodChoices,
    allocation_from,
    methods_from,
)
from harvest_tui.table_settings import UNTOUCHED, TableChoices, table_from

if TYPE_CHECKING:
    from harvest_tui.core.harvest.alert_rules import AlertRules
    from harvest_tui.core.tax.profile import Profile

THEMES = ("harvest-dark", "harvest-light", "harvest-blue-orange")
GLYPHS = ("unicode", "ascii")
_CONFIG_LIMIT = 16 * 1024
IDENTIFICATIONS = ("standing", "instructed")
_TABLES = ("accounts", "methods", "allocation", "profile", "securities", "alerts", "table", "keys")


@dataclass(frozen=True, slots=True)
class Locations:
    """Folders of one user: all under one home, or where the platform keeps such files."""

    config: Path
    data: Path
    cache: Path
    logs: Path

    @property
    def config_file(self) -> Path:
        """The user's choices; written only by `profile set`, by the lot table and by hand."""
        return self.config / "config.toml"

    @property
    def database(self) -> Path:
        """The cache of facts."""
        return self.data / "facts.sqlite3"

    @property
    def snapshot(self) -> Path:
        """The last lot table, for the first paint. Derived; may be deleted at any time."""
        return self.cache / "lots.json"

    @property
    def log_file(self) -> Path:
        """One line an exchange call."""
        return self.logs / "harvest-tui.log"

    def create(self) -> None:
        """Make the folders, readable by their owner only.

        Raises StoreError where the disk refuses.
        """
        for folder in (self.config, self.data, self.cache, self.logs):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(
                    f"cannot create {folder} ({error.strerror})", "choose another folder with --home DIR"
                ) from error


def locate(home: str | None) -> Locations:
    """The folders under `home` (or HARVEST_TUI_HOME), else those of the platform."""
    home = home or os.environ.get("HARVEST_TUI_HOME")
    if home:
        root = Path(home).expanduser().absolute()
        return Locations(root, root, root / "cache", root / "logs")
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("harvest-tui", appauthor=False)
    return Locations(
        Path(dirs.user_config_path), Path(dirs.user_data_path), Path(dirs.user_cache_path), Path(dirs.user_log_path)
    )


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Choices for one account. `key_command` prints its key and secret; `lot_order` is the venue's own order.

    `custody` is `broker` where one in the United States holds the coins, `self` where none does. `identification` is
    `instructed` where the venue lets its customer choose the lots of a sale, `standing` where its own order holds.
    """

    key_command: str = ""
    lot_order: str = ""
    custody: str = ""
    identification: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a user may choose; every field has a working default."""

    timezone: str = ""
    method: str = "fifo"
    scope: str = "account"
    methods: MethodChoices = NO_METHODS
    allocation: AllocationChoice = NO_ALLOCATION
    theme: str = ""
    """Empty follows the terminal's background."""
    glyphs: str = ""
    """`ascii` draws every sign in ASCII, `unicode` none; empty follows the terminal's encoding."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys by the id of what they do, as `"marks.toggle" = "m,space"`; who knows the ids checks them."""
    accounts: Mapping[str, AccountSettings] = field(default_factory=dict)
    securities: tuple[str, ...] = ()
    """Assets that the law of wash sales treats as securities (shares of spot funds, tokenised stock)."""
    profile: Profile | None = None
    alerts: AlertRules | None = None
    table: TableChoices = UNTOUCHED
    welcomed: bool = False
    """Whether the questions of the first run were answered or skipped."""

    @property
    def is_untouched(self) -> bool:
        """Nobody has said anything here yet, so the first run may ask."""
        return not (self.welcomed or self.profile or self.accounts)

    @property
    def alert_rules(self) -> AlertRules:
        """What is told and from where on; the defaults where the file says nothing."""
        from harvest_tui.core.harvest.alert_rules import AlertRules

        return self.alerts or AlertRules()

    @property
    def taxpayer(self) -> Profile:
        """The taxpayer's own figures; one without answers where the file has none."""
        from harvest_tui.core.tax.profile import Profile

        return self.profile or Profile()

    @property
    def zone(self) -> ZoneInfo:
        """The taxpayer's time zone: days, terms and tax years are read in it."""
        return ZoneInfo(self.timezone or system_timezone())


def system_timezone() -> str:
    """The machine's IANA zone name, `UTC` where it has none."""
    name = os.environ.get("TZ", "").lstrip(":")
    if not name:
        link = Path("/etc/localtime")
        target = str(link.resolve()) if link.is_symlink() else ""
        name = target.partition("zoneinfo/")[2]
    try:
        return ZoneInfo(name).key if name else "UTC"
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def load_settings(path: Path) -> Settings:
    """The choices in `path`; a missing file is all defaults.

    Raises InputError naming the key and, for a misspelt one, the nearest that exists.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror})", "check the file's permissions") from error
    if len(raw) > _CONFIG_LIMIT or raw.count(b".") > 500:
        raise InputError(f"{path} is larger than 16 KiB", "keep only settings in it")
    import tomllib
    from decimal import Decimal

    try:
        table = tomllib.loads(raw.decode(), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}", "correct that line") from error
    return _settings_from(table, path)


def _settings_from(table: Mapping[str, object], path: Path) -> Settings:
    known = [f.name for f in fields(Settings)]
    for key in table:
        _expect_known(key, known, path)
    accounts = table.get("accounts", {})
    if not isinstance(accounts, dict):
        raise InputError(f"{path}: accounts is not a table", 'write [accounts."NAME"] sections')
    texts = {key: _text(value, key, path) for key, value in table.items() if key not in (*_TABLES, "welcomed")}
    settings = Settings(
        **texts,
        methods=methods_from(table.get("methods", {}), path),
        allocation=allocation_from(table.get("allocation", {}), path),
        accounts={name: _account(name, value, path) for name, value in accounts.items()},
        securities=_texts("securities", table.get("securities", []), path),
        profile=_profile(table["profile"], path) if "profile" in table else None,
        table=table_from(table.get("table", {}), path),
        alerts=_alerts(table["alerts"], path) if "alerts" in table else None,
        keys=dict(_keys(table.get("keys", {}), "", path)),
        welcomed=_switch(table.get("welcomed", False), "welcomed", path),
    )
    _expect_choice("method", settings.method, LOT_ORDERS, path)
    _expect_choice("scope", settings.scope, SCOPES, path)
    _expect_choice("theme", settings.theme, ("", *THEMES), path)
    _expect_choice("glyphs", settings.glyphs, ("", *GLYPHS), path)
    check_timezone(settings.timezone)
    return settings


def _profile(value: object, path: Path) -> Profile:
    """Read by its own module, which a home without a profile need not load."""
    from harvest_tui.profile_settings import profile_from

    return profile_from(value, path)


def _alerts(value: object, path: Path) -> AlertRules:
    """Read by its own module, which a home without such choices need not load."""
    from harvest_tui.alert_settings import alerts_from

    return alerts_from(value, path)


def check_timezone(name: str) -> None:
    """Raises InputError unless `name` is empty or an IANA zone such as America/New_York."""
    if not name:
        return
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(f"unknown time zone {name!r}", "use an IANA name such as America/New_York") from error


def _account(name: str, value: object, path: Path) -> AccountSettings:
    if not isinstance(value, dict):
        raise InputError(f"{path}: accounts.{name} is not a table", f'write [accounts."{name}"]')
    known = [f.name for f in fields(AccountSettings)]
    for key in value:
        _expect_known(key, known, path)
    account = AccountSettings(**{key: _text(text, key, path) for key, text in value.items()})
    if account.lot_order:
        _expect_choice("lot_order", account.lot_order, LOT_ORDERS, path)
    if account.custody:
        _expect_choice("custody", account.custody, CUSTODIES, path)
    if account.identification:
        _expect_choice("identification", account.identification, IDENTIFICATIONS, path)
    return account


def _texts(key: str, value: object, path: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InputError(f"{path}: {key} is not a list of texts", f'write {key} = ["IBIT"]')
    return tuple(value)


def _text(value: object, key: str, path: Path) -> str:
    if not isinstance(value, str):
        raise InputError(f"{path}: {key} is not a text", f'write {key} = "..."')
    return value


def _switch(value: object, key: str, path: Path) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{path}: {key} is neither true nor false", f"write {key} = true")
    return value


def _keys(value: object, within: str, path: Path) -> Iterator[tuple[str, str]]:
    """Ids with a dot are either quoted or tables in each other."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _keys(inner, f"{within}.{name}" if within else name, path)
    elif within and isinstance(value, str):
        yield within, value
    else:
        where = f"keys.{within}" if within else "keys"
        raise InputError(f"{path}: {where} does not name keys", 'write "marks.toggle" = "m,space" below [keys]')


def _expect_known(key: str, known: list[str], path: Path) -> None:
    if key not in known:
        raise InputError(f"{path}: unknown setting {key!r}", _nearest(key, known))


def _expect_choice(key: str, value: str, choices: tuple[str, ...], path: Path) -> None:
    if value not in choices:
        raise InputError(f"{path}: {key} cannot be {value!r}", _nearest(value, list(choices)))


def _nearest(word: str, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1)
    return f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}"
