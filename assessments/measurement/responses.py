"""A table of scored responses for calibration and item statistics, with missing responses left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from .grid import Array

Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Responses:
    """Who scored what on which item.

    labels: item names, shape (n_items,). n_scores: scores 0..n-1 that each item has, shape (n_items,). starts: where
    each person's responses begin, shape (n_people + 1,). item, score: one entry per response, person after person.
    weights: how often each row occurs, shape (n_people,), for tables of response patterns; 1 for plain people.
    """

    labels: tuple[str, ...]
    n_scores: Index
    starts: Index
    item: Index
    score: Index
    weights: Array = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        if not self.labels or self.n_people < 1 or not self.item.size:
            raise ValueError("the response table is empty: at least one person's response to one item is needed")
        if not self.weights.size:
            object.__setattr__(self, "weights", np.ones(self.n_people))
        if self.weights.shape != (self.n_people,) or not (np.isfinite(self.weights) & (self.weights > 0)).all():
            raise ValueError("row weights must be finite, above 0 and one per person")

    @classmethod
    def from_matrix(
        cls, matrix: ArrayLike, labels: Sequence[str] | None = None, weights: ArrayLike | None = None
    ) -> Responses:
        """From a matrix of people by items with whole scores from 0, and -1 where the response is missing.

        ValueError naming person and item for anything else, NaN included.
        """
        values = np.asarray(matrix)
        if values.ndim != 2:
            raise ValueError(f"a response matrix has people in rows and items in columns, got {values.ndim} dimensions")
        names = _names(labels, values.shape[1])
        if values.dtype.kind not in "iu":
            _refuse_first(
                ~np.isfinite(values.astype(np.float64)), names, "the response is not a number (missing is -1)"
            )
            _refuse_first(values != np.floor(values), names, "the response is not a whole score")
        _refuse_first(values < -1, names, "unknown response code, expected -1 (missing) or a score from 0")
        present = values >= 0
        person, item = np.nonzero(present)
        score = values[person, item].astype(np.intp)
        starts = np.concatenate([[0], np.cumsum(present.sum(axis=1))])
        n_scores = np.maximum(values.max(axis=0, initial=-1).astype(np.intp) + 1, 2)
        row_weights = np.empty(0) if weights is None else np.asarray(weights, dtype=np.float64)
        return cls(names, n_scores, starts, item, score, row_weights)

    @classmethod
    def from_triples(
        cls,
        person: ArrayLike,
        item: ArrayLike,
        score: ArrayLike,
        n_people: int,
        labels: Sequence[str],
        n_scores: ArrayLike | None = None,
    ) -> Responses:
        """From one (person, item, score) per response, each array of shape (n_responses,), in any order.

        n_scores: scores each item has, by default the highest seen plus one and at least 2. ValueError naming person
        and item for an unknown score or a second response of one person to one item.
        """
        who, what, got = (np.asarray(values, dtype=np.intp) for values in (person, item, score))
        for name, index, limit in (("person", who, n_people), ("item", what, len(labels))):
            if index.size and not (index.min() >= 0 and index.max() < limit):
                raise ValueError(f"{name} index out of range: it must be between 0 and {limit - 1}")
        order = np.lexsort((what, who))
        who, what, got = who[order], what[order], got[order]
        seen = np.ones(len(labels), dtype=np.intp)
        np.maximum.at(seen, what, got)
        scores = seen + 1 if n_scores is None else np.asarray(n_scores, dtype=np.intp)
        for wrong, problem in (
            ((got < 0) | (got >= scores[what]), "unknown score"),
            (np.concatenate([[False], (np.diff(who) == 0) & (np.diff(what) == 0)]), "a second response"),
        ):
            if wrong.any():
                at = int(np.flatnonzero(wrong)[0])
                raise ValueError(f"person {who[at]}, item {labels[what[at]]}: {problem} ({got[at]})")
        starts = np.concatenate([[0], np.cumsum(np.bincount(who, minlength=n_people))])
        return cls(tuple(labels), scores, starts, what, got)

    @property
    def n_people(self) -> int:
        return len(self.starts) - 1

    @property
    def n_items(self) -> int:
        return len(self.labels)

    @cached_property
    def first(self) -> Index:
        """Where each item's scores begin among all items' scores, shape (n_items + 1,)."""
        return np.concatenate([[0], np.cumsum(self.n_scores)])

    @cached_property
    def person(self) -> Index:
        """The person of each response, shape (n_responses,)."""
        return np.repeat(np.arange(self.n_people), np.diff(self.starts))

    @cached_property
    def weighted_counts(self) -> Array:
        """How often each score of each item was given, shape (total scores,)."""
        return np.asarray(
            np.bincount(self.first[self.item] + self.score, self.weights[self.person], int(self.first[-1]))
        )

    def rows(self, low: int, high: int) -> Responses:
        """The people from low up to high: a chunk whose statistics add up with the other chunks'."""
        part = slice(self.starts[low], self.starts[high])
        starts = self.starts[low : high + 1] - self.starts[low]
        return Responses(self.labels, self.n_scores, starts, self.item[part], self.score[part], self.weights[low:high])

    def matrix(self, low: int, high: int) -> Array:
        """Scores of the people from low up to high, shape (high - low, n_items), nan where missing."""
        dense = np.full((high - low, self.n_items), np.nan)
        part = slice(self.starts[low], self.starts[high])
        dense[self.person[part] - low, self.item[part]] = self.score[part]
        return dense

    def without(self, labels: Collection[str]) -> Responses:
        """The same table without the named items."""
        keep = np.array([label not in labels for label in self.labels])
        kept = keep[self.item]
        renumbered = np.cumsum(keep) - 1
        starts = np.concatenate([[0], np.cumsum(kept)])[self.starts]
        names = tuple(label for label in self.labels if label not in labels)
        return Responses(
            names, self.n_scores[keep], starts, renumbered[self.item[kept]], self.score[kept], self.weights
        )

    def unusable_items(self) -> dict[str, str]:
        """Items that cannot be calibrated, by name, and why: no responses, only one score, a score never given."""
        reasons = {}
        counts = self.weighted_counts
        for at, label in enumerate(self.labels):
            mine = counts[self.first[at] : self.first[at + 1]]
            if not mine.any():
                reasons[label] = "has no responses"
            elif (mine > 0).sum() == 1:
                reasons[label] = f"everyone has the same score ({int(mine.argmax())})"
            elif not mine.all():
                reasons[label] = f"nobody has score {int((mine == 0).argmax())}: merge it with its neighbour"
        return reasons

    def components(self) -> Index:
        """Which linked set of items each item belongs to, shape (n_items,); one set when people connect them all."""
        size = (self.n_people, self.n_items)
        graph = sparse.csr_array((np.ones(self.item.size, dtype=np.int8), self.item, self.starts), shape=size)
        label = np.full(self.n_items, -1, dtype=np.intp)
        backwards = graph.T.tocsr()
        component = 0
        while (label < 0).any():
            reached = np.zeros(self.n_items)
            reached[int(np.flatnonzero(label < 0)[0])] = 1.0
            while True:
                wider = (backwards @ ((graph @ reached) > 0).astype(np.float64)) + reached > 0
                if wider.sum() == reached.sum():
                    break
                reached = wider.astype(np.float64)
            label[reached > 0] = component
            component += 1
        return label


def _names(labels: Sequence[str] | None, n: int) -> tuple[str, ...]:
    names = tuple(str(at) for at in range(n)) if labels is None else tuple(labels)
    if len(names) != n:
        raise ValueError(f"{n} items need {n} names, got {len(names)}")
    return names


def _refuse_first(wrong: NDArray[np.bool_], names: tuple[str, ...], problem: str) -> None:
    if wrong.any():
        person, item = (int(at) for at in np.argwhere(wrong)[0])
        raise ValueError(f"person {person}, item {names[item]}: {problem}")
