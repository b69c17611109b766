"""Answers to one item by ability without assuming its curve: also where a test chose its items by the answers.

In an adaptive test whoever misses an item is asked an easier one next, so the other answers tell less about ability
than about the miss: people sorted by them would show a curve that falls. What stays true is the likelihood, for which
item comes next does not depend on ability once the answers are known (Mislevy & Wu, 1996). So the chance of each answer
in a few groups of ability is estimated by maximum likelihood, each person's ability being known as far as his other
answers tell (Bock & Aitkin's E-step with a step function in place of a curve).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .grid import GRID, Array

PSEUDO_PEOPLE = 1.0
"""Weight, in people by group, of the shares over all groups: keeps a group without people off 0 and 1."""
_STEPS, _SETTLED = 500, 1e-6


@dataclass(frozen=True, eq=False)
class GroupCurves:
    """Chances of an item's answers by ability group, weakest first.

    ability: mean of each group, shape (groups,). size: its share of the people, shape (groups,). chances: of each
    category, shape (groups, k). covariance: of the chances' logits against category 0, group by group, shape
    (groups (k - 1), groups (k - 1)). posterior: of each person with this item's answer, shape (n, 61). group: of each
    grid point, shape (61,).
    """

    ability: Array
    size: Array
    chances: Array
    covariance: Array
    posterior: Array
    group: NDArray[np.intp]

    def mean(self, value: Array) -> Array:
        """Mean by group of something that each category is worth, value of shape (k,)."""
        return np.asarray(self.chances @ value)

    def mean_error(self, value: Array) -> Array:
        """Standard error of `mean`, shape (groups,)."""
        return np.asarray(np.sqrt(np.maximum(np.diag(self._mean_covariance(value)), 0.0)))

    def correlation(self, value: Array, category: NDArray[np.intp]) -> tuple[float, float]:
        """Correlation with ability of what each person's category is worth, and its standard error; 0 without spread.

        category: of each person, shape (n,).
        """
        worth = value[category]
        mass = self.posterior.mean(axis=0)
        ability = float(mass @ GRID)
        spread = float(np.sqrt(float(mass @ (GRID - ability) ** 2))) * float(worth.std())
        if spread <= 0:
            return 0.0, 0.0
        covariance = float(((worth - worth.mean()) * (self.posterior @ GRID)).mean())
        slope = self.size * (self.ability - ability)
        error = float(np.sqrt(max(float(slope @ self._mean_covariance(value) @ slope), 0.0)))
        return covariance / spread, error / spread

    def _mean_covariance(self, value: Array) -> Array:
        groups, k = self.chances.shape
        gradient = np.zeros((groups, groups * (k - 1)))
        for at in range(groups):
            own = self.chances[at, 1:] * (value[1:] - self.chances[at] @ value)
            gradient[at, at * (k - 1) : (at + 1) * (k - 1)] = own
        return np.asarray(gradient @ self.covariance @ gradient.T)


def fit_group_curves(weights: Array, category: NDArray[np.intp], k: int, groups: int) -> GroupCurves:
    """Chances of k categories in so many groups of ability of about equal size.

    weights: what each person's other answers say, with the prior, shape (n, 61). category: 0 to k - 1, shape (n,).
    ValueError for a category out of range or nobody.
    """
    if not category.size or category.min() < 0 or category.max() >= k:
        raise ValueError(f"categories must be 0 to {k - 1}, of at least one person")
    group = _group_nodes(weights.mean(axis=0), groups)
    groups = int(group.max()) + 1
    member = np.zeros((GRID.size, groups))
    member[np.arange(GRID.size), group] = 1.0
    known = weights @ member
    answered = np.zeros((category.size, k))
    answered[np.arange(category.size), category] = 1.0
    overall = answered.mean(axis=0)
    chances = np.tile(overall, (groups, 1))
    for _step in range(_STEPS):
        share = known * chances.T[category]
        share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-300)
        following = share.T @ answered + PSEUDO_PEOPLE * overall
        following /= following.sum(axis=1, keepdims=True)
        moved = float(np.abs(following - chances).max())
        chances = following
        if moved < _SETTLED:
            break
    posterior = weights * chances.T[category][:, group]
    posterior /= np.maximum(posterior.sum(axis=1, keepdims=True), 1e-300)
    share = posterior @ member
    score = (share[:, :, None] * (answered[:, None, 1:] - chances[None, :, 1:])).reshape(category.size, -1)
    information = score.T @ score + 1e-3 * np.eye(score.shape[1])
    mass = posterior.mean(axis=0)
    size = mass @ member
    return GroupCurves(
        ability=np.asarray((mass * GRID) @ member / np.maximum(size, 1e-12)),
        size=np.asarray(size),
        chances=chances,
        covariance=np.linalg.inv(information),
        posterior=posterior,
        group=group,
    )


def _group_nodes(mass: Array, groups: int) -> NDArray[np.intp]:
    """The group of each grid point: neighbours together, about the same mass in each, none left out."""
    middle = np.cumsum(mass) - mass / 2.0
    wanted = np.minimum((middle / mass.sum() * groups).astype(np.intp), groups - 1)
    return np.unique(wanted, return_inverse=True)[1].astype(np.intp)
