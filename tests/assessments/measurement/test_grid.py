import numpy as np
import pytest
from scipy.stats import norm

from assessments.measurement import GRID, PRIOR, PROVISIONAL_CUTS, Posterior, check_cuts


def test_grid_is_sixty_one_points_and_the_prior_sums_to_one():
    assert (GRID.size, GRID[0], GRID[-1], round(float(PRIOR.sum()), 12)) == (61, -4.5, 4.5, 1.0)


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (0.31, 0.3), (-1.62, 0.15), (1.1, 0.12)])
def test_posterior_probabilities_match_the_normal_distribution_to_four_digits(mean, sd):
    posterior = Posterior.from_normal(mean, sd)
    expected = np.diff(norm.cdf(PROVISIONAL_CUTS, mean, sd), prepend=0, append=1)
    assert np.abs(posterior.level_probabilities(PROVISIONAL_CUTS) - expected).max() < 4e-4
    assert posterior.mean == pytest.approx(mean, abs=1e-4)
    assert posterior.se == pytest.approx(sd, rel=2e-3)
    assert posterior.mode == pytest.approx(mean, abs=1e-9)
    assert posterior.probability_below(0.2) == pytest.approx(norm.cdf(0.2, mean, sd), abs=4e-4)


def test_band_probabilities_pair_the_levels():
    posterior = Posterior.from_normal(0.4, 0.5)
    levels = posterior.level_probabilities(PROVISIONAL_CUTS)
    assert posterior.band_probabilities(PROVISIONAL_CUTS).tolist() == [
        levels[at] + levels[at + 1] for at in (0, 2, 4, 6)
    ]


def test_plausible_values_have_the_posteriors_moments():
    values = Posterior.from_normal(0.7, 0.4).plausible_values(200_000, np.random.default_rng(1))
    assert values.mean() == pytest.approx(0.7, abs=0.005)
    assert values.std() == pytest.approx(0.4, abs=0.01)


def test_probability_outside_the_grid_is_zero_or_one():
    assert [Posterior.from_prior().probability_below(cut) for cut in (-9.0, 9.0)] == [0.0, 1.0]


@pytest.mark.parametrize("weights", [np.ones(61), np.full(60, 1 / 60), np.full(61, np.nan), -PRIOR])
def test_posterior_refuses_weights_that_are_no_distribution(weights):
    with pytest.raises(ValueError, match="posterior weights"):
        Posterior(weights)


@pytest.mark.parametrize(
    ("cuts", "message"),
    [
        ((0, 1, 2), "a standard has 7 cut scores, got 3"),
        ((-3, -2, -1, 0, 0, 2, 3), "the cut to level 6 (0) is not above the cut to level 5 (0)"),
        ((-3, -2, -1, 0, 1, 2, float("nan")), "cut scores must be finite numbers"),
    ],
)
def test_cuts_that_do_not_increase_strictly_are_refused_by_level(cuts, message):
    with pytest.raises(ValueError) as error:
        check_cuts(cuts)
    assert message in str(error.value)
