"""Differential item functioning: do people of equal ability but different groups fare differently on an item?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtri

from .grid import Array
from .health import ability_groups
from .prediction import Predictions

STRATA = 10


@dataclass(frozen=True)
class Dif:
    """Mantel-Haenszel DIF of one item for one focal group against one reference group.

    delta: ETS delta, -2.35 ln(odds ratio), negative when the item is harder for the focal group; low, high: its 95%
    interval. chi_square, p: the test of no DIF. ets_class: A negligible, B moderate, C large (Dorans & Holland, 1993),
    "-" for too few people. For items of more than two scores delta is the standardised mean difference of the score
    as a part of the highest, in units of the score's SD, and the classes follow its ETS bounds 0.17 and 0.25.
    """

    label: str
    reference: str
    focal: str
    n_reference: int
    n_focal: int
    delta: float
    low: float
    high: float
    chi_square: float
    p: float
    ets_class: str


def mantel_haenszel(
    right: ArrayLike, focal: ArrayLike, stratum: ArrayLike, confidence: float = 0.95
) -> tuple[float, float, float, float, float]:
    """Delta, its interval's low and high, chi-square with continuity correction, p. right, focal: 0 or 1, shape (n,).

    The variance of the log odds ratio is that of Robins, Breslow & Greenland (1986). nan when no stratum compares.
    """
    a, b, c, d = _tables(np.asarray(right), np.asarray(focal), np.asarray(stratum))
    total = a + b + c + d
    kept = (a + b > 0) & (c + d > 0) & (total > 1)
    a, b, c, d, total = a[kept], b[kept], c[kept], d[kept], total[kept]
    r, s = a * d / total, b * c / total
    if not r.sum() or not s.sum():
        return (float("nan"),) * 5
    p, q = (a + d) / total, (b + c) / total
    variance = (p * r).sum() / (2 * r.sum() ** 2) + (p * s + q * r).sum() / (2 * r.sum() * s.sum())
    variance += (q * s).sum() / (2 * s.sum() ** 2)
    delta = -2.35 * float(np.log(r.sum() / s.sum()))
    half = 2.35 * float(np.sqrt(variance)) * float(ndtri(0.5 + confidence / 2))
    right_all, wrong_all = a + c, b + d
    expected = (a + b) * right_all / total
    spread = (a + b) * (c + d) * right_all * wrong_all / (total**2 * (total - 1))
    distance = max(abs(float((a - expected).sum())) - 0.5, 0.0)
    chi_square = distance**2 / float(spread.sum()) if spread.sum() > 0 else 0.0
    return delta, delta - half, delta + half, chi_square, float(chdtrc(1, chi_square))


def dif_by_group(
    predictions: Predictions, group: Sequence[str | None], reference: str, min_people: int = 50
) -> list[Dif]:
    """DIF of every item for every other group against `reference`.

    group: of each person, None where unknown. People are matched in ten strata by ability without the item (the total
    score would mean nothing where people met different items), estimated with their own group's mean as the prior:
    matched on estimates that shrink to one mean, groups that differ in ability would show DIF where there is none. In
    an adaptive test, where the answer itself decided what came next, they are matched by the final estimate with the
    item in it, as the answers' summary that leaves nothing to ability (Zwick, Thayer & Wingersky, 1994). ValueError
    when the reference is nobody's group.
    """
    names = np.array(["" if name is None else name for name in group])
    if len(names) != predictions.responses.n_people:
        raise ValueError(f"{predictions.responses.n_people} people need as many groups, got {len(names)}")
    if reference not in names:
        raise ValueError(f"nobody belongs to the reference group {reference}")
    means = {str(name): predictions.group_mean(names == name) for name in np.unique(names)}
    prior_mean = np.array([means[str(name)] for name in names])
    result = []
    for at, label in enumerate(predictions.responses.labels):
        item = predictions.item(at)
        own = names[item.person]
        if predictions.sequence is None:
            matched = item.ability_given_mean(prior_mean[item.person])
        else:
            matched = predictions.ability[item.person]
        highest = predictions.parameters[at].n_categories - 1
        for focal in sorted(set(names.tolist()) - {reference, ""}):
            used = (own == reference) | (own == focal)
            is_focal = own[used] == focal
            counts = int((~is_focal).sum()), int(is_focal.sum())
            if min(counts) < min_people:
                nothing = (float("nan"),) * 5
                result.append(Dif(label, reference, focal, *counts, *nothing, "-"))
                continue
            stratum = ability_groups(matched[used], STRATA)
            if highest == 1:
                values = mantel_haenszel(item.score[used], is_focal, stratum)
                grade = ets_class(*values[:3])
            else:
                values = _mean_difference(item.score[used] / highest, is_focal, stratum)
                grade = _mean_difference_class(*values)
            result.append(Dif(label, reference, focal, *counts, *values, grade))
    return result


def ets_class(delta: float, low: float, high: float) -> str:
    """A, B or C from a delta and its 95% interval; the bound of 1 in class C is tested one-sided at 5%."""
    if np.isnan(delta):
        return "-"
    if abs(delta) < 1.0 or low <= 0.0 <= high:
        return "A"
    error = (high - low) / (2.0 * 1.96)
    return "C" if abs(delta) >= 1.5 and abs(delta) - 1.645 * error > 1.0 else "B"


def _tables(right: Array, focal: Array, stratum: NDArray[np.intp]) -> tuple[Array, Array, Array, Array]:
    """Reference right, reference wrong, focal right, focal wrong, by stratum."""
    n = int(stratum.max(initial=0)) + 1
    cells = [(right == score) & (focal == group) for group in (0, 1) for score in (1, 0)]
    a, b, c, d = (np.bincount(stratum, cell, n).astype(np.float64) for cell in cells)
    return a, b, c, d


def _mean_difference(
    score: Array, focal: NDArray[np.bool_], stratum: NDArray[np.intp]
) -> tuple[float, float, float, float, float]:
    """Standardised mean difference (Dorans & Schmitt, 1991) over the score's SD, its 95% interval, chi-square and p."""
    n = int(stratum.max(initial=0)) + 1
    total, variance, weight = 0.0, 0.0, 0.0
    for k in range(n):
        mine, theirs = score[(stratum == k) & focal], score[(stratum == k) & ~focal]
        if mine.size > 1 and theirs.size > 1:
            total += mine.size * float(mine.mean() - theirs.mean())
            variance += mine.size**2 * float(mine.var(ddof=1) / mine.size + theirs.var(ddof=1) / theirs.size)
            weight += mine.size
    scale = float(score.std())
    if not weight or not scale:
        return (float("nan"),) * 5
    delta, error = total / weight / scale, float(np.sqrt(variance)) / weight / scale
    chi_square = (delta / error) ** 2 if error > 0 else 0.0
    return delta, delta - 1.96 * error, delta + 1.96 * error, chi_square, float(chdtrc(1, chi_square))


def _mean_difference_class(delta: float, low: float, high: float, chi_square: float, p: float) -> str:
    if np.isnan(delta):
        return "-"
    if p > 0.05 or abs(delta) <= 0.17:
        return "A"
    return "C" if abs(delta) > 0.25 else "B"
