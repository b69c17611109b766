from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr

from assessments.measurement import (
    PROVISIONAL_CUTS,
    cell_sums,
    conditional_posteriors,
    estimate_many,
    fit_groups,
    likelihood_summaries,
    probability_below,
    share_interval,
)
from assessments.measurement.units import _FURTHEST, _STEPS, _at_places

from .factories import answer, make_items

N_UNITS = 60


def simulate(seed: int, per_unit: int, n_items: int, shift: np.ndarray | None = None, n_units: int = N_UNITS):
    """People in units, each answering his own n_items of a pool of 40: unit, theta, posterior mean and se."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(n_units), per_unit)
    theta = rng.normal(rng.normal(0.2, 0.4, n_units)[unit], 0.8)
    group = rng.integers(0, 2, unit.size)
    if shift is not None:
        theta += shift[group]
    pool = make_items(rng, 40)
    asked = np.argsort(rng.random((unit.size, 40)), axis=1)[:, :n_items]
    score = np.take_along_axis(answer(rng, pool, theta), asked, axis=1)
    person = np.repeat(np.arange(unit.size), n_items)
    mean, se = estimate_many(pool, person, asked.ravel(), score.ravel(), unit.size)
    return unit, group, theta, mean, se


def run_cells(seed: int, per_unit: int, n_items: int, n_units: int = N_UNITS):
    """Truth, estimate, low, high of the share below level 6 by unit, and the realised and estimated unit means."""
    unit, _, theta, mean, se = simulate(seed, per_unit, n_items, n_units=n_units)
    model = fit_groups(mean, se, unit, n_units)
    sums = cell_sums(model, mean, se, unit, unit, n_units, 6, PROVISIONAL_CUTS)
    share, low, high = share_interval(sums.n, sums.sum_p, sums.sum_pq, sums.var_prior)
    truth = np.bincount(unit, theta < PROVISIONAL_CUTS[4]) / per_unit
    person_mean, _ = conditional_posteriors(model, mean, se, unit)
    means = np.bincount(unit, theta) / per_unit, np.bincount(unit, person_mean) / per_unit
    return truth, share, low, high, *means


def covered(per_unit: int, n_items: int, narrowed: float = 1.0) -> float:
    """The part of 10,000 cells whose interval, narrowed around the estimate by this factor, has the realised share."""
    runs = [run_cells(seed, per_unit, n_items, n_units=1000) for seed in range(10)]
    return float(
        np.mean(
            [
                (share + narrowed * (low - share) - 1e-9 <= truth) & (truth <= share + narrowed * (high - share) + 1e-9)
                for truth, share, low, high, *_ in runs
            ]
        )
    )


@pytest.mark.parametrize(("per_unit", "n_items"), [(8, 16), (30, 16), (30, 8), (30, 3), (8, 3)])
def test_intervals_cover_the_realised_share_of_ten_thousand_cells(per_unit, n_items):
    """Of 10,000 cells the part covered is known to within 0.5 percent: two standard errors and more."""
    assert 0.93 <= covered(per_unit, n_items) <= 0.97


@pytest.mark.parametrize("n_items", [16, 3])
def test_intervals_a_fifth_too_narrow_are_found_out(n_items):
    assert covered(30, n_items, narrowed=0.8) < 0.93


def test_unit_figures_at_sixteen_items_are_unbiased_and_unshrunken():
    runs = [run_cells(seed, 30, 16) for seed in range(12)]
    truth, share, _, _, mean, estimated = (np.concatenate(column) for column in zip(*runs, strict=True))
    assert abs(float((estimated - mean).mean())) <= 0.03
    assert abs(float((share - truth).mean())) <= 0.02
    strong = mean > np.quantile(mean, 0.9)
    assert abs(float((estimated - mean)[strong].mean())) <= 0.06
    assert float(np.polyfit(mean, estimated, 1)[0]) == pytest.approx(0.97, abs=0.03)


def test_fit_groups_recovers_the_spread_and_the_group_effects():
    unit, group, _, mean, se = simulate(5, 60, 16, shift=np.array([-0.25, 0.25]))
    model = fit_groups(mean, se, unit, N_UNITS, group, 2)
    assert model.between_sd == pytest.approx(0.4, abs=0.08)
    assert model.within_sd == pytest.approx(0.8, abs=0.04)
    assert float(model.delta[1] - model.delta[0]) == pytest.approx(0.5, abs=0.08)
    assert model.mu0 == pytest.approx(0.2, abs=0.12)


def test_people_without_evidence_get_their_units_prior():
    unit, _, _, mean, se = simulate(6, 20, 16)
    model = fit_groups(np.append(mean, 0.0), np.append(se, 1.0), np.append(unit, 3), N_UNITS + 1)
    assert model.n.tolist() == [20] * N_UNITS + [0]
    person_mean, sd = conditional_posteriors(model, np.zeros(1), np.ones(1), [3])
    assert person_mean.tolist() == [model.mean[3]]
    assert sd[0] == pytest.approx(np.hypot(model.within_sd, np.sqrt(model.variance[3])))
    assert model.mean[-1] == pytest.approx(model.mu0)
    assert model.variance[-1] >= model.between_sd**2


def test_fit_groups_without_any_evidence_is_the_reference_population():
    model = fit_groups(np.zeros(4), np.ones(4), [0, 0, 1, 1], 2)
    assert (model.mean.tolist(), model.within_sd, model.n.tolist()) == ([0.0, 0.0], 1.0, [0, 0])


def test_one_unit_alone_is_not_shrunk():
    unit, _, theta, mean, se = simulate(7, 30, 16)
    one = unit == 4
    model = fit_groups(mean[one], se[one], np.zeros(30, dtype=int), 1)
    assert model.mean[0] == pytest.approx(theta[one].mean(), abs=0.2)


def test_cell_sums_are_additive_and_match_the_definition():
    unit, _, _, mean, se = simulate(8, 10, 16)
    model = fit_groups(mean, se, unit, N_UNITS)
    required = np.random.default_rng(1).integers(1, 9, unit.size)
    sums = cell_sums(model, mean, se, unit, unit, N_UNITS, required, PROVISIONAL_CUTS)
    whole = [
        cell_sums(model, mean[half], se[half], unit[half], unit[half], N_UNITS, required[half], PROVISIONAL_CUTS)
        for half in (np.arange(0, unit.size, 2), np.arange(1, unit.size, 2))
    ]
    for name in ("n", "sum_p", "sum_pq", "sum_slope", "shortfall", "levels"):
        assert np.allclose(getattr(sums, name), getattr(whole[0], name) + getattr(whole[1], name))
    person_mean, sd = conditional_posteriors(model, mean, se, unit)
    cuts = np.array([-np.inf, *PROVISIONAL_CUTS])
    p = probability_below(person_mean, sd, cuts[required - 1])
    assert np.allclose(sums.sum_p, np.bincount(unit, p))
    assert np.allclose(sums.levels.sum(axis=1), sums.n)
    expected = sum((required > k) * probability_below(person_mean, sd, PROVISIONAL_CUTS[k - 1]) for k in range(1, 8))
    assert np.allclose(sums.shortfall, np.bincount(unit, expected))


def test_sum_slope_is_the_derivative_by_the_unit_mean():
    unit, _, _, mean, se = simulate(9, 10, 16)
    model = fit_groups(mean, se, unit, N_UNITS)
    moved = type(model)(**{**vars(model), "mean": model.mean + 1e-5})
    before, after = (cell_sums(m, mean, se, unit, unit, N_UNITS, 5, PROVISIONAL_CUTS) for m in (model, moved))
    assert np.allclose(before.sum_slope, (after.sum_p - before.sum_p) / 1e-5, atol=1e-3)


@pytest.mark.parametrize("n", [1, 5, 20, 400])
@pytest.mark.parametrize("p", [0.0, 0.001, 0.3, 0.999, 1.0])
def test_share_interval_stays_within_bounds_and_contains_its_estimate(n, p):
    share, low, high = share_interval(n, n * p, n * p * (1 - p), 0.0)
    assert float(share) == pytest.approx(p)
    assert 0.0 <= low <= share <= high <= 1.0


def test_share_interval_is_exact_enough_for_a_known_binomial():
    rng = np.random.default_rng(2)
    p = rng.uniform(0.05, 0.95, 40_000)
    truth = rng.binomial(12, p) / 12
    _, low, high = share_interval(12, 12 * p, 12 * p * (1 - p), 0.0)
    assert float(np.mean((low <= truth) & (truth <= high))) == pytest.approx(0.95, abs=0.012)


def test_share_interval_of_nobody_knows_nothing():
    share, low, high = share_interval(0, 0.0, 0.0, 0.0)
    assert (bool(np.isnan(share)), float(low), float(high)) == (True, 0.0, 1.0)


def test_fit_groups_refuses_what_cannot_be_naming_the_person():
    with pytest.raises(ValueError, match="person 1: a finite mean and a positive se"):
        fit_groups(np.array([0.0, np.nan]), np.array([0.5, 0.5]), [0, 0], 1)
    with pytest.raises(ValueError, match="person 1: unit index 3 is not between 0 and 1"):
        fit_groups(np.zeros(2), np.full(2, 0.5), [0, 3], 2)
    with pytest.raises(ValueError, match="required level is a number from 1 to 8"):
        model = fit_groups(np.zeros(2), np.full(2, 0.5), [0, 0], 1)
        cell_sums(model, np.zeros(2), np.full(2, 0.5), [0, 0], [0, 0], 1, 9, PROVISIONAL_CUTS)


def test_variance_of_unit_and_group_agrees_with_brute_force():
    """The posterior covariance of all unit means and group effects at once, by inverting the whole precision matrix."""
    rng = np.random.default_rng(5)
    n_units, n_groups, n = 6, 3, 80
    unit, group = rng.integers(0, n_units - 1, n), rng.integers(0, n_groups, n)
    mean, se = rng.normal(0.2, 0.6, n), rng.uniform(0.35, 0.8, n)
    model = fit_groups(mean, se, unit, n_units, group, n_groups)
    lam, _ = likelihood_summaries(mean, se)
    weight = lam / (1.0 + lam * model.within_sd**2)
    # Columns: mu0, each unit's departure from it, each group's effect. mu0 is flat a priori.
    design = np.zeros((n, 1 + n_units + n_groups))
    design[:, 0] = 1.0
    design[np.arange(n), 1 + unit] = 1.0
    design[np.arange(n), 1 + n_units + group] = 1.0
    prior = np.diag([0.0, *[1.0 / model.between_sd**2] * n_units, *[1.0] * n_groups])
    whole = np.linalg.inv(design.T @ (weight[:, None] * design) + prior)
    for at in range(n_units):
        row = np.zeros(1 + n_units + n_groups)
        row[[0, 1 + at]] = 1.0
        assert model.variance[at] == pytest.approx(row @ whole @ row)
        for kind in range(n_groups):
            both = row.copy()
            both[1 + n_units + kind] = 1.0
            found = model.prior_variance(np.array([at]), np.array([kind]))[0]
            assert found == pytest.approx(both @ whole @ both)
    ignoring = model.variance[0] + whole[-1, -1]
    assert abs(model.prior_variance(np.array([0]), np.array([2]))[0] - ignoring) > 1e-3


def test_variance_of_a_cell_with_groups_agrees_with_brute_force():
    """var_prior against draws of unit means and group effects through the sum's own slope."""
    rng = np.random.default_rng(6)
    n = 120
    unit, group = rng.integers(0, 4, n), rng.integers(0, 3, n)
    mean, se = rng.normal(0.0, 0.7, n), rng.uniform(0.4, 0.8, n)
    model = fit_groups(mean, se, unit, 4, group, 3)
    base = cell_sums(model, mean, se, unit, unit, 4, 5, PROVISIONAL_CUTS, group)
    slopes = np.zeros((4, 4))
    for at in range(4):
        moved = [
            replace(model, mean=model.mean + 1e-5),
            *(replace(model, delta=model.delta + 1e-5 * (np.arange(3) == k)) for k in range(3)),
        ]
        slopes[:, at] = (
            cell_sums(moved[at], mean, se, unit, unit, 4, 5, PROVISIONAL_CUTS, group).sum_p - base.sum_p
        ) / 1e-5
    for cell in range(4):
        covariance = np.empty((4, 4))
        assert model.mean_delta_covariance is not None
        covariance[0, 0] = model.variance[cell]
        covariance[0, 1:] = covariance[1:, 0] = model.mean_delta_covariance[cell]
        covariance[1:, 1:] = model.delta_covariance
        assert base.var_prior[cell] == pytest.approx(slopes[cell] @ covariance @ slopes[cell], rel=1e-3)


def test_probabilities_of_many_are_those_of_scipy():
    z = np.concatenate([np.linspace(-40.0, 40.0, 100_001), np.random.default_rng(3).normal(0.0, 3.0, 100_000)])
    assert np.abs(_at_places((z + _FURTHEST) * _STEPS) - ndtr(z)).max() < 4e-13
