"""What may be said about a person: a level, a band, or that there is not enough evidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from .grid import GRID, STEP, Array, Posterior, level_probabilities

LEVEL_THRESHOLD = 0.6
"""A single level is reported only when the posterior gives it at least this probability."""
BAND_THRESHOLD = 0.6
"""A band is reported only when the posterior gives it at least this probability."""
MIN_EVIDENCE = 3
"""Fewer observables than this on the competency itself are never enough to report anything."""


@dataclass(frozen=True, eq=False)
class LevelReport:
    """level: 1 to 8 or None. band: 1 to 4 or None. bands: probabilities, shape (4,). levels: probabilities, shape (8,).

    status: "level" when one level earned it, "band" when only a band did, "insufficient" when neither.
    """

    level: int | None
    band: int | None
    bands: Array
    levels: Array
    status: Literal["level", "band", "insufficient"]


def report_level(posterior: Posterior, cuts: Sequence[float], evidence_count: int) -> LevelReport:
    """The strongest statement that the posterior supports under the standard `cuts` (7 values).

    evidence_count: observables on this competency itself (what is borrowed from others does not count).
    """
    return report_levels([posterior], [cuts], [evidence_count])[0]


def report_levels(
    posteriors: Sequence[Posterior], cuts: Sequence[Sequence[float]], evidence_counts: Sequence[int]
) -> list[LevelReport]:
    """The strongest statements that posteriors support, each under a standard of its own: `report_level` of many."""
    if not posteriors:
        return []
    return list(map(_strongest, level_probabilities(posteriors, cuts), evidence_counts))


def _strongest(levels: Array, evidence_count: int) -> LevelReport:
    bands = levels.reshape(4, 2).sum(axis=1)
    level, band = int(levels.argmax()) + 1, int(bands.argmax()) + 1
    if evidence_count >= MIN_EVIDENCE:
        if levels[level - 1] >= LEVEL_THRESHOLD:
            return LevelReport(level, (level + 1) // 2, bands, levels, "level")
        if bands[band - 1] >= BAND_THRESHOLD:
            return LevelReport(None, band, bands, levels, "band")
    return LevelReport(None, None, bands, levels, "insufficient")


def ageing(posterior: Posterior, years: float, sd_per_year: float) -> Posterior:
    """The posterior after `years` in which ability may have moved by a random walk of `sd_per_year` per root year.

    Variance grows by years * sd_per_year^2 until it is that of the reference population (1): old evidence never says
    less than no evidence. The walk is diffusion on the grid with reflecting ends, so mass is kept, the mean stays and
    two years at once equal one year twice. ValueError for negative or non-finite years or sd.
    """
    if not (math.isfinite(years) and math.isfinite(sd_per_year) and years >= 0 and sd_per_year >= 0):
        raise ValueError(f"ageing needs years and sd_per_year of at least 0, got {years} and {sd_per_year}")
    added = min(years * sd_per_year**2, max(0.0, 1.0 - posterior.se**2))
    if added == 0.0:
        return posterior
    rates, vectors = _diffusion()
    weights = vectors @ (np.exp(-0.5 * added * rates) * (vectors.T @ posterior.weights))
    weights = np.maximum(weights, 0.0)
    return Posterior(weights / weights.sum())


def age_loglikelihood(loglikelihood: Array, years: float, sd_per_year: float) -> Array:
    """What old answers say about ability now, shape (61,), when it may have moved since as in `ageing`.

    For the joint posterior, which starts from each competency's likelihood: the curve is spread by the random walk, so
    that with time it says nothing and the prior, or what the neighbours say, takes over.
    """
    if not (math.isfinite(years) and math.isfinite(sd_per_year) and years >= 0 and sd_per_year >= 0):
        raise ValueError(f"ageing needs years and sd_per_year of at least 0, got {years} and {sd_per_year}")
    top = float(loglikelihood.max())
    rates, vectors = _diffusion()
    spread = vectors @ (np.exp(-0.5 * years * sd_per_year**2 * rates) * (vectors.T @ np.exp(loglikelihood - top)))
    return np.asarray(top + np.log(np.maximum(spread, 1e-300)))


@cache
def _diffusion() -> tuple[Array, Array]:
    """Rates, shape (61,), and eigenvectors, shape (61, 61), of diffusion on the grid with reflecting ends."""
    n = GRID.size
    laplacian = 2.0 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    laplacian[0, 0] = laplacian[-1, -1] = 1.0
    rates, vectors = np.linalg.eigh(laplacian / STEP**2)
    return rates, vectors
