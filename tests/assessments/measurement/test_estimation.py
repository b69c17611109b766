import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import expit

from assessments.measurement import (
    LOG_PRIOR,
    ItemParameters,
    Posterior,
    estimate,
    estimate_many,
    log_weights,
    update,
)

from .factories import answer, make_items

items = st.builds(ItemParameters, st.just("2pl"), st.floats(0.3, 3), st.floats(-3, 3))
responses = st.lists(st.tuples(items, st.sampled_from([0, 1, None])), max_size=25)


def test_estimate_matches_adaptive_quadrature():
    rng = np.random.default_rng(3)
    bank = make_items(rng, 12)
    scores = answer(rng, bank, np.array([0.6]))[0]

    def density(theta: float) -> float:
        right = np.array([expit(item.a * (theta - item.b)) for item in bank])
        return float(np.exp(-0.5 * theta**2) * np.where(scores == 1, right, 1 - right).prod())

    total, first, second = (quad(lambda t, k=k: t**k * density(t), -9, 9, epsabs=1e-14)[0] for k in range(3))
    posterior = estimate(list(zip(bank, scores.tolist(), strict=True)))
    assert posterior.mean == pytest.approx(first / total, abs=1e-5)
    assert posterior.se == pytest.approx(np.sqrt(second / total - (first / total) ** 2), abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(responses, st.randoms(use_true_random=False))
def test_estimate_is_a_distribution_that_ignores_order_and_missing_responses(given_responses, random):
    shuffled = list(given_responses)
    random.shuffle(shuffled)
    posterior = estimate(given_responses)
    assert posterior.weights.sum() == pytest.approx(1.0)
    assert np.allclose(posterior.weights, estimate(shuffled).weights, atol=1e-12)
    asked = [(item, score) for item, score in given_responses if score is not None]
    assert (estimate(asked).weights == posterior.weights).all()


@settings(max_examples=60, deadline=None)
@given(responses, items)
def test_a_right_answer_never_lowers_and_a_wrong_one_never_raises_the_estimate(given_responses, item):
    before = estimate(given_responses).mean
    assert estimate([*given_responses, (item, 1)]).mean >= before
    assert estimate([*given_responses, (item, 0)]).mean <= before


@settings(max_examples=60, deadline=None)
@given(responses)
def test_updating_one_answer_at_a_time_equals_estimating_at_once(given_responses):
    weights = LOG_PRIOR
    for item, score in given_responses:
        weights = update(weights, item, score)
    assert np.allclose(Posterior.from_log_weights(weights).weights, estimate(given_responses).weights, atol=1e-12)


def test_estimate_continues_from_a_given_prior():
    bank = make_items(np.random.default_rng(4), 6)
    first, second = [(item, 1) for item in bank[:3]], [(item, 0) for item in bank[3:]]
    continued = estimate(second, prior=estimate(first))
    assert np.allclose(continued.weights, estimate(first + second).weights)
    assert np.allclose(Posterior.from_log_weights(log_weights(continued)).weights, continued.weights)


def test_estimate_refuses_an_unknown_score_naming_the_item():
    with pytest.raises(ValueError, match="item q9: unknown score 2, expected 0 to 1"):
        estimate([(ItemParameters("2pl", 1.0, label="q9"), 2)])
    with pytest.raises(ValueError, match="item q9: unknown score -1"):
        estimate_many([ItemParameters("2pl", 1.0, label="q9")], np.array([0]), np.array([0]), np.array([-1]), 1)


def test_estimate_many_equals_one_by_one_and_gives_the_prior_without_answers():
    rng = np.random.default_rng(5)
    bank = [*make_items(rng, 9), ItemParameters("gpcm", 0.8, steps=(-0.5, 0.7))]
    person = rng.integers(0, 40, 300)
    item = rng.integers(0, 10, 300)
    score = np.where(item == 9, rng.integers(0, 3, 300), rng.integers(0, 2, 300))
    mean, se = estimate_many(bank, person, item, score, 41)
    for row in range(41):
        mine = [(bank[i], int(s)) for i, s in zip(item[person == row], score[person == row], strict=True)]
        posterior = estimate(mine)
        assert (mean[row], se[row]) == pytest.approx((posterior.mean, posterior.se), abs=1e-10)
    assert (mean[40], se[40]) == pytest.approx((0.0, 1.0), abs=1e-3)
