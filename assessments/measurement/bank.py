"""An item bank compiled for selection: the posterior-weighted information of every item in one small product.

The information curves of a bank are smooth, so 10,000 of them are a few tens of basis curves up to a known error.
`ItemBank.expected_information` works with those; `selection` recomputes the few items within the error of the best
on the full grid, so that the choice is the exact maximum.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .grid import Array, Posterior
from .models import ItemParameters

ItemId = Hashable
RELATIVE_ERROR = 1e-3
"""The basis reproduces every information curve to this part of the bank's highest information."""


@dataclass(frozen=True)
class BankItem:
    """What selection needs to know of one item.

    seconds: expected answering time. enemies: ids that must not appear in the same sitting. testlet: items that share
    a stimulus and are given together. pretest: seeded to be calibrated, never scored.
    """

    id: ItemId
    competency: str
    parameters: ItemParameters
    domain: str = ""
    kind: str = ""
    seconds: float = 0.0
    enemies: frozenset[ItemId] = frozenset()
    testlet: str | None = None
    pretest: bool = False


class ItemBank:
    """Items grouped by competency with their information curves. ValueError for a repeated id or an unknown enemy."""

    def __init__(self, items: Iterable[BankItem]) -> None:
        self.items: tuple[BankItem, ...] = tuple(sorted(items, key=lambda item: item.competency))
        self.index: dict[ItemId, int] = {item.id: at for at, item in enumerate(self.items)}
        if len(self.index) < len(self.items):
            seen: set[ItemId] = set()
            repeated = next(item.id for item in self.items if item.id in seen or seen.add(item.id))  # type: ignore[func-returns-value]  # add() is called for its effect
            raise ValueError(f"item {repeated} is in the bank twice")
        for item in self.items:
            unknown = item.enemies - self.index.keys()
            if unknown:
                raise ValueError(
                    f"item {item.id} names an enemy that is not in the bank: {sorted(map(str, unknown))[0]}"
                )
        self.slices: dict[str, slice] = _slices([item.competency for item in self.items])
        self.information: Array = np.array([item.parameters.information_table for item in self.items]).reshape(-1, 61)
        self._basis, self._loadings = _compress(self.information)
        self.error: float = _largest_error(self.information, self._loadings, self._basis)

    def __len__(self) -> int:
        return len(self.items)

    def expected_information(self, posteriors: Mapping[str, Posterior]) -> dict[str, Array]:
        """Posterior-weighted information of each competency's items, within `error`, shape (items of it,) each."""
        return {
            competency: self._loadings[self.slices[competency]] @ (self._basis @ posterior.weights)
            for competency, posterior in posteriors.items()
            if competency in self.slices
        }

    def exact_information(self, positions: NDArray[np.intp], posterior: Posterior) -> Array:
        """Posterior-weighted information of the items at `positions`, on the full grid, same shape."""
        return np.asarray(self.information[positions] @ posterior.weights)


def _slices(competencies: list[str]) -> dict[str, slice]:
    starts: dict[str, int] = {}
    for at, competency in enumerate(competencies):
        starts.setdefault(competency, at)
    ends = [*list(starts.values())[1:], len(competencies)]
    return {competency: slice(start, end) for (competency, start), end in zip(starts.items(), ends, strict=True)}


def _compress(curves: Array) -> tuple[Array, Array]:
    """Basis, shape (rank, 61), and loadings, shape (n, rank), of the smallest rank within RELATIVE_ERROR."""
    if not len(curves):
        return np.zeros((1, curves.shape[1])), np.zeros((0, 1))
    _, vectors = np.linalg.eigh(curves.T @ curves)
    vectors = vectors[:, ::-1].T
    low, high = 1, len(vectors)
    while low < high:
        rank = (low + high) // 2
        basis = vectors[:rank]
        if _largest_error(curves, curves @ basis.T, basis) <= RELATIVE_ERROR * curves.max():
            high = rank
        else:
            low = rank + 1
    basis = np.ascontiguousarray(vectors[:low])
    return basis, np.ascontiguousarray(curves @ basis.T)


def _largest_error(curves: Array, loadings: Array, basis: Array) -> float:
    return float(np.abs(loadings @ basis - curves).max(initial=0.0))
