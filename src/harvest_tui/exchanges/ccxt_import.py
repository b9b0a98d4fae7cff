"""ccxt brought in one exchange at a time: its packages import all hundred exchanges, ours import one.

`ccxt`, `ccxt.async_support` and `ccxt.pro` are replaced by shells before the first import: modules that find
their submodules where the real packages are and load a name when it is asked for. Classes and errors are
the genuine ones. Another ccxt than the tested one, or one that is imported already, is used as it is.
"""

from __future__ import annotations

import importlib
import logging
import sys
import threading
import types
from importlib.machinery import PathFinder
from importlib.metadata import version
from typing import Any

TESTED_VERSION = "4.5.90"

_PACKAGES = ("ccxt", "ccxt.async_support", "ccxt.pro")
_SHARED = ("ccxt.base.errors", "ccxt.base.decimal_to_precision")
_lock = threading.Lock()


class _Shell(types.ModuleType):
    """A package that loads what is asked of it and nothing else."""

    def __setattr__(self, name: str, value: object) -> None:
        # The import system binds the submodule `kraken`; ccxt means the class of that name in it.
        if isinstance(value, types.ModuleType) and isinstance(getattr(value, name, None), type):
            value = getattr(value, name)
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = self._find(name)
        super().__setattr__(name, value)
        return value

    def _find(self, name: str) -> Any:
        if name == "Exchange":
            base = "ccxt.base.exchange" if self.__name__ == "ccxt" else "ccxt.async_support.base.exchange"
            return importlib.import_module(base).Exchange
        if name == "Precise":
            return importlib.import_module("ccxt.base.precise").Precise
        for module_name in _SHARED:
            module = importlib.import_module(module_name)
            if hasattr(module, name):
                return getattr(module, name)
        try:
            return getattr(importlib.import_module(f"{self.__name__}.{name}"), name)
        except ModuleNotFoundError as error:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from error


def _install_shells() -> None:
    for name in _PACKAGES:
        parent = name.rpartition(".")[0]
        spec = PathFinder.find_spec(name, sys.modules[parent].__path__ if parent else None)
        if spec is None or spec.submodule_search_locations is None:
            raise ModuleNotFoundError(f"no package {name}", name=name)
        shell = _Shell(name)
        shell.__spec__ = spec
        shell.__path__ = list(spec.submodule_search_locations)
        shell.__package__ = name
        shell.__file__ = spec.origin
        shell.__loader__ = spec.loader
        shell.__dict__["__version__"] = TESTED_VERSION
        sys.modules[name] = shell
        if parent:
            sys.modules[parent].__dict__[name.rpartition(".")[2]] = shell


def exchange_class(exchange: str) -> type[Any]:
    """The ccxt class (with WebSockets) of an exchange id. Slow the first time: call it in a thread.

    Raises:
        LookupError: ccxt knows no such exchange.
    """
    if not exchange.isidentifier():
        raise LookupError(f"ccxt has no exchange {exchange!r}")
    with _lock:
        if "ccxt" not in sys.modules and version("ccxt") == TESTED_VERSION:
            _install_shells()
        try:
            module = importlib.import_module(f"ccxt.pro.{exchange}")
        except ModuleNotFoundError as error:
            raise LookupError(f"ccxt has no exchange {exchange!r}") from error
        # At DEBUG ccxt writes keys and signatures.
        logging.getLogger("ccxt").setLevel(logging.WARNING)
        found: type[Any] = getattr(module, exchange)
        return found


def bases_of(exchange: str) -> tuple[type[Any], ...]:
    """The classes to derive from so that every REST call of the exchange is there.

    The streaming class of a sister exchange (Binance.US) derives from its big sister's alone and lacks its own calls.
    """
    streaming = exchange_class(exchange)
    rest = getattr(importlib.import_module(f"ccxt.async_support.{exchange}"), exchange)
    return (streaming,) if issubclass(streaming, rest) else (streaming, rest)
