"""A return filled in by hand: every line of the printed forms in its own variable, in exact fractions.

Deliberately naive and independent of the program under test, so that the two can be compared. Line numbers are those
of the forms for 2024 (Schedule D, its 28% Rate Gain and Tax worksheets, the Capital Loss Carryover Worksheet, the
Qualified Dividends and Capital Gain Tax Worksheet of the Form 1040 instructions, Forms 6251 and 8960). Tax is by the
rate schedules, not by the Tax Table. Money is in US dollars; nothing is rounded.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from support.printed_tables import COLUMNS, LOSS_LIMIT, NIIT_THRESHOLD, PERCENT, PRINTED, Printed

NOTHING = Fraction(0)


class Filer(NamedTuple):
    """What the taxpayer writes down; losses negative, carryovers in as positive amounts."""

    year: int
    status: str
    wages: Fraction = NOTHING
    interest: Fraction = NOTHING
    qualified_dividends: Fraction = NOTHING
    short_gain: Fraction = NOTHING
    long_gain: Fraction = NOTHING
    collectibles_gain: Fraction = NOTHING
    carry_short: Fraction = NOTHING
    carry_long: Fraction = NOTHING

    @property
    def column(self) -> int:
        """Which of the four printed columns is read."""
        return COLUMNS[self.status]

    @property
    def printed(self) -> Printed:
        """The year's printed amounts."""
        return PRINTED[self.year]


class ScheduleD(NamedTuple):
    """Schedule D: lines 7, 15, 16, 18 and 21 (a positive number there)."""

    line_7: Fraction
    line_15: Fraction
    line_16: Fraction
    line_18: Fraction
    line_21: Fraction


class GainsTax(NamedTuple):
    """What Form 1040 line 16 and Form 6251 Part III take from the worksheet that was used.

    `preferred` is line 4 of the Qualified Dividends worksheet or line 13 of the Schedule D Tax Worksheet, `cap` line 4
    or line 10, `below` line 5 or 14, `ordinary` line 5 or 21.
    """

    tax: Fraction
    preferred: Fraction
    cap: Fraction
    below: Fraction
    ordinary: Fraction


class FiledReturn(NamedTuple):
    """The filled-in return."""

    adjusted_gross_income: Fraction
    taxable_income: Fraction
    net_short: Fraction
    net_long: Fraction
    capital_gain_or_loss: Fraction
    allowed_loss: Fraction
    regular_tax: Fraction
    alternative_minimum_tax: Fraction
    net_investment_income_tax: Fraction
    total_tax: Fraction
    carry_short_out: Fraction
    carry_long_out: Fraction


class Misprints(NamedTuple):
    """Lines of the forms to fill in wrongly, the way another program does, to explain where its figures differ.

    `old_schedule_d_tax` leaves out lines 19 and 20 of the Schedule D Tax Worksheet, as before 2018. `no_claw_back`
    forgets the addition to Form 6251 line 4 for married filing separately. `top_rate_over` is another start of the
    37 % rate. `clipped_income` writes zero for a negative line 1 of the Capital Loss Carryover Worksheet.
    """

    old_schedule_d_tax: bool = False
    no_claw_back: bool = False
    top_rate_over: int | None = None
    clipped_income: bool = False


AS_PRINTED = Misprints()


def or_zero(amount: Fraction) -> Fraction:
    """The forms' "if zero or less, enter -0-"."""
    return amount if amount > 0 else NOTHING


def percent(amount: Fraction, rate: int) -> Fraction:
    """So many per cent of the amount."""
    return amount * rate / 100


def schedule_tax(filer: Filer, amount: Fraction, wrong: Misprints = AS_PRINTED) -> Fraction:
    """Tax Rate Schedules X, Y-1, Y-2 and Z."""
    edges = [column[filer.column] for column in filer.printed.over]
    if wrong.top_rate_over is not None:
        edges[-1] = wrong.top_rate_over
    tax = NOTHING
    for lower, upper, rate in zip([0, *edges], [*edges, None], PERCENT, strict=True):
        inside = amount - lower if upper is None else min(amount, Fraction(upper)) - lower
        tax += percent(or_zero(inside), rate)
    return tax


def schedule_d(filer: Filer) -> ScheduleD:
    """Schedule D with the 28% Rate Gain Worksheet for line 18."""
    line_6 = -filer.carry_short
    line_7 = filer.short_gain + line_6
    line_14 = -filer.carry_long
    line_15 = filer.long_gain + filer.collectibles_gain + line_14
    line_16 = line_7 + line_15
    limit = Fraction(LOSS_LIMIT[filer.column])
    line_21 = min(-line_16, limit) if line_16 < 0 else NOTHING
    both_gains = line_15 > 0 and line_16 > 0
    return ScheduleD(line_7, line_15, line_16, rate_gain_28(filer, line_7) if both_gains else NOTHING, line_21)


def rate_gain_28(filer: Filer, schedule_d_line_7: Fraction) -> Fraction:
    """28% Rate Gain Worksheet, line 7; lines 2 to 4 are blank here."""
    line_1 = filer.collectibles_gain
    line_5 = -filer.carry_long
    line_6 = min(schedule_d_line_7, NOTHING)
    return or_zero(line_1 + line_5 + line_6)


def carryovers(taxable_income_with_sign: Fraction, d: ScheduleD) -> tuple[Fraction, Fraction]:
    """Capital Loss Carryover Worksheet, lines 8 and 13."""
    if d.line_16 >= 0:
        return NOTHING, NOTHING
    line_1 = taxable_income_with_sign
    line_2 = d.line_21
    line_3 = or_zero(line_1 + line_2)
    line_4 = min(line_2, line_3)
    line_5, line_8 = NOTHING, NOTHING
    if d.line_7 < 0:
        line_5 = -d.line_7
        line_6 = or_zero(d.line_15)
        line_7 = line_4 + line_6
        line_8 = or_zero(line_5 - line_7)
    line_13 = NOTHING
    if d.line_15 < 0:
        line_9 = -d.line_15
        line_10 = or_zero(d.line_7)
        line_11 = or_zero(line_4 - line_5)
        line_12 = line_10 + line_11
        line_13 = or_zero(line_9 - line_12)
    return line_8, line_13


def qualified_dividends_worksheet(filer: Filer, income: Fraction, d: ScheduleD, wrong: Misprints) -> GainsTax:
    """Qualified Dividends and Capital Gain Tax Worksheet, Form 1040 line 16."""
    line_1 = income
    line_2 = filer.qualified_dividends
    line_3 = or_zero(min(d.line_15, d.line_16))
    line_4 = line_2 + line_3
    line_5 = or_zero(line_1 - line_4)
    line_6 = Fraction(filer.printed.zero_rate_up_to[filer.column])
    line_7 = min(line_1, line_6)
    line_8 = min(line_5, line_7)
    line_9 = line_7 - line_8
    line_10 = min(line_1, line_4)
    line_11 = line_9
    line_12 = line_10 - line_11
    line_13 = Fraction(filer.printed.fifteen_rate_up_to[filer.column])
    line_14 = min(line_1, line_13)
    line_15 = line_5 + line_9
    line_16 = or_zero(line_14 - line_15)
    line_17 = min(line_12, line_16)
    line_18 = percent(line_17, 15)
    line_19 = line_9 + line_17
    line_20 = line_10 - line_19
    line_21 = percent(line_20, 20)
    line_22 = schedule_tax(filer, line_5, wrong)
    line_23 = line_18 + line_21 + line_22
    line_24 = schedule_tax(filer, line_1, wrong)
    line_25 = min(line_23, line_24)
    return GainsTax(line_25, preferred=line_4, cap=line_4, below=line_5, ordinary=line_5)


def schedule_d_tax_worksheet(filer: Filer, income: Fraction, d: ScheduleD, wrong: Misprints) -> GainsTax:
    """Schedule D Tax Worksheet; lines 3 to 5, 8 and 35 to 40 stay blank: no Form 4952, no section 1250 gain."""
    line_1 = income
    line_2 = filer.qualified_dividends
    line_6 = line_2
    line_7 = min(d.line_15, d.line_16)
    line_9 = or_zero(line_7)
    line_10 = line_6 + line_9
    line_11 = d.line_18
    line_12 = min(line_9, line_11)
    line_13 = line_10 - line_12
    line_14 = or_zero(line_1 - line_13)
    line_15 = Fraction(filer.printed.zero_rate_up_to[filer.column])
    line_16 = min(line_1, line_15)
    line_17 = min(line_14, line_16)
    line_18 = or_zero(line_1 - line_10)
    starts_at_32_percent = Fraction(filer.printed.over[3][filer.column])
    line_19 = min(line_1, starts_at_32_percent)
    line_20 = min(line_14, line_19)
    line_21 = max(line_18, line_17 if wrong.old_schedule_d_tax else line_20)
    line_22 = line_16 - line_17
    line_31 = line_34 = line_43 = NOTHING
    if line_1 != line_16:
        line_23 = min(line_1, line_13)
        line_24 = line_22
        line_25 = or_zero(line_23 - line_24)
        line_26 = Fraction(filer.printed.fifteen_rate_up_to[filer.column])
        line_27 = min(line_1, line_26)
        line_28 = line_21 + line_22
        line_29 = or_zero(line_27 - line_28)
        line_30 = min(line_25, line_29)
        line_31 = percent(line_30, 15)
        line_32 = line_24 + line_30
        if line_1 != line_32:
            line_33 = line_23 - line_32
            line_34 = percent(line_33, 20)
            line_41 = line_21 + line_22 + line_30 + line_33
            line_42 = line_1 - line_41
            line_43 = percent(line_42, 28)
    line_44 = schedule_tax(filer, line_21, wrong)
    line_45 = line_31 + line_34 + line_43 + line_44
    line_46 = schedule_tax(filer, line_1, wrong)
    line_47 = min(line_45, line_46)
    return GainsTax(line_47, preferred=line_13, cap=line_10, below=line_14, ordinary=line_21)


def line_16_of_form_1040(filer: Filer, income: Fraction, d: ScheduleD, wrong: Misprints) -> GainsTax | Fraction:
    """The worksheet that Schedule D lines 17 to 22 send to, or the plain tax where there is nothing to prefer."""
    both_gains = d.line_15 > 0 and d.line_16 > 0
    if both_gains and d.line_18 > 0:
        return schedule_d_tax_worksheet(filer, income, d, wrong)
    if both_gains or filer.qualified_dividends > 0:
        return qualified_dividends_worksheet(filer, income, d, wrong)
    return schedule_tax(filer, income, wrong)


def form_8960(filer: Filer, line_7_of_form_1040: Fraction, adjusted_gross_income: Fraction) -> Fraction:
    """Net investment income tax, line 17."""
    line_1 = filer.interest
    line_2 = filer.qualified_dividends
    line_5a = line_7_of_form_1040
    line_8 = line_1 + line_2 + line_5a
    line_12 = or_zero(line_8)
    line_13 = adjusted_gross_income
    line_14 = Fraction(NIIT_THRESHOLD[filer.column])
    line_15 = or_zero(line_13 - line_14)
    line_16 = min(line_12, line_15)
    return line_16 * Fraction("0.038")


def form_6251(
    filer: Filer, income_with_sign: Fraction, worksheet: GainsTax | Fraction, regular_tax: Fraction, wrong: Misprints
) -> Fraction:
    """Alternative minimum tax, line 11, for a filer with the standard deduction and no adjustments."""
    line_1 = income_with_sign
    line_2a = Fraction(filer.printed.standard_deduction[filer.column])
    line_4 = line_1 + line_2a
    if filer.status == "married_separate" and not wrong.no_claw_back:
        line_4 += added_when_separate(filer, line_4)
    line_5 = exemption_worksheet(filer, line_4)
    line_6 = or_zero(line_4 - line_5)
    if line_6 == 0:
        return NOTHING
    line_7 = part_iii(filer, line_6, worksheet) if isinstance(worksheet, GainsTax) else rates_26_28(filer, line_6)
    line_9 = line_7
    line_10 = regular_tax
    return or_zero(line_9 - line_10)


def added_when_separate(filer: Filer, line_4: Fraction) -> Fraction:
    """Form 6251 instructions, line 4, "certain married persons filing separately" (section 55(d)(3))."""
    exemption = filer.printed.exemption[filer.column]
    rate = filer.printed.exemption_shrinks_percent
    ends = filer.printed.exemption_shrinks_over[filer.column] + Fraction(exemption) * 100 / rate
    return min(percent(or_zero(line_4 - ends), rate), Fraction(exemption))


def exemption_worksheet(filer: Filer, line_4: Fraction) -> Fraction:
    """Exemption Worksheet, Form 6251 line 5."""
    line_1 = Fraction(filer.printed.exemption[filer.column])
    line_2 = line_4
    line_3 = Fraction(filer.printed.exemption_shrinks_over[filer.column])
    line_4_here = or_zero(line_2 - line_3)
    line_5 = percent(line_4_here, filer.printed.exemption_shrinks_percent)
    return or_zero(line_1 - line_5)


def rates_26_28(filer: Filer, amount: Fraction) -> Fraction:
    """26 % up to the printed amount, else 28 % less the printed subtraction."""
    edge = filer.printed.rate_26_up_to[filer.column]
    return percent(amount, 26) if amount <= edge else percent(amount, 28) - percent(Fraction(edge), 2)


def part_iii(filer: Filer, line_6: Fraction, worksheet: GainsTax) -> Fraction:
    """Form 6251 Part III, line 40; line 14 is blank (no unrecaptured section 1250 gain)."""
    line_12 = line_6
    line_13 = worksheet.preferred
    line_15 = min(line_13, worksheet.cap)
    line_16 = min(line_12, line_15)
    line_17 = line_12 - line_16
    line_18 = rates_26_28(filer, line_17)
    line_19 = Fraction(filer.printed.zero_rate_up_to[filer.column])
    line_20 = worksheet.below
    line_21 = or_zero(line_19 - line_20)
    line_22 = min(line_12, line_13)
    line_23 = min(line_21, line_22)
    line_24 = line_22 - line_23
    line_25 = Fraction(filer.printed.fifteen_rate_up_to[filer.column])
    line_26 = line_21
    line_27 = worksheet.ordinary
    line_28 = line_26 + line_27
    line_29 = or_zero(line_25 - line_28)
    line_30 = min(line_24, line_29)
    line_31 = percent(line_30, 15)
    line_32 = line_23 + line_30
    line_33 = NOTHING if line_32 == line_12 else line_22 - line_32
    line_34 = percent(line_33, 20)
    line_38 = line_18 + line_31 + line_34
    line_39 = rates_26_28(filer, line_12)
    return min(line_38, line_39)


def file_return(filer: Filer, wrong: Misprints = AS_PRINTED) -> FiledReturn:
    """The whole return, standard deduction and no credits."""
    d = schedule_d(filer)
    line_7 = d.line_16 if d.line_16 >= 0 else -d.line_21
    line_11 = filer.wages + filer.interest + filer.qualified_dividends + line_7
    line_14 = Fraction(filer.printed.standard_deduction[filer.column])
    with_sign = line_11 - line_14
    line_15 = or_zero(with_sign)
    worksheet = line_16_of_form_1040(filer, line_15, d, wrong)
    line_16 = worksheet.tax if isinstance(worksheet, GainsTax) else worksheet
    alternative = form_6251(filer, with_sign, worksheet, line_16, wrong)
    investment = form_8960(filer, line_7, line_11)
    short_out, long_out = carryovers(line_15 if wrong.clipped_income else with_sign, d)
    return FiledReturn(
        adjusted_gross_income=line_11,
        taxable_income=line_15,
        net_short=d.line_7,
        net_long=d.line_15,
        capital_gain_or_loss=line_7,
        allowed_loss=d.line_21,
        regular_tax=line_16,
        alternative_minimum_tax=alternative,
        net_investment_income_tax=investment,
        total_tax=line_16 + alternative + investment,
        carry_short_out=short_out,
        carry_long_out=long_out,
    )
