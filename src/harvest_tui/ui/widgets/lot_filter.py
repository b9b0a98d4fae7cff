"""What the user types to see fewer lots, read into conditions that must all hold.

btc kraken          words in the name of the asset or the account
short long          the term of a sale today
loss gain unknown   what it would come to
asset:btc account:"cold store" term:long
loss>500 value>=1k days<30 percent<-20
!kraken             not this
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.money import EXACT, parse_decimal
from harvest_tui.core.portfolio import LotValue, Portfolio
from harvest_tui.ui.format import clean
from harvest_tui.ui.widgets.lot_order import INFINITY, LotOrder

MOST_TYPED = 200
"""Cells of a filter that are read; nobody types more."""

_FIGURES = {
    "loss": "loss",
    "gain": "unrealized",
    "unrealized": "unrealized",
    "value": "value",
    "cost": "cost_basis",
    "basis": "cost_basis",
    "price": "price",
    "quantity": "quantity",
    "qty": "quantity",
    "unit": "unit_cost",
    "percent": "percent",
    "%": "percent",
    "days": "days",
    "held": "days",
    "left": "left",
}
FIGURE_NAMES = ("loss", "gain", "value", "cost", "price", "quantity", "unit", "percent", "days", "left")
_LIVE = {"loss", "unrealized", "value", "price", "percent"}
_EXACT: dict[str, Callable[[Lot, LotValue], Decimal | None]] = {
    "quantity": lambda lot, value: lot.quantity,
    "cost_basis": lambda lot, value: lot.cost_basis,
    "unit_cost": lambda lot, value: value.unit_cost,
    "price": lambda lot, value: None if value.quote is None else value.quote.price,
    "value": lambda lot, value: value.value,
    "unrealized": lambda lot, value: value.unrealized,
    "percent": lambda lot, value: value.unrealized_percent,
}
_HOLDS: dict[str, Callable[[Decimal | float, Decimal | float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_TURNED = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "=": "="}
_DOUBT = 1e-6
"""Figures of floats that are so close, in dollars or units, are compared exactly."""
_TERMS = {"short": False, "long": True}
# Texts, compiled when somebody filters: the first paint does not wait for them.
_TOKEN = r'!?(?:[^\s"]|"[^"]*"?)+'
_SPACED = r'("[^"]*"?)|\s*(<=|>=|<|>|=)\s*|\b(asset|account|term):\s+'
_COMPARISON = r"([^\s<>=]+)(<=|>=|<|>|=)(.*)"
_SIZES = {"k": Decimal(1_000), "m": Decimal(1_000_000)}


class Name(NamedTuple):
    """The name of the asset or the account (either where `field` is empty) contains `text`."""

    field: str
    text: str
    is_negated: bool


class Held(NamedTuple):
    """A sale today is long-term, or short-term."""

    is_long: bool


class Unknown(NamedTuple):
    """The result cannot be known: no basis or no price. Or it can."""

    is_negated: bool


class Compared(NamedTuple):
    """A figure stands so to a threshold. What is unknown stands in no relation."""

    figure: str
    sign: str
    threshold: Decimal
    is_negated: bool


Condition = Name | Held | Unknown | Compared


class LotFilter(NamedTuple):
    """Conditions that must all hold. `remark` says what could not be read; that part is left out."""

    text: str = ""
    conditions: tuple[Condition, ...] = ()
    remark: str = ""

    @property
    def is_live(self) -> bool:
        """Whether a new price can change which lots are seen."""
        return any(
            isinstance(condition, Unknown) or (isinstance(condition, Compared) and condition.figure in _LIVE)
            for condition in self.conditions
        )


EVERYTHING = LotFilter()


def parse_filter(text: str) -> LotFilter:
    """The conditions of what was typed; half a comparison is no condition yet."""
    text = clean(text, MOST_TYPED).replace("−", "-").replace("≤", "<=").replace("≥", ">=").strip()
    conditions: list[Condition] = []
    remark = ""
    for token in re.findall(_TOKEN, re.sub(_SPACED, _close_up, text, flags=re.IGNORECASE)):
        is_negated = token.startswith("!")
        word = token.removeprefix("!")
        try:
            condition = _condition(word, is_negated) if word else None
        except ValueError as error:
            remark = str(error)
            continue
        if condition is not None:
            conditions.append(condition)
    return LotFilter(text, tuple(conditions), remark)


def _close_up(match: re.Match[str]) -> str:
    quoted, sign, field = match.groups()
    return quoted or sign or f"{field}:"


def _condition(word: str, is_negated: bool) -> Condition | None:
    compared = re.fullmatch(_COMPARISON, word)
    if compared and '"' not in word:
        return _comparison(compared[1].lower(), compared[2], compared[3], is_negated)
    field, colon, rest = word.partition(":")
    field = field.lower()
    if colon and field in {"asset", "account"}:
        text = rest.replace('"', "").casefold()
        return Name(field, text, is_negated) if text else None
    if colon and field == "term":
        if rest.lower() in _TERMS:
            return Held(_TERMS[rest.lower()] is not is_negated)
        if any(term.startswith(rest.lower()) for term in _TERMS):
            return None
        raise ValueError("term: is short or long")
    text = word.replace('"', "").casefold()
    return _state(text, is_negated) or (Name("", text, is_negated) if text else None)


def _state(word: str, is_negated: bool) -> Condition | None:
    if word in _TERMS:
        return Held(_TERMS[word] is not is_negated)
    if word == "unknown":
        return Unknown(is_negated)
    if word in {"loss", "gain"}:
        return Compared("unrealized", "<" if word == "loss" else ">", Decimal(0), is_negated)
    return None


def _comparison(name: str, sign: str, typed: str, is_negated: bool) -> Compared | None:
    figure = _FIGURES.get(name)
    if figure is None:
        raise ValueError(f"{name} is no figure: {' '.join(FIGURE_NAMES)}")
    digits = typed.replace(",", "").removeprefix("$").removesuffix("%").lower()
    size = _SIZES.get(digits[-1:], Decimal(1))
    if not digits.strip("-+."):
        return None
    try:
        threshold = EXACT.multiply(parse_decimal(digits.rstrip("km").removeprefix("+")), size)
    except ValueError:
        raise ValueError(f"{typed} is no number") from None
    if figure == "loss":
        return Compared("loss", _TURNED[sign], -threshold, is_negated)
    return Compared(figure, sign, threshold, is_negated)


# Which lots are seen.


class Seen(NamedTuple):
    """Indexes of the lots that are seen, in ledger order. `positions` where whole positions are, and nothing else."""

    rows: Sequence[int]
    positions: tuple[int, ...] | None


def seen_lots(chosen: LotFilter, order: LotOrder, portfolio: Portfolio) -> Seen:
    """The lots for which every condition holds."""
    names = [condition for condition in chosen.conditions if isinstance(condition, Name)]
    others = [condition for condition in chosen.conditions if not isinstance(condition, Name)]
    positions = tuple(
        number for number, (account, asset) in enumerate(order.positions) if _is_named(names, account, asset)
    )
    rows: Sequence[int] = range(len(order.lots))
    if len(positions) < len(order.positions):
        kept = bytearray(len(order.positions))
        for number in positions:
            kept[number] = 1
        rows = [row for row, position in enumerate(order.position_of) if kept[position]]
    for condition in others:
        rows = _narrowed(rows, condition, order, portfolio)
    return Seen(rows, None if others else positions)


def _is_named(names: Sequence[Name], account: str, asset: str) -> bool:
    for name in names:
        texts = {"asset": (asset,), "account": (account,)}.get(name.field, (asset, account))
        if any(name.text in text.casefold() for text in texts) is name.is_negated:
            return False
    return True


def _narrowed(
    rows: Sequence[int], condition: Held | Unknown | Compared, order: LotOrder, portfolio: Portfolio
) -> list[int]:
    if isinstance(condition, Held):
        long_on, today = order.figure("long_on", portfolio), portfolio.tax_day.toordinal()
        return [row for row in rows if (long_on[row] <= today) is condition.is_long]
    if isinstance(condition, Unknown):
        gain = order.figure("unrealized", portfolio)
        return [row for row in rows if (gain[row] != gain[row]) is not condition.is_negated]
    return _compared(rows, condition, order, portfolio)


def _compared(rows: Sequence[int], condition: Compared, order: LotOrder, portfolio: Portfolio) -> list[int]:
    """Those whose figure stands so to the threshold; what a float cannot tell apart is asked exactly."""
    is_loss = condition.figure == "loss"
    name = "unrealized" if is_loss else condition.figure
    figure = order.figure(name, portfolio)
    threshold = float(condition.threshold) / (100 if name == "percent" else 1)
    doubt = 0.0 if name in {"days", "left"} else _DOUBT + 1e-9 * abs(threshold)
    low, high = threshold - doubt, threshold + doubt
    doubtful = [row for row in rows if low <= figure[row] <= high]
    least, most = {"<": (-INFINITY, low), ">": (high, INFINITY)}.get(condition.sign[0], (INFINITY, -INFINITY))
    if is_loss:
        # A loss is asked for by its size, so what is no loss at all is out whatever the sign says.
        most = min(most, -_DOUBT)
        doubtful += [row for row in rows if -_DOUBT <= figure[row] <= _DOUBT]
    holding = {row for row in doubtful if _holds_exactly(row, condition, figure[row], order, portfolio)}
    wanted = not condition.is_negated
    if holding:
        return [row for row in rows if (least < figure[row] < most or row in holding) is wanted]
    return [row for row in rows if (least < figure[row] < most) is wanted]


def _holds_exactly(row: int, condition: Compared, figure: float, order: LotOrder, portfolio: Portfolio) -> bool:
    is_loss = condition.figure == "loss"
    holds, exact_of = _HOLDS[condition.sign], _EXACT.get("unrealized" if is_loss else condition.figure)
    if exact_of is None:
        return holds(figure, condition.threshold)
    lot = order.lots[row]
    exact = exact_of(lot, portfolio.value_of(lot))
    return exact is not None and holds(exact, condition.threshold) and not (is_loss and exact >= 0)
