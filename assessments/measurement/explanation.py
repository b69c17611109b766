"""Why this item: the facts behind a choice, for a trainer's page to put into words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .bank import ItemBank, ItemId
from .grid import GRID, Posterior
from .proposal import expected_score
from .selection import Choice, SelectionRule, competency_gain


@dataclass(frozen=True)
class Explanation:
    """choice: what was chosen. ability, se: what was known of the person in its competency. difficulty: the item's.
    expected_score: what the person was expected to earn on it, as a part of the highest score. rank: its place by
    information among the competency's scored items that had not been given. gains: each open competency's expected
    gain, best first. barred: scored items of the competency that could not be chosen, by cause ("given", "enemy",
    "exposure", "blueprint", "excluded").
    """

    choice: Choice
    ability: float
    se: float
    difficulty: float
    expected_score: float
    rank: int
    gains: tuple[tuple[str, float], ...]
    barred: Mapping[str, int]


def explain_choice(
    bank: ItemBank,
    posteriors: Mapping[str, Posterior],
    choice: Choice,
    *,
    given: Sequence[ItemId] = (),
    excluded: Collection[ItemId] = (),
    ineligible: Collection[ItemId] = (),
    required_cuts: Mapping[str, float | None] | None = None,
    rule: SelectionRule | None = None,
) -> Explanation:
    """The facts behind a choice, from the arguments that `select_next` had. KeyError for an item not in the bank."""
    slot = bank.index[choice.item_id]
    item = bank.item(slot)
    posterior = posteriors.get(choice.competency, Posterior.from_prior())
    in_competency = (bank.labels["competency"] == choice.competency) & ~bank.closed
    given_slots = [bank.index[item_id] for item_id in given if item_id in bank.index]
    causes = {
        "given": given_slots,
        "enemy": sorted({enemy for at in given_slots for enemy in bank.enemies.get(at, set())}),
        "excluded": [bank.index[item_id] for item_id in excluded if item_id in bank.index],
        "blueprint": []
        if rule is None or rule.blueprint is None
        else np.flatnonzero(rule.blueprint.barred(bank, given_slots)).tolist(),
        "exposure": [bank.index[item_id] for item_id in ineligible if item_id in bank.index],
    }
    counted = np.zeros(len(bank.items), dtype=bool)
    barred = {}
    for cause, slots in causes.items():
        here = np.zeros(len(bank.items), dtype=bool)
        here[slots] = True
        barred[cause] = int((here & in_competency & ~counted).sum())
        counted |= here
    information = np.where(in_competency, bank.information @ posterior.weights, -np.inf)
    information[given_slots] = -np.inf
    gains = []
    for name in posteriors:
        own = (bank.labels["competency"] == name) & ~bank.closed
        own[given_slots] = False
        if own.any():
            best = float((bank.information[own] @ posteriors[name].weights).max())
            gains.append((name, competency_gain(posteriors[name], best, name, required_cuts)))
    return Explanation(
        choice=choice,
        ability=posterior.mean,
        se=posterior.se,
        difficulty=item.parameters.difficulty,
        expected_score=float(expected_score(item.parameters, GRID) @ posterior.weights),
        rank=int((information > information[slot]).sum()) + 1,
        gains=tuple(sorted(gains, key=lambda entry: -entry[1])),
        barred=barred,
    )
