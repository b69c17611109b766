"""What a finished calibration proposes, item by item, and what it would do to people's levels."""

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.db import connection

from assessments.domain.calibration_plan import MINIMUM, CalibrationPlan, PlannedItem, read_parameters
from assessments.domain.queries.response_table import read_presented
from assessments.measurement import Calibration, ItemChange, ItemParameters, check_cuts, compare_items
from assessments.measurement.estimation import estimate_many
from assessments.measurement.mstep import A_LIMITS
from assessments.models import CalibrationProposal, CalibrationRun
from competencies.api import cuts_in_force
from competencies.models import LEVELS

WEAK_SLOPE, STEEP_SLOPE = 0.4, 4.0
FAR_DIFFICULTY = 3.5
WIDE_ERROR = 0.4

Outcome = CalibrationProposal.Outcome

# What counts of a person is the newest observation of each observable, in its newest scoring: as in competencies.
_COUNTED = """
    SELECT DISTINCT ON (person_id, observable) person_id, score, parameters::text, source_id, observable
    FROM competencies_evidence WHERE competency_id = %s
    ORDER BY person_id, observable, observed_at DESC, source_kind DESC, source_id DESC, scoring_version DESC
"""


@dataclass(frozen=True, slots=True)
class LevelChanges:
    """people: with evidence in the competency. moved: of these, people whose level (that of their estimate) changes.

    table: people by level before (rows) and after (columns), 8 by 8. mean_shift, largest_shift: of the estimate.
    """

    people: int
    moved: int
    mean_shift: float
    largest_shift: float
    table: list[list[int]]


def write_proposal(run: CalibrationRun, plan: CalibrationPlan, result: Calibration) -> None:
    """Write a row for every item in use, and into `run.result` what holds for all. Nothing else changes."""
    rows = []
    for at, item in enumerate(plan.items):
        if not item.in_use:
            continue
        if item.label in plan.anchors and item.label not in plan.released:
            rows.append(_row(run, item.version, Outcome.ANCHOR, item.n, old=item.old))
            continue
        rows.append(_describe_change(run, item, result.parameters[at], result.se[at]))
    rows += [
        _row(run, item.version, Outcome.REFUSED, item.n, flags=[item.reason], detail=item.score)
        for item in plan.refused
        if item.in_use
    ]
    CalibrationProposal.objects.bulk_create(rows)
    proposed = {row.version_id: row.new for row in rows if row.new is not None}
    run.result = run.result | {
        "loglikelihood": result.loglikelihood,
        "mean": result.mean,
        "sd": result.sd,
        "levels": asdict(count_level_changes(run.competency_id, proposed)),
    }


def count_level_changes(competency_pk: int, proposed: dict[int, dict[str, Any]]) -> LevelChanges:
    """Read everybody's evidence in the competency once more, with the proposed parameters in place of the frozen ones.

    proposed: parameters by item version. Nothing is written. Three queries.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [competency_pk])
        rows = cursor.fetchall()
    if not rows:
        return LevelChanges(0, 0, 0.0, 0.0, [[0] * LEVELS for _ in range(LEVELS)])
    presented = read_presented(competency_pk)
    people = sorted({row[0] for row in rows})
    person = np.searchsorted(people, [row[0] for row in rows])
    score = np.array([row[1] for row in rows])
    means = []
    for replaced in ({}, {pk: json.dumps(parameters) for pk, parameters in proposed.items()}):
        texts = [replaced.get(presented.get((row[3], row[4]), (0, 0))[1], row[2]) for row in rows]
        position = {text: at for at, text in enumerate(dict.fromkeys(texts))}
        parameters = [ItemParameters.from_dict(json.loads(text)) for text in position]
        means.append(estimate_many(parameters, person, [position[text] for text in texts], score, len(people))[0])
    standard = check_cuts(cuts_in_force([competency_pk])[competency_pk].cuts)
    before, after = (np.searchsorted(standard, mean, side="right") for mean in means)
    table = np.bincount(before * LEVELS + after, minlength=LEVELS**2).reshape(LEVELS, LEVELS)
    shift = means[1] - means[0]
    return LevelChanges(
        people=len(people),
        moved=int((before != after).sum()),
        mean_shift=float(shift.mean()),
        largest_shift=float(np.abs(shift).max()),
        table=table.tolist(),
    )


def _describe_change(
    run: CalibrationRun, item: PlannedItem, new: ItemParameters, errors: tuple[float, ...]
) -> CalibrationProposal:
    enough = item.n >= MINIMUM[run.model]
    change = None
    if item.old is not None:
        old = read_parameters(item.old, item.label)
        if old.n_categories == new.n_categories:
            change = compare_items([old], [new], [errors])[0]
    row = _row(
        run,
        item.version,
        Outcome.CALIBRATED if enough else Outcome.PROVISIONAL,
        item.n,
        old=item.old,
        new=new.to_dict(),
        flags=_flags(item, new, errors, change, enough),
    )
    row.standard_errors = [_finite(each) for each in errors]
    if change is not None:
        row.drift, row.z_a, row.z_b = change.rmsd, _finite(change.z_a), _finite(change.z_b)
    return row


def _flags(
    item: PlannedItem, new: ItemParameters, errors: tuple[float, ...], change: ItemChange | None, enough: bool
) -> list[str]:
    """What a trainer should look at before publishing."""
    changed = change is not None and change.drifted
    flags = {
        "no_discrimination": new.a <= A_LIMITS[0] * 1.2,
        "weak": A_LIMITS[0] * 1.2 < new.a < WEAK_SLOPE,
        "steep": new.a > STEEP_SLOPE,
        "far": abs(new.difficulty) > FAR_DIFFICULTY,
        "imprecise": enough and max(errors[1:]) > WIDE_ERROR,
        "drifted": changed and item.calibrated,
        "unlike_author": changed and not item.calibrated and abs(new.difficulty - item.expected) > 1.0,
    }
    return [code for code, raised in flags.items() if raised]


def _row(
    run: CalibrationRun,
    version: int,
    outcome: str,
    responses: int,
    *,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    flags: list[str] | None = None,
    detail: int | None = None,
) -> CalibrationProposal:
    said = [f"{flag}:{detail}" if detail is not None else flag for flag in flags or []]
    return CalibrationProposal(
        run=run, version_id=version, outcome=outcome, responses=responses, old=old, new=new, flags=said
    )


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
