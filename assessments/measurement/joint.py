"""Many competencies at once: evidence in one narrows its neighbours through their correlations.

Abilities are N(0, R) in the reference population and every item measures one competency, so the likelihood is a
product of one curve per competency. The joint posterior is found by expectation propagation (Minka, 2001): each
curve is replaced by a normal site matched on the 61-point grid, where its moments are exact. What remains
approximate is the shape of what a competency borrows, not of its own evidence: every marginal is the exact curve times
a normal message from the other competencies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dtrsm
from scipy.linalg.lapack import dpotrf

from .grid import GRID, MOMENTS, Array, Posterior

TOLERANCE = 1e-3
"""Sites are matched until no mean or variance moves by more; what is left is about a tenth of it."""
_SWEEPS = 50
_SQUARE = -0.5 * GRID**2


class JointModel:
    """The correlations R between competencies, shape (k, k), in the order of `competencies`.

    ValueError when R is not symmetric with a unit diagonal and positive definite.
    """

    def __init__(self, competencies: Sequence[str], correlation: Array) -> None:
        self.competencies = tuple(competencies)
        self.index = {competency: at for at, competency in enumerate(self.competencies)}
        self.correlation = np.asarray(correlation, dtype=np.float64)
        k = len(self.competencies)
        if len(self.index) != k:
            raise ValueError("a competency is named twice")
        if self.correlation.shape != (k, k) or not np.isfinite(self.correlation).all():
            raise ValueError(f"{k} competencies need a finite correlation matrix of shape ({k}, {k})")
        if not (np.allclose(self.correlation, self.correlation.T) and np.allclose(np.diag(self.correlation), 1.0)):
            raise ValueError("a correlation matrix is symmetric with ones on its diagonal")
        if float(np.linalg.eigvalsh(self.correlation)[0]) <= 1e-6:
            raise ValueError("the correlation matrix is not positive definite")


@dataclass(frozen=True, eq=False)
class JointPosterior:
    """What is known of one person in all competencies.

    loglikelihood: the person's own evidence by competency, shape (k, 61). precision, shift: the normal sites, shape
    (k,): exp(shift theta - precision theta^2 / 2). mean, covariance: the joint normal, shapes (k,) and (k, k).
    cavity: precision and shift of the message each competency gets from the others, shape (2, k).
    """

    model: JointModel
    loglikelihood: Array
    precision: Array
    shift: Array
    mean: Array
    covariance: Array
    cavity: Array

    def marginals(self) -> dict[str, Posterior]:
        """The posterior of each competency: its own likelihood times what the others say."""
        weights, mean, variance = _tilted(self.loglikelihood, self.cavity)
        moments = zip(mean.tolist(), variance.tolist(), strict=True)
        rows = zip(self.model.competencies, weights, moments, strict=True)
        return {name: Posterior.trusted(row, both) for name, row, both in rows}

    def marginal(self, competency: str) -> Posterior:
        """The posterior of one competency. KeyError when the model does not have it."""
        at = self.model.index[competency]
        return Posterior.trusted(_tilted(self.loglikelihood[at : at + 1], self.cavity[:, at : at + 1])[0][0])

    @property
    def borrowed(self) -> dict[str, float]:
        """The part, 0 to 1, of what was learned about each competency (precision beyond the prior) from others."""
        from_others = np.maximum(self.cavity[0] - 1.0, 0.0)
        learned = from_others + self.precision
        share = np.divide(from_others, learned, out=np.zeros_like(learned), where=learned > 1e-9)
        return dict(zip(self.model.competencies, share.tolist(), strict=True))

    def update(self, competency: str, log_row: Array) -> JointPosterior:
        """The joint posterior after one more response; log_row: its log likelihood on GRID, shape (61,)."""
        loglikelihood = self.loglikelihood.copy()
        loglikelihood[self.model.index[competency]] += log_row
        return _propagate(self.model, loglikelihood, self.precision, self.shift)


def joint_posterior(model: JointModel, loglikelihood: Array) -> JointPosterior:
    """The joint posterior from each competency's log likelihood on GRID, shape (k, 61), zeros without evidence."""
    k = len(model.competencies)
    curves = np.asarray(loglikelihood, dtype=np.float64)
    if curves.shape != (k, GRID.size) or not np.isfinite(curves).all():
        raise ValueError(f"log likelihoods must be finite with shape ({k}, {GRID.size})")
    return _propagate(model, curves, np.zeros(k), np.zeros(k))


def _propagate(model: JointModel, loglikelihood: Array, precision: Array, shift: Array) -> JointPosterior:
    informed = np.flatnonzero(np.ptp(loglikelihood, axis=1) > 0.0)
    curves = loglikelihood[informed]
    mean, covariance, cavity = _gaussian(model.correlation, precision, shift)
    for sweep in range(_SWEEPS):
        _, tilted_mean, tilted_variance = _tilted(curves, cavity[:, informed])
        new_precision = np.maximum(1.0 / tilted_variance - cavity[0, informed], 0.0)
        new_shift = tilted_mean * (new_precision + cavity[0, informed]) - cavity[1, informed]
        damping = 1.0 if sweep < 10 else 0.5
        precision, shift = precision.copy(), shift.copy()
        precision[informed] += damping * (new_precision - precision[informed])
        shift[informed] += damping * (new_shift - shift[informed])
        before_mean, before_variance = mean, covariance.diagonal()
        mean, covariance, cavity = _gaussian(model.correlation, precision, shift)
        change = max(np.abs(mean - before_mean).max(), np.abs(covariance.diagonal() - before_variance).max())
        if change < TOLERANCE:
            break
    return JointPosterior(model, loglikelihood, precision, shift, mean, covariance, cavity)


def _gaussian(correlation: Array, precision: Array, shift: Array) -> tuple[Array, Array, Array]:
    """Mean, covariance and cavities of N(0, R) times the normal sites: R - R S (I + S R S)^-1 S R, S^2 the sites'."""
    root = np.sqrt(precision)
    inner = correlation * (root[:, None] * root)
    inner.flat[:: len(root) + 1] += 1.0
    factor, _ = dpotrf(inner, lower=1, overwrite_a=1)
    # dtrsm rather than LAPACK's dtrtrs, which wakes every BLAS thread even for a 3 x 3 matrix.
    half = dtrsm(1.0, factor, root[:, None] * correlation, lower=1)
    covariance = correlation - half.T @ half
    mean = covariance @ shift
    variance = covariance.diagonal()
    cavity = np.array([1.0 / variance - precision, mean / variance - shift])
    return mean, covariance, cavity


def _tilted(curves: Array, cavity: Array) -> tuple[Array, Array, Array]:
    """Weights, shape (n, 61), means and variances, shape (n,), of curves times normal messages, shape (2, n)."""
    weights = curves + cavity[0][:, None] * _SQUARE + cavity[1][:, None] * GRID
    weights -= weights.max(axis=1, keepdims=True)
    np.exp(weights, out=weights)
    weights /= weights.sum(axis=1, keepdims=True)
    moments = weights @ MOMENTS
    return weights, moments[:, 1], moments[:, 2] - moments[:, 1] ** 2


@dataclass(frozen=True, eq=False)
class CorrelationEstimate:
    """matrix: shrunk and positive definite, shape (k, k). raw: before shrinkage, nan where no pair was seen.

    pairs: effective number of people behind each raw value, shape (k, k). average: what values shrink towards.
    kept: mean share of a raw value's departure from the average that was kept.
    """

    matrix: Array
    raw: Array
    pairs: NDArray[np.float64]
    average: float
    kept: float


def estimate_correlation(mean: Array, se: Array, weak_pairs: float = 30.0, floor: float = 0.02) -> CorrelationEstimate:
    """Correlations between competencies, from people measured in several, free of measurement error.

    mean, se: posterior under N(0, 1) by person and competency, shape (n, k); nan (or an se of 1) where not assessed.
    With reliability r = 1 - se^2, E[m_j m_k] = r_j r_k rho_jk, so rho is a ratio of sums over people, after taking out
    the people's own means and variances. Raw values shrink towards their average by how uncertain they are (empirical
    Bayes, with the sampling variance seen in the products), the average itself towards 0 as if `weak_pairs`
    uncorrelated people had been seen; eigenvalues are then raised to at least `floor`.
    """
    m = np.asarray(mean, dtype=np.float64)
    r = np.clip(1.0 - np.asarray(se, dtype=np.float64) ** 2, 0.0, 1.0)
    if m.ndim != 2 or m.shape != r.shape:
        raise ValueError(f"mean and se need the same shape (people, competencies), got {m.shape} and {r.shape}")
    assessed = np.isfinite(m) & np.isfinite(r) & (r > 1e-3)
    m, r = np.where(assessed, m, 0.0), np.where(assessed, r, 0.0)
    centre = m.sum(axis=0) / np.maximum(r.sum(axis=0), 1e-12)
    m = m - r * centre
    own = np.maximum((m**2 - r * (1.0 - r)).sum(axis=0) / np.maximum((r**2).sum(axis=0), 1e-12), 0.05)
    m = m / np.sqrt(own)
    pairs = r.T @ r
    k = m.shape[1]
    upper = np.triu_indices(k, 1)
    seen = pairs[upper] > 3.0
    raw = np.where(pairs > 3.0, (m.T @ m) / np.maximum(pairs, 1e-12), np.nan)
    np.fill_diagonal(raw, 1.0)
    value, weight = raw[upper][seen], pairs[upper][seen]
    average = float(np.clip((weight * value).sum() / (weight.sum() + weak_pairs), -0.95, 0.95))
    noise = (m**2).T @ m**2 - 2.0 * average * (m * r).T @ (m * r) + average**2 * (r**2).T @ r**2
    error = noise[upper][seen] / weight**2
    spread = max(float(((value - average) ** 2).mean() - error.mean()), 1e-4) if value.size else 1e-4
    kept = spread / (spread + error)
    shrunk = np.full(upper[0].size, average)
    shrunk[seen] = np.clip(average + kept * (value - average), -0.98, 0.98)
    matrix = np.eye(k)
    matrix[upper] = shrunk
    matrix = matrix + matrix.T - np.eye(k)
    return CorrelationEstimate(
        nearest_correlation(matrix, floor), raw, pairs, average, float(kept.mean()) if value.size else 0.0
    )


def nearest_correlation(matrix: Array, floor: float = 0.02) -> Array:
    """A symmetric matrix with eigenvalues of at least `floor` and a unit diagonal: itself when it is one already."""
    target = floor
    while True:
        values, vectors = np.linalg.eigh(matrix)
        if values[0] >= floor:
            return matrix
        target *= 1.1
        raised = (vectors * np.maximum(values, target)) @ vectors.T
        scale = 1.0 / np.sqrt(raised.diagonal())
        matrix = raised * np.outer(scale, scale)
        matrix = (matrix + matrix.T) / 2.0
        np.fill_diagonal(matrix, 1.0)
