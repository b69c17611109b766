"""Standard errors of calibrated parameters.

With enough people for the number of parameters (ENOUGH_PEOPLE each) the information is the sum over people of the
outer product of their marginal score vectors (Berndt et al., 1974), which takes in that all items are estimated
together. With fewer that sum is unstable, and each item's own observed information (Louis, 1982) is used, given the
other items. Errors of a and b follow from those of slope and intercept by the delta method.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .estep import CalibrationState, SufficientStatistics, person_posteriors
from .grid import GRID, Array
from .mstep import ItemPrior, partial_probabilities, score_binary, score_partial
from .responses import Responses

ENOUGH_PEOPLE = 10


@dataclass(frozen=True, eq=False)
class InformationSums:
    """Sum over people of outer products of scores, shape (p, p); `+` joins chunks.

    The p parameters are the items' (slope, intercepts) one after the other, then the mean and the log sd of ability.
    """

    products: Array
    n: float

    def __add__(self, other: InformationSums) -> InformationSums:
        return InformationSums(self.products + other.products, self.n + other.n)


def score_tables(state: CalibrationState) -> dict[int, Array]:
    """Derivatives of each score's log probability, by number of scores k: shape (items, k scores, k parameters, 61)."""
    tables = {}
    for k, items in state.groups():
        slope, intercept = state.slope[items], state.intercept[items, : k - 1]
        if k == 2:
            logistic = 1.0 / (1.0 + np.exp(-(slope[:, None] * GRID + intercept)))
            c = state.guessing[items, None]
            right = (1.0 - c) * logistic * (1.0 - logistic) / (c + (1.0 - c) * logistic)
            by_intercept = np.stack([-logistic, right], axis=1)
            tables[k] = np.stack([by_intercept * GRID, by_intercept], axis=2)
            continue
        p = partial_probabilities(slope, intercept)
        scores = np.arange(k)
        mean = np.einsum("k,nkq->nq", scores, p)
        table = np.empty((items.size, k, k, GRID.size))
        table[:, :, 0] = (scores[None, :, None] - mean[:, None, :]) * GRID
        for parameter in range(1, k):
            table[:, :, parameter] = (scores == parameter)[None, :, None] - p[:, None, parameter]
        tables[k] = table
    return tables


def information_step(chunk: Responses, state: CalibrationState) -> InformationSums:
    """The sum over these people, to be added to other chunks' sums."""
    p = int(state.n_scores.sum())
    first = chunk.first[:-1]
    tables = score_tables(state)
    products = np.zeros((p + 2, p + 2))
    standard = (GRID - state.mean) / state.sd
    for low, posterior, weights in person_posteriors(chunk, state):
        score = chunk.matrix(low, low + len(posterior))
        gradient = np.zeros((len(posterior), p + 2))
        for k, items in state.groups():
            table = tables[k]
            given = score[:, items]
            for parameter in range(k):
                sums = np.zeros(given.shape)
                for value in range(k):
                    sums += (given == value) * (posterior @ table[:, value, parameter].T)
                gradient[:, first[items] + parameter] = sums
        gradient[:, p] = posterior @ standard / state.sd
        gradient[:, p + 1] = posterior @ (standard**2 - 1.0)
        products += gradient.T @ (gradient * weights[:, None])
    return InformationSums(products, float(chunk.weights.sum()))


def standard_errors(
    state: CalibrationState,
    statistics: SufficientStatistics,
    information: InformationSums,
    free: NDArray[np.bool_],
    moments_free: bool,
    prior: ItemPrior,
) -> tuple[tuple[float, ...], ...]:
    """Standard errors of (a, b or steps) per item; zeros for items that are not free."""
    first = np.concatenate([[0], np.cumsum(state.n_scores)])
    p = int(first[-1])
    used = np.concatenate([np.repeat(free, state.n_scores), [moments_free, moments_free]])
    joint = information.n >= ENOUGH_PEOPLE * used.sum()
    covariance = np.zeros((p + 2, p + 2))
    matrix = information.products.copy()
    blocks = _item_information(state, statistics, information.products, prior, first)
    for at, block in enumerate(blocks):
        part = slice(first[at], first[at + 1])
        if joint:
            matrix[part, part] += block[1]
        elif free[at]:
            covariance[part, part] = np.linalg.pinv(block[0])
    if joint:
        kept = np.flatnonzero(used)
        covariance[np.ix_(kept, kept)] = np.linalg.pinv(matrix[np.ix_(kept, kept)])
    return tuple(
        _item_errors(state, at, covariance[first[at] : first[at + 1], first[at] : first[at + 1]])
        if free[at]
        else (0.0,) * int(state.n_scores[at])
        for at in range(len(free))
    )


def _item_information(
    state: CalibrationState, statistics: SufficientStatistics, products: Array, prior: ItemPrior, first: Array
) -> list[tuple[Array, Array]]:
    """Each item's own observed information with its prior's, and its prior's alone, shape (k, k) each."""
    result: list[tuple[Array, Array]] = [(np.empty(0), np.empty(0))] * len(state.slope)
    tables = score_tables(state)
    for k, items in state.groups():
        counts = statistics.counts[first[items][:, None] + np.arange(k)]
        slope, intercept = state.slope[items], state.intercept[items, : k - 1]
        if k == 2:
            _, complete = score_binary(slope, intercept, state.guessing[items], counts[:, 1], counts.sum(axis=1))
        else:
            _, complete = score_partial(slope, intercept, counts)
        squares = np.einsum("nsq,nspq,nsrq->npr", counts, tables[k], tables[k])
        prior_part = np.zeros_like(complete)
        prior.part(items).add_to(slope, intercept, np.zeros((items.size, k)), prior_part)
        for row, at in enumerate(items):
            part = slice(first[at], first[at + 1])
            result[at] = (complete[row] - squares[row] + products[part, part] + prior_part[row], prior_part[row])
    return result


def _item_errors(state: CalibrationState, at: int, covariance: Array) -> tuple[float, ...]:
    k, slope = int(state.n_scores[at]), float(state.slope[at])
    steps = -np.diff(state.intercept[at, : k - 1], prepend=0.0) / slope
    jacobian = np.zeros((k, k))
    jacobian[0, 0] = 1.0
    jacobian[1:, 0] = -steps / slope
    for step in range(1, k):
        jacobian[step, step] = -1.0 / slope
        if step > 1:
            jacobian[step, step - 1] = 1.0 / slope
    errors = np.einsum("ij,jk,ik->i", jacobian, covariance, jacobian)
    return tuple(float(e) for e in np.sqrt(np.maximum(errors, 0.0)))
