"""The rules of alerts in words, each under the names by which it is changed."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.harvest.alert_rules import AlertRules
from harvest_tui.core.money import EXACT, plain
from harvest_tui.core.story.wording import dollars

_HUNDRED = Decimal(100)


class RuleLine(NamedTuple):
    """One kind of alert: its key in the `[alerts]` table with its value, and what is told."""

    setting: str
    words: str
    is_on: bool = True


def rule_lines(rules: AlertRules) -> tuple[RuleLine, ...]:
    """What is told and from where on, one line a kind; those that are off say so."""
    less = dollars(rules.long_term_value)
    part = None if rules.loss_percent is None else percent(rules.loss_percent)
    return (
        _line("net_benefit", rules.net_benefit, "a position whose harvest is worth that much after tax and fees"),
        _line("loss", rules.loss, f"a loss that large{_when_losses(rules)}"),
        _line("loss_percent", part, "or that part of the position's value, "
              f"from {dollars(rules.loss_percent_from)} on"),
        _line("shrinking", None if rules.shrinking is None else percent(rules.shrinking),
              "a benefit that has lost that part of its peak"),
        _line("long_term_days", rules.long_term_days,
              f"a loss that turns long-term within so many days and saves {less} less from then on"),
        _line("year_end", rules.year_end, "1 Oct, 1 Nov, 1, 15, 24, 29, 30 and 31 Dec: what can still be harvested"),
        _line("mismatches", rules.mismatches, "a balance that is not what the lots add up to"),
        _line("stale_hours", rules.stale_hours, "a price older than so many hours: losses there are not watched"),
        _line("rule_change_days", rules.rule_change_days, "a new rule of identification, so many days ahead"),
        RuleLine("always", "a wait before a rebuy that is over"),
    )  # fmt: skip


def quiet_words(rules: AlertRules) -> str:
    """When the same is told again."""
    return (
        f"Told once; again only after it fell below {percent(rules.rearm)} of its threshold, and not within "
        f"{rules.quiet_hours} hours."
    )


def percent(part: Decimal) -> str:
    """`40 %`."""
    return f"{plain(EXACT.multiply(part, _HUNDRED))} %"


def _when_losses(rules: AlertRules) -> str:
    return "" if rules.losses_asked else ", as long as you told neither wages nor gains"


def _line(key: str, value: Decimal | int | bool | str | None, words: str) -> RuleLine:
    if value is None or value is False:
        return RuleLine(f"{key} = false", words, is_on=False)
    if isinstance(value, Decimal):
        text = plain(value)
    elif isinstance(value, str):
        text = f'"{value.replace(" ", "")}"'
    else:
        text = str(value).lower()
    return RuleLine(f"{key} = {text}", words)
