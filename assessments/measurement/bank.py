"""An item bank compiled for selection: the best item of 10,000 without looking at all of them.

Items of one competency lie in blocks of 32 with similar information curves. A block's envelope, the highest of its
curves at each grid point, bounds the posterior-weighted information of every item in it, so a search that opens only
blocks whose bound reaches the best item found returns the exact maximum.
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
Numbers = NDArray[np.float32]
Mask = NDArray[np.bool_]
BLOCK = 32
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
    """Items in blocks by competency. ValueError for a repeated id or an unknown enemy.

    A slot is a place in the blocks, numbered through; the last block of a competency may have empty slots. Arrays by
    slot: `information` (slots, 61), `closed` (true for an empty slot or a pretest item), `labels` by attribute,
    `seconds`. `envelopes`: shape (blocks, 61), in single precision and higher than the curves by more than its error.
    """

    def __init__(self, items: Iterable[BankItem]) -> None:
        by_competency: dict[str, list[BankItem]] = {}
        for item in items:
            by_competency.setdefault(item.competency, []).append(item)
        self.competencies: tuple[str, ...] = tuple(sorted(by_competency))
        self.items: list[BankItem | None] = []
        self.blocks_of: dict[str, tuple[int, int]] = {}
        curves: list[Array] = []
        for name in self.competencies:
            first = len(self.items) // BLOCK
            members = by_competency[name]
            information = information_curves([item.parameters for item in members])
            for block in _similar_blocks(information):
                empty = BLOCK - len(block)
                self.items += [*(members[at] for at in block.tolist()), *([None] * empty)]
                curves.append(np.concatenate([information[block], np.zeros((empty, GRID.size))]))
            self.blocks_of[name] = (first, len(self.items) // BLOCK)
        self.index: dict[ItemId, int] = {}
        for slot, held in enumerate(self.items):
            if held is not None:
                if held.id in self.index:
                    raise ValueError(f"item {held.id} is in the bank twice")
                self.index[held.id] = slot
        self.information: Array = np.concatenate(curves) if curves else np.zeros((0, GRID.size))
        self.by_block: Array = self.information.reshape(-1, BLOCK, GRID.size)
        self.slots_by_block: Positions = np.arange(len(self.items)).reshape(-1, BLOCK)
        # Column by column, because a product with the weights then takes half the time.
        self.envelopes: Numbers = np.asfortranarray(self.by_block.max(axis=1) * (1.0 + 2e-5) + 1e-12, dtype=np.float32)
        self._layouts: dict[tuple[str, ...], tuple[Positions, Positions, list[int]]] = {}
        self._link()

    def _link(self) -> None:
        """What depends on the items' other fields."""
        held = [(slot, item) for slot, item in enumerate(self.items) if item is not None]
        self.closed: Mask = np.ones(len(self.items), dtype=bool)
        self.closed[[slot for slot, item in held if not item.pretest]] = False
        self.pretest_slots: Positions = np.array([slot for slot, item in held if item.pretest], dtype=np.intp)
        self.testlets: dict[str, list[int]] = {}
        self.enemies: dict[int, set[int]] = {}
        for slot, item in held:
            if item.testlet is not None:
                self.testlets.setdefault(item.testlet, []).append(slot)
            for enemy in item.enemies:
                if enemy not in self.index:
                    raise ValueError(f"item {item.id} names an enemy that is not in the bank: {enemy}")
                self.enemies.setdefault(slot, set()).add(self.index[enemy])
                self.enemies.setdefault(self.index[enemy], set()).add(slot)
        self.labels = {
            "competency": np.array(["" if item is None else item.competency for item in self.items]),
            "domain": np.array(["" if item is None else item.domain for item in self.items]),
            "kind": np.array(["" if item is None else item.kind for item in self.items]),
        }
        self.seconds: Array = np.array([0.0 if item is None else item.seconds for item in self.items])
        self.noise: Numbers = np.random.default_rng(20250701).random(_WHEEL + len(self.items), np.float32)

    def __len__(self) -> int:
        return len(self.index)

    def item(self, slot: int) -> BankItem:
        """The item in a slot. KeyError for an empty slot."""
        item = self.items[slot]
        if item is None:
            raise KeyError(slot)
        return item

    def layout(self, names: tuple[str, ...]) -> tuple[Positions, Positions, list[int]]:
        """Blocks of these competencies, the number of each block's competency, and where each begins, with the end."""
        if names not in self._layouts:
            spans = [np.arange(*self.blocks_of[name]) for name in names]
            lengths = [len(span) for span in spans]
            starts = [0, *np.cumsum(lengths).tolist()]
            self._layouts[names] = np.concatenate(spans), np.repeat(np.arange(len(names)), lengths), starts
        return self._layouts[names]

    def noise_for(self, seed: int, purpose: int) -> Numbers:
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


def _similar_blocks(curves: Array) -> list[Positions]:
    """Positions of curves of like height and place, at most BLOCK together: halved along the wider of both."""
    height = np.log(curves.max(axis=1))
    place = curves @ GRID / curves.sum(axis=1)
    blocks, waiting = [], [np.arange(len(curves))]
    while waiting:
        part = waiting.pop()
        if len(part) <= BLOCK:
            blocks.append(part)
            continue
        key = height if np.ptp(height[part]) > np.ptp(place[part]) else place
        ordered = part[np.argsort(key[part], kind="stable")]
        half = -(-len(ordered) // (2 * BLOCK)) * BLOCK
        waiting += [ordered[half:], ordered[:half]]
    return blocks
