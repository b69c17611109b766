import numpy as np
import pytest

from assessments.measurement import PROVISIONAL_CUTS, ItemParameters, estimate_many
from assessments.measurement.classification import classification_quality
from assessments.measurement.proposal import expected_score
from assessments.measurement.standards import bookmark, modified_angoff, ordered_booklet

from .factories import answer, make_items, make_partial_items

CUTS = np.array(PROVISIONAL_CUTS)


def make_ratings(rng, items, n_judges: int, noise: float, severity: float) -> np.ndarray:
    """Judges who see the true expected scores at the provisional cuts, shifted by their severity, with noise."""
    shift = rng.normal(0, severity, n_judges)
    ratings = np.array([[expected_score(item, CUTS + s) for item in items] for s in shift])
    return np.clip(ratings + rng.normal(0, noise, ratings.shape), 0.02, 0.98)


def test_angoff_recovers_the_cuts_with_honest_errors():
    rng = np.random.default_rng(31)
    z = []
    for _ in range(30):
        items = [*make_items(rng, 25, spread=1.2), *make_partial_items(rng, 3, 3)]
        judges = [f"j{at}" for at in range(8)]
        ratings = make_ratings(rng, items, 8, 0.05, 0.25)
        result = modified_angoff(items, ratings, ratings, judges)
        z.append((result.second.cuts - CUTS)[1:-1] / result.second.se[1:-1])
    assert float(np.std(z)) == pytest.approx(1.15, abs=0.3)
    assert abs(float(np.mean(z))) < 0.6


def test_the_second_round_shows_more_agreement():
    rng = np.random.default_rng(32)
    items = make_items(rng, 20)
    judges = [f"j{at}" for at in range(10)]
    first, second = make_ratings(rng, items, 10, 0.15, 0.5), make_ratings(rng, items, 10, 0.05, 0.15)
    result = modified_angoff(items, first, second, judges)
    assert result.agreement[1] > result.agreement[0] > 0.5
    assert (result.second.spread < result.first.spread).mean() > 0.8
    assert result.moved == pytest.approx(float(np.abs(second - first).mean()))
    careless = second.copy()
    careless[3] = rng.permuted(careless[3], axis=0)
    assert int(modified_angoff(items, first, careless, judges).inconsistency.argmax()) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((1, 2, 3, float("nan")), "round 2, judge b, item i2, level 5: a rating is above 0 and below 1, got nan"),
        ((0, 0, 0, 1.5), "round 2, judge a, item i0, level 2: a rating is above 0 and below 1, got 1.5"),
    ],
)
def test_angoff_refuses_a_rating_by_judge_and_item(change, message):
    items = make_items(np.random.default_rng(33), 4)
    ratings = np.tile(np.linspace(0.1, 0.9, 7), (2, 4, 1))
    wrong = ratings.copy()
    wrong[change[:3]] = change[3]
    with pytest.raises(ValueError) as error:
        modified_angoff(items, ratings, wrong, ["a", "b"])
    assert str(error.value) == message


def test_angoff_refuses_cuts_that_do_not_increase():
    items = make_items(np.random.default_rng(34), 4)
    ratings = np.tile(np.array([0.1, 0.2, 0.3, 0.3, 0.5, 0.6, 0.7]), (2, 4, 1))
    with pytest.raises(ValueError, match="cut scores must increase strictly: the cut to level 5"):
        modified_angoff(items, ratings, ratings, ["a", "b"])


def test_the_booklet_is_ordered_by_where_two_thirds_master_the_score():
    plain, guessed = ItemParameters("2pl", 1.5, 1.0), ItemParameters("3pl_fixed", 1.5, 0.0, 0.25)
    pages = ordered_booklet([plain, guessed, *make_partial_items(np.random.default_rng(35), 1, 3)])
    assert [page.location for page in pages] == sorted(page.location for page in pages)
    assert len(pages) == 4
    where = {(page.item, page.score): page.location for page in pages}
    assert where[0, 1] == pytest.approx(1.0 + np.log(0.67 / 0.33) / 1.5, abs=1e-3)
    chance = (0.67 - 0.25) / 0.75
    assert where[1, 1] == pytest.approx(np.log(chance / (1 - chance)) / 1.5, abs=1e-3)
    with pytest.raises(ValueError, match=r"item q: guessing 0\.7 leaves nothing to master"):
        ordered_booklet([ItemParameters("3pl_fixed", 1.0, 0.0, 0.7, label="q")])


def test_bookmarks_become_cuts_with_errors():
    booklet = ordered_booklet(make_items(np.random.default_rng(36), 40, spread=1.3))
    locations = np.array([page.location for page in booklet])
    marks = np.array([[2, 7, 13, 19, 26, 33, 38], [3, 8, 14, 20, 27, 34, 39], [1, 6, 12, 18, 25, 32, 37]])
    standard = bookmark(booklet, marks)
    assert np.allclose(standard.cuts, locations[marks - 1].mean(axis=0))
    assert np.allclose(standard.se, locations[marks - 1].std(axis=0, ddof=1) / np.sqrt(3))
    with pytest.raises(ValueError, match="judge 2, cut to level 8: the booklet has pages 1 to 40"):
        bookmark(booklet, [[1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 41]])
    with pytest.raises(ValueError, match="increase strictly"):
        bookmark(booklet, [[5, 5, 9, 12, 15, 20, 25]])


@pytest.mark.parametrize("n_items", [8, 16, 24])
def test_coverage_and_predicted_accuracy_are_true_of_twenty_thousand_people(n_items):
    """The nominal 95% intervals and the predicted accuracy and consistency against the truth and a second sitting."""
    rng = np.random.default_rng(n_items)
    n = 20_000
    theta = rng.normal(size=n)
    sittings = []
    for _ in range(2):
        pool = make_items(rng, 60)
        asked = np.argsort(rng.random((n, 60)), axis=1)[:, :n_items]
        score = np.take_along_axis(answer(rng, pool, theta), asked, axis=1)
        sittings.append(estimate_many(pool, np.repeat(np.arange(n), n_items), asked.ravel(), score.ravel(), n))
    (mean, se), (second, _) = sittings
    assert 0.94 <= float((np.abs(mean - theta) <= 1.96 * se).mean()) <= 0.96
    quality = classification_quality(mean, se, PROVISIONAL_CUTS)
    level, true, again = (np.searchsorted(CUTS, x, side="right") for x in (mean, theta, second))
    assert quality.accuracy == pytest.approx(float((level == true).mean()), abs=0.015)
    assert quality.consistency == pytest.approx(float((level == again).mean()), abs=0.015)
    assert quality.band_accuracy == pytest.approx(float((level // 2 == true // 2).mean()), abs=0.015)
    assert quality.band_consistency == pytest.approx(float((level // 2 == again // 2).mean()), abs=0.015)
    right_side = ((mean[:, None] >= CUTS) == (theta[:, None] >= CUTS)).mean(axis=0)
    assert np.abs(quality.cut_accuracy - right_side).max() <= 0.015


def test_classification_quality_refuses_bad_estimates():
    with pytest.raises(ValueError, match="one finite value per person"):
        classification_quality(np.array([np.nan]), np.array([0.3]), PROVISIONAL_CUTS)
