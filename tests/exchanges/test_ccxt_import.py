"""One exchange is imported instead of a hundred, and it is the very same one."""

import json
import subprocess
import sys

import pytest

EXCHANGES = ("kraken", "coinbase", "binance", "binanceus", "okx", "bybit", "kucoin", "gemini", "bitstamp", "gate")

_DESCRIBE = """
def described(classes):
    errors = sys.modules["ccxt.base.errors"]
    return {
        "orders": {
            name: [f"{b.__module__}.{b.__qualname__}" for b in found.__mro__] for name, found in classes.items()
        },
        "errors": {
            name: [b.__name__ for b in found.__mro__]
            for name, found in sorted(vars(errors).items())
            if isinstance(found, type)
        },
        "network_error": classes["kraken"].fetch.__globals__["NotSupported"].__module__,
        "version": sys.modules["ccxt"].__version__,
    }
"""
_OURS = """
import sys, time
started = time.process_time()
from harvest_tui.exchanges.ccxt_import import exchange_class
first = exchange_class("kraken")
cost = time.process_time() - started
loaded = sum(name.startswith("ccxt.") for name in sys.modules)
"""
_GENUINE = """
import sys, time
started = time.process_time()
import ccxt.pro
cost = time.process_time() - started
loaded = sum(name.startswith("ccxt.") for name in sys.modules)
"""


def run(code: str) -> dict[str, object]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, object] = json.loads(done.stdout)
    return found


_TELL = "\nimport json\nprint(json.dumps({'cost': cost, 'loaded': loaded, 'told': described(%s)}))"


@pytest.fixture(scope="module")
def ours() -> dict[str, object]:
    """What our import gives and costs: the cheaper of two runs, the first of which may have compiled something."""
    code = _OURS + _DESCRIBE + _TELL % f"{{name: exchange_class(name) for name in {EXCHANGES!r}}}"
    return min((run(code) for _ in range(2)), key=lambda found: found["cost"])  # type: ignore[arg-type,return-value]


@pytest.fixture(scope="module")
def genuine() -> dict[str, object]:
    """What a plain import gives and costs."""
    return run(_GENUINE + _DESCRIBE + _TELL % f"{{name: getattr(ccxt.pro, name) for name in {EXCHANGES!r}}}")


def test_classes_and_errors_are_the_same_as_of_a_plain_import(
    ours: dict[str, object], genuine: dict[str, object]
) -> None:
    assert ours["told"] == genuine["told"]


def test_names_the_packages_give_are_the_genuine_objects() -> None:
    told = run(
        f"""{_OURS}
import json, ccxt, ccxt.async_support, ccxt.pro
from ccxt import Exchange, NetworkError, Precise
from ccxt.base.errors import NetworkError as base_error
print(json.dumps([
    NetworkError is base_error, ccxt.NetworkError is base_error, ccxt.pro.NetworkError is base_error,
    Exchange.__module__, ccxt.async_support.Exchange.__module__, ccxt.pro.kraken is first,
    hasattr(ccxt, "no_such_exchange"), ccxt.TICK_SIZE,
]))"""
    )
    assert told == [
        True,
        True,
        True,
        "ccxt.base.exchange",
        "ccxt.async_support.base.exchange",
        True,
        False,
        4,
    ]


def test_less_than_a_tenth_of_the_modules_and_well_under_the_time_of_a_plain_import(
    ours: dict[str, object], genuine: dict[str, object]
) -> None:
    assert ours["loaded"] < genuine["loaded"] / 10  # type: ignore[operator]
    assert ours["cost"] < genuine["cost"] * 0.8  # type: ignore[operator]


def test_a_ccxt_that_is_imported_already_is_used_as_it_is() -> None:
    told = run(
        "import sys, json, ccxt.pro as genuine\n"
        "from harvest_tui.exchanges.ccxt_import import exchange_class\n"
        "print(json.dumps([exchange_class('kraken') is genuine.kraken, sys.modules['ccxt.pro'] is genuine]))"
    )
    assert told == [True, True]


@pytest.mark.parametrize("name", ["no_such_exchange", "../kraken", "kraken.kraken", ""])
def test_an_unknown_exchange_is_told_as_such(name: str) -> None:
    from harvest_tui.exchanges.ccxt_import import exchange_class

    with pytest.raises(LookupError):
        exchange_class(name)
