"""How well text stands out from what it is drawn on, by WCAG 2.2, and what eyes with fewer kinds of cones see of it."""

from __future__ import annotations

from math import sqrt

from rich.style import Style
from textual.color import Color

AA_TEXT = 4.5
"""Least contrast of text (WCAG 2.2, success criterion 1.4.3)."""
AA_SIGN = 3.0
"""Least contrast of what is drawn without being text: lines of a chart, bars (success criterion 1.4.11)."""
_DEUTERANOPIA = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
_PROTANOPIA = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
_TRITANOPIA = ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900))
EYES = {"deuteranopia": _DEUTERANOPIA, "protanopia": _PROTANOPIA, "tritanopia": _TRITANOPIA}
"""Machado, Oliveira and Fernandes (2009), full severity, on linear light."""


def _linear(color: Color) -> tuple[float, float, float]:
    def channel(value: int) -> float:
        part = value / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return channel(color.r), channel(color.g), channel(color.b)


def _luminance(light: tuple[float, float, float]) -> float:
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]


def ratio(text: Color, ground: Color) -> float:
    """1 where the two are alike, 21 for black on white."""
    bright, dark = sorted((_luminance(_linear(text)), _luminance(_linear(ground))), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def colours_of(style: Style) -> tuple[Color, Color] | None:
    """Text and ground as they are drawn; None where the terminal's own colours stand."""
    if style.color is None or style.bgcolor is None or style.color.is_default or style.bgcolor.is_default:
        return None
    text, ground = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
    return (ground, text) if style.reverse else (text, ground)


def _lab(light: tuple[float, float, float]) -> tuple[float, float, float]:
    """Oklab (Ottosson 2020): distances that look alike are alike."""
    r, g, b = (max(0.0, part) for part in light)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def difference(one: Color, other: Color, eyes: str = "") -> float:
    """How different two colours look, 0 for alike and about 1 for black and white; to `eyes` of that name."""
    found = []
    for color in (one, other):
        light = _linear(color)
        if eyes:
            light = tuple(sum(k * part for k, part in zip(row, light, strict=True)) for row in EYES[eyes])  # type: ignore[assignment]
        found.append(_lab(light))
    return sqrt(sum((a - b) ** 2 for a, b in zip(*found, strict=True)))
