"""Trying an adaptive assessment on simulated people, by the very code that chooses questions for real ones."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from celery import current_app
from django.db import transaction
from django.utils import timezone

from assessments.domain.adaptive import Given, choose_next, sitting_state
from assessments.domain.bank import PublishedBank, published_bank
from assessments.domain.delivery_rules import delivery_rules
from assessments.domain.form import Form, FormCompetency
from assessments.domain.study_report import SimulatedSitting, report_study
from assessments.measurement import ExposureCounts, ItemParameters, SelectionRule, StopRule, probabilities
from assessments.models import Assessment, AssessmentCompetency, Item, SimulationStudy
from competencies.api import Correlations, correlations_in_force, cuts_in_force
from competencies.models import Competency, Requirement
from organisation.api import today
from organisation.models import Position, User

TASK = "assessments.study_tasks.run_simulation_study"
MOST_PEOPLE = 5000
STALLED_AFTER = timedelta(minutes=5)

Status = SimulationStudy.Status
Array = np.ndarray[Any, np.dtype[np.float64]]


class StudyRefused(ValueError):
    """A study that cannot be done. reason: `not_adaptive`, `no_post`, `nothing_to_ask`, `people`, `correlation`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, eq=False)
class StudyPlan:
    """What everybody sits: the competencies with required levels and cuts, when it stops, how it chooses, and the bank.

    believed: the correlations that estimates are computed with; those of the simulated people are the study's own.
    """

    competencies: tuple[FormCompetency, ...]
    rule: StopRule
    selection: SelectionRule
    believed: Correlations
    bank: PublishedBank


@transaction.atomic
def start_study(
    actor: User | None,
    assessment: Assessment,
    *,
    people: int,
    correlation: float,
    position: Position | None = None,
    seed: int | None = None,
) -> SimulationStudy:
    """Queue a study and wake a worker after commit. Raises StudyRefused, before anything is queued."""
    if not 1 <= people <= MOST_PEOPLE:
        raise StudyRefused("people")
    if not 0.0 <= correlation < 1.0:
        raise StudyRefused("correlation")
    plan_study(assessment, position)
    study = SimulationStudy.objects.create(
        assessment=assessment,
        position=position if assessment.by_post else None,
        people=people,
        correlation=correlation,
        seed=secrets.randbits(62) if seed is None else seed,
        requested_by=actor,
    )
    wake_study(study)
    return study


def wake_study(study: SimulationStudy) -> None:
    """Let a worker run the study, once the caller's transaction has committed."""
    transaction.on_commit(lambda: current_app.send_task(TASK, [study.pk], retry=False), robust=True)


def is_stalled(study: SimulationStudy, now: datetime | None = None) -> bool:
    """Say whether a study that is not done has not moved for too long."""
    waiting = study.status in (Status.QUEUED, Status.RUNNING)
    return waiting and (now or timezone.now()) - study.moved_at > STALLED_AFTER


def plan_study(assessment: Assessment, position: Position | None) -> StudyPlan:
    """Return what a person of that position, whom nobody has measured yet, would sit now.

    Raises StudyRefused: not_adaptive, no_post, nothing_to_ask.
    """
    if assessment.mode != Assessment.Mode.ADAPTIVE:
        raise StudyRefused("not_adaptive")
    required = _required_levels(assessment, position)
    bank = published_bank(recheck=True)
    measurable = [competency for competency in required if competency.pk in bank.by_competency]
    if not measurable:
        raise StudyRefused("nothing_to_ask")
    standards = cuts_in_force([competency.pk for competency in measurable])
    rules = delivery_rules(assessment, {competency.code: competency.pk for competency in measurable})
    return StudyPlan(
        competencies=tuple(
            FormCompetency(each.pk, each.code, required[each], standards[each.pk].cuts, None) for each in measurable
        ),
        rule=rules.stop,
        selection=rules.selection,
        believed=correlations_in_force([each.pk for each in measurable], timezone.now()),
        bank=bank,
    )


def run_study(study_pk: int) -> None:
    """Let the simulated people sit and write the report. A study that is done stays as it is."""
    study = SimulationStudy.objects.select_related("assessment", "position").get(pk=study_pk)
    if study.status not in (Status.QUEUED, Status.RUNNING):
        return
    rows = SimulationStudy.objects.filter(pk=study_pk)
    rows.update(status=Status.RUNNING, done=0, moved_at=timezone.now())
    every = max(1, study.people // 50)

    def progress(done: int) -> None:
        if done % every == 0:
            rows.update(done=done, moved_at=timezone.now())

    try:
        plan = plan_study(study.assessment, study.position)
    except StudyRefused as refused:
        rows.update(status=Status.FAILED, problem=refused.reason, finished_at=timezone.now())
        return
    sittings = simulate_sittings(plan, study.people, study.correlation, study.seed, progress)
    report = report_study(
        sittings,
        plan.competencies,
        {pk: entry.competency_pk for pk, entry in plan.bank.entries.items()},
        error_rate=study.assessment.error_rate,
        minutes=study.assessment.minutes,
    )
    report["items"] = _name_items(report["items"])
    rows.update(
        status=Status.READY, done=study.people, report=report, finished_at=timezone.now(), moved_at=timezone.now()
    )


def note_study_failure(study_pk: int) -> None:
    """Mark a study failed after an error that nobody foresaw."""
    waiting = SimulationStudy.objects.filter(pk=study_pk, status__in=[Status.QUEUED, Status.RUNNING])
    waiting.update(status=Status.FAILED, problem="failed", finished_at=timezone.now())


def simulate_sittings(
    plan: StudyPlan, people: int, correlation: float, seed: int, progress: Callable[[int], None] | None = None
) -> list[SimulatedSitting]:
    """One sitting each of people of the reference population whose abilities in any two competencies correlate so.

    The same arguments give the same sittings.
    """
    rng = np.random.default_rng(seed)
    size = len(plan.competencies)
    common = rng.standard_normal((people, 1))
    own = rng.standard_normal((people, size))
    truth = np.sqrt(correlation) * common + np.sqrt(1.0 - correlation) * own
    seconds = {int(str(item.id)): item.seconds for item in plan.bank.items.items if item is not None}
    exposure = ExposureCounts(plan.bank.items)
    sittings = []
    for person in range(people):
        sittings.append(_sit(plan, truth[person], rng, seconds, exposure))
        if progress is not None:
            progress(person + 1)
    return sittings


def _sit(
    plan: StudyPlan,
    truth: Array,
    rng: np.random.Generator,
    seconds: Mapping[int, float],
    exposure: ExposureCounts,
) -> SimulatedSitting:
    """One sitting, after those that `exposure` has counted; it is counted too."""
    theta = {each.pk: float(truth[at]) for at, each in enumerate(plan.competencies)}
    competencies = tuple(plan.competencies[at] for at in rng.permutation(len(plan.competencies)).tolist())
    sitting_seed = int(rng.integers(2**62))
    ineligible = exposure.draw_ineligible(plan.selection.max_exposure, sitting_seed)
    form = Form(
        competencies,
        plan.rule,
        excluded=frozenset(),
        standards=(),
        selection=plan.selection,
        ineligible=frozenset(int(str(item)) for item in ineligible),
        correlations=plan.believed.among([each.pk for each in competencies]),
    )
    given: list[Given] = []
    while (choice := choose_next(form, given, plan.bank, sitting_seed)) is not None:
        item_pk = int(str(choice.item_id))
        entry = plan.bank.entries[item_pk]
        parameters = ItemParameters.from_dict(entry.parameters)
        chances = probabilities(parameters, [theta[entry.competency_pk]])[0]
        score = int(min((rng.random() > chances.cumsum()).sum(), len(chances) - 1))
        given.append(Given(item_pk, entry.competency_pk, parameters, score, scored=not entry.pretest))
    exposure.record(ineligible, [each.item_pk for each in given])
    state = sitting_state(form, given, plan.bank)
    asked = [pk for pk, count in state.counts.items() if count]
    return SimulatedSitting(
        truth={pk: theta[pk] for pk in asked},
        posteriors={pk: state.posteriors[pk] for pk in asked},
        counts={pk: state.counts[pk] for pk in asked},
        reasons={pk: state.decisions[pk].reason or "no_items" for pk in asked},
        items=tuple(each.item_pk for each in given),
        seconds=sum(seconds[each.item_pk] for each in given),
    )


def _required_levels(assessment: Assessment, position: Position | None) -> dict[Competency, int]:
    if not assessment.by_post:
        listed = AssessmentCompetency.objects.filter(assessment=assessment).select_related("competency")
        return {each.competency: each.level for each in listed.order_by("competency__order")}
    if position is None:
        raise StudyRefused("no_post")
    required = Requirement.objects.filter(role_profile__position=position, role_profile__valid__contains=today())
    levels = {each.competency: each.level for each in required.select_related("competency")}
    if not levels:
        raise StudyRefused("no_post")
    return levels


def _name_items(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items by their codes, so that a report can be read when the bank has changed."""
    codes = dict(Item.objects.filter(pk__in=[row["item"] for row in rows]).values_list("pk", "code"))
    return [row | {"item": codes[row["item"]]} for row in rows]
