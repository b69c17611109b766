"""Plausible values: several draws of everyone's ability, for any figure that a latent regression does not give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

from .grid import Array
from .units import GroupModel, conditional_posteriors

DRAWS = 10


@dataclass(frozen=True)
class Combined:
    """A figure over plausible values: its estimate, standard error, degrees of freedom and 95% interval."""

    estimate: float
    se: float
    df: float
    low: float
    high: float


def draw_plausible_values(
    model: GroupModel,
    mean: Array,
    se: Array,
    unit_index: ArrayLike,
    rng: np.random.Generator,
    group_index: ArrayLike | None = None,
    draws: int = DRAWS,
) -> Array:
    """Draws from each person's posterior under his unit's prior, shape (draws, n_people) (Mislevy, 1991).

    The arguments are those of `conditional_posteriors`. Each draw also draws the units' means, so that people of one
    unit err together. ValueError for fewer than 2 draws.
    """
    if draws < 2:
        raise ValueError(f"at least 2 draws are needed to see how they vary, got {draws}")
    unit = np.asarray(unit_index, dtype=np.intp)
    values = np.empty((draws, len(unit)))
    for draw in range(draws):
        shifted = rng.normal(model.mean, np.sqrt(model.variance))
        fixed = GroupModel(
            shifted,
            np.zeros_like(model.variance),
            model.mu0,
            model.between_sd,
            model.within_sd,
            model.delta,
            model.n,
        )
        values[draw] = rng.normal(*conditional_posteriors(fixed, mean, se, unit, group_index))
    return values


def combine_plausible_values(estimates: ArrayLike, variances: ArrayLike | float = 0.0) -> Combined:
    """Rubin's rules (1987): the figure computed from each draw, shape (draws,), and its sampling variance in each.

    variances: 0 when the people are the whole unit and not a sample of it. ValueError for fewer than 2 draws.
    """
    values = np.asarray(estimates, dtype=np.float64)
    if values.ndim != 1 or values.size < 2:
        raise ValueError("Rubin's rules need the figure from at least 2 draws")
    within = float(np.mean(np.broadcast_to(np.asarray(variances, dtype=np.float64), values.shape)))
    between = (1.0 + 1.0 / values.size) * float(values.var(ddof=1))
    total = within + between
    df = float("inf") if between == 0.0 else (values.size - 1) * (total / between) ** 2
    half = float(student.ppf(0.975, df)) * float(np.sqrt(total)) if total > 0 else 0.0
    estimate = float(values.mean())
    return Combined(estimate, float(np.sqrt(total)), df, estimate - half, estimate + half)
