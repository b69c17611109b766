"""From responses to the posterior of ability, for one person on the grid and for millions at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from .grid import GRID, LOG_PRIOR, MOMENTS, Array, Posterior
from .models import ItemParameters

NDArrayInt = NDArray[np.intp]

Response = tuple[ItemParameters, int | None]
"""An item's parameters and the score it earned; None means missing, which is the same as never asked."""


def _row(params: ItemParameters, score: int) -> Array:
    rows = params.log_rows
    if not 0 <= score < len(rows):
        raise ValueError(f"item {params.label}: unknown score {score}, expected 0 to {len(rows) - 1}")
    return rows[score]


def loglikelihood_on_grid(responses: Sequence[Response]) -> Array:
    """Log likelihood of the responses at each grid point, shape (61,). Missing responses contribute nothing.

    ValueError naming the item when a score is not one of the item's scores.
    """
    rows = [_row(params, score) for params, score in responses if score is not None]
    if not rows:
        return np.zeros(GRID.size)
    return np.asarray(np.add.reduce(np.concatenate(rows).reshape(len(rows), GRID.size)))


def estimate(responses: Sequence[Response], prior: Posterior | None = None) -> Posterior:
    """The posterior of ability after the responses, in any order.

    prior: what was believed before, by default N(0, 1). ValueError naming the item for an unknown score.
    """
    total = loglikelihood_on_grid(responses)
    total += LOG_PRIOR if prior is None else log_weights(prior)
    return Posterior.from_log_weights(total)


def log_weights(posterior: Posterior) -> Array:
    """Log weights of a posterior, shape (61,), to start `update` from."""
    return np.log(np.maximum(posterior.weights, 1e-300))


def update(posterior_logweights: Array, params: ItemParameters, score: int | None) -> Array:
    """Log weights (up to a constant), shape (61,), after one more response; unchanged when it is missing."""
    if score is None:
        return posterior_logweights
    return posterior_logweights + _row(params, score)


def estimate_many(
    parameters: Sequence[ItemParameters], person: ArrayLike, item: ArrayLike, score: ArrayLike, n_people: int
) -> tuple[Array, Array]:
    """EAP and standard error of many people at once, each of shape (n_people,).

    person, item, score: one entry per response, shape (n_responses,): the person's row, the item's position in
    `parameters` and the score earned. Missing responses are simply not listed. A person without responses gets the
    prior, 0 and 1. ValueError for a score the item does not have.
    """
    tables, first = stack_tables(parameters)
    person, item, score = (np.asarray(values, dtype=np.intp) for values in (person, item, score))
    allowed = np.diff(first)
    bad = np.flatnonzero((score < 0) | (score >= allowed[item]))
    if bad.size:
        at = int(bad[0])
        label = parameters[int(item[at])].label or str(int(item[at]))
        raise ValueError(f"item {label}: unknown score {int(score[at])}, expected 0 to {int(allowed[item[at]]) - 1}")
    order = np.argsort(person, kind="stable")
    counts = np.bincount(person, minlength=n_people)
    starts = np.concatenate([[0], np.cumsum(counts)])
    return eap_from_rows(tables, (first[item] + score)[order], starts)


def stack_tables(parameters: Sequence[ItemParameters]) -> tuple[Array, NDArrayInt]:
    """All log tables one under the other, shape (total scores, 61), and where each item starts, shape (n + 1,)."""
    tables = np.concatenate([params.log_table for params in parameters])
    first = np.concatenate([[0], np.cumsum([params.n_categories for params in parameters])])
    return tables, first


def eap_from_rows(tables: Array, rows: NDArrayInt, starts: NDArrayInt, chunk: int = 16384) -> tuple[Array, Array]:
    """EAP and standard error, each of shape (n_people,), for people whose responses are rows of `tables`.

    rows: shape (n_responses,), person after person; starts: shape (n_people + 1,), where each person begins. The
    likelihood is a sparse product of responses by tables, done `chunk` people at a time to bound memory.
    """
    n_people = len(starts) - 1
    mean, se = np.empty(n_people), np.empty(n_people)
    for low in range(0, n_people, chunk):
        high = min(low + chunk, n_people)
        cells = rows[starts[low] : starts[high]]
        pointer = starts[low : high + 1] - starts[low]
        counts = sparse.csr_array((np.ones(len(cells)), cells, pointer), shape=(high - low, len(tables)))
        weights = counts @ tables
        weights += LOG_PRIOR
        weights -= weights.max(axis=1, keepdims=True)
        np.exp(weights, out=weights)
        total, first, second = (weights @ MOMENTS).T
        mean[low:high] = first / total
        se[low:high] = np.sqrt(np.maximum(second / total - (first / total) ** 2, 0.0))
    return mean, se
