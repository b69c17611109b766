"""The prior held fixed: it agrees with the full fit, and its intervals cover the truth."""

import numpy as np
import pytest

from assessments.measurement import PROVISIONAL_CUTS, fit_groups, share_interval
from reports.domain.distribution import MIN_PEOPLE, REFERENCE, Distribution, fit_distribution, unit_model
from reports.domain.own_cells import Placements, compute_own_cells
from reports.domain.values import MILLION, CellKey

UNITS = 60


def simulate(seed: int, per_unit: int):
    """People of two groups in units: unit, group, true ability, posterior mean and se under N(0, 1)."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(UNITS), per_unit)
    group = rng.integers(0, 2, unit.size)
    theta = rng.normal(rng.normal(0.2, 0.4, UNITS)[unit] + np.array([-0.3, 0.3])[group], 0.8)
    noise = rng.uniform(0.4, 0.8, unit.size)
    seen = rng.normal(theta, noise)
    precision = 1 / noise**2
    return unit, group, theta, seen * precision / (1 + precision), np.sqrt(1 / (1 + precision))


def test_unit_model_agrees_with_the_fit_it_came_from():
    unit, group, _, mean, se = simulate(1, 20)
    distribution = fit_distribution(mean, se, unit, group)
    model = unit_model(distribution, mean, se, unit, UNITS, group, [0, 1])
    full = fit_groups(mean, se, unit, UNITS, group, 2)
    assert model.mean == pytest.approx(full.mean, abs=1e-9)
    without_groups = fit_groups(mean, se, unit, UNITS)
    assert model.variance == pytest.approx(without_groups.variance, rel=0.15)
    assert (distribution.mu0, distribution.people) == (full.mu0, unit.size)


def test_a_unit_alone_gives_the_same_as_among_others():
    unit, group, _, mean, se = simulate(2, 10)
    distribution = fit_distribution(mean, se, unit, group)
    everybody = unit_model(distribution, mean, se, unit, UNITS, group, [0, 1])
    some = unit == 7
    alone = unit_model(distribution, mean[some], se[some], np.zeros(10, dtype=np.int64), 1, group[some], [0, 1])
    assert (alone.mean[0], alone.variance[0]) == (everybody.mean[7], everybody.variance[7])


def test_few_people_teach_nothing():
    unit, group, _, mean, se = simulate(3, 10)
    few = slice(0, MIN_PEOPLE - 1)
    assert fit_distribution(mean[few], se[few], unit[few], group[few]) is REFERENCE


def test_an_unknown_group_has_no_effect():
    distribution = Distribution(0.0, 0.4, 0.9, {5: 0.7})
    one = np.zeros(1, dtype=np.int64)
    known, unknown = (unit_model(distribution, np.array([0.5]), np.array([0.5]), one, 1, one, [g]) for g in (5, 6))
    assert (known.delta.tolist(), unknown.delta.tolist()) == ([0.7], [0.0])
    assert known.mean[0] < unknown.mean[0]


@pytest.mark.parametrize("per_unit", [6, 30])
def test_intervals_cover_the_true_share_of_units_and_of_the_whole(per_unit):
    covered: list[bool] = []
    whole_covered: list[bool] = []
    for seed in range(15):
        unit, group, theta, mean, se = simulate(seed, per_unit)
        level = np.where(group == 0, 5, 6)
        people = Placements(unit, group, np.ones_like(unit), np.arange(unit.size), level, mean, se)
        cells = compute_own_cells(people, {1: fit_distribution(mean, se, unit, group)}, {1: PROVISIONAL_CUTS})
        rows = [cells[CellKey(each, 1, None)] for each in range(UNITS)]
        below = theta < np.array(PROVISIONAL_CUTS)[level - 2]
        columns = np.array([[row.assessed, row.below, row.spread, row.unit_variance] for row in rows]).T
        for sums, truth, found in (
            (columns, np.bincount(unit, below) / per_unit, covered),
            (columns.sum(axis=1, keepdims=True), np.array([below.mean()]), whole_covered),
        ):
            assessed, *millionths = sums
            _, low, high = share_interval(assessed, *(column / MILLION for column in millionths))
            found.extend((low - 1e-9 <= truth) & (truth <= high + 1e-9))
    assert 0.93 <= float(np.mean(covered)) <= 0.98
    assert float(np.mean(whole_covered)) >= 0.8
