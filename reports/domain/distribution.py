"""The prior of a unit's figures: learned once over all people, then held fixed while cells are folded.

With the hyperparameters fixed, a unit's figures depend on its own people alone, so folding one unit never touches
another, and a subtree is the sum of its units. Pure numpy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assessments.measurement import GroupModel, fit_groups, likelihood_summaries

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MIN_PEOPLE = 30
"""Fewer assessed people than this teach nothing about how units differ; the reference stands instead."""


@dataclass(frozen=True)
class Distribution:
    """Ability in one competency: theta ~ N(unit mean + group effect, within_sd^2), unit mean ~ N(mu0, between_sd^2).

    group_effects: by the position group's primary key; a group that is not there has effect 0. people: how many it
    was learned from.
    """

    mu0: float
    between_sd: float
    within_sd: float
    group_effects: Mapping[int, float] = field(default_factory=dict)
    people: int = 0


REFERENCE = Distribution(mu0=0.0, between_sd=0.4, within_sd=0.9)
"""Before anything is learned: the reference population, N(0, 1), a sixth of whose variance lies between units."""


def fit_distribution(mean: Floats, se: Floats, unit: Integers, group: Integers) -> Distribution:
    """Learn the distribution from assessed people, by the latent regression of `assessments.measurement.units`.

    mean, se: posterior under N(0, 1), shape (n,). unit, group: primary keys, shape (n,).
    """
    if mean.size < MIN_PEOPLE:
        return REFERENCE
    units, unit_index = np.unique(unit, return_inverse=True)
    groups, group_index = np.unique(group, return_inverse=True)
    model = fit_groups(mean, se, unit_index, units.size, group_index, groups.size)
    if model.between_sd <= 0:
        return REFERENCE
    effects = dict(zip(groups.tolist(), model.delta.tolist(), strict=True))
    return Distribution(model.mu0, model.between_sd, model.within_sd, effects, int(mean.size))


def unit_model(
    distribution: Distribution,
    mean: Floats,
    se: Floats,
    unit_index: Integers,
    n_units: int,
    group_index: Integers,
    groups: Sequence[int],
) -> GroupModel:
    """Return each unit's mean given the distribution and the unit's own people: a conjugate normal update.

    mean, se, unit_index, group_index: of assessed people, shape (n,). groups: primary keys behind the group index.
    Person i tells of the unit's mean with precision w_i = lam_i / (1 + lam_i within_sd^2), where lam_i is the
    precision of the person's likelihood (Lindley & Smith, 1972). A unit without people keeps N(mu0, between_sd^2).
    """
    delta = np.array([distribution.group_effects.get(group, 0.0) for group in groups], dtype=np.float64)
    lam, eta = likelihood_summaries(mean, se)
    damping = 1.0 / (1.0 + lam * distribution.within_sd**2)
    weight = lam * damping
    weighted = eta * damping - weight * delta[group_index]
    prior_precision = 1.0 / distribution.between_sd**2
    precision = prior_precision + np.bincount(unit_index, weight, n_units)
    centre = (distribution.mu0 * prior_precision + np.bincount(unit_index, weighted, n_units)) / precision
    return GroupModel(
        mean=centre,
        variance=np.reciprocal(precision),
        mu0=distribution.mu0,
        between_sd=distribution.between_sd,
        within_sd=distribution.within_sd,
        delta=delta,
        n=np.bincount(unit_index, minlength=n_units),
    )
