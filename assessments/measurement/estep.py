"""The expectation step of calibration: a sum over people, in any split and on any number of machines."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import log_expit

from .grid import GRID, Array
from .models import ItemParameters
from .mstep import partial_probabilities
from .responses import Responses

_CHUNK = 2048
_DENSE_SHARE = 0.35
_CACHED_CELLS = 100_000_000


@dataclass(frozen=True, eq=False)
class CalibrationState:
    """Item parameters in slope-intercept form and the people's distribution.

    slope, guessing: shape (n_items,). intercept: shape (n_items, most steps), zero beyond an item's own. n_scores:
    shape (n_items,). mean, sd: of ability among these people; free only when anchors fix the scale.
    """

    slope: Array
    intercept: Array
    guessing: Array
    n_scores: NDArray[np.intp]
    mean: float = 0.0
    sd: float = 1.0

    def groups(self) -> list[tuple[int, NDArray[np.intp]]]:
        """Items by their number of scores."""
        return [(int(k), np.flatnonzero(self.n_scores == k)) for k in np.unique(self.n_scores)]

    def log_prior(self) -> Array:
        """Log probability of each grid point in this population, shape (61,)."""
        logs = -0.5 * ((GRID - self.mean) / self.sd) ** 2
        return np.asarray(logs - np.log(np.exp(logs).sum()))

    def log_tables(self) -> Array:
        """Log probability of every score of every item on GRID, shape (total scores, 61)."""
        tables = np.empty((int(self.n_scores.sum()), GRID.size))
        first = np.concatenate([[0], np.cumsum(self.n_scores)[:-1]])
        for k, items in self.groups():
            if k == 2:
                z = self.slope[items, None] * GRID + self.intercept[items, :1]
                c = self.guessing[items, None]
                tables[first[items]] = np.log1p(-c) + log_expit(-z)
                guessed = np.logaddexp(np.log(np.maximum(c, 1e-300)), np.log1p(-c) + log_expit(z))
                tables[first[items] + 1] = np.where(c > 0, guessed, log_expit(z))
            else:
                logs = np.log(
                    np.maximum(partial_probabilities(self.slope[items], self.intercept[items, : k - 1]), 1e-300)
                )
                for score in range(k):
                    tables[first[items] + score] = logs[:, score]
        return tables

    def parameters(self, labels: Sequence[str]) -> tuple[ItemParameters, ...]:
        """The items' parameters under their names."""
        result = []
        for at, label in enumerate(labels):
            a, k = float(self.slope[at]), int(self.n_scores[at])
            steps = -np.diff(self.intercept[at, : k - 1], prepend=0.0) / a
            if k > 2:
                result.append(ItemParameters("gpcm", a, steps=tuple(float(step) for step in steps), label=label))
            elif self.guessing[at] > 0:
                result.append(ItemParameters("3pl_fixed", a, float(steps[0]), float(self.guessing[at]), label=label))
            else:
                result.append(ItemParameters("2pl", a, float(steps[0]), label=label))
        return tuple(result)


@dataclass(frozen=True, eq=False)
class SufficientStatistics:
    """Sums over people that the M-step needs; `+` joins chunks.

    counts: expected number of people at each grid point with each score of each item, shape (total scores, 61).
    density: expected number of people at each grid point, shape (61,). loglikelihood, n: of these people.
    """

    counts: Array
    density: Array
    loglikelihood: float
    n: float

    def __add__(self, other: SufficientStatistics) -> SufficientStatistics:
        return SufficientStatistics(
            self.counts + other.counts,
            self.density + other.density,
            self.loglikelihood + other.loglikelihood,
            self.n + other.n,
        )

    def to_bytes(self) -> bytes:
        """For a message queue, without loss."""
        buffer = io.BytesIO()
        np.savez(buffer, counts=self.counts, density=self.density, scalars=np.array([self.loglikelihood, self.n]))
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> SufficientStatistics:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            loglikelihood, n = arrays["scalars"].tolist()
            return cls(arrays["counts"], arrays["density"], loglikelihood, n)


def e_step(chunk: Responses, state: CalibrationState) -> SufficientStatistics:
    """Expected counts of these people under the state. Memory does not grow with their number."""
    tables, log_prior = state.log_tables(), state.log_prior()
    counts, density, loglikelihood = np.zeros_like(tables), np.zeros(GRID.size), 0.0
    for _, design, weights in _designs(chunk):
        posterior, logs = _posterior(design, tables, log_prior)
        loglikelihood += float(weights @ logs)
        posterior *= weights[:, None]
        mass = posterior.sum(axis=0)
        density += mass
        design.add_counts(posterior, mass, counts)
    return SufficientStatistics(counts, density, loglikelihood, float(chunk.weights.sum()))


def person_posteriors(chunk: Responses, state: CalibrationState) -> Iterator[tuple[int, Array, Array]]:
    """Blocks of people: the first person's row, the posteriors, shape (people, 61), and the row weights."""
    tables, log_prior = state.log_tables(), state.log_prior()
    for low, design, weights in _designs(chunk):
        yield low, _posterior(design, tables, log_prior)[0], weights


def _posterior(design: _Complete | _Indicator, tables: Array, log_prior: Array) -> tuple[Array, Array]:
    """Posteriors of a block, shape (people, 61), and log marginal likelihoods, shape (people,)."""
    posterior = design.loglikelihood(tables)
    posterior += log_prior
    top = posterior.max(axis=1, keepdims=True)
    posterior -= top
    np.exp(posterior, out=posterior)
    total = posterior.sum(axis=1)
    posterior /= total[:, None]
    return posterior, top[:, 0] + np.log(total)


@dataclass(frozen=True, eq=False)
class _Complete:
    """People who all answered every one of some two-score items: one dense product over right answers."""

    right: Array

    def loglikelihood(self, tables: Array) -> Array:
        wrong = tables[0::2]
        return np.asarray(self.right @ (tables[1::2] - wrong) + wrong.sum(axis=0))

    def add_counts(self, posterior: Array, mass: Array, counts: Array) -> None:
        right = self.right.T @ posterior
        counts[1::2] += right
        counts[0::2] += mass - right


@dataclass(frozen=True, eq=False)
class _Indicator:
    """People by scores given, sparse or dense, shape (people, total scores)."""

    given: sparse.csr_array | Array

    def loglikelihood(self, tables: Array) -> Array:
        return np.asarray(self.given @ tables)

    def add_counts(self, posterior: Array, mass: Array, counts: Array) -> None:
        counts += self.given.T @ posterior


def _designs(chunk: Responses) -> Iterator[tuple[int, _Complete | _Indicator, Array]]:
    """The people in blocks, kept between iterations while they fit into memory."""
    cached: dict[int, _Complete | _Indicator] = chunk.__dict__.setdefault("_designs", {})
    keep = min(chunk.n_people * int(chunk.first[-1]), 2 * chunk.item.size) <= _CACHED_CELLS
    for low in range(0, chunk.n_people, _CHUNK):
        high = min(low + _CHUNK, chunk.n_people)
        design = cached.get(low) or _design(chunk, low, high)
        if keep:
            cached[low] = design
        yield low, design, chunk.weights[low:high]


def _design(chunk: Responses, low: int, high: int) -> _Complete | _Indicator:
    part = slice(chunk.starts[low], chunk.starts[high])
    item, score, people = chunk.item[part], chunk.score[part], high - low
    if (chunk.n_scores == 2).all() and item.size == people * chunk.n_items:
        right = np.zeros((people, chunk.n_items))
        right[chunk.person[part] - low, item] = score
        return _Complete(right)
    cells = chunk.first[item] + score
    total = int(chunk.first[-1])
    if item.size > _DENSE_SHARE * people * chunk.n_items:
        dense = np.zeros((people, total))
        dense[chunk.person[part] - low, cells] = 1.0
        return _Indicator(dense)
    pointer = chunk.starts[low : high + 1] - chunk.starts[low]
    return _Indicator(sparse.csr_array((np.ones(item.size), cells, pointer), shape=(people, total)))
