"""The simulated population and bank that all rules meet, and how a rule is judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assessments.measurement import BankItem, ItemBank, ItemParameters

COMPETENCIES, ITEMS, CORRELATION = 4, 250, 0.6
CUTS = (-0.75, 0.0, 0.75)


@dataclass(frozen=True, eq=False)
class World:
    """theta: true abilities, shape (people, competencies). required: cut of each person's post, same shape.

    a, b: item parameters, shape (competencies, items). right: what each person would answer to each item, shape
    (people, competencies, items), so that every rule meets the same answers.
    """

    theta: NDArray[np.float64]
    required: NDArray[np.float64]
    a: NDArray[np.float64]
    b: NDArray[np.float64]
    right: NDArray[np.int8]
    bank: ItemBank

    @property
    def correlation(self) -> NDArray[np.float64]:
        return np.full((COMPETENCIES, COMPETENCIES), CORRELATION) + (1 - CORRELATION) * np.eye(COMPETENCIES)


@dataclass(frozen=True)
class Point:
    """One setting of a rule. items: mean per person and competency. accuracy: share of right verdicts.

    false_meets: share of people below who are said to meet; false_below: the other way round. max_exposure: of all
    people, the largest share who met one item.
    """

    setting: str
    items: float
    accuracy: float
    false_meets: float
    false_below: float
    max_exposure: float


def make_world(people: int) -> World:
    rng = np.random.default_rng(20260704)
    correlation = np.full((COMPETENCIES, COMPETENCIES), CORRELATION) + (1 - CORRELATION) * np.eye(COMPETENCIES)
    theta = rng.multivariate_normal(np.zeros(COMPETENCIES), correlation, people)
    required = rng.choice(CUTS, theta.shape)
    shape = (COMPETENCIES, ITEMS)
    a, b = np.exp(rng.normal(0.2, 0.3, shape)), rng.normal(0.0, 1.0, shape)
    chance = 1.0 / (1.0 + np.exp(-a * (theta[:, :, None] - b)))
    right = (rng.random(chance.shape) < chance).astype(np.int8)
    bank = ItemBank(
        BankItem((k, at), f"c{k}", ItemParameters("2pl", float(a[k, at]), float(b[k, at])))
        for k in range(COMPETENCIES)
        for at in range(ITEMS)
    )
    return World(theta, required, a, b, right, bank)


def judge(world: World, setting: str, estimate: NDArray[np.float64], items: float, max_exposure: float) -> Point:
    """The point of a rule whose final estimates have this shape: (people, competencies)."""
    said, true = estimate >= world.required, world.theta >= world.required
    return Point(
        setting,
        float(items),
        float((said == true).mean()),
        float((said & ~true).sum() / (~true).sum()),
        float((~said & true).sum() / true.sum()),
        float(max_exposure),
    )
