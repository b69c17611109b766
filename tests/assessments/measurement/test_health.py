import numpy as np
import pytest

from assessments.measurement import GRID, ItemParameters
from assessments.measurement.dif import dif_by_group, ets_class, mantel_haenszel
from assessments.measurement.health import (
    ItemStatistics,
    distractors,
    drift,
    health_flags,
    item_statistics,
    observed_curve,
    time_used,
)
from assessments.measurement.item_fit import correlation_z, pair_counts, q3, s_x2, score_distribution
from assessments.measurement.prediction import Predictions
from assessments.measurement.responses import Responses

from .factories import answer, answer_partial, make_items, make_partial_items


@pytest.fixture(scope="module")
def healthy():
    """3,000 people on 18 right-or-wrong and 4 partial items, a fifth missing: theta, items, predictions."""
    rng = np.random.default_rng(21)
    items, partial = make_items(rng, 18, spread=0.8), make_partial_items(rng, 4, 4)
    theta = rng.normal(size=3000)
    scores = np.column_stack([answer(rng, items, theta), answer_partial(rng, partial, theta)])
    scores[rng.random(scores.shape) < 0.2] = -1
    labels = [p.label for p in items + partial]
    return theta, tuple(items + partial), Predictions(Responses.from_matrix(scores, labels), tuple(items + partial))


def known(ability):
    """Weights of people whose ability is known, to the nearest grid point."""
    weights = np.zeros((ability.size, GRID.size))
    weights[np.arange(ability.size), np.abs(GRID[None, :] - ability[:, None]).argmin(axis=1)] = 1.0
    return weights


def test_residuals_of_a_true_model_have_the_predicted_moments(healthy):
    _, items, predictions = healthy
    for at in range(len(items)):
        item = predictions.item(at)
        assert abs(float(item.residual.sum() / np.sqrt(item.variance.sum()))) < 3.5
    statistics = item_statistics(predictions)
    z = np.array([(s.infit_z, s.outfit_z) for s in statistics])
    assert np.abs(z.mean()) < 0.4
    assert float(z[:, 0].std()) == pytest.approx(1.0, abs=0.4)


def test_statistics_describe_the_answers(healthy):
    _, items, predictions = healthy
    responses = predictions.responses
    for at, s in enumerate(item_statistics(predictions)):
        mine = responses.score[responses.item == at]
        assert (s.n, s.facility) == (mine.size, pytest.approx(mine.mean() / (items[at].n_categories - 1)))
        assert 0.2 < s.discrimination < s.efficiency < 1.0
        assert s.discrimination_index > 0.2
        assert health_flags(s) == ()


def test_a_reversed_key_is_seen():
    rng = np.random.default_rng(22)
    items = make_items(rng, 15)
    scores = answer(rng, items, rng.normal(size=800))
    scores[:, 3] = 1 - scores[:, 3]
    s = item_statistics(Predictions(Responses.from_matrix(scores), tuple(items)))[3]
    assert s.discrimination < 0
    assert {"negative_discrimination", "misfit"} <= set(health_flags(s))


def test_observed_curve_follows_the_expected_one(healthy):
    _, _, predictions = healthy
    curve = observed_curve(predictions, 2)
    assert curve.n.sum() == pytest.approx(predictions.item(2).score.size)
    assert (np.diff(curve.ability) > 0).all()
    assert np.abs((curve.observed - curve.expected) / curve.error).max() < 4


def test_distractors_flag_idle_attractive_and_weak_options():
    rng = np.random.default_rng(23)
    ability = rng.normal(size=2000)
    chosen = np.where(ability > 0.5, "able", rng.choice(["key", "wrong"], 2000))
    correct = {"key": True, "able": False, "wrong": False, "idle": False}
    found = {s.option: s for s in distractors(chosen, known(ability), correct)}
    assert {name: s.flags for name, s in found.items()} == {
        "key": ("key_weak",),
        "able": ("attracts_able",),
        "wrong": (),
        "idle": ("idle",),
    }
    assert sum(s.share for s in found.values()) == pytest.approx(1.0)
    assert np.allclose(sum(s.by_group for s in found.values()), 1.0)
    with pytest.raises(ValueError, match="unknown option x"):
        distractors(["x"], known(np.zeros(1)), correct)


def test_score_distribution_matches_simulation():
    rng = np.random.default_rng(24)
    items, partial = make_items(rng, 6), make_partial_items(rng, 2, 3)
    table = score_distribution([np.exp(p.log_table) for p in items + partial])[:, 30]
    assert table.sum() == pytest.approx(1.0)
    theta = np.zeros(40000)
    scores = answer(rng, items, theta).sum(axis=1) + answer_partial(rng, partial, theta).sum(axis=1)
    assert np.abs(np.bincount(scores, minlength=table.size) / 40000 - table).max() < 0.01


def test_s_x2_accepts_the_true_model_and_rejects_a_wrong_one():
    rng = np.random.default_rng(25)
    p = []
    for _ in range(15):
        items, partial = make_items(rng, 10), make_partial_items(rng, 2, 3)
        theta = rng.normal(size=1500)
        scores = np.column_stack([answer(rng, items, theta), answer_partial(rng, partial, theta)])
        p += [fit.p for fit in s_x2(Responses.from_matrix(scores), items + partial)]
    assert float(np.mean(np.array(p) < 0.05)) == pytest.approx(0.05, abs=0.045)
    wrong = [ItemParameters("2pl", 3 * items[0].a, items[0].b), *items[1:], *partial]
    assert s_x2(Responses.from_matrix(scores), wrong)[0].p < 1e-6
    with pytest.raises(ValueError, match="answered all items"):
        s_x2(Responses.from_matrix([[1, 0, -1], [-1, 1, 0]]), items[:3])


def test_q3_finds_the_pair_that_depends_and_no_other():
    rng = np.random.default_rng(26)
    items = make_items(rng, 12)
    scores = answer(rng, items, rng.normal(size=2500))
    copied = rng.random(2500) < 0.5
    scores[copied, 7] = scores[copied, 4]
    table = q3(Predictions(Responses.from_matrix(scores), tuple(items)))
    pairs = {tuple(sorted(pair)) for pair in np.argwhere(table > 0.2).tolist()}
    assert pairs == {(4, 7)}
    assert np.isnan(q3(Predictions(Responses.from_matrix(scores[:20]), tuple(items)))).all()


def test_mantel_haenszel_of_known_tables():
    """Two strata worked by hand: odds ratios 2.25 and 4."""
    cells = [(0, 0, 30, 20), (0, 1, 20, 30), (1, 0, 40, 10), (1, 1, 20, 20)]
    rows = [(r, f, s) for s, f, right, wrong in cells for r, n in ((1, right), (0, wrong)) for _ in range(n)]
    right, focal, stratum = np.array(rows).T
    delta, low, high, chi_square, p = mantel_haenszel(right, focal, stratum)
    odds = (30 * 30 / 100 + 40 * 20 / 90) / (20 * 20 / 100 + 10 * 20 / 90)
    assert delta == pytest.approx(-2.35 * np.log(odds))
    assert low < delta < high < 0
    assert (chi_square > 3.84, p < 0.05) == (True, True)
    assert all(np.isnan(mantel_haenszel([1, 1], [0, 0], [0, 0])))


@pytest.mark.parametrize(
    ("values", "grade"),
    [((-0.5, -0.7, -0.3), "A"), ((-1.2, -2.5, 0.1), "A"), ((1.2, 0.8, 1.6), "B"), ((2, 1.5, 2.5), "C")],
)
def test_ets_classes(values, grade):
    assert ets_class(*values) == grade


def test_dif_is_found_where_it_is_and_not_where_groups_only_differ_in_ability():
    rng = np.random.default_rng(27)
    items, partial = make_items(rng, 16, spread=0.7), make_partial_items(rng, 3, 4)
    group = np.array(["men", "women"])[rng.integers(0, 2, 6000)]
    theta = rng.normal(np.where(group == "women", 0.4, 0.0), 1.0)
    scores = np.column_stack([answer(rng, items, theta), answer_partial(rng, partial, theta)])
    harder = ItemParameters("2pl", items[5].a, items[5].b + 0.9)
    scores[group == "women", 5] = answer(rng, [harder], theta[group == "women"])[:, 0]
    names = [None if rng.random() < 0.02 else str(name) for name in group]
    predictions = Predictions(Responses.from_matrix(scores), tuple(items + partial))
    found = {d.label: d for d in dif_by_group(predictions, names, "men")}
    assert {label for label, d in found.items() if d.ets_class in "BC"} == {"5"}
    assert found["5"].high < 0
    assert sum(d.low <= 0 <= d.high for d in found.values()) >= 15
    with pytest.raises(ValueError, match="nobody belongs to the reference group x"):
        dif_by_group(predictions, names, "x")


def test_too_small_a_group_gets_no_verdict(healthy):
    _, _, predictions = healthy
    names = ["few" if at < 20 else "many" for at in range(3000)]
    assert {d.ets_class for d in dif_by_group(predictions, names, "many")} == {"-"}


def test_drift_sees_an_item_that_became_easier():
    rng = np.random.default_rng(28)
    items = make_items(rng, 15)
    theta = rng.normal(size=3000)
    scores = answer(rng, items, theta)
    period = np.repeat([0, 1, 2], 1000)
    leaked = (period == 2) & (rng.random(3000) < 0.4)
    scores[leaked, 6] = 1
    predictions = Predictions(Responses.from_matrix(scores), tuple(items))
    residual, z = drift(predictions, 6, period, 3)
    assert (z[2] > 5, residual[2] > 0.08, abs(z[0]) < 3.5) == (True, True, True)
    assert np.abs(drift(predictions, 3, period, 3)[1]).max() < 3.5


def test_time_used_counts_rapid_answers():
    assert time_used([60.0] * 9 + [2.0]).rapid == pytest.approx(0.1)
    with pytest.raises(ValueError, match="answering times"):
        time_used([])


def test_flags_name_every_trouble():
    poor = ItemStatistics("q", 400, 0.98, 0.05, 0.0, 0.1, 1.4, 5.0, 1.8, 4.0)
    assert health_flags(poor, exposure=0.5, largest_q3=0.3, dif_class="C", drift_z=5.0, rapid=0.3) == (
        "too_easy",
        "low_discrimination",
        "misfit",
        "surprising_answers",
        "overexposed",
        "depends_on_another",
        "unfair_to_a_group",
        "drifting",
        "rapid_answers",
    )


def test_flags_leave_alone_what_chance_explains():
    few = ItemStatistics("q", 64, 0.20, -0.2, 0.0, 0.1, 1.0, 0.0, 1.0, 0.0, 0.12)
    many = ItemStatistics("q", 640, 0.20, -0.2, 0.0, 0.1, 1.0, 0.0, 1.0, 0.0, 0.04)
    assert health_flags(few, chance=0.25) == ("low_discrimination",)
    assert health_flags(many, chance=0.25) == ("too_hard", "negative_discrimination")


def test_correlation_z_grows_with_the_people():
    n = np.array([3.0, 28.0, 403.0])
    z = correlation_z(np.full(3, 0.3), n)
    assert np.isnan(z[0])
    np.testing.assert_allclose(z[1:], np.arctanh(0.3) * np.array([5.0, 20.0]))


def test_pair_counts_count_people_who_answered_both():
    scores = np.array([[1, 0, -1], [0, -1, 1], [1, 1, -1]])
    counts = pair_counts(Responses.from_matrix(scores))
    np.testing.assert_array_equal(counts, [[3, 2, 1], [2, 2, 0], [1, 0, 1]])
