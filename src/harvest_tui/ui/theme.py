"""Three themes of our own: dark, light, and one whose gain and loss differ for every eye."""

from __future__ import annotations

from textual.theme import Theme

DARK = "harvest-dark"
LIGHT = "harvest-light"
BLUE_ORANGE = "harvest-blue-orange"
NO_COLOUR = "ansi-dark"
"""Textual's theme that sends no colour code at all; used where NO_COLOR is set."""


def _figures(gain: str, loss: str, soon: str, muted: str, cursor: str, header: str) -> dict[str, str]:
    return {
        "gain": gain,
        "loss": loss,
        "soon": soon,
        "muted": muted,
        "cursor": cursor,
        "header": header,
        "footer-key-foreground": soon,
        "input-selection-background": cursor,
    }


THEMES = (
    Theme(
        name=DARK,
        primary="#7aa2c8",
        secondary="#5f7f9c",
        accent="#d0b070",
        warning="#e0af68",
        error="#f08a80",
        success="#86c58b",
        foreground="#d4d8de",
        background="#14171c",
        surface="#1a1e25",
        panel="#222731",
        dark=True,
        variables=_figures("#86c58b", "#f08a80", "#e0bd7a", "#8b94a3", "#2c3646", "#1d222b"),
    ),
    Theme(
        name=LIGHT,
        primary="#2b5f92",
        secondary="#4d6f8f",
        accent="#8a5a00",
        warning="#8a5a00",
        error="#b3261e",
        success="#1e6b34",
        foreground="#20242b",
        background="#fbfbf8",
        surface="#f3f3ee",
        panel="#e9e9e2",
        dark=False,
        variables=_figures("#1e6b34", "#b3261e", "#7d5200", "#5d6470", "#d8e3ef", "#eeeee8"),
    ),
    Theme(
        name=BLUE_ORANGE,
        primary="#7fb8e6",
        secondary="#5f7f9c",
        accent="#f0e442",
        warning="#f0e442",
        error="#e69f00",
        success="#56b4e9",
        foreground="#dcdfe4",
        background="#101318",
        surface="#171b21",
        panel="#20252d",
        dark=True,
        variables=_figures("#56b4e9", "#f0a030", "#f0e442", "#8f97a5", "#2a3442", "#1a1f27"),
    ),
)

FALLBACKS = {
    "gain": "ansi_default",
    "loss": "ansi_default",
    "soon": "ansi_default",
    "muted": "ansi_default",
    "cursor": "ansi_default",
    "header": "ansi_default",
}
"""Our roles in a theme that does not know them and may not show colour."""


def roles_of(theme: Theme) -> dict[str, str]:
    """Our own colour roles for any theme, Textual's included."""
    if theme.ansi:
        return FALLBACKS
    return _figures(
        gain=theme.success or "#86c58b",
        loss=theme.error or "#f08a80",
        soon=theme.warning or "#e0bd7a",
        muted="#8b94a3" if theme.dark else "#5d6470",
        cursor=theme.panel or theme.primary,
        header=theme.surface or theme.primary,
    )
