"""What calibration checks before it starts, and where it starts from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .estep import CalibrationState
from .grid import Array
from .models import ItemParameters
from .responses import Responses


def check_design(responses: Responses, anchors: Mapping[str, ItemParameters]) -> None:
    """ValueError naming the items that cannot be calibrated, do not fit their anchor, or are linked by nobody.

    Sets of items that no person connects share no scale, except when each set has an anchor of its own.
    """
    unusable = {label: why for label, why in responses.unusable_items().items() if label not in anchors}
    if unusable:
        raise ValueError("items that cannot be calibrated: " + "; ".join(f"{k} {why}" for k, why in unusable.items()))
    for label, params in anchors.items():
        if label not in responses.labels:
            raise ValueError(f"anchor {label} is not among the items")
        scores = int(responses.n_scores[responses.labels.index(label)])
        if scores != params.n_categories:
            raise ValueError(f"anchor {label} has {params.n_categories} scores, the responses have {scores}")
    component = responses.components()
    if not component.any():
        return
    anchored = {int(component[responses.labels.index(label)]) for label in anchors}
    for number in range(int(component.max()) + 1):
        if number not in anchored:
            names = [label for label, at in zip(responses.labels, component, strict=True) if at == number]
            raise ValueError(
                f"the design is disconnected: nobody answered both {', '.join(names[:5])}"
                f"{' and others' if len(names) > 5 else ''} and the other items; add linking responses or anchors"
            )


def start_values(responses: Responses) -> tuple[Array, Array]:
    """Slopes of 1, shape (n_items,), and intercepts from the observed shares, shape (n_items, most steps)."""
    most = int(responses.n_scores.max())
    intercept = np.zeros((responses.n_items, most - 1))
    counts = responses.weighted_counts
    for at in range(responses.n_items):
        mine = counts[responses.first[at] : responses.first[at + 1]] + 0.5
        logits = np.diff(np.log(mine)) * 1.15
        intercept[at, : logits.size] = np.cumsum(logits)
    return np.ones(responses.n_items), intercept


def start_state(
    responses: Responses, anchors: Mapping[str, ItemParameters], guessing: Mapping[str, float]
) -> CalibrationState:
    """The first state: start values, with anchors and fixed guessing in place."""
    slope, intercept = start_values(responses)
    fixed = np.zeros(responses.n_items)
    for label, c in guessing.items():
        at = responses.labels.index(label)
        if responses.n_scores[at] != 2 or not 0 <= c < 1:
            raise ValueError(f"item {label}: guessing needs two scores and a value from 0 to below 1, got {c}")
        fixed[at] = c
    for label, params in anchors.items():
        at = responses.labels.index(label)
        steps = np.array(params.steps or (params.b,))
        slope[at], fixed[at] = params.a, params.c
        intercept[at] = 0.0
        intercept[at, : steps.size] = -params.a * np.cumsum(steps)
    return CalibrationState(slope, intercept, fixed, responses.n_scores)
