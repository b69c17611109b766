"""How much a course lifts ability, from people measured before and after. Pure numpy, without Django.

Who takes a course is chosen by what a measurement said of them, and a low measurement is partly bad luck: the same
people do better next time without any course (regression to the mean). So the change of those who took it says
nothing. Two things answer it. What is known before is each person's posterior, which is drawn towards the mean just as
far as luck requires. And people who were measured twice without such a course tell what happens by itself: practice,
time, and whatever the prior got wrong. The effect is the coefficient of having taken the course in a weighted
regression of the later measurement on the earlier one. Where people are chosen by the earlier measurement it is
unbiased, unlike a difference of changes (Rubin, 1977; Van Breukelen, 2006). It stays an observation, not an
experiment: who would have learned more anyhow and is not told apart by the earlier measurement is counted as taught.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ENOUGH = 20
"""So many people must have taken the course, and so many not, before an effect counts as measured."""
LEAST_KNOWN = 0.1
"""A later measurement of less precision than this part of the prior's says too little to be counted."""
_SPREAD = 0.3
"""Standard deviation of ability's own change between two measurements, in the weights alone."""


@dataclass(frozen=True, slots=True)
class MeasuredEffect:
    """gain, se: on the scale of ability, where the reference population is N(0, 1). people, compared: who were counted
    with and without the course."""

    gain: float
    se: float
    people: int
    compared: int


def measure_effect(
    before: Floats, before_se: Floats, after: Floats, after_se: Floats, took: NDArray[np.bool_]
) -> MeasuredEffect | None:
    """Return the effect of a course in one competency; None until enough people were measured.

    before, after: posterior means under N(0, 1) of what was observed before alone and afterwards alone, with their
    standard errors; took: who took the course. All of shape (n,). The later one enters as its likelihood, with the
    prior taken out, so it is drawn nowhere. Standard errors allow for unequal spread (HC3; MacKinnon & White, 1985).
    """
    precision = 1.0 / after_se**2 - 1.0
    known = precision > LEAST_KNOWN
    before, before_se, took, precision = before[known], before_se[known], took[known], precision[known]
    people, compared = int(took.sum()), int((~took).sum())
    if people < ENOUGH or compared < ENOUGH:
        return None
    later = after[known] / after_se[known] ** 2 / precision
    weight = 1.0 / (1.0 / precision + before_se**2 + _SPREAD**2)
    design = np.column_stack([np.ones(later.size), before, took])
    inverse = np.linalg.pinv(design.T @ (weight[:, None] * design))
    found = inverse @ (design.T @ (weight * later))
    leverage = weight * np.einsum("ij,jk,ik->i", design, inverse, design)
    residual = weight * (later - design @ found) / np.maximum(1.0 - leverage, 1e-9)
    meat = design.T @ (residual[:, None] ** 2 * design)
    se = float(np.sqrt((inverse @ meat @ inverse)[2, 2]))
    return MeasuredEffect(float(found[2]), se, people, compared)
