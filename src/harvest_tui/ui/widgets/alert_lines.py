"""Alerts as they are read: titles, one line of the journal, and what to do about each."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.alert_rules import AlertKind, Severity
from harvest_tui.core.harvest.alerts import Alert
from harvest_tui.core.harvest.hysteresis import Snooze
from harvest_tui.core.money import EXACT
from harvest_tui.ui.format import UNKNOWN, clean, clip, money
from harvest_tui.ui.widgets.line_list import Line

TITLES = {
    AlertKind.NET_BENEFIT: "Worth harvesting",
    AlertKind.HARVESTABLE_LOSS: "Loss to harvest",
    AlertKind.SHRINKING: "Benefit shrinks",
    AlertKind.TURNING_LONG: "Turns long-term",
    AlertKind.YEAR_END: "Year end",
    AlertKind.MISMATCH: "Balance differs",
    AlertKind.STALE_PRICES: "Old prices",
    AlertKind.RULE_CHANGE: "New rule",
    AlertKind.REBUY: "Wait is over",
}
ROLES = {Severity.URGENT: "loss", Severity.NOTICE: "soon", Severity.INFO: "muted"}
NEXT = {
    AlertKind.NET_BENEFIT: "enter shows its lots; there p opens the planner, space marks a lot, C writes the marks "
    "down before you sell.",
    AlertKind.HARVESTABLE_LOSS: "enter shows its lots; p weighs them. Your wages and gains (harvest-tui profile) make "
    "a benefit in dollars out of a loss.",
    AlertKind.SHRINKING: "If you meant to take it: enter, then p shows what is left of it now.",
    AlertKind.TURNING_LONG: "enter shows its lots; enter again shows a lot's two clocks in dollars. Sold before that "
    "day it is a short-term loss.",
    AlertKind.YEAR_END: "enter shows every lot at a loss; p shows the room left. A sale counts on the day it is made, "
    "in your time zone.",
    AlertKind.MISMATCH: "! lists it with its likely causes; s syncs. Its lots are in no plan until it agrees.",
    AlertKind.STALE_PRICES: "The top line shows each feed; s syncs. Check the network, or whether the coin still "
    "trades anywhere.",
    AlertKind.RULE_CHANGE: "Ask each exchange how it takes the instruction, then set identification = "
    '"instructed" for its account in config.toml. C writes it down with every plan.',
    AlertKind.REBUY: "2 shows what it costs now against what it was sold for, and the price up to which it pays.",
}
_FIGURES = {
    AlertKind.NET_BENEFIT: "net_benefit",
    AlertKind.SHRINKING: "net_benefit",
    AlertKind.TURNING_LONG: "saved_less",
    AlertKind.YEAR_END: "loss",
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WHEN, WHAT, ASSET, VALUE = 13, 17, 8, 12


def value_of(alert: Alert) -> Decimal | None:
    """The dollars it is about: what the harvest is worth, or the loss; None where it is about none."""
    if alert.kind is AlertKind.HARVESTABLE_LOSS:
        short, long = (alert.figures.get(name) for name in ("loss_short", "loss_long"))
        return EXACT.add(short, long) if isinstance(short, Decimal) and isinstance(long, Decimal) else None
    found = alert.figures.get(_FIGURES.get(alert.kind, ""))
    return found if isinstance(found, Decimal) else None


def when(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`22 Nov 14:02` in the taxpayer's zone, an ISO day in another year."""
    there = at.astimezone(zone)
    if there.year != now.astimezone(zone).year:
        return f"{there:%Y-%m-%d}"
    return f"{there.day:2d} {_MONTHS[there.month - 1]} {there:%H:%M}"


def header() -> Line:
    """The titles of the journal."""
    titles = ("Told".ljust(WHEN), "What".ljust(WHAT), "Asset".ljust(ASSET), "Dollars".rjust(VALUE))
    return (("   ", "header"), *((title, "header") for title in titles), ("  In words", "header"))


def journal_line(alert: Alert, told_at: str, is_new: bool, silence: str) -> Line:
    """One alert; `silence` says that nothing more is told of it."""
    role = ROLES[alert.severity]
    value = value_of(alert)
    return (
        (" ● " if is_new else "   ", role),
        (clip(told_at, WHEN), "muted"),
        (clip(TITLES[alert.kind], WHAT), role),
        (clip(clean(alert.asset or UNKNOWN), ASSET - 1) + " ", "title"),
        (money(value).rjust(VALUE), "plain"),
        (f"  {silence}" if silence else "", "stale"),
        ("  " + clean(alert.words, 300), "plain"),
    )


def sentence(alert: Alert) -> str:
    """What it says, as a sentence."""
    words = clean(alert.words, 300)
    return words if words.endswith(".") else words + "."


def silence_words(snooze: Snooze | None, zone: ZoneInfo) -> str:
    """How long nothing is told: `silent to 2026-11-23 14:02`, `silent until it changes by 200.00`."""
    if snooze is None:
        return ""
    if snooze.change is not None:
        return f"silent until it changes by {money(snooze.change)}"
    return "" if snooze.until is None else f"silent to {snooze.until.astimezone(zone):%Y-%m-%d %H:%M}"
