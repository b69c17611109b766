"""How often items are shown: probabilistic eligibility keeps every item's exposure under a maximum.

Before a sitting each item is drawn eligible with probability min(1, r_max * eligible / given), from the numbers of past
sittings in which it was eligible and was given (van der Linden & Veldkamp, 2004): an item used too much sits out. On
top of that an item whose next use would take it over the maximum sits out for certain, which holds from the first
sittings on, before the probabilities have settled.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from .bank import ItemBank, ItemId


class ExposureCounts:
    """Numbers of past sittings by slot of a bank: in which the item was eligible, and in which it was given."""

    def __init__(
        self,
        bank: ItemBank,
        eligible: Mapping[ItemId, int] | None = None,
        given: Mapping[ItemId, int] | None = None,
        sittings: int = 0,
    ) -> None:
        self.bank = bank
        self.eligible = np.zeros(len(bank.items))
        self.given = np.zeros(len(bank.items))
        self.sittings = sittings
        for counts, mapping in ((self.eligible, eligible or {}), (self.given, given or {})):
            for item_id, count in mapping.items():
                if item_id in bank.index:
                    counts[bank.index[item_id]] = count

    def draw_ineligible(self, max_exposure: float, seed: int) -> list[ItemId]:
        """Ids of the items that sit out this sitting, fixed by the seed; kept with the sitting.

        ValueError for a maximum that is not above 0 and at most 1.
        """
        if not 0.0 < max_exposure <= 1.0:
            raise ValueError(f"the maximum exposure must be above 0 and at most 1, got {max_exposure}")
        limited = self.given > 0
        chance = np.ones_like(self.given)
        chance[limited] = max_exposure * self.eligible[limited] / self.given[limited]
        over = limited & (self.given + 1.0 > max_exposure * (self.sittings + 1.0))
        out = np.flatnonzero(over | (self.bank.noise_for(seed, -1) >= chance))
        return [self.bank.item(int(slot)).id for slot in out]

    def record(self, ineligible: Collection[ItemId], given: Collection[ItemId]) -> None:
        """Count one finished sitting."""
        self.sittings += 1
        self.eligible += 1
        self.eligible[[self.bank.index[item_id] for item_id in ineligible]] -= 1
        self.given[[self.bank.index[item_id] for item_id in given]] += 1

    def rates(self) -> NDArray[np.float64]:
        """Part of all recorded sittings in which each slot's item was given, shape (slots,)."""
        return self.given / max(self.sittings, 1)
