import numpy as np
import pytest

from assessments.measurement import PROVISIONAL_CUTS, fit_groups
from assessments.measurement.plausible import combine_plausible_values, draw_plausible_values

from .test_units import N_UNITS, simulate


def test_plausible_values_give_unbiased_unit_means_and_shares_and_intervals_that_cover():
    rng = np.random.default_rng(71)
    errors, covered = [], []
    for seed in range(4):
        unit, _, theta, mean, se = simulate(seed, 25, 16)
        model = fit_groups(mean, se, unit, N_UNITS)
        values = draw_plausible_values(model, mean, se, unit, rng)
        for figure in (lambda x: x, lambda x: (x < PROVISIONAL_CUTS[4]).astype(float)):
            truth = np.bincount(unit, figure(theta)) / 25
            draws = np.array([np.bincount(unit, figure(value)) / 25 for value in values])
            combined = [combine_plausible_values(draws[:, k]) for k in range(N_UNITS)]
            errors.append(np.mean([c.estimate for c in combined] - truth))
            covered.append(np.mean([c.low <= t <= c.high for c, t in zip(combined, truth, strict=True)]))
    assert max(abs(e) for e in errors) < 0.03
    assert float(np.mean(covered)) == pytest.approx(0.95, abs=0.03)


def test_rubins_rules_by_hand():
    combined = combine_plausible_values([1.0, 2.0, 3.0], [0.5, 0.5, 0.5])
    assert (combined.estimate, combined.se) == pytest.approx((2.0, np.sqrt(0.5 + 4 / 3)))
    assert combined.df == pytest.approx(2 * ((0.5 + 4 / 3) / (4 / 3)) ** 2)
    exact = combine_plausible_values([0.2, 0.2])
    assert (exact.low, exact.high, exact.df) == (0.2, 0.2, float("inf"))


def test_one_draw_is_refused():
    with pytest.raises(ValueError, match="at least 2 draws"):
        combine_plausible_values([1.0])
    unit, _, _, mean, se = simulate(1, 5, 16)
    model = fit_groups(mean, se, unit, N_UNITS)
    with pytest.raises(ValueError, match="at least 2 draws"):
        draw_plausible_values(model, mean, se, unit, np.random.default_rng(1), draws=1)
