"""Where one can be: each screen with its number, its name and how it is made. Made once, when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from textual.binding import Binding
from textual.screen import Screen

LOTS = "lots"
"""The monitor itself, which every way back leads to."""


class Place(NamedTuple):
    """A screen one goes to: `module` below `ui.screens` holds the class. Without a `key` it is opened by others."""

    name: str
    module: str
    screen: str
    title: str
    words: str
    key: str = ""
    letter: str = ""

    def make(self) -> Screen[None]:
        """The screen, whose module is loaded now."""
        made = getattr(import_module(f"harvest_tui.ui.screens.{self.module}"), self.screen)()
        assert isinstance(made, Screen)
        return made

    def binding(self) -> Binding:
        """The keys that open it from everywhere."""
        keys = ",".join(filter(None, (self.letter, self.key)))
        return Binding(keys, f"open('{self.name}')", self.title, key_display=self.key, id=f"app.{self.name}")

    @property
    def help(self) -> str:
        """What it is, and the key."""
        return f"{self.words} ({self.key})" if self.key else self.words


PLACES = (
    Place("harvests", "harvests", "HarvestsScreen", "Harvests", "What was written down, sold and bought back", "2"),
    Place("alerts", "alerts", "AlertsScreen", "Alerts", "What was told, and what to be silent about", "3"),
    Place("history", "history", "HistoryScreen", "History", "Realized results of a year, sale by sale", "4"),
    Place("problems", "problems", "ProblemsScreen", "Problems", "What is missing, and what to do about each", "5"),
    Place("accounts", "accounts", "AccountsScreen", "Accounts", "Keys, rights and syncs", "6"),
    Place("asset", "asset", "AssetScreen", "Asset", "One asset: its lots, price and what a sale would use up", "7"),
    Place("settings", "settings", "SettingsScreen", "Settings", "Your own figures and choices", "8"),
    Place("add_account", "add_account", "AddAccountScreen", "Add account", "Connect an exchange"),
    Place("welcome", "welcome", "WelcomeScreen", "Welcome", "The questions of the first run"),
    Place("lot_details", "lot_details", "LotDetailsScreen", "Lot", "One lot"),
    Place("columns", "columns", "ColumnsScreen", "Columns", "Choose the table's columns"),
    Place("explanation", "explanation", "ExplanationScreen", "Explain", "A lot's whole story"),
    Place("charts", "charts", "ChartsScreen", "Charts", "Look rather than read"),
    Place("help", "help", "HelpScreen", "Help", "Keys and signs"),
)


def screens() -> dict[str, Callable[[], Screen[None]]]:
    """Every place by name, for the app."""
    return {place.name: place.make for place in PLACES}


def bindings() -> list[Binding]:
    """The number keys, from every screen."""
    lots = Binding("1", f"open('{LOTS}')", "Lots", id="app.lots")
    return [lots, *(place.binding() for place in PLACES if place.key)]
