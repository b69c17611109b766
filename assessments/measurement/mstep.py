"""The maximisation step of calibration: each item's parameters from expected counts, all items at once.

Items are kept in slope-intercept form, in which the expected log likelihood is concave: a score k has the logit
k a theta + d_k, with d_0 = 0; for two scores d_1 = -a b. Each item takes a few Fisher scoring steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from .grid import GRID, Array

A_LIMITS = (0.05, 6.0)
"""Slopes are kept within these bounds."""
FLOAT_WEIGHT = 4
"""A floating prior's mean is itself N(0, log_a_sd^2 / FLOAT_WEIGHT): a handful of items cannot carry it off."""
_SCORING_STEPS = 3


@dataclass(frozen=True)
class ItemPrior:
    """Weak priors. log a ~ N(log_a_mean, log_a_sd^2); difficulty ~ N(b_mean, b_sd^2). A standard deviation of None:
    no prior.

    The difficulty of an item of more than two scores is the mean of its steps: the prior says where an item lies, and
    nothing of how far its steps lie apart. log_a_mean: None to let it float, as BILOG-MG's FLOAT does (Zimowski et al.
    2003): it is then the items' own mean, drawn to 0 as by FLOAT_WEIGHT more items. b_mean: one number, or one per
    item as a tuple (the author's level of each item).
    """

    log_a_mean: float | None = None
    log_a_sd: float | None = 0.5
    b_mean: float | tuple[float, ...] = 0.0
    b_sd: float | None = 2.0

    def settled(self, slope: Array) -> ItemPrior:
        """The prior with its mean of log a at the most likely one for all items estimated, slopes of shape (n,)."""
        if self.log_a_mean is not None or self.log_a_sd is None:
            return self
        return replace(self, log_a_mean=float(np.log(slope).sum() / (slope.size + FLOAT_WEIGHT)))

    def log_density(self, slope: Array, intercept: Array) -> float:
        """Log prior up to a constant of items with these slopes, shape (n,), and intercepts, shape (n, m)."""
        total = 0.0
        if self.log_a_sd is not None:
            total -= 0.5 * float((((np.log(slope) - (self.log_a_mean or 0.0)) / self.log_a_sd) ** 2).sum())
        if self.b_sd is not None:
            total -= 0.5 * float((((_difficulty(slope, intercept) - self.b_mean) / self.b_sd) ** 2).sum())
        return total

    def part(self, items: NDArray[np.intp]) -> ItemPrior:
        """The prior of some of the items."""
        if isinstance(self.b_mean, tuple):
            return replace(self, b_mean=tuple(self.b_mean[at] for at in items))
        return self

    def add_to(self, slope: Array, intercept: Array, gradient: Array, curvature: Array) -> None:
        """Add the prior's gradient, shape (n, 1 + m), and curvature, shape (n, 1 + m, 1 + m), in place."""
        if self.log_a_sd is not None:
            precision = self.log_a_sd**-2
            gradient[:, 0] -= (np.log(slope) - (self.log_a_mean or 0.0)) * precision / slope
            curvature[:, 0, 0] += precision / slope**2
        if self.b_sd is None:
            return
        difficulty, steps = _difficulty(slope, intercept), intercept.shape[1]
        direction = np.zeros_like(gradient)
        direction[:, 0] = -difficulty / slope
        direction[:, -1] = -1.0 / (steps * slope)
        gradient -= direction * ((difficulty - self.b_mean) / self.b_sd**2)[:, None]
        curvature += direction[:, :, None] * direction[:, None, :] / self.b_sd**2


def _difficulty(slope: Array, intercept: Array) -> Array:
    """The mean of each item's steps, shape (n,): the last intercept is minus the slope times their sum."""
    return -intercept[:, -1] / (intercept.shape[1] * slope)


def score_binary(slope: Array, intercept: Array, guessing: Array, right: Array, total: Array) -> tuple[Array, Array]:
    """Gradient, shape (n, 2), and expected curvature, shape (n, 2, 2), of two-score items.

    slope, guessing: shape (n,). intercept: shape (n, 1). right, total: expected right answers and answers at each
    grid point, shape (n, 61).
    """
    logistic = expit(slope[:, None] * GRID + intercept)
    c = guessing[:, None]
    p = c + (1.0 - c) * logistic
    residual = (right - total * p) * logistic / p
    weight = total * (1.0 - c) * logistic**2 * (1.0 - logistic) / p
    gradient = np.stack([residual @ GRID, residual.sum(axis=1)], axis=1)
    aa, ad, dd = weight @ GRID**2, weight @ GRID, weight.sum(axis=1)
    return gradient, np.stack([np.stack([aa, ad], axis=1), np.stack([ad, dd], axis=1)], axis=1)


def score_partial(slope: Array, intercept: Array, counts: Array) -> tuple[Array, Array]:
    """Gradient, shape (n, 1 + m), and curvature, shape (n, 1 + m, 1 + m), of GPCM items with scores 0..m.

    slope: shape (n,). intercept: shape (n, m). counts: expected responses, shape (n, m + 1, 61).
    """
    n, categories, _ = counts.shape
    p = partial_probabilities(slope, intercept)
    total = counts.sum(axis=1)
    residual = counts - total[:, None, :] * p
    scores = np.arange(categories)
    gradient = np.concatenate(
        [((scores[None, :, None] * residual).sum(axis=1) @ GRID)[:, None], residual[:, 1:].sum(axis=2)], axis=1
    )
    curvature = np.empty((n, categories, categories))
    mean = np.einsum("k,nkq->nq", scores, p)
    weighted = total[:, None, :] * p
    curvature[:, 0, 0] = (np.einsum("k,nkq->nq", scores**2, weighted) - total * mean**2) @ GRID**2
    cross = (weighted * (scores[None, :, None] - mean[:, None, :])) @ GRID
    curvature[:, 0, 1:] = curvature[:, 1:, 0] = cross[:, 1:]
    curvature[:, 1:, 1:] = -np.einsum("njq,nkq->njk", weighted[:, 1:], p[:, 1:])
    diagonal = np.arange(1, categories)
    curvature[:, diagonal, diagonal] += weighted[:, 1:].sum(axis=2)
    return gradient, curvature


def partial_probabilities(slope: Array, intercept: Array) -> Array:
    """GPCM probabilities on GRID, shape (n, m + 1, 61), from slopes (n,) and intercepts (n, m)."""
    scores = np.arange(intercept.shape[1] + 1)
    padded = np.concatenate([np.zeros((len(slope), 1)), intercept], axis=1)
    logits = slope[:, None, None] * scores[None, :, None] * GRID + padded[:, :, None]
    logits -= logits.max(axis=1, keepdims=True)
    terms = np.exp(logits)
    return np.asarray(terms / terms.sum(axis=1, keepdims=True))


def maximise(slope: Array, intercept: Array, guessing: Array, counts: Array, prior: ItemPrior) -> tuple[Array, Array]:
    """Slopes (n,) and intercepts (n, m) after Fisher scoring on expected counts, shape (n, m + 1, 61)."""
    for _ in range(_SCORING_STEPS):
        if intercept.shape[1] == 1:
            gradient, curvature = score_binary(slope, intercept, guessing, counts[:, 1], counts.sum(axis=1))
        else:
            gradient, curvature = score_partial(slope, intercept, counts)
        prior.add_to(slope, intercept, gradient, curvature)
        diagonal = np.arange(curvature.shape[1])
        curvature[:, diagonal, diagonal] *= 1.0 + 1e-9
        curvature[:, diagonal, diagonal] += 1e-9
        step = np.clip(np.linalg.solve(curvature, gradient[:, :, None])[:, :, 0], -1.0, 1.0)
        slope = np.clip(slope + np.clip(step[:, 0], -0.5 * slope, slope), *A_LIMITS)
        intercept = intercept + step[:, 1:]
        if float(np.abs(step).max(initial=0.0)) < 1e-7:
            break
    return slope, intercept
