"""Calibrations as a trainer handles them: start, go on, publish, discard."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from celery import current_app
from django.db import transaction
from django.utils import timezone

from assessments.domain.calibration_plan import CalibrationPlan, CalibrationProblem, read_parameters
from assessments.domain.calibration_steps import ACTIVE, fail_run
from assessments.domain.corrections import Correction
from assessments.domain.regrading import start_regrade
from assessments.models import CalibrationChunk, CalibrationProposal, CalibrationRun, ItemParameterSet, ItemVersion
from competencies.models import Competency
from organisation.api import record_audit
from organisation.models import User

TASK = "assessments.calibration_tasks.continue_calibration"
STALLED_AFTER = timedelta(minutes=5)
"""A run that has not moved for so long has lost its worker or its message."""

Status = CalibrationRun.Status
Outcome = CalibrationProposal.Outcome


class CalibrationRefused(ValueError):
    """What cannot be done with a run now. reason: `not_ready`, `not_active`, `changed_meanwhile` (items: their names),
    `nothing_proposed`, `bad_parameters` (of the items named).
    """

    def __init__(self, reason: str, items: Iterable[str] = ()) -> None:
        self.reason = reason
        self.items = tuple(items)
        super().__init__(f"{reason} {', '.join(self.items)}".strip())


@transaction.atomic
def start_calibration(
    actor: User | None,
    competencies: Iterable[Competency],
    *,
    model: str = CalibrationRun.Model.TWO_PARAMETER,
    linking: str = CalibrationRun.Linking.ANCHORED,
) -> list[CalibrationRun]:
    """Queue a run for each competency and wake a worker after commit. One under way is returned instead of another.

    Each competency is a scale of its own, so each has its own run, proposal and publication.
    """
    runs = []
    for competency in sorted(competencies, key=lambda each: each.pk):
        Competency.objects.select_for_update(no_key=True).get(pk=competency.pk)
        active = CalibrationRun.objects.filter(competency=competency, status__in=ACTIVE).first()
        if active is None:
            active = CalibrationRun.objects.create(
                competency=competency, model=model, linking=linking, requested_by=actor
            )
            record_audit(actor=actor, action="started", target=f"calibration {active.pk} of {competency.code}")
            wake_worker(active)
        runs.append(active)
    return runs


def wake_worker(run: CalibrationRun) -> None:
    """Let a worker take the run's next step, once the caller's transaction has committed."""
    transaction.on_commit(lambda: current_app.send_task(TASK, [run.pk], retry=False), robust=True)


def is_stalled(run: CalibrationRun, now: datetime | None = None) -> bool:
    """Say whether a queued or running calibration has not moved for too long."""
    return run.status in ACTIVE and (now or timezone.now()) - run.moved_at > STALLED_AFTER


def wake_stalled(now: datetime | None = None) -> int:
    """Wake a worker for every run that has not moved for too long; return how many."""
    limit = (now or timezone.now()) - STALLED_AFTER
    stalled = CalibrationRun.objects.filter(status__in=ACTIVE, moved_at__lt=limit)
    for run in stalled:
        wake_worker(run)
    return len(stalled)


@transaction.atomic
def publish_calibration(run: CalibrationRun, actor: User) -> int:
    """Put the proposed parameters in force, all of them or none; return how many versions have new ones.

    Attempts keep the parameters they were taken under. Where levels of people change, their evidence is read again
    under the new ones by a regrade, which keeps both results. Raises CalibrationRefused: not_ready, nothing_proposed,
    bad_parameters, changed_meanwhile when a version got other parameters since the run began.
    """
    locked = CalibrationRun.objects.select_for_update(no_key=True).select_related("competency").get(pk=run.pk)
    if locked.status != Status.READY:
        raise CalibrationRefused("not_ready")
    proposals = list(
        CalibrationProposal.objects.filter(run=locked, new__isnull=False)
        .filter(version__status=ItemVersion.Status.PUBLISHED)
        .select_related("version__item")
    )
    if not proposals:
        raise CalibrationRefused("nothing_proposed")
    list(ItemVersion.objects.select_for_update(no_key=True).filter(pk__in=[each.version_id for each in proposals]))
    _refuse_changed(locked, proposals)
    try:
        proposed = [read_parameters(each.new or {}, str(each.version)).to_dict() for each in proposals]
    except CalibrationProblem as problem:
        raise CalibrationRefused(problem.reason, problem.detail["items"]) from None
    ItemParameterSet.objects.bulk_create(
        ItemParameterSet(
            version=each.version,
            competency=locked.competency,
            parameters=parameters,
            calibrated=each.outcome == Outcome.CALIBRATED,
            responses=each.responses,
        )
        for each, parameters in zip(proposals, proposed, strict=True)
    )
    _decide(locked, Status.PUBLISHED, actor)
    if locked.result["levels"]["moved"]:
        corrections = [Correction(each.version_id, locked.competency_id, parameters=each.new) for each in proposals]
        start_regrade(actor, corrections, f"calibration {locked.pk}", calibration=locked)
    record_audit(
        actor=actor,
        action="published",
        target=f"calibration {locked.pk} of {locked.competency.code}",
        detail={
            "versions": len(proposals),
            "calibrated": sum(each.outcome == Outcome.CALIBRATED for each in proposals),
            "levels_moved": locked.result["levels"]["moved"],
        },
    )
    return len(proposals)


@transaction.atomic
def discard_calibration(run: CalibrationRun, actor: User) -> None:
    """Set a proposal aside, or stop a run that is under way. Raises CalibrationRefused: not_active."""
    locked = CalibrationRun.objects.select_for_update(no_key=True).select_related("competency").get(pk=run.pk)
    if locked.status not in (*ACTIVE, Status.READY):
        raise CalibrationRefused("not_active")
    CalibrationChunk.objects.filter(run=locked).delete()
    locked.statistics.all().delete()
    locked.sequence = b""
    _decide(locked, Status.DISCARDED, actor)
    record_audit(actor=actor, action="discarded", target=f"calibration {locked.pk} of {locked.competency.code}")


@transaction.atomic
def note_failure(run_pk: int, said: str) -> None:
    """Mark a run failed after an error that nobody foresaw, if it is still there."""
    run = CalibrationRun.objects.select_for_update(no_key=True).filter(pk=run_pk).first()
    if run is not None and run.status in ACTIVE:
        fail_run(run, CalibrationProblem("failed", said=said[:500]))


def _refuse_changed(run: CalibrationRun, proposals: list[CalibrationProposal]) -> None:
    planned = {item.version: item.parameter_set for item in CalibrationPlan.from_dict(run.plan).items}
    newest: dict[int, int] = {}
    for version, pk in (
        ItemParameterSet.objects.filter(competency=run.competency, version__in=[each.version for each in proposals])
        .order_by("pk")
        .values_list("version_id", "pk")
    ):
        newest[version] = pk
    changed = [str(each.version) for each in proposals if newest.get(each.version_id, 0) != planned[each.version_id]]
    if changed:
        raise CalibrationRefused("changed_meanwhile", changed)


def _decide(run: CalibrationRun, status: str, actor: User) -> None:
    run.status, run.decided_by, run.decided_at = status, actor, timezone.now()
    run.save()
