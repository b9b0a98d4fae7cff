"""Three themes of our own: dark, light, and one whose gain and loss differ for every eye."""

from __future__ import annotations

from textual.theme import Theme

DARK = "harvest-dark"
LIGHT = "harvest-light"
BLUE_ORANGE = "harvest-blue-orange"
SIXTEEN = ("harvest-16-colours", "harvest-16-colours-light")
"""For terminals with the sixteen named colours, on a dark and on a light ground."""
NO_COLOUR = "ansi-dark"
"""Textual's theme that sends no colour code at all; used where NO_COLOR is set."""


def _figures(gain: str, loss: str, soon: str, muted: str, cursor: str, header: str) -> dict[str, str]:
    return {"gain": gain, "loss": loss, "soon": soon, "muted": muted, "cursor": cursor, "header": header}


def _own(figures: dict[str, str], thumb: str, ground: str) -> dict[str, str]:
    """The roles and what Textual's own widgets take from them; `thumb` on `ground` is where one is in a list."""
    bars = dict.fromkeys(("scrollbar", "scrollbar-hover", "scrollbar-active"), thumb)
    grounds = ("scrollbar-background", "scrollbar-background-hover", "scrollbar-background-active")
    return {
        **figures,
        **bars,
        **dict.fromkeys((*grounds, "scrollbar-corner-color"), ground),
        "footer-key-foreground": figures["soon"],
        "input-selection-background": figures["cursor"],
        "block-cursor-blurred-background": figures["cursor"],
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
        variables=_own(
            _figures("#86c58b", "#f08a80", "#e0bd7a", "#9aa3b2", "#2c3646", "#1d222b"), "#626d7d", "#14171c"
        ),
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
        variables=_own(
            _figures("#1e6b34", "#b3261e", "#7d5200", "#5a6270", "#d8e3ef", "#eeeee8"), "#858b94", "#fbfbf8"
        ),
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
        variables=_own(
            _figures("#56b4e9", "#f0a030", "#f0e442", "#99a2b0", "#2a3442", "#1a1f27"), "#616b79", "#101318"
        ),
    ),
)


def _sixteen_colours(is_light: bool) -> Theme:
    """The terminal's own named colours, chosen to be told apart on such a ground; the cursor is drawn in reverse."""
    gain, loss, soon, place = (
        ("ansi_blue", "ansi_red", "ansi_magenta", "ansi_blue")
        if is_light
        else ("ansi_bright_green", "ansi_bright_red", "ansi_bright_yellow", "ansi_bright_cyan")
    )
    default, other = "ansi_default", "ansi_black" if is_light else "ansi_white"
    return Theme(
        name=SIXTEEN[is_light],
        ansi=True,
        primary=place,
        secondary=default,
        accent=soon,
        warning=soon,
        error=loss,
        success=gain,
        foreground=default,
        background=default,
        surface=default,
        panel=default,
        boost=default,
        dark=not is_light,
        variables={
            **_own(_figures(gain, loss, soon, default, default, default), other, default),
            "block-cursor-foreground": default,
            "block-cursor-background": default,
            "block-cursor-text-style": "reverse",
            "block-cursor-blurred-text-style": "reverse",
            "ansi-background": "ansi_white" if is_light else "ansi_black",
            "ansi-foreground": other,
            "screen-selection-background": place,
            "screen-selection-foreground": "ansi_white" if is_light else "ansi_black",
            "border": other,
            "border-blurred": other,
            "input-cursor-background": default,
            "input-cursor-foreground": default,
            "input-cursor-text-style": "reverse",
            "input-selection-foreground": "ansi_white" if is_light else "ansi_black",
            "input-selection-background": place,
        },
    )


SIXTEEN_THEMES = (_sixteen_colours(is_light=False), _sixteen_colours(is_light=True))

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
        muted="#9aa3b2" if theme.dark else "#5a6270",
        cursor=theme.panel or theme.primary,
        header=theme.surface or theme.primary,
    )
