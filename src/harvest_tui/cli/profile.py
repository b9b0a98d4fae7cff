"""`harvest-tui profile`: the taxpayer's own figures, why each matters, and changing one of them."""

from __future__ import annotations

from argparse import Namespace
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.cli.output import write_json, write_table
from harvest_tui.core.money import plain
from harvest_tui.core.tax.answers import Answer, Kind, percent, read_answer, read_rate, written
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.questions import BY_FIELD, QUESTIONS, Question
from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.errors import InputError
from harvest_tui.lot_settings import LOT_ORDERS
from harvest_tui.settings import Settings, check_timezone, load_settings, locate, system_timezone
from harvest_tui.settings_file import Place, Value, set_choice

_GENERAL = {
    "timezone": "Days, terms and tax years are read in it: a sale late on 31 December can fall into another year.",
    "method": "Which lots a sale uses where none are named: fifo, lifo, hifo or lofo.",
}


class _Change(NamedTuple):
    """A key of the file and what it shall hold; `shown` is the answer as a person reads it."""

    key: str
    account: str | None
    place: Place
    value: Value | None
    answer: str | None
    shown: str


def run(arguments: Namespace) -> int:
    """Show the profile, or change one answer of it."""
    locations = locate(arguments.home)
    if arguments.action is None:
        _show(load_settings(locations.config_file), arguments.json)
        return 0
    reader = _setting if arguments.action == "set" else _unsetting
    change = reader([_word(word) for word in arguments.words])
    locations.create()
    set_choice(locations.config_file, change.place, change.value)
    if arguments.json:
        body = {"schema": 1, "key": change.key, "account": change.account, "value": change.answer}
        write_json({name: value for name, value in body.items() if value is not None or name == "value"})
    else:
        write_table("Kept", ("Key", "Answer"), [(f"{change.key} {change.account or ''}", change.shown)])
    return 0


def _word(word: str) -> str:
    if not word.isprintable():
        raise InputError("a name or value with control characters cannot be kept", "write it without them")
    return word


def _setting(words: list[str]) -> _Change:
    if len(words) < 2:
        raise InputError("what shall be set to what is not told", "write it like: harvest-tui profile set wages 120000")
    key, text = _known(words[0]), " ".join(words[1:])
    if key == "timezone":
        check_timezone(text)
        return _Change(key, None, (key,), text, text, text)
    if key == "method":
        if text not in LOT_ORDERS:
            raise InputError(f"no lot order: {text[:40]!r}", f"choose from {', '.join(LOT_ORDERS)}")
        return _Change(key, None, (key,), text, text, text)
    question = BY_FIELD[key.replace("-", "_")]
    if key == "fee" and len(words) == 3 and words[2] != "%":
        rate = read_rate(words[2], question.most or Decimal(1))
        return _Change(key, words[1], ("profile", "fees", words[1]), percent(rate), plain(rate), percent(rate))
    answer = read_answer(question.kind, text, question.most)
    return _Change(
        key, None, ("profile", question.field), _kept(question, answer), _plain(answer), written(question.kind, answer)
    )


def _unsetting(words: list[str]) -> _Change:
    if not words:
        raise InputError("what shall be unset is not told", "write it like: harvest-tui profile unset wages")
    key, account = _known(words[0]), words[1] if len(words) == 2 else None
    if len(words) > 2 or (account and key != "fee"):
        raise InputError("one key at a time can be unset", "write it like: harvest-tui profile unset fee kraken")
    place: Place = (key,) if key in _GENERAL else ("profile", key.replace("-", "_"))
    return _Change(key, account, ("profile", "fees", account) if account else place, None, None, "not answered")


def _known(word: str) -> str:
    key = word.lower().replace("_", "-")
    known = [*_GENERAL, *(question.key for question in QUESTIONS)]
    if key in known:
        return key
    from difflib import get_close_matches

    near = get_close_matches(key, known, 1)
    raise InputError(f"no such key: {word[:40]!r}", f"did you mean {near[0]}?" if near else "see: harvest-tui profile")


def _kept(question: Question, answer: Answer) -> Value:
    """The answer as the file holds it: rates with their percent sign, so that a person cannot misread them."""
    if isinstance(answer, bool | int):
        return answer
    if isinstance(answer, FilingStatus) or question.kind is Kind.RATE:
        return written(question.kind, answer)
    return answer


def _plain(answer: Answer) -> str:
    if isinstance(answer, Decimal):
        return plain(answer)
    return written(Kind.NUMBER, answer)


def _show(settings: Settings, as_json: bool) -> None:
    profile = settings.taxpayer
    if as_json:
        write_json(_body(settings, profile))
        return
    rows = [(key, *said, why) for (key, why), said in zip(_GENERAL.items(), _general(settings), strict=True)]
    for question in QUESTIONS:
        rows.append((question.key, *_said(question, profile), f"{question.asks} {question.why}"))
        if question.field == "fee":
            rows += [(f"fee {name}", percent(rate), "told", "In this account.") for name, rate in profile.fees.items()]
    title = "Your figures. Change one: harvest-tui profile set KEY VALUE"
    write_table(title, ("Key", "Answer", "", "Why it matters"), rows, right=(1,))
    limits = profile.limits()
    if limits:
        write_table("", ("What is left out without an answer",), [(limit,) for limit in limits])


def _general(settings: Settings) -> list[tuple[str, str]]:
    zone, method = settings.timezone, settings.method
    return [(zone, "told") if zone else (system_timezone(), "this machine's"), (method, "")]


def _said(question: Question, profile: Profile) -> tuple[str, str]:
    answer = getattr(profile, question.field)
    if answer is None:
        return "-", "not told"
    shown = written(question.kind, answer)
    if question.kind in (Kind.MONEY, Kind.SIGNED_MONEY):
        shown = f"{answer:,f}"
    return shown, "told" if question.field in profile.stated else "default"


def _body(settings: Settings, profile: Profile) -> dict[str, object]:
    answers = []
    for question in QUESTIONS:
        answer = getattr(profile, question.field)
        answers.append(
            {
                "key": question.key,
                "value": None if answer is None else _plain(answer),
                "is_told": question.field in profile.stated,
                "asks": question.asks,
                "why": question.why,
            }
        )
    return {
        "schema": 1,
        "timezone": settings.zone.key,
        "method": settings.method,
        "answers": answers,
        "fees": {account: plain(rate) for account, rate in profile.fees.items()},
        "limits": list(profile.limits()),
    }
