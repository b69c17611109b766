"""Our rule: stop at the verdict, borrow between competencies, keep every item under its exposure limit."""

from __future__ import annotations

import numpy as np

from assessments.measurement import ExposureCounts, JointModel, SelectionRule, Sitting, SittingPlan, StopRule
from bench.adaptive.world import COMPETENCIES, Point, World, judge

ERROR_RATES = (0.05, 0.08, 0.10, 0.12, 0.15, 0.20)
LIMIT = 16
"""Most items per competency: half of the fixed form."""


def joint(world: World) -> list[Point]:
    return [_run(world, world.correlation, rate) for rate in ERROR_RATES]


def separate(world: World) -> list[Point]:
    """Without borrowing: the competencies taken as uncorrelated."""
    return [_run(world, np.eye(COMPETENCIES), rate) for rate in ERROR_RATES]


def _run(world: World, correlation: np.ndarray, error_rate: float) -> Point:
    names = [f"c{k}" for k in range(COMPETENCIES)]
    model = JointModel(names, correlation)
    stop = StopRule(LIMIT * COMPETENCIES, LIMIT, 0.0, error_rate, min_items_per_competency=1)
    rule = SelectionRule(length=4 * COMPETENCIES, max_exposure=0.30)
    counts = ExposureCounts(world.bank)
    estimate = np.empty_like(world.theta)
    items = 0
    for person in range(len(world.theta)):
        cuts = dict(zip(names, world.required[person].tolist(), strict=True))
        ineligible = counts.draw_ineligible(rule.max_exposure, person)
        sitting = Sitting(SittingPlan(world.bank, model, cuts, stop, rule), person, ineligible)
        while (choice := sitting.next()) is not None:
            k, at = choice.item_id
            sitting.record(choice.item_id, int(world.right[person, k, at]))
        counts.record(ineligible, sitting.given)
        items += len(sitting.given)
        for k, name in enumerate(names):
            below = sitting.posteriors[name].probability_below(cuts[name])
            estimate[person, k] = np.inf if below < 0.5 else -np.inf
    return judge(world, f"{error_rate:.2f}", estimate, items / world.theta.size, float(counts.rates().max()))
