"""An adaptive assessment tried on simulated people before anybody meets it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bank import ItemId
from .exposure import ExposureCounts
from .grid import Array, check_cuts
from .models import probabilities
from .sitting import Sitting, SittingPlan

ABILITY_EDGES: Array = np.array([-1.5, -0.75, 0.0, 0.75, 1.5])
"""Six groups of true ability for the pictures."""


@dataclass(frozen=True, eq=False)
class SimulationReport:
    """What happened to the simulated people.

    length: mean number of items, with its 10th and 90th percentiles. items_by_competency: mean number by competency.
    by_ability: for six groups of true ability (rows): mean true ability, mean SE, mean error of the EAP, items per
    competency, shape (6, 4), nan for an empty group. decision_accuracy: share of verdicts against the requirement that
    are right, over all people and competencies with a requirement; false_meets and false_below: share of those below
    said to meet, and of those who meet said to be below. level_accuracy: share of EAPs in the true level. coverage:
    share of 95% intervals that hold the true ability. exposure: share of people who met each scored item, by id.
    max_exposure: the largest. unused: share of scored items nobody met. reasons: how often each reason ended a
    competency. verdict: codes of what to look at, empty when the assessment does what its author asked for.
    """

    n_people: int
    length: tuple[float, float, float]
    items_by_competency: dict[str, float]
    by_ability: Array
    decision_accuracy: float
    false_meets: float
    false_below: float
    level_accuracy: float
    coverage: float
    exposure: dict[ItemId, float]
    max_exposure: float
    unused: float
    reasons: dict[str, int]
    verdict: tuple[str, ...]


def simulate_assessment(
    plan: SittingPlan,
    cuts: Sequence[float],
    n_people: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> SimulationReport:
    """Let n_people of the reference population, with the plan's correlations, sit the assessment.

    cuts: the standard, 7 values, for all competencies. progress is called with (people done, n_people). The same seed
    gives the same report.
    """
    if n_people < 1:
        raise ValueError(f"at least 1 person is needed, got {n_people}")
    rng = np.random.default_rng(seed)
    names = list(plan.required_cuts)
    columns = [plan.model.index[name] for name in names]
    truth = (rng.standard_normal((n_people, len(plan.model.competencies))) @ _root(plan.model.correlation))[:, columns]
    counts = ExposureCounts(plan.bank)
    mean, se, items = (np.empty((n_people, len(names))) for _ in range(3))
    length = np.empty(n_people)
    reasons: dict[str, int] = {}
    for person in range(n_people):
        sitting_seed = int(rng.integers(2**63))
        ineligible = counts.draw_ineligible(plan.selection.max_exposure, sitting_seed)
        sitting = Sitting(plan, sitting_seed, ineligible)
        while (choice := sitting.next()) is not None:
            params = plan.bank.item(plan.bank.index[choice.item_id]).parameters
            chances = probabilities(params, truth[person, names.index(choice.competency)])[0]
            sitting.record(choice.item_id, int(min((rng.random() > chances.cumsum()).sum(), len(chances) - 1)))
        counts.record(ineligible, sitting.given)
        length[person] = len(sitting.given)
        for k, name in enumerate(names):
            posterior = sitting.posteriors[name]
            mean[person, k], se[person, k], items[person, k] = posterior.mean, posterior.se, sitting.counts[name]
            reason = sitting.decisions[name].reason or "limit"
            reasons[reason] = reasons.get(reason, 0) + 1
        if progress is not None:
            progress(person + 1, n_people)
    return _report(plan, cuts, truth, mean, se, items, length, counts, reasons)


def _report(
    plan: SittingPlan,
    cuts: Sequence[float],
    truth: Array,
    mean: Array,
    se: Array,
    items: Array,
    length: Array,
    counts: ExposureCounts,
    reasons: dict[str, int],
) -> SimulationReport:
    standard = check_cuts(cuts)
    names = list(plan.required_cuts)
    required = np.array([np.nan if (cut := plan.required_cuts[name]) is None else cut for name in names])
    asked = np.isfinite(required)
    meets, said = (truth >= required)[:, asked], (mean >= required)[:, asked]
    scored = np.flatnonzero(~plan.bank.closed)
    rates = counts.rates()
    group = np.searchsorted(ABILITY_EDGES, truth)
    by_ability = np.full((6, 4), np.nan)
    for k in range(6):
        here = group == k
        if here.any():
            by_ability[k] = [values[here].mean() for values in (truth, se, mean - truth, items)]
    accuracy = float((meets == said).mean()) if asked.any() else float("nan")
    max_exposure = float(rates[scored].max(initial=0.0))
    unused = float((rates[scored] == 0).mean()) if scored.size else 0.0
    limited = reasons.get("limit", 0) / max(sum(reasons.values()), 1)
    warnings = {
        "less_accurate_than_asked": asked.any() and accuracy < 1.0 - plan.stop.error_rate,
        "often_stopped_by_limit": limited > 0.5,
        "overexposed": max_exposure > plan.selection.max_exposure + 1e-9,
        "many_items_unused": unused > 0.5,
    }
    return SimulationReport(
        n_people=len(truth),
        length=(float(length.mean()), *np.quantile(length, [0.1, 0.9]).tolist()),
        items_by_competency=dict(zip(names, items.mean(axis=0).tolist(), strict=True)),
        by_ability=by_ability,
        decision_accuracy=accuracy,
        false_meets=_share(said & ~meets, ~meets),
        false_below=_share(~said & meets, meets),
        level_accuracy=float((np.searchsorted(standard, mean) == np.searchsorted(standard, truth)).mean()),
        coverage=float((np.abs(mean - truth) <= 1.96 * se).mean()),
        exposure={plan.bank.item(int(slot)).id: float(rates[slot]) for slot in scored},
        max_exposure=max_exposure,
        unused=unused,
        reasons=reasons,
        verdict=tuple(code for code, raised in warnings.items() if raised),
    )


def _share(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> float:
    return float(part.sum() / whole.sum()) if whole.any() else 0.0


def _root(correlation: Array) -> Array:
    return np.asarray(np.linalg.cholesky(correlation).T)
