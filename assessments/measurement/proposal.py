"""A calibration as a proposal: what would change if its parameters were published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .estimation import estimate_many
from .grid import GRID, PRIOR, Array, check_cuts
from .models import ItemParameters, probabilities
from .responses import Responses

RASCH_MINIMUM, TWO_PARAMETER_MINIMUM = 200, 500
"""Responses below which an item stays uncalibrated, or is fit for its difficulty alone (de Ayala, 2009)."""
DRIFT_RMSD = 0.05
"""A curve that moved by more than this (root mean square over the reference population) has drifted."""
DRIFT_Z = 2.58
"""... and by more than chance: the 99% point of the standardised change."""

Readiness = Literal["uncalibrated", "difficulty_only", "calibrated"]


def readiness(n_responses: float) -> Readiness:
    """How far an item with so many responses may be calibrated."""
    if n_responses < RASCH_MINIMUM:
        return "uncalibrated"
    return "difficulty_only" if n_responses < TWO_PARAMETER_MINIMUM else "calibrated"


@dataclass(frozen=True)
class ItemChange:
    """One item under the old and the proposed parameters.

    rmsd: root mean square difference of the expected score per point over the reference population. z_a, z_b: change
    of discrimination and difficulty in standard errors of the proposal. drifted: more than trifling and than chance.
    """

    label: str
    old: ItemParameters
    new: ItemParameters
    rmsd: float
    z_a: float
    z_b: float
    drifted: bool


@dataclass(frozen=True, eq=False)
class PeopleChange:
    """What the proposal does to these people's estimates.

    table: people by old level (rows) and new level (columns) of their EAP, shape (8, 8). moved: people whose level
    changes. mean_shift, largest_shift: of the EAP.
    """

    table: NDArray[np.intp]
    moved: int
    mean_shift: float
    largest_shift: float


def expected_score(params: ItemParameters, theta: Array) -> Array:
    """Expected score as a part of the highest, 0 to 1, at each theta, shape (n_theta,)."""
    scores = np.arange(params.n_categories) / (params.n_categories - 1)
    return np.asarray(probabilities(params, theta) @ scores)


def compare_items(
    old: Sequence[ItemParameters], new: Sequence[ItemParameters], se: Sequence[tuple[float, ...]]
) -> list[ItemChange]:
    """The change of each item. se: the proposal's standard errors (a, b or steps...), as `Calibration.se`."""
    changes = []
    for before, after, errors in zip(old, new, se, strict=True):
        difference = expected_score(after, GRID) - expected_score(before, GRID)
        rmsd = float(np.sqrt(PRIOR @ difference**2))
        error_b = float(np.sqrt(np.mean(np.square(errors[1:])) / max(len(errors) - 1, 1)))
        z_a = _ratio(after.a - before.a, errors[0])
        z_b = _ratio(after.difficulty - before.difficulty, error_b)
        drifted = rmsd > DRIFT_RMSD and max(abs(z_a), abs(z_b)) > DRIFT_Z
        changes.append(ItemChange(after.label, before, after, rmsd, z_a, z_b, drifted))
    return changes


def compare_people(
    responses: Responses, old: Sequence[ItemParameters], new: Sequence[ItemParameters], cuts: Sequence[float]
) -> PeopleChange:
    """Levels of all people of `responses` under the old and the proposed parameters."""
    standard = check_cuts(cuts)
    means = [
        estimate_many(params, responses.person, responses.item, responses.score, responses.n_people)[0]
        for params in (old, new)
    ]
    before, after = (np.searchsorted(standard, mean, side="right") for mean in means)
    table = np.bincount(before * 8 + after, minlength=64).reshape(8, 8)
    shift = means[1] - means[0]
    return PeopleChange(table, int((before != after).sum()), float(shift.mean()), float(np.abs(shift).max()))


def _ratio(change: float, error: float) -> float:
    if error > 0:
        return change / error
    return 0.0 if change == 0 else float(np.copysign(np.inf, change))
