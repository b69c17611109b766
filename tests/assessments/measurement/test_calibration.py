import functools
import operator

import numpy as np
import pytest

from assessments.measurement import ItemParameters
from assessments.measurement.calibration import Calibrator, calibrate
from assessments.measurement.estep import SufficientStatistics, e_step
from assessments.measurement.mstep import ItemPrior
from assessments.measurement.responses import Responses
from assessments.measurement.standard_errors import information_step

from .factories import answer, answer_partial, make_items, make_partial_items

LSAT7_PATTERNS = np.array([[int(digit) for digit in f"{number:05b}"] for number in range(32)])
LSAT7_COUNTS = [12, 19, 1, 7, 3, 19, 3, 17, 10, 5, 3, 7, 7, 23, 8, 28]
LSAT7_COUNTS += [7, 39, 11, 34, 14, 51, 15, 90, 6, 25, 7, 35, 18, 136, 32, 308]
NO_PRIOR = ItemPrior(log_a_sd=None, b_sd=None)


def test_calibrate_reproduces_lsat7():
    """Bock & Lieberman (1970): 1,000 people, five items; the published maximum likelihood solution."""
    result = calibrate(Responses.from_matrix(LSAT7_PATTERNS, weights=LSAT7_COUNTS), NO_PRIOR, tolerance=1e-6)
    assert result.converged
    assert result.loglikelihood == pytest.approx(-2658.805, abs=0.001)
    assert [p.a for p in result.parameters] == pytest.approx([0.988, 1.081, 1.707, 0.765, 0.736], abs=0.002)
    assert [-p.a * p.b for p in result.parameters] == pytest.approx([1.856, 0.808, 1.805, 0.486, 1.855], abs=0.002)


def test_expanding_the_pattern_table_into_people_changes_nothing():
    people = np.repeat(LSAT7_PATTERNS, LSAT7_COUNTS, axis=0)
    results = [
        calibrate(Responses.from_matrix(matrix, weights=weights), NO_PRIOR, tolerance=1e-6)
        for matrix, weights in ((people, None), (LSAT7_PATTERNS, LSAT7_COUNTS))
    ]
    assert np.allclose(results[0].state.slope, results[1].state.slope, atol=1e-8)
    assert np.allclose(results[0].se, results[1].se, atol=1e-8)


@pytest.fixture(scope="module")
def sparse_responses():
    rng = np.random.default_rng(11)
    items, partial = make_items(rng, 30), make_partial_items(rng, 6, 4)
    theta = rng.normal(size=2500)
    scores = np.column_stack([answer(rng, items, theta), answer_partial(rng, partial, theta)])
    scores[rng.random(scores.shape) < 0.5] = -1
    return items + partial, Responses.from_matrix(scores, labels=[p.label for p in items + partial])


@pytest.mark.parametrize("cuts", [(2500,), (900, 2500), (1, 2, 700, 1999, 2500)])
def test_statistics_of_any_split_add_up_to_the_same(sparse_responses, cuts):
    _, responses = sparse_responses
    state = Calibrator(responses).state
    whole, information = e_step(responses, state), information_step(responses, state)
    chunks = [responses.rows(low, high) for low, high in zip((0, *cuts), cuts, strict=False)]
    split = functools.reduce(operator.add, (e_step(chunk, state) for chunk in chunks))
    split_information = functools.reduce(operator.add, (information_step(chunk, state) for chunk in chunks))
    assert np.allclose(whole.counts, split.counts, atol=1e-8, rtol=0)
    assert split.loglikelihood == pytest.approx(whole.loglikelihood, abs=1e-7)
    assert np.allclose(information.products, split_information.products, atol=1e-8 * information.n, rtol=0)


def test_calibrating_in_chunks_gives_the_same_parameters(sparse_responses):
    _, responses = sparse_responses
    chunks = [responses.rows(low, low + 625) for low in range(0, 2500, 625)]
    calibrator = Calibrator(responses, tolerance=1e-5)
    while not calibrator.advance(functools.reduce(operator.add, (e_step(chunk, calibrator.state) for chunk in chunks))):
        assert calibrator.iterations < 100
    whole = calibrate(responses, tolerance=1e-5)
    assert whole.iterations == calibrator.iterations
    assert np.allclose(whole.state.slope, calibrator.state.slope, atol=1e-8, rtol=0)
    assert np.allclose(whole.state.intercept, calibrator.state.intercept, atol=1e-8, rtol=0)


def test_statistics_survive_the_queue(sparse_responses):
    _, responses = sparse_responses
    statistics = e_step(responses, Calibrator(responses).state)
    back = SufficientStatistics.from_bytes(statistics.to_bytes())
    assert (back.counts == statistics.counts).all()
    assert (back.loglikelihood, back.n) == (statistics.loglikelihood, statistics.n)


def test_mixed_sparse_calibration_recovers_the_truth_within_its_errors(sparse_responses):
    items, responses = sparse_responses
    result = calibrate(responses)
    truth = np.array([v for p in items for v in (p.a, *(p.steps or (p.b,)))])
    found = np.array([v for p in result.parameters for v in (p.a, *(p.steps or (p.b,)))])
    z = (found - truth) / np.concatenate(result.se)
    assert float(np.sqrt((z**2).mean())) == pytest.approx(1.0, abs=0.2)
    assert result.n.tolist() == [int((responses.item == at).sum()) for at in range(36)]


def test_slopes_against_the_truth_are_one():
    rng = np.random.default_rng(12)
    items = make_items(rng, 60)
    result = calibrate(Responses.from_matrix(answer(rng, items, rng.normal(size=8000))))
    slope_a = np.polyfit([p.a for p in items], [p.a for p in result.parameters], 1)[0]
    slope_b = np.polyfit([p.b for p in items], [p.b for p in result.parameters], 1)[0]
    assert (slope_a, slope_b) == pytest.approx((1.0, 1.0), abs=0.03)


def test_standard_errors_match_the_spread_over_repetitions():
    rng = np.random.default_rng(13)
    items = make_items(rng, 10)
    results = [calibrate(Responses.from_matrix(answer(rng, items, rng.normal(size=1500)))) for _ in range(60)]
    for pick in (0, 1):
        found = np.array([[p.a, p.b][pick] for r in results for p in r.parameters]).reshape(60, 10)
        errors = np.array([s[pick] for r in results for s in r.se]).reshape(60, 10)
        assert float((found.std(axis=0) / errors.mean(axis=0)).mean()) == pytest.approx(1.0, abs=0.12)


def test_few_people_still_get_usable_errors():
    rng = np.random.default_rng(14)
    items = make_items(rng, 40)
    result = calibrate(Responses.from_matrix(answer(rng, items, rng.normal(size=300))))
    z = [(p.b - i.b) / s[1] for p, i, s in zip(result.parameters, items, result.se, strict=True)]
    assert float(np.std(z)) == pytest.approx(1.0, abs=0.3)


def test_anchors_carry_the_scale_to_a_stronger_population():
    rng = np.random.default_rng(15)
    items = make_items(rng, 40)
    responses = Responses.from_matrix(answer(rng, items, rng.normal(0.6, 0.8, 6000)), [p.label for p in items])
    result = calibrate(responses, anchors={p.label: p for p in items[:15]})
    assert (result.mean, result.sd) == pytest.approx((0.6, 0.8), abs=0.04)
    assert list(result.parameters[:15]) == items[:15]
    assert result.se[0] == (0.0, 0.0)
    error = [p.b - i.b for p, i in zip(result.parameters[15:], items[15:], strict=True)]
    assert float(np.mean(error)) == pytest.approx(0.0, abs=0.05)


def test_fixed_guessing_is_respected():
    rng = np.random.default_rng(16)
    truth = [ItemParameters("3pl_fixed", p.a, p.b, 0.25) for p in make_items(rng, 30, spread=0.7)]
    theta = rng.normal(size=6000)
    right = np.column_stack([0.25 + 0.75 / (1 + np.exp(-p.a * (theta - p.b))) for p in truth])
    labels = [str(at) for at in range(30)]
    responses = Responses.from_matrix((rng.random(right.shape) < right).astype(int), labels)
    result = calibrate(responses, guessing=dict.fromkeys(labels, 0.25))
    assert {(p.model, p.c) for p in result.parameters} == {("3pl_fixed", 0.25)}
    assert np.polyfit([p.b for p in truth], [p.b for p in result.parameters], 1)[0] == pytest.approx(1.0, abs=0.05)


def test_authors_level_holds_a_sparse_item_near_it():
    rng = np.random.default_rng(17)
    items = make_items(rng, 8)
    responses = Responses.from_matrix(answer(rng, items, rng.normal(size=25)))
    prior = ItemPrior(b_mean=tuple(p.b for p in items), b_sd=0.3)
    held, free = calibrate(responses, prior), calibrate(responses, ItemPrior(b_sd=5.0))
    distance = [np.mean([abs(p.b - i.b) for p, i in zip(r.parameters, items, strict=True)]) for r in (held, free)]
    assert distance[0] < 0.6 * distance[1]


@pytest.mark.parametrize("scores", [2, 4])
def test_the_priors_gradient_is_the_slope_of_its_density(scores):
    rng = np.random.default_rng(19)
    slope, intercept = np.exp(rng.normal(0, 0.3, 3)), rng.normal(size=(3, scores - 1))
    prior = ItemPrior(b_mean=(-0.5, 0.0, 0.5), b_sd=1.5)
    gradient, curvature = np.zeros((3, scores)), np.zeros((3, scores, scores))
    prior.add_to(slope, intercept, gradient, curvature)
    place = np.column_stack([slope, intercept])
    for item, at in np.ndindex(place.shape):
        low, high = place.copy(), place.copy()
        low[item, at] -= 1e-6
        high[item, at] += 1e-6
        change = prior.log_density(high[:, 0], high[:, 1:]) - prior.log_density(low[:, 0], low[:, 1:])
        assert change / 2e-6 == pytest.approx(gradient[item, at], abs=1e-6)
    assert np.linalg.eigvalsh(curvature).min() > -1e-12


def test_an_unconverged_sequence_says_so():
    responses = Responses.from_matrix(LSAT7_PATTERNS, weights=LSAT7_COUNTS)
    seen = []
    result = calibrate(responses, NO_PRIOR, max_iterations=2, progress=lambda *step: seen.append(step))
    assert (result.converged, result.iterations, [at for at, _ in seen]) == (False, 2, [1, 2])


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1, 0, 1], [1, 1, 0]], "items that cannot be calibrated: p everyone has the same score (1)"),
        ([[-1, 0, 1], [-1, 1, 0]], "items that cannot be calibrated: p has no responses"),
        ([[0, 0, 1], [2, 1, 0]], "items that cannot be calibrated: p nobody has score 1: merge it with its neighbour"),
        (
            [[1, 0, -1], [0, 1, -1], [-1, -1, 1], [-1, -1, 0]],
            "the design is disconnected: nobody answered both p, q and the other items",
        ),
    ],
)
def test_calibrate_refuses_a_design_by_item(matrix, message):
    with pytest.raises(ValueError) as error:
        calibrate(Responses.from_matrix(matrix, ["p", "q", "r"]))
    assert str(error.value).startswith(message)


def test_a_disconnected_design_is_accepted_when_each_part_has_an_anchor():
    rng = np.random.default_rng(18)
    items = make_items(rng, 12)
    scores = answer(rng, items, rng.normal(size=2000))
    scores[:1000, :6] = scores[1000:, 6:] = -1
    responses = Responses.from_matrix(scores, [p.label for p in items])
    assert calibrate(responses, anchors={p.label: p for p in (*items[:3], *items[6:9])}).converged
    with pytest.raises(ValueError, match="disconnected"):
        calibrate(responses, anchors={p.label: p for p in items[:3]})


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[0.0, float("nan")]], "person 0, item q: the response is not a number"),
        ([[0, 1], [1, -3]], "person 1, item q: unknown response code"),
        ([[0.5, 1.0]], "person 0, item p: the response is not a whole score"),
        (np.full((2, 2), -1), "the response table is empty"),
        (np.zeros((0, 2), dtype=int), "the response table is empty"),
    ],
)
def test_responses_refuse_bad_input_by_person_and_item(matrix, message):
    with pytest.raises(ValueError) as error:
        Responses.from_matrix(matrix, ["p", "q"])
    assert str(error.value).startswith(message)


def test_triples_equal_the_matrix_and_refuse_a_second_response():
    matrix = np.array([[1, -1, 0], [0, 1, -1]])
    from_matrix = Responses.from_matrix(matrix, ["p", "q", "r"])
    triples = Responses.from_triples([1, 0, 0, 1], [0, 2, 0, 1], [0, 0, 1, 1], 2, ["p", "q", "r"])
    assert (triples.starts.tolist(), triples.item.tolist(), triples.score.tolist()) == (
        from_matrix.starts.tolist(),
        from_matrix.item.tolist(),
        from_matrix.score.tolist(),
    )
    with pytest.raises(ValueError, match=r"person 0, item q: a second response \(1\)"):
        Responses.from_triples([0, 0], [1, 1], [1, 1], 1, ["p", "q"])
    with pytest.raises(ValueError, match=r"person 0, item q: unknown score \(2\)"):
        Responses.from_triples([0], [1], [2], 1, ["p", "q"], n_scores=[2, 2])


def test_without_drops_the_named_items():
    responses = Responses.from_matrix([[1, 0, 1], [0, -1, 1]], ["p", "q", "r"]).without({"q"})
    assert (responses.labels, responses.matrix(0, 2).tolist()) == (("p", "r"), [[1.0, 1.0], [0.0, 1.0]])
