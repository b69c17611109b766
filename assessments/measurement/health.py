"""How each item does: classical statistics, fit to its curve, answers by ability, drift over time, time used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .grid import GRID, Array
from .item_curves import GroupCurves, fit_group_curves
from .prediction import ItemPrediction, Predictions

IDLE_SHARE = 0.02
"""A wrong option that fewer people choose does no work."""
READABLE_ERROR = 0.15
"""Standard error of a group's observed share above which fewer and larger groups are shown."""
_EMPTY = float("nan")


@dataclass(frozen=True)
class ItemStatistics:
    """n: answers. facility: mean score as a part of the highest. discrimination: correlation of the score with ability
    as the other answers tell it (`item_curves`); discrimination_error: its standard error. discrimination_index:
    facility of the ablest 27% less that of the weakest 27%. efficiency: the correlation as a part of the largest these
    scores could have. infit, outfit: mean square of residuals, weighted and not, 1 under the model; infit_z, outfit_z:
    their distance from 1 in standard errors.
    """

    label: str
    n: int
    facility: float
    discrimination: float
    discrimination_index: float
    efficiency: float
    infit: float
    infit_z: float
    outfit: float
    outfit_z: float
    discrimination_error: float = 0.0


@dataclass(frozen=True, eq=False)
class ObservedCurve:
    """Answers by ability groups of about equal size, each array of shape (groups,).

    ability: mean of the group. observed, expected: mean score as a part of the highest. error: standard error of
    observed. n: people, who may belong to two neighbouring groups in part.
    """

    ability: Array
    observed: Array
    expected: Array
    error: Array
    n: Array


@dataclass(frozen=True, eq=False)
class OptionStatistics:
    """One answer option: share of people choosing it, their mean ability less that of the others, its share by ability
    group, shape (groups,), and flags: "idle" for a wrong option hardly anybody takes, "attracts_able" for a wrong
    option whose takers are abler than the rest, "key_weak" for a right option whose takers are weaker.
    """

    option: str
    correct: bool
    share: float
    ability_difference: float
    by_group: Array
    flags: tuple[str, ...]


def item_statistics(predictions: Predictions) -> list[ItemStatistics]:
    """Statistics of every item, in the order of the responses' labels; nan where answers are too few (under 3)."""
    result = []
    for at, label in enumerate(predictions.responses.labels):
        item = predictions.item(at)
        highest = predictions.parameters[at].n_categories - 1
        n = int(item.score.size)
        if n < 3:
            result.append(ItemStatistics(label, n, *(_EMPTY,) * 8))
            continue
        infit, infit_z, outfit, outfit_z = fit_mean_squares(item)
        curves, category = _curves(item, highest, usual_groups(n))
        worth = np.arange(highest + 1) / highest
        discrimination, error = curves.correlation(worth, category)
        result.append(
            ItemStatistics(
                label=label,
                n=n,
                facility=float(item.score.mean() / highest),
                discrimination=discrimination,
                discrimination_index=_upper_lower(curves, worth),
                efficiency=_efficiency(discrimination, curves, item.score),
                infit=infit,
                infit_z=infit_z,
                outfit=outfit,
                outfit_z=outfit_z,
                discrimination_error=error,
            )
        )
    return result


def fit_mean_squares(item: ItemPrediction) -> tuple[float, float, float, float]:
    """Infit, its z, outfit, its z (Wright & Masters, 1982), with each person's predicted variance."""
    variance = np.maximum(item.variance, 1e-6)
    square, spread = item.residual**2, np.maximum(item.fourth_moment - variance**2, 0.0)
    infit = float(square.sum() / variance.sum())
    infit_error = float(np.sqrt(spread.sum()) / variance.sum())
    outfit = float((square / variance).mean())
    outfit_error = float(np.sqrt((spread / variance**2).sum()) / square.size)
    return infit, _z(infit - 1.0, infit_error), outfit, _z(outfit - 1.0, outfit_error)


def usual_groups(n: int) -> int:
    """How many ability groups so many answers can fill: 2 to 5."""
    return max(2, min(5, n // 60))


def observed_curve(predictions: Predictions, at: int, groups: int = 5) -> ObservedCurve:
    """Observed and expected mean score of the item in position `at` by ability groups, for a picture of its curve.

    groups: at most so many; fewer where the other answers tell too little about ability to keep them apart.
    """
    item = predictions.item(at)
    highest = predictions.parameters[at].n_categories - 1
    worth = np.arange(highest + 1) / highest
    for count in range(groups, 1, -1):
        curves, _category = _curves(item, highest, count)
        if float(curves.mean_error(worth).max()) <= READABLE_ERROR:
            break
    mass = curves.posterior.sum(axis=0)
    n = np.bincount(curves.group, mass).astype(np.float64)
    expected = np.bincount(curves.group, mass * (worth @ np.exp(predictions.parameters[at].log_table)))
    return ObservedCurve(
        ability=curves.ability,
        observed=curves.mean(worth),
        expected=expected / np.maximum(n, 1e-12),
        error=curves.mean_error(worth),
        n=n,
    )


def distractors(chosen: ArrayLike, weights: Array, correct: dict[str, bool], groups: int = 5) -> list[OptionStatistics]:
    """Who chooses which option. chosen: option taken by each person, shape (n,); weights: what each person's other
    answers say about ability, shape (n, 61).

    correct: every option of the item and whether it is right. ValueError for a choice that is not among them.
    """
    taken = np.asarray(chosen).astype(str)
    unknown = set(taken.tolist()) - correct.keys()
    if unknown:
        raise ValueError(f"unknown option {sorted(unknown)[0]}, expected one of {', '.join(correct)}")
    result = []
    for option, right in correct.items():
        mine = (taken == option).astype(np.intp)
        share = float(mine.mean())
        curves = fit_group_curves(weights, mine, 2, groups)
        correlation, error = curves.correlation(np.array([0.0, 1.0]), mine)
        mean = curves.posterior @ GRID
        difference = float(mean[mine == 1].mean() - mean[mine == 0].mean()) if 0.0 < share < 1.0 else 0.0
        flags = []
        if not right and share < IDLE_SHARE:
            flags.append("idle")
        elif not right and correlation > 3.0 * error:
            flags.append("attracts_able")
        elif right and correlation < -3.0 * error:
            flags.append("key_weak")
        result.append(OptionStatistics(option, right, share, difference, curves.chances[:, 1], tuple(flags)))
    return result


def drift(predictions: Predictions, at: int, period: ArrayLike, n_periods: int) -> tuple[Array, Array]:
    """Mean residual of an item, as a part of its highest score, and its z by period of answering, shape (n_periods,).

    period: of each person, shape (n_people,). A steady rise says that the item became easier or leaked.
    """
    item = predictions.item(at)
    highest = predictions.parameters[at].n_categories - 1
    when = np.asarray(period, dtype=np.intp)[item.person]
    n = np.maximum(np.bincount(when, minlength=n_periods), 1)
    total = np.bincount(when, item.residual, n_periods)
    error = np.sqrt(np.maximum(np.bincount(when, item.variance, n_periods), 1e-12))
    return total / n / highest, total / error


@dataclass(frozen=True)
class TimeUsed:
    """Seconds: median, 10th and 90th percentiles; rapid: share of answers faster than a tenth of the median."""

    median: float
    p10: float
    p90: float
    rapid: float


def time_used(seconds: ArrayLike) -> TimeUsed:
    """How long people took on an item; rapid guesses by the 10% rule of Wise & Ma (2012). ValueError without times."""
    times = np.asarray(seconds, dtype=np.float64)
    if not times.size or not (np.isfinite(times) & (times >= 0)).all():
        raise ValueError("answering times must be finite, at least 0 and at least one")
    p10, median, p90 = np.quantile(times, [0.1, 0.5, 0.9]).tolist()
    return TimeUsed(median, p10, p90, float((times < 0.1 * median).mean()))


def health_flags(
    statistics: ItemStatistics,
    *,
    chance: float = 0.0,
    exposure: float = 0.0,
    max_exposure: float = 0.30,
    largest_q3: float = 0.0,
    dif_class: str = "A",
    drift_z: float = 0.0,
    rapid: float = 0.0,
) -> tuple[str, ...]:
    """What a trainer should look at, as codes a page puts into words with what to do; empty when all is well.

    chance: facility of blind guessing. largest_q3: the item's largest corrected residual correlation. dif_class: its
    worst ETS class. drift_z: its largest by period. rapid: share of rapid answers. What is compared with chance lies
    two standard errors beyond it.
    """
    s = statistics
    n = max(s.n, 1)
    facility_error = float(np.sqrt(max(s.facility * (1.0 - s.facility), 0.0) / n))
    backwards = s.discrimination + 3.0 * s.discrimination_error < 0.0
    flags = {
        "few_answers": s.n < 30,
        "too_easy": s.facility > 0.95,
        "too_hard": s.facility < 0.05 or s.facility + 2.0 * facility_error < chance,
        "negative_discrimination": backwards,
        "low_discrimination": not backwards and s.discrimination + s.discrimination_error < 0.15,
        "misfit": abs(s.infit - 1.0) > 0.2 and abs(s.infit_z) > 3.0,
        "surprising_answers": s.outfit > 1.5 and s.outfit_z > 3.0,
        "overexposed": exposure > max_exposure,
        "depends_on_another": largest_q3 > 0.2,
        "unfair_to_a_group": dif_class == "C",
        "maybe_unfair_to_a_group": dif_class == "B",
        "drifting": abs(drift_z) > 3.5,
        "rapid_answers": rapid > 0.1,
    }
    return tuple(code for code, raised in flags.items() if raised)


def ability_groups(ability: Array, groups: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Groups of about equal size by ability, weakest 0, shape (n,); people of equal ability stay together.

    Parted by their place in the table, which often follows their unit, they would make groups of people differ.
    """
    _values, place, counts = np.unique(np.round(ability, 9), return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2.0
    return np.asarray((middle * groups / max(ability.size, 1)).astype(np.intp)[place])


def _curves(item: ItemPrediction, highest: int, groups: int) -> tuple[GroupCurves, NDArray[np.intp]]:
    category = item.score.astype(np.intp)
    return fit_group_curves(item.weights, category, highest + 1, groups), category


def _upper_lower(curves: GroupCurves, worth: Array) -> float:
    """Facility of the ablest 27% less that of the weakest 27%, each group counting as far as it belongs to them."""
    mean, size = curves.mean(worth), curves.size
    below = np.cumsum(size) - size
    weakest = np.clip(0.27 - below, 0.0, size)
    ablest = np.clip(below + size - 0.73, 0.0, size)
    return float((ablest @ mean) / ablest.sum() - (weakest @ mean) / weakest.sum())


def _efficiency(correlation: float, curves: GroupCurves, score: Array) -> float:
    """The correlation over the one that these scores would have if they rose with ability without exception."""
    mass = curves.posterior.mean(axis=0)
    at = (np.arange(1000) + 0.5) / 1000.0
    ability, best = np.interp(at, np.cumsum(mass) - mass / 2.0, GRID), np.quantile(score, at, method="inverted_cdf")
    if best.std() <= 0 or ability.std() <= 0:
        return 0.0
    return correlation / float(np.corrcoef(ability, best)[0, 1])


def _z(distance: float, error: float) -> float:
    return distance / error if error > 0 else 0.0
