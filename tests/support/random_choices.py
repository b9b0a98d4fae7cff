"""Random small choices: folded bills, years in miniature, and lots with round figures, so that ties happen."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from harvest_tui.core.harvest.options import Option
from harvest_tui.core.harvest.surface import Edge, TaxSurface
from support.choice_enumeration import Folded, SmallYear

LAWFUL = ((1, 0), (0, 1), (1, 1))
ANY_SLOPE = (*LAWFUL, (1, 2), (2, -1), (1, -1), (3, 1))


def random_folds(chance: Random, slopes: tuple[tuple[int, int], ...] = LAWFUL) -> Folded:
    """A bill folded up to five times, upward more often than downward."""
    folds = [
        (_cents(chance, -60, 90), Edge(*chance.choice(slopes), Decimal(chance.randrange(-40, 30)) * 100))
        for _ in range(chance.randrange(1, 6))
    ]
    return Folded(folds, (_cents(chance, 0, 40), _cents(chance, 0, 40)))


def random_surface(chance: Random, number: int) -> TaxSurface:
    """By turns a year in miniature, folds along the law's slopes, and folds along any."""
    if number % 4 == 0:
        return SmallYear(Decimal(chance.randrange(20, 120)) * 1000)
    return random_folds(chance, ANY_SLOPE if number % 4 == 1 else LAWFUL)


def random_start(chance: Random) -> tuple[Decimal, Decimal]:
    """Results so far of up to $4,000 either way."""
    return Decimal(chance.randrange(-20, 40)) * 100, Decimal(chance.randrange(-20, 40)) * 100


def random_lots(chance: Random, count: int, size: int = 1) -> list[Option]:
    """Lots of either term: three losses to a gain, a few without result, one cost in ten a benefit."""
    lots = []
    for number in range(count):
        gain = Decimal(chance.choice([-1, -1, -1, 1]) * chance.randrange(0, 250) * 10 * size)
        cost = Decimal(chance.randrange(-4, 40) * 10 * size)
        short, long = (gain, Decimal(0)) if chance.random() < 0.5 else (Decimal(0), gain)
        lots.append(Option(f"lot-{number}", short, long, cost))
    return lots


def _cents(chance: Random, low: int, high: int) -> Decimal:
    return Decimal(chance.randrange(low, high)).scaleb(-2)
