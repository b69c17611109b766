"""Which item to ask next: the one that is expected to tell most about the competencies still open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from .bank import ItemBank, ItemId
from .grid import Posterior


@dataclass(frozen=True)
class Choice:
    """The item chosen and why: its posterior-weighted information and the expected fall of the posterior variance."""

    item_id: ItemId
    competency: str
    information: float
    variance_reduction: float


def select_next(
    bank: ItemBank,
    posteriors: Mapping[str, Posterior],
    *,
    excluded: Collection[ItemId] = (),
    seed: int = 0,
) -> Choice | None:
    """The next item for a person with these posteriors, or None when the open competencies have no item left.

    posteriors: one per competency that is still open; the others are not asked. excluded: ids already given or barred.
    Among all their items the one with the greatest expected fall of its competency's posterior variance V is chosen,
    V^2 I / (1 + V I) for posterior-weighted information I (van der Linden, 1998). Ties are broken by the seed.
    """
    barred = np.array([bank.index[item_id] for item_id in excluded if item_id in bank.index], dtype=np.intp)
    best: list[tuple[float, float, int]] = []
    for competency, approximate in bank.expected_information(posteriors).items():
        part = bank.slices[competency]
        here = barred[(barred >= part.start) & (barred < part.stop)] - part.start
        approximate[here] = -np.inf
        top = approximate.max(initial=-np.inf)
        if top == -np.inf:
            continue
        near = np.flatnonzero(approximate >= top - 2.0 * bank.error)
        exact = bank.exact_information(near + part.start, posteriors[competency])
        variance = posteriors[competency].se ** 2
        for at in np.flatnonzero(exact >= exact.max()):
            information = float(exact[at])
            best.append(
                (variance**2 * information / (1.0 + variance * information), information, int(near[at] + part.start))
            )
    if not best:
        return None
    reduction = max(best)[0]
    ties = [entry for entry in best if entry[0] == reduction]
    _, information, position = ties[int(np.random.default_rng(seed).integers(len(ties)))] if len(ties) > 1 else ties[0]
    item = bank.items[position]
    return Choice(item.id, item.competency, information, reduction)
