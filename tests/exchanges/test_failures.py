"""Every error of ccxt and of the network becomes one of ours, in plain words, with a next step and no secret."""

import re

import aiohttp
import pytest
from ccxt.base import errors as ccxt_errors
from yarl import URL

from harvest_tui.errors import (
    BadReply,
    ClockSkewed,
    ExchangeUnreachable,
    HarvestError,
    KeyRefused,
    RateLimited,
    RightMissing,
)
from harvest_tui.exchanges.failures import RefusedRequest, translate

ALL = sorted(
    {found for found in vars(ccxt_errors).values() if isinstance(found, type) and issubclass(found, Exception)},
    key=lambda found: found.__name__,
)
SIGNED = "kraken GET https://api.binance.com/api/v3/account?timestamp=1&signature=5f2c0ffee 401 {'API-Key': 'k3yk3y'}"


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_class_of_ccxt_has_words_of_ours(kind: type[Exception]) -> None:
    told = translate(kind(SIGNED), "kraken")
    assert isinstance(told, HarvestError)
    assert "Kraken" in told.happened
    assert len(told.hint) > 8
    for secret in ("5f2c0ffee", "k3yk3y", "signature", "https://", kind.__name__):
        assert secret not in str(told)


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("DDoSProtection", RateLimited),
        ("RateLimitExceeded", RateLimited),
        ("InvalidNonce", ClockSkewed),
        ("ChecksumError", ClockSkewed),
        ("AuthenticationError", KeyRefused),
        ("AccountSuspended", KeyRefused),
        ("PermissionDenied", RightMissing),
        ("AccountNotEnabled", RightMissing),
        ("NotSupported", RightMissing),
        ("ExchangeNotAvailable", ExchangeUnreachable),
        ("OnMaintenance", ExchangeUnreachable),
        ("RequestTimeout", ExchangeUnreachable),
        ("NetworkError", ExchangeUnreachable),
        ("BadResponse", BadReply),
        ("NullResponse", BadReply),
        ("BadSymbol", RefusedRequest),
        ("ExchangeError", RefusedRequest),
    ],
)
def test_each_class_means_what_the_user_must_do_about_it(name: str, meaning: type[HarvestError]) -> None:
    assert type(translate(getattr(ccxt_errors, name)("x"), "coinbase")) is meaning


def test_a_class_that_ccxt_adds_later_means_what_its_base_means() -> None:
    later = type("BrandNewLimit", (ccxt_errors.RateLimitExceeded,), {})
    assert isinstance(translate(later("x"), "binance"), RateLimited)


def test_a_bug_met_on_a_strange_reply_is_a_bad_reply() -> None:
    assert type(translate(TypeError("object of type 'int' has no len()"), "kraken")) is BadReply


def test_krakens_wrong_signature_is_a_refused_key_although_ccxt_calls_it_an_exchange_error() -> None:
    told = translate(ccxt_errors.ExchangeError('kraken {"error":["EAPI:Invalid signature"]}'), "kraken")
    assert isinstance(told, KeyRefused)
    assert re.search("connect it again", told.hint)


def test_krakens_throttled_time_is_waited_for() -> None:
    told = translate(
        ccxt_errors.ExchangeError('kraken {"error":["EService: Throttled: [1700000030]"]}'), "kraken", now=1_700_000_000
    )
    assert isinstance(told, RateLimited)
    assert told.retry_after == 30


def test_a_body_that_breaks_off_is_worth_another_try_although_ccxt_calls_it_an_exchange_error() -> None:
    try:
        try:
            raise aiohttp.ClientPayloadError("Response payload is not completed")
        except aiohttp.ClientPayloadError as cause:
            raise ccxt_errors.ExchangeError("kraken POST https://x") from cause
    except ccxt_errors.ExchangeError as error:
        assert type(translate(error, "kraken")) is ExchangeUnreachable


def test_retry_after_is_honoured_and_a_418_stops_for_long() -> None:
    limited = translate(ccxt_errors.RateLimitExceeded("x"), "binance", status=429, headers={"retry-after": "13"})
    banned = translate(ccxt_errors.DDoSProtection("x"), "binance", status=418)
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == 13
    assert isinstance(banned, RateLimited)
    assert banned.retry_after == 900
    assert "banned" in banned.happened


def test_our_own_errors_pass_unchanged() -> None:
    own = BadReply("Kraken sent nonsense", "it is asked again")
    assert translate(own, "kraken") is own


def test_a_redirect_says_that_it_is_not_followed() -> None:
    from harvest_tui.exchanges.transport import RedirectRefused

    info = aiohttp.RequestInfo(URL("https://x.invalid"), "GET", None, URL("https://x.invalid"))  # type: ignore[arg-type]
    assert "never followed" in translate(RedirectRefused(info, (), status=302), "kraken").happened


def test_a_binance_key_that_worked_and_is_now_refused_is_not_tried_again_although_ccxt_calls_it_a_ban() -> None:
    body = 'binance {"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}'
    told = translate(ccxt_errors.DDoSProtection(body), "binance", status=401)
    assert isinstance(told, KeyRefused)
    assert "IP list" in str(told)
