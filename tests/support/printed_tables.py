"""The amounts printed on the federal forms and rate schedules of tax years 2022 to 2026, in whole US dollars.

A second copy on purpose: the engine has tables of its own, and a slip in one of them shows where the two meet. The
columns are Schedules X, Y-1, Y-2 and Z: single, married filing jointly, married filing separately, head of household; a
qualifying surviving spouse reads the joint one. Revenue Procedures 2021-45, 2022-38, 2023-34, 2024-40 and 2025-32; the
standard deduction of 2025 is that of P.L. 119-21.
"""

from __future__ import annotations

from typing import NamedTuple

COLUMNS = {
    "single": 0,
    "married_joint": 1,
    "married_separate": 2,
    "head_of_household": 3,
    "qualifying_surviving_spouse": 1,
}

PERCENT = (10, 12, 22, 24, 32, 35, 37)

LOSS_LIMIT = (3_000, 3_000, 1_500, 3_000)
NIIT_THRESHOLD = (200_000, 250_000, 125_000, 200_000)

Column = tuple[int, int, int, int]


class Printed(NamedTuple):
    """One year of printed amounts; each tuple has the four columns."""

    over: tuple[Column, ...]
    standard_deduction: Column
    zero_rate_up_to: Column
    fifteen_rate_up_to: Column
    exemption: Column
    exemption_shrinks_over: Column
    exemption_shrinks_percent: int
    rate_26_up_to: Column


PRINTED = {
    2022: Printed(
        over=(
            (10_275, 20_550, 10_275, 14_650),
            (41_775, 83_550, 41_775, 55_900),
            (89_075, 178_150, 89_075, 89_050),
            (170_050, 340_100, 170_050, 170_050),
            (215_950, 431_900, 215_950, 215_950),
            (539_900, 647_850, 323_925, 539_900),
        ),
        standard_deduction=(12_950, 25_900, 12_950, 19_400),
        zero_rate_up_to=(41_675, 83_350, 41_675, 55_800),
        fifteen_rate_up_to=(459_750, 517_200, 258_600, 488_500),
        exemption=(75_900, 118_100, 59_050, 75_900),
        exemption_shrinks_over=(539_900, 1_079_800, 539_900, 539_900),
        exemption_shrinks_percent=25,
        rate_26_up_to=(206_100, 206_100, 103_050, 206_100),
    ),
    2023: Printed(
        over=(
            (11_000, 22_000, 11_000, 15_700),
            (44_725, 89_450, 44_725, 59_850),
            (95_375, 190_750, 95_375, 95_350),
            (182_100, 364_200, 182_100, 182_100),
            (231_250, 462_500, 231_250, 231_250),
            (578_125, 693_750, 346_875, 578_100),
        ),
        standard_deduction=(13_850, 27_700, 13_850, 20_800),
        zero_rate_up_to=(44_625, 89_250, 44_625, 59_750),
        fifteen_rate_up_to=(492_300, 553_850, 276_900, 523_050),
        exemption=(81_300, 126_500, 63_250, 81_300),
        exemption_shrinks_over=(578_150, 1_156_300, 578_150, 578_150),
        exemption_shrinks_percent=25,
        rate_26_up_to=(220_700, 220_700, 110_350, 220_700),
    ),
    2024: Printed(
        over=(
            (11_600, 23_200, 11_600, 16_550),
            (47_150, 94_300, 47_150, 63_100),
            (100_525, 201_050, 100_525, 100_500),
            (191_950, 383_900, 191_950, 191_950),
            (243_725, 487_450, 243_725, 243_700),
            (609_350, 731_200, 365_600, 609_350),
        ),
        standard_deduction=(14_600, 29_200, 14_600, 21_900),
        zero_rate_up_to=(47_025, 94_050, 47_025, 63_000),
        fifteen_rate_up_to=(518_900, 583_750, 291_850, 551_350),
        exemption=(85_700, 133_300, 66_650, 85_700),
        exemption_shrinks_over=(609_350, 1_218_700, 609_350, 609_350),
        exemption_shrinks_percent=25,
        rate_26_up_to=(232_600, 232_600, 116_300, 232_600),
    ),
    2025: Printed(
        over=(
            (11_925, 23_850, 11_925, 17_000),
            (48_475, 96_950, 48_475, 64_850),
            (103_350, 206_700, 103_350, 103_350),
            (197_300, 394_600, 197_300, 197_300),
            (250_525, 501_050, 250_525, 250_500),
            (626_350, 751_600, 375_800, 626_350),
        ),
        standard_deduction=(15_750, 31_500, 15_750, 23_625),
        zero_rate_up_to=(48_350, 96_700, 48_350, 64_750),
        fifteen_rate_up_to=(533_400, 600_050, 300_000, 566_700),
        exemption=(88_100, 137_000, 68_500, 88_100),
        exemption_shrinks_over=(626_350, 1_252_700, 626_350, 626_350),
        exemption_shrinks_percent=25,
        rate_26_up_to=(239_100, 239_100, 119_550, 239_100),
    ),
    2026: Printed(
        over=(
            (12_400, 24_800, 12_400, 17_700),
            (50_400, 100_800, 50_400, 67_450),
            (105_700, 211_400, 105_700, 105_700),
            (201_775, 403_550, 201_775, 201_750),
            (256_225, 512_450, 256_225, 256_200),
            (640_600, 768_700, 384_350, 640_600),
        ),
        standard_deduction=(16_100, 32_200, 16_100, 24_150),
        zero_rate_up_to=(49_450, 98_900, 49_450, 66_200),
        fifteen_rate_up_to=(545_500, 613_700, 306_850, 579_600),
        exemption=(90_100, 140_200, 70_100, 90_100),
        exemption_shrinks_over=(500_000, 1_000_000, 500_000, 500_000),
        exemption_shrinks_percent=50,
        rate_26_up_to=(244_500, 244_500, 122_250, 244_500),
    ),
}
