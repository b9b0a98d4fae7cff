"""Every question of the profile in plain words, and why it matters."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.tax.answers import Kind


class Question(NamedTuple):
    """One answer of the profile. `most` bounds rates and numbers; `is_fact` tells facts of life from judgements that
    have a sensible default."""

    field: str
    kind: Kind
    asks: str
    why: str
    most: Decimal | None = None
    is_fact: bool = True

    @property
    def key(self) -> str:
        """The word on the command line: that of the `tax` option, where there is one."""
        return self.field.replace("_", "-")


_HALF, _FIFTH, _TENTH = Decimal("0.5"), Decimal("0.2"), Decimal("0.1")

QUESTIONS = (
    Question(
        "status",
        Kind.STATUS,
        "How do you file?",
        "Brackets, the 0% band and the yearly loss limit (3,000, or 1,500 married filing separately) depend on it.",
    ),
    Question(
        "wages",
        Kind.MONEY,
        "Wages and other earned income this year, before deductions?",
        "They set the rate that the yearly deduction saves and whether long-term gains are taxed at 0, 15 or 20%.",
    ),
    Question(
        "interest",
        Kind.MONEY,
        "Interest and other ordinary investment income this year?",
        "It is taxed like wages and also counts for the 3.8% net investment income tax.",
    ),
    Question(
        "qualified_dividends",
        Kind.MONEY,
        "Qualified dividends this year?",
        "They fill the same 0, 15 and 20% bands as long-term gains, and losses never offset them.",
    ),
    Question(
        "short_gain",
        Kind.SIGNED_MONEY,
        "Short-term gains or losses realized elsewhere this year (stocks, property)?",
        "A harvested loss is worth most against gains taxed like wages.",
    ),
    Question(
        "long_gain",
        Kind.SIGNED_MONEY,
        "Long-term gains or losses realized elsewhere this year?",
        "They are the second thing a loss can offset, at a lower rate.",
    ),
    Question(
        "collectibles_gain",
        Kind.SIGNED_MONEY,
        "Long-term gains or losses on collectibles (gold, art) this year?",
        "Gains on them are taxed at up to 28%, so a loss saves more there.",
    ),
    Question(
        "carry_short",
        Kind.MONEY,
        "Short-term loss carried over from last year's return?",
        "It is used before any new loss: with enough of it a harvest saves nothing this year.",
    ),
    Question(
        "carry_long",
        Kind.MONEY,
        "Long-term loss carried over from last year's return?",
        "It is used before any new loss: with enough of it a harvest saves nothing this year.",
    ),
    Question(
        "planned_short_gain",
        Kind.MONEY,
        "Short-term gains you still plan to take this year?",
        "Losses can wait for them, weighted by how likely they are.",
    ),
    Question(
        "planned_long_gain",
        Kind.MONEY,
        "Long-term gains you still plan to take this year?",
        "Losses can wait for them, weighted by how likely they are.",
    ),
    Question(
        "planned_probability",
        Kind.RATE,
        "How likely are the planned gains?",
        "A gain that may not come is worth less to a loss than one that is made.",
        is_fact=False,
    ),
    Question(
        "next_wages",
        Kind.MONEY,
        "Wages next year, if they will differ?",
        "They set what a loss carried into next year will save.",
    ),
    Question(
        "next_short_gain",
        Kind.MONEY,
        "Short-term gains you expect next year?",
        "They are what a loss carried forward could still offset; without an answer it is given no value.",
    ),
    Question(
        "next_long_gain",
        Kind.MONEY,
        "Long-term gains you expect next year?",
        "They are what a loss carried forward could still offset; without an answer it is given no value.",
    ),
    Question(
        "next_probability",
        Kind.RATE,
        "How likely is next year to be like that?",
        "Next year is less certain than this one, and a carried loss is worth less for it.",
        is_fact=False,
    ),
    Question(
        "years_until_sale",
        Kind.NUMBER,
        "In how many years will you sell the coins for good?",
        "Buying back lowers the basis: the tax comes back then, and the longer it waits the less it costs.",
        Decimal(60),
        is_fact=False,
    ),
    Question(
        "discount_rate",
        Kind.RATE,
        "What does your money earn a year after tax?",
        "It is the price of time: what a dollar of tax paid later costs today.",
        _HALF,
        is_fact=False,
    ),
    Question(
        "never_sold",
        Kind.RATE,
        "How likely is it that you never sell (a gift to charity, an estate)?",
        "Tax on coins that are never sold is never paid, so a harvest keeps more of its saving.",
        is_fact=False,
    ),
    Question(
        "later_rate",
        Kind.RATE,
        "At what rate will the coins be taxed when you sell?",
        "The lower basis is paid back at this rate; without an answer it is worked out from next year's picture.",
        _HALF,
    ),
    Question(
        "state_rate",
        Kind.RATE,
        "Your state's income tax rate on gains?",
        "State tax adds to what a loss saves and to what is owed later.",
        _FIFTH,
        is_fact=False,
    ),
    Question(
        "state_allows_carryover",
        Kind.SWITCH,
        "Does your state let losses carry over and offset other income?",
        "Pennsylvania and New Jersey do not: there a loss only meets gains of the same year.",
        is_fact=False,
    ),
    Question(
        "fee",
        Kind.RATE,
        "What does one trade cost, as a part of its value?",
        "Every harvest pays it twice, selling and buying back; a fee of one account is set with its name.",
        _TENTH,
        is_fact=False,
    ),
    Question(
        "spread",
        Kind.RATE,
        "How far apart are bid and ask, as a part of the price?",
        "It is lost once on every sale that is bought back.",
        _TENTH,
        is_fact=False,
    ),
    Question(
        "wait_days",
        Kind.DAYS,
        "How many days do you stay out before buying back?",
        "No rule asks for a wait today; every day out of the market is a risk that is priced here.",
        Decimal(366),
        is_fact=False,
    ),
    Question(
        "volatility_floor",
        Kind.RATE,
        "The least yearly volatility to reckon with?",
        "A calm quarter is no promise: the wilder a coin, the more it pays to wait for a deeper loss.",
        Decimal(5),
        is_fact=False,
    ),
    Question(
        "early_sales",
        Kind.RATE,
        "How likely are you, in a year, to have to sell early?",
        "A coin bought back is short-term for a year: selling it in a rise is then taxed like wages.",
        is_fact=False,
    ),
    Question(
        "risk_aversion",
        Kind.NUMBER,
        "How much do you mind risk (1 little, 3 usual, 10 a lot)?",
        "It prices the days out of the market, where the coin may rise without you.",
        Decimal(100),
        is_fact=False,
    ),
)

BY_FIELD = {question.field: question for question in QUESTIONS}
