"""Figures of units beside the truth: how often intervals hold it, and bias beside the plain mean of estimates."""

from __future__ import annotations

import numpy as np

from assessments.measurement import (
    PROVISIONAL_CUTS,
    cell_sums,
    conditional_posteriors,
    estimate_many,
    fit_groups,
    share_interval,
)
from bench.report import Record
from tests.assessments.measurement.factories import answer, make_items

NATIONS, UNITS = 10, 1000
POOL, LEVEL = 40, 6
PLAIN = "plain mean of estimates"


def run() -> list[Record]:
    """10,000 cells for each length: units of 5 to 60 people, each answering so many questions of 40."""
    return [record for asked in (3, 8, 16) for record in _of_length(asked)]


def _of_length(asked: int) -> list[Record]:
    print(f"{NATIONS * UNITS} unit cells, {asked} questions each ...", flush=True)
    nations = [_nation(seed, asked) for seed in range(NATIONS)]
    covered, truth, ours, plain, share_error, plain_share_error = (
        np.concatenate(each) for each in zip(*nations, strict=True)
    )
    best = truth > np.quantile(truth, 0.9)

    def beside(name: str, value: float, peer: float) -> Record:
        return Record(f"{name}_{asked}", value, "", {PLAIN: peer})

    return [
        Record(f"unit_interval_coverage_{asked}", float(covered.mean()), ""),
        beside("unit_mean_bias", _bias(ours, truth), _bias(plain, truth)),
        beside("unit_mean_bias_best_tenth", _bias(ours[best], truth[best]), _bias(plain[best], truth[best])),
        beside("unit_mean_slope", _slope(ours, truth), _slope(plain, truth)),
        beside("unit_share_bias", float(share_error.mean()), float(plain_share_error.mean())),
        beside("unit_share_rmse", _rms(share_error), _rms(plain_share_error)),
    ]


def _nation(seed: int, asked: int) -> tuple[np.ndarray, ...]:
    """By unit: is the share below the level in its interval; mean: true, ours, plain; share off: ours, plain."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(5, 61, UNITS)
    unit = np.repeat(np.arange(UNITS), sizes)
    theta = rng.normal(rng.normal(0.2, 0.4, UNITS)[unit], 0.8)
    pool = make_items(rng, POOL)
    given = np.argsort(rng.random((unit.size, POOL)), axis=1)[:, :asked]
    score = np.take_along_axis(answer(rng, pool, theta), given, axis=1)
    mean, se = estimate_many(pool, np.repeat(np.arange(unit.size), asked), given.ravel(), score.ravel(), unit.size)
    model = fit_groups(mean, se, unit, UNITS)
    sums = cell_sums(model, mean, se, unit, unit, UNITS, LEVEL, PROVISIONAL_CUTS)
    share, low, high = share_interval(sums.n, sums.sum_p, sums.sum_pq, sums.var_prior)
    cut = PROVISIONAL_CUTS[LEVEL - 2]

    def by_unit(values: np.ndarray) -> np.ndarray:
        return np.bincount(unit, values, UNITS) / sizes

    below = by_unit(theta < cut)
    covered = (low - 1e-9 <= below) & (below <= high + 1e-9)
    ours = by_unit(conditional_posteriors(model, mean, se, unit)[0])
    return covered, by_unit(theta), ours, by_unit(mean), share - below, by_unit(mean < cut) - below


def _bias(found: np.ndarray, truth: np.ndarray) -> float:
    return float((found - truth).mean())


def _slope(found: np.ndarray, truth: np.ndarray) -> float:
    return float(np.polyfit(truth, found, 1)[0])


def _rms(errors: np.ndarray) -> float:
    return float(np.sqrt((errors**2).mean()))
