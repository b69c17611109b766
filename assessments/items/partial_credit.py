"""Scores of questions with several parts, kept small enough for the measurement model.

A score 0..k is measured by the generalised partial credit model, which estimates k step difficulties for each item
(Muraki, 1992). Steps that few people take cannot be estimated, so no item gives more than MOST points: parts beyond
that are binned. What a person passes a form by is their share of the points, and that is exact: nobody who filled four
gaps of five falls short of four fifths.
"""

from fractions import Fraction

MOST = 4
"""The highest maximum of any item."""


def highest_score(parts: int) -> int:
    """The maximum of an item with so many parts (1 or more)."""
    return min(parts, MOST)


def exact_score(points: int, parts: int) -> Fraction:
    """What so many points of `parts` earn before anything is rounded: their share of the maximum."""
    return Fraction(max(0, min(points, parts)) * highest_score(parts), parts)


def binned_score(points: int, parts: int) -> int:
    """The score for so many points of `parts`: 0 for none or fewer, the maximum for all alone, rounded down between.

    Every score from 0 to the maximum is reached by some number of points.
    """
    return max(0, min(points, parts)) * highest_score(parts) // parts
