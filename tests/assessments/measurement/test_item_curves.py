"""Answers by ability where the test chose its items by the answers."""

import numpy as np
import pytest

from assessments.measurement import GRID, ItemParameters
from assessments.measurement.dif import dif_by_group
from assessments.measurement.health import health_flags, item_statistics, observed_curve
from assessments.measurement.item_curves import fit_group_curves
from assessments.measurement.item_fit import correlation_z, pair_counts, q3
from assessments.measurement.prediction import Predictions
from assessments.measurement.proposal import expected_score
from assessments.measurement.responses import Responses

BANK = [ItemParameters("2pl", 1.2, b, label=str(at)) for at, b in enumerate(np.linspace(-2.0, 2.0, 9))]
LENGTH = 4


def sit_adaptively(rng, theta, true):
    """Scores and places in order of people who begin near the middle and go up after a right answer, down after a
    wrong one: shapes (n, items), -1 where an item was not asked."""
    scores = np.full((theta.size, len(BANK)), -1)
    places = np.full((theta.size, len(BANK)), -1)
    for person, ability in enumerate(theta.tolist()):
        at, asked = 4 if rng.random() < 0.7 else int(rng.integers(3, 6)), set()
        for place in range(LENGTH):
            asked.add(at)
            right = int(rng.random() < float(expected_score(true[at], np.array([ability]))[0]))
            scores[person, at], places[person, at] = right, place
            step = range(at + 1, len(BANK)) if right else range(at - 1, -1, -1)
            nearest = sorted(range(len(BANK)), key=lambda other: abs(other - at))
            at = next(other for other in (*step, *nearest) if other not in asked)
    return scores, places


def predict(rng, theta, true, adaptive=True):
    scores, places = sit_adaptively(rng, theta, true)
    responses = Responses.from_matrix(scores, [params.label for params in BANK])
    return Predictions(responses, tuple(BANK), places[places >= 0] if adaptive else None)


@pytest.fixture(scope="module")
def adaptive():
    rng = np.random.default_rng(41)
    return predict(rng, rng.standard_normal(4000), BANK)


def test_residuals_against_earlier_answers_fit_the_true_model(adaptive):
    statistics = item_statistics(adaptive)
    z = np.array([(s.infit_z, s.outfit_z) for s in statistics])
    assert np.abs(z).max() < 3.5
    for at in range(len(BANK)):
        item = adaptive.item(at)
        assert abs(float(item.residual.sum() / np.sqrt(item.variance.sum()))) < 3.5


def test_the_curve_of_a_good_item_rises_with_its_parameters(adaptive):
    for at in range(1, len(BANK) - 1):
        curve = observed_curve(adaptive, at)
        assert np.abs((curve.observed - curve.expected) / curve.error).max() < 3.5
        assert curve.observed[-1] > curve.observed[0]


def test_people_sorted_by_their_other_answers_would_show_a_falling_curve(adaptive):
    """The control: why the curve is estimated and not counted."""
    item = adaptive.item(4)
    order = np.argsort(item.ability)
    parts = np.array_split(order, 8)
    observed = np.array([item.score[part].mean() for part in parts])
    expected = np.array([expected_score(BANK[4], item.ability[part]).mean() for part in parts])
    assert np.diff(observed).min() < -0.2
    assert np.abs(observed - expected).max() > 0.3


def test_good_items_raise_no_flag_in_an_adaptive_test(adaptive):
    table = q3(adaptive)
    related = np.where(correlation_z(table, pair_counts(adaptive.responses)) > 3.5, table, 0.0).max(axis=1)
    enough = [(s, value) for s, value in zip(item_statistics(adaptive), related.tolist(), strict=True) if s.n >= 200]
    assert len(enough) >= 7
    assert [health_flags(s, largest_q3=value) for s, value in enough] == [()] * len(enough)


def test_dependent_items_are_seen_in_an_adaptive_test():
    rng = np.random.default_rng(45)
    scores, places = sit_adaptively(rng, rng.standard_normal(4000), BANK)
    both = (scores[:, 4] >= 0) & (places[:, 5] > places[:, 4]) & (rng.random(4000) < 0.6)
    scores[both, 5] = scores[both, 4]
    predictions = Predictions(Responses.from_matrix(scores), tuple(BANK), places[places >= 0])
    table = q3(predictions)
    z = correlation_z(table, pair_counts(predictions.responses))
    pairs = {tuple(sorted(pair)) for pair in np.argwhere((table > 0.2) & (z > 3.5)).tolist()}
    assert pairs == {(4, 5)}


def test_a_reversed_key_is_seen_in_an_adaptive_test():
    rng = np.random.default_rng(42)
    true = [*BANK[:4], ItemParameters("2pl", 1.2, 0.0), *BANK[5:]]
    theta = rng.standard_normal(4000)
    scores, places = sit_adaptively(rng, theta, true)
    asked = scores[:, 4] >= 0
    scores[asked, 4] = (rng.random(int(asked.sum())) > expected_score(BANK[4], theta[asked])).astype(int)
    predictions = Predictions(Responses.from_matrix(scores), tuple(BANK), places[places >= 0])
    found = item_statistics(predictions)[4]
    assert found.discrimination == pytest.approx(-0.45, abs=0.15)
    assert "negative_discrimination" in health_flags(found)


def test_groups_that_only_differ_in_ability_show_no_dif_in_an_adaptive_test():
    rng = np.random.default_rng(43)
    group = np.repeat(["men", "women"], 3000)
    theta = rng.normal(np.where(group == "women", 0.5, 0.0), 1.0)
    predictions = predict(rng, theta, BANK)
    found = dif_by_group(predictions, group.tolist(), "men")
    assert {d.ets_class for d in found} <= {"A", "-"}
    harder = [*BANK[:4], ItemParameters("2pl", 1.2, 1.0), *BANK[5:]]
    scores, places = sit_adaptively(rng, theta, BANK)
    hard_scores, hard_places = sit_adaptively(rng, theta, harder)
    women = group == "women"
    scores[women], places[women] = hard_scores[women], hard_places[women]
    unfair = Predictions(Responses.from_matrix(scores, [p.label for p in BANK]), tuple(BANK), places[places >= 0])
    classes = {d.label: d.ets_class for d in dif_by_group(unfair, group.tolist(), "men")}
    assert classes.pop("4") == "C"
    assert "C" not in classes.values()


def test_group_curves_of_known_abilities_are_plain_shares():
    rng = np.random.default_rng(44)
    theta = GRID[rng.integers(10, 51, 4000)]
    weights = (GRID[None, :] == theta[:, None]).astype(float)
    category = (rng.random(4000) < 1 / (1 + np.exp(-theta))).astype(np.intp)
    curves = fit_group_curves(weights, category, 2, 4)
    group = curves.group[np.searchsorted(GRID, theta)]
    shares = np.array([category[group == at].mean() for at in range(4)])
    sizes = np.bincount(group)
    np.testing.assert_allclose(curves.mean(np.array([0.0, 1.0])), shares, atol=2e-3)
    np.testing.assert_allclose(
        curves.mean_error(np.array([0.0, 1.0])), np.sqrt(shares * (1 - shares) / sizes), rtol=0.02
    )
    correlation, error = curves.correlation(np.array([0.0, 1.0]), category)
    assert correlation == pytest.approx(float(np.corrcoef(theta, category)[0, 1]), abs=1e-6)
    assert error == pytest.approx(0.0125, abs=0.004)


def test_group_curves_refuse_an_unknown_category():
    with pytest.raises(ValueError, match="categories must be 0 to 1"):
        fit_group_curves(np.ones((1, GRID.size)), np.array([2]), 2, 3)


def test_predictions_need_a_place_for_every_response():
    with pytest.raises(ValueError, match="need as many places"):
        Predictions(Responses.from_matrix([[1, 0]]), tuple(BANK[:2]), [1])
