"""Every choice of the user that a screen may change: what it asks, what holds now, and how a typed answer is read.

An answer is read as `profile set` reads it; what config.toml may hold is checked by the reader of that file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from harvest_tui.core.harvest.alert_rules import AlertRules
from harvest_tui.core.money import parse_decimal, plain, rounded
from harvest_tui.core.records import Account
from harvest_tui.core.tax.answers import Answer, Kind, percent, read_answer, read_rate, written
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.questions import BY_FIELD, QUESTIONS, Question
from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.errors import InputError
from harvest_tui.lot_settings import CUSTODIES, LOT_ORDERS, SCOPES
from harvest_tui.settings import GLYPHS, IDENTIFICATIONS, THEMES, Settings, check_timezone, system_timezone
from harvest_tui.settings_file import Place, Value
from harvest_tui.table_settings import MOST_FRAMES


class Adjustable(NamedTuple):
    """One choice. `shown` is what holds now; `is_told` says whether the user said so. `assumed` is what counts without
    an answer, `how` how one is written."""

    group: str
    name: str
    place: Place
    shown: str
    is_told: bool
    asks: str
    why: str
    assumed: str
    how: str
    read: Callable[[str], Value | None]
    choices: tuple[str, ...] = ()


_ASSUMED = {
    "status": "single",
    "wages": "none, so the yearly deduction saves next to nothing",
    "next_wages": "as this year's",
    "next_short_gain": "none: a loss carried forward is counted as worth nothing extra",
    "next_long_gain": "none: a loss carried forward is counted as worth nothing extra",
    "later_rate": "worked out from next year's picture",
}
_ALERTS: dict[str, tuple[str, str]] = {
    "net_benefit": ("A harvest worth so many dollars after tax and fees", "dollars, or off"),
    "loss": ("A harvestable loss of so many dollars in a position", "dollars, or off"),
    "loss_percent": ("Or a loss of such a part of the position's value", "percent like 30%, or off"),
    "loss_percent_from": ("But of no loss below so many dollars", "dollars"),
    "shrinking": ("A net benefit that has lost so much of its peak", "percent like 40%, or off"),
    "long_term_days": ("A loss that turns long-term within so many days", "whole days, or off"),
    "long_term_value": ("And is worth so many dollars less from then on", "dollars"),
    "year_end": ("The end of the tax year, from 1 October on", "yes or no"),
    "mismatches": ("A balance that is not what the lots add up to", "yes or no"),
    "stale_hours": ("A price older than so many hours", "whole hours, or off"),
    "rule_change_days": ("A new rule of identification, so many days ahead", "whole days, or off"),
    "rearm": ("Told again once it was below this part of its threshold", "percent like 70%"),
    "quiet_hours": ("And never sooner than after so many hours", "whole hours"),
    "bell": ("Ring the terminal's bell when something is told", "yes or no"),
    "desktop": ("Ask the terminal for a desktop notification", "yes or no"),
}
_SWITCHES = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}


def adjustables(settings: Settings, accounts: Iterable[Account] = ()) -> tuple[Adjustable, ...]:
    """All of them, group by group, as they hold under these settings."""
    names = [str(account.account) for account in accounts]
    profile = settings.taxpayer
    return (
        *_profile(profile),
        *_fees(profile, names),
        *_lots(settings),
        *_accounts(settings, names),
        *_looks(settings),
        *_alerts(settings),
    )


def answer(one: Adjustable, typed: str) -> Value | None:
    """What the file shall hold for the typed answer; None, for an empty one, takes the choice out.

    Raises InputError saying how it is written.
    """
    text = typed.strip()
    if not text:
        return None
    if not text.isprintable():
        raise InputError("control characters cannot be kept", f"write {one.how}")
    return one.read(text)


# The taxpayer.


def _profile(profile: Profile) -> Iterable[Adjustable]:
    plain_profile = Profile()
    for question in sorted(QUESTIONS, key=_rank):
        now, usual = getattr(profile, question.field), getattr(plain_profile, question.field)
        yield Adjustable(
            _GROUPS[_rank(question)],
            question.key,
            ("profile", question.field),
            "" if now is None else _said(question, now),
            question.field in profile.stated or now != usual,
            question.asks,
            question.why,
            _ASSUMED.get(question.field, "none") if usual is None else _said(question, usual),
            question.kind.value + (f", like {_LIKE[question.kind]}" if question.kind in _LIKE else ""),
            partial(_read_question, question),
            _choices(question.kind),
        )


_GROUPS = ("Your year", "Later years", "Your judgement")


def _rank(question: Question) -> int:
    """The place of its group: facts first, then what is judged and has a sensible default."""
    if not question.is_fact:
        return 2
    return int(question.field.startswith(("next_", "later_")))


_LIKE = {Kind.MONEY: "120000", Kind.SIGNED_MONEY: "-2500.75", Kind.RATE: "5%", Kind.NUMBER: "3", Kind.DAYS: "31"}


def _choices(kind: Kind) -> tuple[str, ...]:
    if kind is Kind.STATUS:
        return tuple(status.value for status in FilingStatus)
    return ("yes", "no") if kind is Kind.SWITCH else ()


def _said(question: Question, now: Answer) -> str:
    if question.kind in (Kind.MONEY, Kind.SIGNED_MONEY) and isinstance(now, Decimal):
        return _dollars(now)
    return written(question.kind, now)


def _dollars(value: Decimal) -> str:
    """With cents where there are any."""
    return f"{value:,f}" if value == value.to_integral_value() else f"{rounded(value, 2):,f}"


def _read_question(question: Question, typed: str) -> Value:
    """As the file holds it: rates with their percent sign, so that a person cannot misread them."""
    read = read_answer(question.kind, typed, question.most)
    if isinstance(read, FilingStatus) or (question.kind is Kind.RATE and isinstance(read, Decimal)):
        return written(question.kind, read)
    return read


def _fees(profile: Profile, accounts: Iterable[str]) -> Iterable[Adjustable]:
    fee = BY_FIELD["fee"]
    for name in dict.fromkeys((*accounts, *profile.fees)):
        told = profile.fees.get(name)
        yield Adjustable(
            "Fees of one trade",
            name,
            ("profile", "fees", name),
            percent(profile.fee_of(name)),
            told is not None,
            f"What does one trade cost in {name}, as a part of its value?",
            fee.why,
            f"{percent(profile.fee)}, the fee of all accounts",
            "percent, like 0.25%",
            lambda typed: percent(read_rate(typed, fee.most or Decimal(1))),
        )


# Lots, days and accounts.


def _lots(settings: Settings) -> Iterable[Adjustable]:
    yield Adjustable(
        "Lots and days",
        "timezone",
        ("timezone",),
        settings.zone.key,
        bool(settings.timezone),
        "In which time zone do you live?",
        "Days, terms and tax years are read in it: a sale late on 31 December can fall into another year.",
        f"this machine's, {system_timezone()}",
        "a name like America/New_York",
        _zone,
    )
    yield _word(
        "Lots and days", "method", ("method",), settings.method, "fifo", LOT_ORDERS,
        "Which lots does a sale use up where none are named?",
        "First in first out, last in, highest or lowest cost a unit. A change derives every result anew.",
    )  # fmt: skip
    yield _word(
        "Lots and days", "scope", ("scope",), settings.scope, "account", SCOPES,
        "Which lots may a sale use up?",
        "account: those of its own account, the law from 2025; us: one pool until the end of 2024, then accounts; "
        "universal: one pool always, for older years.",
    )  # fmt: skip


def _zone(typed: str) -> str:
    check_timezone(typed)
    return typed


def _accounts(settings: Settings, names: Iterable[str]) -> Iterable[Adjustable]:
    for name in dict.fromkeys((*names, *settings.accounts)):
        told = settings.accounts.get(name)
        for field, choices, asks, why, usual in _OF_ACCOUNTS:
            now = "" if told is None else getattr(told, field)
            yield _word("Accounts", f"{name}: {field.replace('_', ' ')}", ("accounts", name, field), now, usual,
                        choices, asks, why)  # fmt: skip


_OF_ACCOUNTS = (
    (
        "lot_order",
        LOT_ORDERS,
        "In which order does this venue itself use lots up?",
        "Where it cannot be told which units are sold, its own order decides what a sale consumes.",
        "the method above",
    ),
    (
        "custody",
        CUSTODIES,
        "Does a broker in the United States hold the coins, or nobody but you?",
        "A broker sends Form 1099-DA: boxes of Form 8949 and rules of identification depend on it.",
        "by the exchange",
    ),
    (
        "identification",
        IDENTIFICATIONS,
        "Does the venue let you choose the lots of a sale?",
        "From 2027 a broker must be told which units are sold; a standing order binds where it takes no instruction.",
        "standing",
    ),
)


def _word(
    group: str, name: str, place: Place, now: str, usual: str, choices: tuple[str, ...], asks: str, why: str
) -> Adjustable:
    is_told = bool(now) and now != usual
    how = f"one of {', '.join(choices)}"
    return Adjustable(group, name, place, now or usual, is_told, asks, why, usual, how, partial(_of, choices), choices)


def _of(choices: tuple[str, ...], typed: str) -> str:
    from difflib import get_close_matches

    word = typed.lower()
    if word in choices:
        return word
    near = get_close_matches(word, choices, 1)
    raise InputError(f"{typed[:40]!r} is no choice", f"did you mean {near[0]}?" if near else f"{', '.join(choices)}")


# Looks.


def _looks(settings: Settings) -> Iterable[Adjustable]:
    yield _word(
        "Looks", "theme", ("theme",), settings.theme, "by the terminal", THEMES,
        "Which colours?", "Dark, light, or blue and orange, which differ for every eye. t takes the next one.",
    )  # fmt: skip
    yield _word(
        "Looks", "glyphs", ("glyphs",), settings.glyphs, "by the terminal", GLYPHS,
        "Which signs?", "A terminal that only knows ASCII gets signs it can draw, from the next start on.",
    )  # fmt: skip
    frames = settings.table.frames
    yield Adjustable(
        "Looks",
        "frames",
        ("table", "frames"),
        str(frames),
        frames != 4,
        "How often a second is the screen redrawn while prices move?",
        "More looks livelier and costs more power. It counts from the next start on.",
        "4",
        f"a number from 1 to {MOST_FRAMES}",
        partial(_whole, 1, MOST_FRAMES),
    )


def _whole(least: int, most: int, typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and least <= int(typed) <= most):
        raise InputError(f"{typed[:40]!r} is no whole number from {least} to {most}", "write it like 8")
    return int(typed)


# Alerts.


def _alerts(settings: Settings) -> Iterable[Adjustable]:
    rules, usual = settings.alert_rules, AlertRules()
    for field in (one.name for one in fields(AlertRules) if one.name in _ALERTS):
        asks, how = _ALERTS[field]
        now, default = getattr(rules, field), getattr(usual, field)
        yield Adjustable(
            "Alerts", field.replace("_", "-"), ("alerts", field), _rule(how, now), now != default, f"{asks}?",
            "What is told, in the journal and at the edge of the screen; 3 shows the journal.", _rule(how, default),
            how, partial(_read_rule, how), ("yes", "no") if how == "yes or no" else (),
        )  # fmt: skip


def _rule(how: str, value: Decimal | int | bool | None) -> str:
    if value is None:
        return "off"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return percent(value) if how.startswith("percent") else _dollars(value)
    return str(value)


def _read_rule(how: str, typed: str) -> Value:
    """The kind of value; whether it makes sense as a threshold, the file's reader says."""
    word = typed.lower()
    if how == "yes or no" or (word in _SWITCHES and how.endswith("or off") and not _SWITCHES[word]):
        if word not in _SWITCHES:
            raise InputError(f"neither yes nor no: {typed[:40]!r}", "write yes or no")
        return _SWITCHES[word]
    if how.startswith("percent"):
        return typed if typed.endswith("%") else f"{typed}%"
    if how.startswith("whole"):
        return _whole(0, 9999, typed)
    try:
        return parse_decimal(plain(parse_decimal(typed.lstrip("$").replace(",", ""))))
    except ValueError as error:
        raise InputError(f"not an amount in dollars: {typed[:40]!r}", "write it like 250") from error
