"""As many hostile names as are wanted: markup, escapes of every kind, bidirectional text, length, marks without end."""

from __future__ import annotations

import random

_PLAIN = ("BTC", "ether", "Ω", "漢字", "é", "0x9f", "👨‍👩‍👧", "ﷺ", "🇺🇸", "ส้ม", "שלום", "A B", "½")
_MARKUP = (
    "[red]{}[/red]",
    "[bold reverse]{}",
    "[@click=app.quit]{}[/]",
    "[link=file:///etc/passwd]{}[/link]",
    "[on blue]{}[/]",
    "[/]{}",
    "\\[/{}]",
    "{}[b +",
    "$error {}",
    "%({})s {{name}}",
    "=cmd|'{}'!A0",
    "+{}",
    '@SUM({})","x',
)
_ESCAPES = (
    "\x1b[31m{}\x1b[0m",
    "\x1b[2J{}",
    "\x1b[1;1H{}",
    "\x1b[?1049l{}",
    "\x1b[?1003h{}",
    "\x1b[6n{}",
    "\x1b]0;{}\x07",
    "\x1b]2;{}\x1b\\",
    "\x1b]52;c;aGVsbG8={}\x07",
    "\x1b]8;;http://evil.example/{}\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]9;{}\x07",
    "\x1b]777;notify;{};x\x07",
    "\x1bP+q{}\x1b\\",
    "\x1b_G{}\x1b\\",
    "\x1b^{}\x1b\\",
    "\x1bc{}",
    "\x1b(0{}",
    "\x9b31m{}",
    "\x9d0;{}\x9c",
    "\x90{}\x9c",
    "{}\x08\x08\x08\x7f",
    "{}\r\n\tnext",
    "\x00{}\x05\x0e",
    "\x85{}\x84",
)
_INVISIBLE = (
    "\u202e{}\u202c",
    "\u2066{}\u2069",
    "\u200f{}\u061c",
    "{}\u200b\u2060\u00ad",
    "\ufeff{}",
    "\u2028{}\u2029",
    "\ue000{}\U000f0000",
    "{}\U000e0041\U000e007f",
    "\ufff9{}\ufffb",
    "{}\u115f\u3164",
)


def hostile_words(count: int, seed: int = 10) -> list[str]:
    """Different names, each with its number in it; one in two hundred is 10 kB long."""
    chance = random.Random(seed)
    return [_word(number, chance) for number in range(count)]


def harmless_words(count: int) -> list[str]:
    """As many different names of which nobody is afraid, some of them long."""
    return [f"{number}-{'COIN' * (2500 if number % 200 == 199 else 1 + number % 4)}" for number in range(count)]


def _word(number: int, chance: random.Random) -> str:
    text = chance.choice(_PLAIN)
    for _ in range(chance.randint(1, 3)):
        form = chance.choice(chance.choice((_MARKUP, _ESCAPES, _ESCAPES, _INVISIBLE)))
        text = form.replace("{}", text).replace("{{", "{").replace("}}", "}")
    if chance.random() < 0.1:
        text += "e" + "\u0301" * chance.randint(3, 400)
    if number % 200 == 199:
        text = (text * (10_000 // len(text) + 1))[:10_000]
    return f"{number}{text}" if number % 2 else f"{text}{number}"
