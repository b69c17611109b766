"""What each person was expected to score on an item, judged by his other answers alone.

Residuals against an estimate that contains the very answer are too small, the more so in short tests. Here the
item's own likelihood is divided out of each posterior, so that under the model residuals have mean 0 and the predicted
variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .estimation import stack_tables
from .grid import GRID, LOG_PRIOR, Array
from .models import ItemParameters
from .responses import Responses

Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class ItemPrediction:
    """One item's answers beside their prediction.

    person: shape (n,). score: shape (n,). weights: the person's posterior without this item, shape (n, 61). chances:
    probability of each score given the person's other answers, shape (n, k).
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

    Keeps every person's posterior: about half a kilobyte per person.
    """

    def __init__(self, responses: Responses, parameters: tuple[ItemParameters, ...]) -> None:
        if len(parameters) != responses.n_items:
            raise ValueError(f"{responses.n_items} items need as many parameters, got {len(parameters)}")
        for label, params, scores in zip(responses.labels, parameters, responses.n_scores, strict=True):
            if params.n_categories < scores:
                raise ValueError(f"item {label}: has score {scores - 1}, its parameters know {params.n_categories - 1}")
        self.responses, self.parameters = responses, parameters
        tables, first = stack_tables(parameters)
        logs = np.tile(LOG_PRIOR, (responses.n_people, 1))
        for low in range(0, responses.n_people, 4096):
            high = min(low + 4096, responses.n_people)
            part = slice(responses.starts[low], responses.starts[high])
            rows = first[responses.item[part]] + responses.score[part]
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
        return ItemPrediction(person, score.astype(np.float64), weights, weights @ chances.T)
