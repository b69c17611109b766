"""Agreement between two markers of the same answers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

Z95 = 1.959963984540054
"""Standard normal quantile of 0.975."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """kappa: 1 for equal marks, 0 for what chance alone gives. se: its standard error. pairs: answers marked twice."""

    kappa: float
    se: float
    pairs: int

    @property
    def low(self) -> float:
        """Lower end of the interval of 95%."""
        return max(-1.0, self.kappa - Z95 * self.se)

    @property
    def high(self) -> float:
        """Upper end of the interval of 95%."""
        return min(1.0, self.kappa + Z95 * self.se)


def quadratic_weighted_kappa(first: ArrayLike, second: ArrayLike, categories: int) -> Agreement | None:
    """Return Cohen's kappa weighted by the square of the distance, with its large-sample standard error.

    first, second: marks 0..categories-1 of the same n answers by two markers, shape (n,). None where it is not defined:
    fewer than two categories, no pair, or all marks the same. ValueError for marks outside the range, or different
    lengths. Formulas: Cohen (1968); Fleiss, Cohen & Everitt (1969), Psychological Bulletin 72, eq. 9 and 13.
    """
    a, b = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError("two lists of the same length are needed")
    if a.size and not (min(a.min(), b.min()) >= 0 and max(a.max(), b.max()) < categories):
        raise ValueError(f"marks lie outside 0..{categories - 1}")
    if not a.size or categories < 2:
        return None
    n = a.size
    joint = np.zeros((categories, categories))
    np.add.at(joint, (a, b), 1.0 / n)
    places = np.arange(categories)
    weights = 1.0 - ((places[:, None] - places[None, :]) / (categories - 1)) ** 2
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    observed = float((weights * joint).sum())
    expected = float(rows @ weights @ columns)
    if 1.0 - expected < 1e-12:
        return None
    kappa = (observed - expected) / (1.0 - expected)
    means = (weights @ columns)[:, None] + (rows @ weights)[None, :]
    spread = float((joint * (weights * (1.0 - expected) - means * (1.0 - observed)) ** 2).sum())
    variance = (spread - (observed * expected - 2.0 * expected + observed) ** 2) / (n * (1.0 - expected) ** 4)
    return Agreement(kappa, float(np.sqrt(max(0.0, variance))), n)
