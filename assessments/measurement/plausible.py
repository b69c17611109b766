"""Plausible values: several draws of everyone's ability, for any figure that a latent regression does not give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

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

    The arguments are those of `conditional_posteriors`. Each draw also draws the units' means and the group effects,
    so that people of one unit or group err together. ValueError for fewer than 2 draws.
    """
    if draws < 2:
        raise ValueError(f"at least 2 draws are needed to see how they vary, got {draws}")
    unit = np.asarray(unit_index, dtype=np.intp)
    values = np.empty((draws, len(unit)))
    for draw in range(draws):
        fixed = _drawn(model, rng)
        values[draw] = rng.normal(*conditional_posteriors(fixed, mean, se, unit, group_index))
    return values


def _drawn(model: GroupModel, rng: np.random.Generator) -> GroupModel:
    """The model with group effects, and unit means given them, drawn from what is known of them."""
    mean, variance, delta = model.mean, model.variance, model.delta
    if model.delta_covariance is not None and model.mean_delta_covariance is not None and delta.size:
        drawn = rng.multivariate_normal(delta, model.delta_covariance, method="cholesky")
        along = np.linalg.solve(model.delta_covariance, model.mean_delta_covariance.T).T
        mean = mean + along @ (drawn - delta)
        variance = np.maximum(variance - (along * model.mean_delta_covariance).sum(axis=1), 0.0)
        delta = drawn
    return GroupModel(
        mean=rng.normal(mean, np.sqrt(variance)),
        variance=np.zeros_like(variance),
        mu0=model.mu0,
        between_sd=model.between_sd,
        within_sd=model.within_sd,
        delta=delta,
        n=model.n,
    )


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
    half = float(stdtrit(df, 0.975)) * float(np.sqrt(total)) if total > 0 else 0.0
    estimate = float(values.mean())
    return Combined(estimate, float(np.sqrt(total)), df, estimate - half, estimate + half)
