"""An item bank compiled for selection: the posterior-weighted information of every item in one small product.

The information curves of a bank are smooth, so 10,000 of them are a few tens of basis curves up to a known error.
`ItemBank.expected_information` works with those; `selection` recomputes the few items within the error of the best
on the full grid, so that the choice is the exact maximum.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .grid import GRID, Array
from .models import ItemParameters, information

ItemId = Hashable
Positions = NDArray[np.intp]
RELATIVE_ERROR = 2e-2
"""The basis reproduces every information curve to this part of the bank's highest information."""
_ROW = 1024
_WHEEL = 65536


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
    """Items laid out by competency in rows of equal length, with their information curves.

    `slot` numbers run over the rows; slots beyond a competency's last item are empty. ValueError for a repeated id or
    an unknown enemy.
    """

    def __init__(self, items: Iterable[BankItem]) -> None:
        ordered = sorted(items, key=lambda item: item.competency)
        self.competencies: tuple[str, ...] = tuple(dict.fromkeys(item.competency for item in ordered))
        counts = [sum(1 for item in ordered if item.competency == name) for name in self.competencies]
        self.row_length = min(_ROW, max(counts, default=1))
        rows = [-(-count // self.row_length) for count in counts]
        self.first_row = np.concatenate([[0], np.cumsum(rows, dtype=np.intp)]).astype(np.intp)
        edges = self.first_row.tolist()
        self.row_of: dict[str, tuple[int, int]] = {
            name: (edges[k], edges[k + 1]) for k, name in enumerate(self.competencies)
        }
        self._rows: dict[tuple[str, ...], tuple[Positions, list[int], Positions]] = {}
        self.shape = (int(self.first_row[-1]), self.row_length)
        self.items: list[BankItem | None] = [None] * (self.shape[0] * self.row_length)
        self.index: dict[ItemId, int] = {}
        at = 0
        for k, count in enumerate(counts):
            start = int(self.first_row[k]) * self.row_length
            self.items[start : start + count] = ordered[at : at + count]
            at += count
        for slot, item in enumerate(self.items):
            if item is not None:
                if item.id in self.index:
                    raise ValueError(f"item {item.id} is in the bank twice")
                self.index[item.id] = slot
        for item in ordered:
            for enemy in item.enemies:
                if enemy in self.index:
                    continue
                raise ValueError(f"item {item.id} names an enemy that is not in the bank: {enemy}")
        self._compile()

    def _compile(self) -> None:
        taken = [slot for slot, item in enumerate(self.items) if item is not None]
        held = [item for item in self.items if item is not None]
        self.information: Array = np.zeros((len(self.items), GRID.size))
        self.information[taken] = information_curves([item.parameters for item in held])
        basis, loadings = _compress(self.information)
        self.basis = basis
        self.loadings: NDArray[np.float32] = loadings.reshape(*self.shape, -1).astype(np.float32)
        approximate = self.loadings.reshape(len(self.items), -1).astype(np.float64) @ basis
        scale = float(self.information.max(initial=1.0))
        self.error = float(np.abs(approximate - self.information).max(initial=0.0)) + 1e-6 * scale
        empty = np.full(len(self.items), -np.inf, dtype=np.float32)
        empty[taken] = 0.0
        self.open_slots = empty.copy()
        """0 for a slot whose item is scored, minus infinity for an empty one and for pretest items."""
        self.open_slots[[self.index[item.id] for item in held if item.pretest]] = -np.inf
        self.pretest_slots: Positions = np.array([self.index[item.id] for item in held if item.pretest], dtype=np.intp)
        self.testlets: dict[str, list[int]] = {}
        self.enemies: dict[int, set[int]] = {}
        for item in held:
            slot = self.index[item.id]
            if item.testlet is not None:
                self.testlets.setdefault(item.testlet, []).append(slot)
            for enemy in item.enemies:
                self.enemies.setdefault(slot, set()).add(self.index[enemy])
                self.enemies.setdefault(self.index[enemy], set()).add(slot)
        wheel = np.random.default_rng(20250701).random(_WHEEL + len(self.items), np.float32)
        self.noise: NDArray[np.float32] = wheel
        self.labels = {
            "competency": np.array(["" if item is None else item.competency for item in self.items]),
            "domain": np.array(["" if item is None else item.domain for item in self.items]),
            "kind": np.array(["" if item is None else item.kind for item in self.items]),
        }
        self.seconds: Array = np.array([0.0 if item is None else item.seconds for item in self.items])

    def __len__(self) -> int:
        return len(self.index)

    def item(self, slot: int) -> BankItem:
        """The item in a slot. KeyError for an empty slot."""
        item = self.items[slot]
        if item is None:
            raise KeyError(slot)
        return item

    def rows(self, names: tuple[str, ...]) -> tuple[Positions, list[int], Positions]:
        """Rows of these competencies, how many each has, and where each begins among them."""
        if names not in self._rows:
            spans = [self.row_of[name] for name in names]
            rows = np.concatenate([np.arange(low, high) for low, high in spans])
            lengths = [high - low for low, high in spans]
            self._rows[names] = rows, lengths, np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.intp)
        return self._rows[names]

    def expected_information(self, rows: Positions, row_weights: Array) -> NDArray[np.float32]:
        """Posterior-weighted information, within `error`, of the items in these rows, shape (rows, row_length).

        row_weights: the posterior weights of each row's competency, shape (rows, 61).
        """
        projected = (row_weights @ self.basis.T).astype(np.float32)
        loadings = self.loadings if len(rows) == self.shape[0] else self.loadings[rows]
        return np.asarray(np.matmul(loadings, projected[:, :, None])[:, :, 0])

    def exact_information(self, slots: Positions, weights: Array) -> Array:
        """Posterior-weighted information of the items in these slots on the full grid, shape of slots."""
        return np.asarray(self.information[slots] @ weights)

    def noise_for(self, seed: int, purpose: int) -> NDArray[np.float32]:
        """Uniform numbers by slot, shape (slots,), fixed by seed and purpose: a turn of one fixed random wheel."""
        offset = seeded_integer(seed, purpose) % _WHEEL
        return self.noise[offset : offset + len(self.items)]


def seeded_integer(seed: int, purpose: int) -> int:
    """A 64-bit number fixed by seed and purpose (the mixing function of SplitMix64)."""
    mask = (1 << 64) - 1
    mixed = (seed * 0x9E3779B97F4A7C15 + (purpose + 1) * 0xD1B54A32D192ED03) & mask
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & mask
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
    return mixed ^ (mixed >> 31)


def information_curves(parameters: Sequence[ItemParameters]) -> Array:
    """Fisher information of the items on GRID, shape (n, 61), the two-score models all at once."""
    curves = np.empty((len(parameters), GRID.size))
    partial = np.array([params.model == "gpcm" for params in parameters], dtype=bool)
    for at in np.flatnonzero(partial):
        curves[at] = information(parameters[int(at)], GRID)
    a, b, c = (np.array([getattr(p, name) for p in parameters])[~partial, None] for name in ("a", "b", "c"))
    p = 1.0 / (1.0 + np.exp(-a * (GRID - b)))
    curves[~partial] = a**2 * (1.0 - c) * p**2 * (1.0 - p) / (c + (1.0 - c) * p)
    return curves


def _compress(curves: Array) -> tuple[Array, Array]:
    """Basis, shape (rank, 61), and loadings, shape (n, rank), of the smallest rank within RELATIVE_ERROR."""
    if not len(curves):
        return np.zeros((1, GRID.size)), np.zeros((0, 1))
    _, vectors = np.linalg.eigh(curves.T @ curves)
    vectors = vectors[:, ::-1].T
    low, high = 1, len(vectors)
    while low < high:
        rank = (low + high) // 2
        basis = vectors[:rank]
        if float(np.abs((curves @ basis.T) @ basis - curves).max()) <= RELATIVE_ERROR * curves.max():
            high = rank
        else:
            low = rank + 1
    return np.ascontiguousarray(vectors[:low]), curves @ vectors[:low].T
