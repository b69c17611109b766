"""The ability grid, the reference prior and the posterior of one person's ability in one competency.

Ability (theta) is measured on the scale on which the reference population is N(0, 1). Every posterior is a vector of
61 probabilities on equally spaced points from -4.5 to 4.5 (spacing 0.15), which integrates smooth posteriors with a
standard deviation of 0.1 or more to about four digits. Probabilities between grid points come from the same posterior
on a four times finer grid, on which its logarithm is interpolated by cubics (exact for a normal posterior).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Array = NDArray[np.float64]

GRID: Array = np.linspace(-4.5, 4.5, 61)
"""Ability points, shape (61,)."""
STEP: float = 0.15
"""Distance between two neighbouring grid points."""
PRIOR: Array = np.exp(-0.5 * GRID**2) / np.exp(-0.5 * GRID**2).sum()
"""N(0, 1) on the grid, shape (61,), sums to 1."""
LOG_PRIOR: Array = np.log(PRIOR)
PROVISIONAL_CUTS: tuple[float, ...] = (-2.25, -1.5, -0.75, 0.0, 0.75, 1.5, 2.25)
"""Seven cut scores between the eight levels until a standard-setting panel has sat."""

MOMENTS: Array = np.column_stack([np.ones_like(GRID), GRID, GRID**2])
_FINER = 4
_FINE_STEP = STEP / _FINER


def _cubic_interpolation() -> Array:
    """Lagrange cubics from values on GRID to values on the finer grid, shape (241, 61)."""
    fine = np.arange(_FINER * (GRID.size - 1) + 1) / _FINER
    first = np.clip(np.floor(fine).astype(np.intp) - 1, 0, GRID.size - 4)
    matrix = np.zeros((fine.size, GRID.size))
    for node in range(4):
        others = [other for other in range(4) if other != node]
        values = np.prod([(fine - first - other) / (node - other) for other in others], axis=0)
        matrix[np.arange(fine.size), first + node] = values
    return matrix


_TO_FINE: Array = _cubic_interpolation()
for _constant in (GRID, PRIOR, LOG_PRIOR, MOMENTS, _TO_FINE):
    _constant.setflags(write=False)


@dataclass(frozen=True, eq=False)
class Posterior:
    """Probabilities of ability on GRID, shape (61,), summing to 1. ValueError when they are not that."""

    weights: Array

    def __post_init__(self) -> None:
        weights = np.asarray(self.weights, dtype=np.float64)
        if weights.shape != GRID.shape:
            raise ValueError(f"posterior weights need shape {GRID.shape}, got {weights.shape}")
        if not abs(float(weights.sum()) - 1.0) < 1e-6 or float(weights.min()) < 0.0:
            raise ValueError("posterior weights must be non-negative, finite and sum to 1")
        object.__setattr__(self, "weights", weights)

    @classmethod
    def trusted(cls, weights: Array, moments: tuple[float, float] | None = None) -> Posterior:
        """From weights that are known to be a distribution on GRID, with their mean and variance if known."""
        posterior = object.__new__(cls)
        object.__setattr__(posterior, "weights", weights)
        if moments is not None:
            posterior.__dict__["_mean_and_variance"] = moments
        return posterior

    @classmethod
    def from_log_weights(cls, log_weights: Array) -> Posterior:
        """The posterior whose log weights, up to a constant, are given, shape (61,)."""
        weights = np.exp(log_weights - np.maximum.reduce(log_weights))
        weights /= np.add.reduce(weights)
        return cls.trusted(weights)

    @classmethod
    def from_normal(cls, mean: float, sd: float) -> Posterior:
        """A normal posterior on the grid; ValueError for an sd that is not positive or a mean that is not finite."""
        if not (math.isfinite(mean) and math.isfinite(sd) and sd > 0):
            raise ValueError(f"a normal posterior needs a finite mean and a positive sd, got mean={mean}, sd={sd}")
        return cls.from_log_weights(-0.5 * ((GRID - mean) / sd) ** 2)

    @classmethod
    def from_prior(cls) -> Posterior:
        """What is known of a person who has answered nothing: the reference population, N(0, 1)."""
        return cls(PRIOR)

    @cached_property
    def _mean_and_variance(self) -> tuple[float, float]:
        _, first, second = (self.weights @ MOMENTS).tolist()
        return first, max(second - first * first, 0.0)

    @property
    def mean(self) -> float:
        """Expected a posteriori ability (EAP)."""
        return self._mean_and_variance[0]

    @property
    def se(self) -> float:
        """Posterior standard deviation, the standard error of the EAP."""
        return math.sqrt(self._mean_and_variance[1])

    @property
    def mode(self) -> float:
        """Maximum a posteriori ability, refined between grid points by a parabola through the log weights."""
        peak = int(self.weights.argmax())
        if peak in (0, GRID.size - 1):
            return float(GRID[peak])
        left, top, right = np.log(np.maximum(self.weights[peak - 1 : peak + 2], 1e-300))
        curvature = left - 2.0 * top + right
        shift = 0.5 * (left - right) / curvature if curvature < 0 else 0.0
        return float(GRID[peak] + STEP * shift)

    @cached_property
    def _distribution(self) -> tuple[Array, Array]:
        """P(theta < point) and the density per step on the finer grid, shape (241,) each."""
        below, density = _distributions(self.weights[None, :])
        return below[0], density[0]

    def distribution_at(self, points: Array) -> Array:
        """P(theta < point) for points of any shape: a cubic Hermite curve through the finer grid's probabilities."""
        below, density = self._distribution
        return _interpolate(below, density, np.asarray(points, dtype=np.float64))

    def probability_below(self, cut: float) -> float:
        """P(theta < cut)."""
        return float(self.distribution_at(np.array([cut]))[0])

    def level_probabilities(self, cuts: Sequence[float]) -> Array:
        """Probability of each of the 8 levels, shape (8,), for 7 strictly increasing cut scores."""
        below = np.maximum.accumulate(self.distribution_at(check_cuts(cuts)))
        return np.diff(below, prepend=0.0, append=1.0)

    def band_probabilities(self, cuts: Sequence[float]) -> Array:
        """Probability of each of the 4 bands (two levels each), shape (4,)."""
        return np.asarray(self.level_probabilities(cuts).reshape(4, 2).sum(axis=1))

    def plausible_values(self, n: int, rng: np.random.Generator) -> Array:
        """n draws from the posterior, shape (n,), by inverting its distribution function."""
        below, _ = self._distribution
        below = np.maximum.accumulate(below)
        return np.interp(rng.random(n), below, np.linspace(GRID[0], GRID[-1], below.size))


def level_probabilities(posteriors: Sequence[Posterior], cuts: Sequence[Sequence[float]]) -> Array:
    """Probability of each of the 8 levels, shape (n, 8), of posteriors with 7 strictly increasing cut scores each."""
    values = np.array([check_cuts(each) for each in cuts])
    below, density = _distributions(np.array([posterior.weights for posterior in posteriors]))
    offset = np.arange(len(posteriors))[:, None] * below.shape[1]
    found = np.maximum.accumulate(_interpolate(below.ravel(), density.ravel(), values, offset), axis=1)
    return np.diff(found, axis=1, prepend=0.0, append=1.0)


def probabilities_below(posteriors: Sequence[Posterior], cuts: Sequence[float]) -> list[float]:
    """P(theta < cut) for each posterior and its own cut, all at once."""
    if not posteriors:
        return []
    below, density = _distributions(np.array([posterior.weights for posterior in posteriors]))
    offset = np.arange(len(posteriors)) * below.shape[1]
    values = _interpolate(below.ravel(), density.ravel(), np.asarray(cuts, dtype=np.float64), offset)
    return [float(value) for value in values]


def _distributions(weights: Array) -> tuple[Array, Array]:
    """P(theta < point) and the density per step on the finer grid, shape (n, 241), of posteriors, shape (n, 61).

    The trapezium rule with its Euler-Maclaurin end correction. Exponentials in single precision are ten times faster
    and move no probability by more than 1e-6.
    """
    logs = np.log(np.maximum(weights, 1e-30)) @ _TO_FINE.T
    density = np.exp(logs.astype(np.float32)).astype(np.float64)
    density /= density.sum(axis=1, keepdims=True)
    below = np.cumsum(density, axis=1) - 0.5 * density
    below[:, 1:-1] -= (density[:, 2:] - density[:, :-2]) / 24.0
    return below, density


def _interpolate(below: Array, density: Array, points: Array, offset: NDArray[np.intp] | int = 0) -> Array:
    """Cubic Hermite values of the finer grid's distribution, which starts at `offset`, at the points."""
    last = _FINER * (GRID.size - 1)
    position = np.clip((points - GRID[0]) / _FINE_STEP, 0.0, last)
    left = np.minimum(position.astype(np.intp), last - 1)
    t = position - left
    left = left + offset
    low = np.minimum(np.maximum(below[left], 0.0), 1.0)
    high = np.maximum(np.minimum(below[left + 1], 1.0), low)
    value = low + t * t * (3.0 - 2.0 * t) * (high - low)
    value += t * (1.0 - t) * ((1.0 - t) * density[left] - t * density[left + 1])
    value = np.minimum(np.maximum(value, low), high)
    value = np.where(points <= GRID[0], 0.0, np.where(points >= GRID[-1], 1.0, value))
    return np.asarray(value, dtype=float)


def check_cuts(cuts: Sequence[float]) -> Array:
    """The 7 cut scores as an array; ValueError when they are not 7, not finite or not strictly increasing."""
    values = np.asarray(cuts, dtype=np.float64)
    if values.shape != (7,):
        raise ValueError(f"a standard has 7 cut scores, got {values.size}")
    if not np.isfinite(values).all():
        raise ValueError(f"cut scores must be finite numbers, got {values.tolist()}")
    steps = np.diff(values)
    if (steps <= 0).any():
        at = int(np.flatnonzero(steps <= 0)[0])
        raise ValueError(
            f"cut scores must increase strictly: the cut to level {at + 3} ({values[at + 1]:g}) "
            f"is not above the cut to level {at + 2} ({values[at]:g})"
        )
    return values


def normal_probability_below(mean: Array, sd: Array, cut: Array | float) -> Array:
    """P(theta < cut) for normal abilities of the given means and sds (broadcast together)."""
    return np.asarray(ndtr((np.asarray(cut) - mean) / sd), dtype=np.float64)
