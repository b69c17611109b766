"""What each person was expected to score on an item, judged by answers other than the one to it.

Residuals against an estimate that contains the very answer are too small, the more so in short tests. For a fixed form
the item's own likelihood is divided out of each posterior. In an adaptive test later items were chosen by this very
answer, so only earlier answers may judge it. Either way residuals have mean 0 and the predicted variance under the
model.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from .estimation import stack_tables
from .grid import GRID, LOG_PRIOR, Array
from .models import ItemParameters
from .responses import Responses

Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class ItemPrediction:
    """One item's answers beside their prediction.

    person: shape (n,). score: shape (n,). weights: the person's posterior without this item, shape (n, 61). chances:
    probability of each score given the person's other answers, or the earlier ones where their order is known, shape
    (n, k).
    """

    person: Index
    score: Array
    weights: Array
    chances: Array

    @cached_property
    def ability(self) -> Array:
        """EAP of each person without this item, shape (n,)."""
        return np.asarray(self.weights @ GRID)

    def ability_given_mean(self, mean: Array) -> Array:
        """EAP without this item, shape (n,), of people who come from populations N(mean, 1), mean of shape (n,)."""
        weights = self.weights * np.exp(mean[:, None] * GRID - 0.5 * mean[:, None] ** 2)
        return np.asarray(weights @ GRID / weights.sum(axis=1))

    @cached_property
    def expected(self) -> Array:
        return np.asarray(self.chances @ np.arange(self.chances.shape[1]))

    @cached_property
    def variance(self) -> Array:
        return np.asarray(self.chances @ np.arange(self.chances.shape[1]) ** 2 - self.expected**2)

    @cached_property
    def residual(self) -> Array:
        return np.asarray(self.score - self.expected)

    @cached_property
    def fourth_moment(self) -> Array:
        """Expected fourth power of the residual, shape (n,)."""
        deviation = np.arange(self.chances.shape[1])[None, :] - self.expected[:, None]
        return np.asarray((self.chances * deviation**4).sum(axis=1))


class Predictions:
    """Predictions of every item of `responses` under `parameters` (in the order of its labels).

    Keeps every person's posterior: about half a kilobyte per person. sequence: where the items were chosen by earlier
    answers, a number for each response that rises in the order in which they were given, shape (n_responses,).
    """

    def __init__(
        self, responses: Responses, parameters: tuple[ItemParameters, ...], sequence: ArrayLike | None = None
    ) -> None:
        if len(parameters) != responses.n_items:
            raise ValueError(f"{responses.n_items} items need as many parameters, got {len(parameters)}")
        for label, params, scores in zip(responses.labels, parameters, responses.n_scores, strict=True):
            if params.n_categories < scores:
                raise ValueError(f"item {label}: has score {scores - 1}, its parameters know {params.n_categories - 1}")
        self.responses, self.parameters = responses, parameters
        self.sequence = None if sequence is None else np.asarray(sequence)
        if self.sequence is not None and self.sequence.shape != responses.item.shape:
            raise ValueError(f"{responses.item.size} responses need as many places, got {self.sequence.shape}")
        tables, first = stack_tables(parameters)
        self._tables, self._rows = tables, first[responses.item] + responses.score
        logs = np.tile(LOG_PRIOR, (responses.n_people, 1))
        for low in range(0, responses.n_people, 4096):
            high = min(low + 4096, responses.n_people)
            part = slice(responses.starts[low], responses.starts[high])
            rows = self._rows[part]
            edges = responses.starts[low:high] - responses.starts[low]
            answered = np.flatnonzero(np.diff(responses.starts[low : high + 1]))
            if answered.size:
                logs[low + answered] += np.add.reduceat(tables[rows], edges[answered], axis=0)
        logs -= logs.max(axis=1, keepdims=True)
        self.weights = np.exp(logs)
        self.weights /= self.weights.sum(axis=1, keepdims=True)
        self._order = np.argsort(responses.item, kind="stable")
        counts = np.bincount(responses.item, minlength=responses.n_items)
        self._starts = np.concatenate([[0], np.cumsum(counts)])

    @cached_property
    def ability(self) -> Array:
        """EAP of each person from all answers, shape (n_people,)."""
        return np.asarray(self.weights @ GRID)

    def group_mean(self, people: NDArray[np.bool_]) -> float:
        """Mean ability of some people, free of shrinkage: their EAPs over their reliabilities; 0 without evidence."""
        mean = self.ability[people]
        reliability = np.clip(1.0 - (self.weights[people] @ GRID**2 - mean**2), 0.0, 1.0)
        return float(mean.sum() / reliability.sum()) if reliability.sum() > 0 else 0.0

    def item(self, at: int) -> ItemPrediction:
        """The prediction of the item in position `at`."""
        rows = self._order[self._starts[at] : self._starts[at + 1]]
        person, score = self.responses.person[rows], self.responses.score[rows]
        chances = np.exp(self.parameters[at].log_table)
        weights = self.weights[person] / np.maximum(chances[score], 1e-12)
        weights /= weights.sum(axis=1, keepdims=True)
        judging = weights if self.sequence is None else self._earlier(rows)
        return ItemPrediction(person, score.astype(np.float64), weights, judging @ chances.T)

    @cached_property
    def residuals(self) -> Array:
        """Residual of every response, in the order of `responses`, shape (n_responses,)."""
        found = np.empty(self.responses.item.size)
        for at in range(self.responses.n_items):
            found[self._order[self._starts[at] : self._starts[at + 1]]] = self.item(at).residual
        return found

    def _earlier(self, rows: Index) -> Array:
        """Posterior from what each of these responses' persons answered before, shape (rows, 61)."""
        assert self.sequence is not None
        person = self.responses.person[rows]
        starts, ends = self.responses.starts[person], self.responses.starts[person + 1]
        sizes = ends - starts
        owner = np.repeat(np.arange(rows.size), sizes)
        all_of = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes) + np.repeat(starts, sizes)
        before = self.sequence[all_of] < self.sequence[rows][owner]
        owner, column = owner[before], self._rows[all_of[before]]
        asked = sparse.csr_matrix((np.ones(owner.size), (owner, column)), shape=(rows.size, len(self._tables)))
        logs = LOG_PRIOR + asked @ self._tables
        logs -= logs.max(axis=1, keepdims=True)
        weights = np.exp(logs)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))
