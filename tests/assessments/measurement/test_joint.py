import numpy as np
import pytest

from assessments.measurement import GRID, estimate, estimate_many, loglikelihood_on_grid
from assessments.measurement.joint import JointModel, estimate_correlation, joint_posterior

from .factories import answer, make_items


def make_curves(rng: np.random.Generator, theta: np.ndarray, counts: list[int]) -> np.ndarray:
    """Each competency's log likelihood of `counts` answers, shape (k, 61)."""
    rows = []
    for ability, n in zip(theta, counts, strict=True):
        items = make_items(rng, n)
        scores = answer(rng, items, np.array([ability]))[0].tolist()
        rows.append(loglikelihood_on_grid(list(zip(items, scores, strict=True))))
    return np.array(rows)


def exact(correlation: np.ndarray, curves: np.ndarray):
    """Marginal means and SDs by the full product grid."""
    k = len(curves)
    mesh = np.stack(np.meshgrid(*[GRID] * k, indexing="ij"), axis=-1)
    log = -0.5 * np.einsum("...i,ij,...j->...", mesh, np.linalg.inv(correlation), mesh)
    for axis, curve in enumerate(curves):
        log = log + curve.reshape([-1 if at == axis else 1 for at in range(k)])
    weights = np.exp(log - log.max())
    weights /= weights.sum()
    marginals = [weights.sum(axis=tuple(at for at in range(k) if at != axis)) for axis in range(k)]
    mean = np.array([w @ GRID for w in marginals])
    return mean, np.sqrt([w @ GRID**2 - m**2 for w, m in zip(marginals, mean, strict=True)]), marginals


@pytest.mark.parametrize("rho", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("counts", [[6, 0], [1, 1], [3, 12], [2, 0, 4], [5, 5, 5], [1, 10, 0]])
@pytest.mark.parametrize("theta", [0.0, 1.8])
def test_joint_posterior_matches_exact_quadrature(rho, counts, theta):
    k = len(counts)
    correlation = np.full((k, k), rho) + (1 - rho) * np.eye(k)
    curves = make_curves(np.random.default_rng(len(counts)), np.full(k, theta), counts)
    mean, sd, weights = exact(correlation, curves)
    marginals = joint_posterior(JointModel([str(at) for at in range(k)], correlation), curves).marginals()
    assert [p.mean for p in marginals.values()] == pytest.approx(mean, abs=0.01)
    assert [p.se for p in marginals.values()] == pytest.approx(sd, abs=0.01)
    assert max(abs(p.weights - w).sum() / 2 for p, w in zip(marginals.values(), weights, strict=True)) < 0.03


def test_uncorrelated_competencies_borrow_nothing_and_equal_separate_estimates():
    rng = np.random.default_rng(2)
    items = make_items(rng, 7)
    responses = list(zip(items, answer(rng, items, np.array([0.4]))[0].tolist(), strict=True))
    curves = np.array([loglikelihood_on_grid(responses), np.zeros(61)])
    joint = joint_posterior(JointModel(["u", "v"], np.eye(2)), curves)
    assert np.allclose(joint.marginal("u").weights, estimate(responses).weights, atol=1e-9)
    assert joint.borrowed == pytest.approx({"u": 0.0, "v": 0.0}, abs=1e-9)


def test_borrowed_is_all_without_own_evidence_and_falls_with_it():
    curves = make_curves(np.random.default_rng(3), np.zeros(3), [0, 2, 12])
    correlation = np.full((3, 3), 0.6) + 0.4 * np.eye(3)
    borrowed = joint_posterior(JointModel(["u", "v", "w"], correlation), curves).borrowed
    assert borrowed["u"] == 1.0
    assert 0 < borrowed["w"] < borrowed["v"] < 1


def test_updating_answer_by_answer_equals_all_at_once():
    rng = np.random.default_rng(4)
    k = 8
    correlation = np.full((k, k), 0.5) + 0.5 * np.eye(k)
    model = JointModel([str(at) for at in range(k)], correlation)
    state = joint_posterior(model, np.zeros((k, 61)))
    for step in range(40):
        item = make_items(rng, 1)[0]
        state = state.update(str(step % k), item.log_table[int(rng.random() < 0.5)])
    whole = joint_posterior(model, state.loglikelihood)
    assert np.allclose(state.mean, whole.mean, atol=2e-3)
    assert np.allclose(state.covariance, whole.covariance, atol=2e-3)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1.0, 0.5], [0.4, 1.0]], "symmetric"),
        ([[1.0, 1.0], [1.0, 1.0]], "not positive definite"),
        ([[1.0, float("nan")], [float("nan"), 1.0]], "finite correlation matrix"),
        ([[1.0]], r"shape \(2, 2\)"),
    ],
)
def test_joint_model_refuses_what_is_no_correlation_matrix(matrix, message):
    with pytest.raises(ValueError, match=message):
        JointModel(["u", "v"], np.array(matrix))


def simulate_estimates(correlation: np.ndarray, n: int, n_items: int, seed: int, missing: float = 0.0):
    rng = np.random.default_rng(seed)
    k = len(correlation)
    theta = rng.multivariate_normal(np.full(k, 0.3), correlation, n)
    mean, se = np.full((n, k), np.nan), np.full((n, k), np.nan)
    for at in range(k):
        items = make_items(rng, n_items)
        scores = answer(rng, items, theta[:, at])
        person = np.repeat(np.arange(n), n_items)
        mean[:, at], se[:, at] = estimate_many(items, person, np.tile(np.arange(n_items), n), scores.ravel(), n)
    gone = rng.random((n, k)) < missing
    mean[gone] = se[gone] = np.nan
    return mean, se


def test_correlations_are_recovered_without_attenuation():
    truth = np.array([[1, 0.7, 0.3, 0.5], [0.7, 1, 0.2, 0.5], [0.3, 0.2, 1, 0.4], [0.5, 0.5, 0.4, 1]])
    mean, se = simulate_estimates(truth, 4000, 8, seed=5, missing=0.3)
    result = estimate_correlation(mean, se)
    assert np.abs(result.matrix - truth).max() < 0.08
    plain = np.corrcoef(mean[np.isfinite(mean).all(axis=1)].T)
    assert plain[0, 1] < 0.6


def test_few_people_shrink_to_the_average_and_the_matrix_stays_positive_definite():
    truth = np.full((12, 12), 0.6) + 0.4 * np.eye(12)
    mean, se = simulate_estimates(truth, 40, 5, seed=6, missing=0.2)
    result = estimate_correlation(mean, se)
    assert float(np.linalg.eigvalsh(result.matrix)[0]) >= 0.02
    raw_error = np.nanmean(np.abs(result.raw - truth))
    assert float(np.abs(result.matrix - truth).mean()) < raw_error
    assert result.kept < 0.6


def test_competencies_nobody_has_together_get_the_average_and_no_data_gives_none():
    truth = np.full((3, 3), 0.6) + 0.4 * np.eye(3)
    mean, se = simulate_estimates(truth, 2000, 10, seed=7)
    mean[:1000, 1] = mean[1000:, 2] = np.nan
    result = estimate_correlation(mean, se)
    assert result.matrix[1, 2] == pytest.approx(result.average, abs=1e-9)
    assert np.isnan(result.raw[1, 2])
    nothing = estimate_correlation(np.full((5, 3), np.nan), np.full((5, 3), np.nan))
    assert nothing.matrix.tolist() == np.eye(3).tolist()
