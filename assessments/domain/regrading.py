"""Scoring sittings again under a corrected key or corrected parameters, or without an item that is void.

An attempt keeps what it was given and the parameters it was taken under. A regrade adds evidence of a later scoring
beside the first one; what counts from then on is the latest scoring, what the attempt said before stays as it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from assessments.domain.certificates import settle_certificates, what_was_reached
from assessments.domain.corrections import Correction, RegradeRefused, check_corrections
from assessments.domain.queries.corrected_keys import score_stored
from assessments.domain.queries.void import standing_regrades
from assessments.domain.submission import SOURCE_KIND
from assessments.models import Assessment, Attempt, CalibrationRun, ItemVersion, Presentation, Regrade, RegradeResult
from assessments.models.regrading import PREVIEWS
from competencies.api import (
    EstimateAt,
    EvidenceRow,
    ObservableScore,
    counted_evidence,
    cuts_in_force,
    estimates_at,
    record_evidence,
)
from organisation.api import record_audit
from organisation.models import Person, User

TASK = "assessments.measurement_tasks.run_regrade"
STALLED_AFTER = timedelta(minutes=5)
"""A regrade that has not moved for so long has lost its worker or its message."""
LATECOMERS = timedelta(days=2)
"""For how long after a regrade sittings are looked for that were handed in while its corrections were published."""
NO_INFORMATION = {"model": "2pl", "a": 1e-9, "b": 0.0}
"""Parameters under which any score says nothing of ability: the likelihood is flat."""

_ACTIVE = (Regrade.Status.QUEUED, Regrade.Status.RUNNING, Regrade.Status.PREVIEWING)
_WAITING = """
    SELECT a.id FROM assessments_attempt a
    WHERE a.status = 'submitted'
      AND EXISTS (SELECT 1 FROM assessments_presentation p
                  WHERE p.attempt_id = a.id AND p.scored AND p.version_id = ANY(%(versions)s))
      AND NOT EXISTS (SELECT 1 FROM assessments_regraderesult r
                      WHERE r.attempt_id = a.id AND r.regrade_id = %(regrade)s)
      AND (%(until)s::timestamptz IS NULL OR a.submitted_at < %(until)s::timestamptz)
    ORDER BY a.person_id, a.submitted_at, a.id LIMIT %(limit)s
"""


@transaction.atomic
def start_regrade(
    actor: User | None,
    corrections: Sequence[Correction],
    reason: str,
    *,
    calibration: CalibrationRun | None = None,
    previews: bool = False,
) -> Regrade:
    """Queue a regrade and wake a worker after commit. previews: only to say what it would do. Raises RegradeRefused."""
    check_corrections(corrections)
    regrade = Regrade.objects.create(
        reason=reason[:200],
        corrections=[asdict(each) for each in corrections],
        calibration=calibration,
        requested_by=actor,
        status=Regrade.Status.PREVIEWING if previews else Regrade.Status.QUEUED,
        total=_touched(corrections).count(),
    )
    if not previews:
        record_audit(actor=actor, action="started", target=f"regrade {regrade.pk}", detail={"reason": reason})
    wake_regrade(regrade.pk)
    return regrade


@transaction.atomic
def publish_regrade(actor: User, preview_pk: int) -> Regrade:
    """Let happen what a preview showed; its results give way to those of the regrade. Raises RegradeRefused.

    Nobody publishes what touches a sitting of their own.
    """
    found = Regrade.objects.select_for_update().filter(pk=preview_pk, status=Regrade.Status.PREVIEWED).first()
    if found is None:
        raise RegradeRefused("nothing")
    corrections = [Correction(**raw) for raw in found.corrections]
    versions = [each.version_pk for each in corrections]
    if Presentation.objects.filter(attempt__person__user=actor, scored=True, version__in=versions).exists():
        raise RegradeRefused("own")
    _refuse_underway(corrections)
    regrade = start_regrade(actor, corrections, found.reason)
    RegradeResult.objects.filter(regrade=found).delete()
    found.delete()
    return regrade


def _refuse_underway(corrections: Sequence[Correction]) -> None:
    """Let one key of a version be applied after another: the last one published counts for every sitting."""
    versions = sorted(each.version_pk for each in corrections if each.scored_as is not None)
    list(ItemVersion.objects.select_for_update(no_key=True).filter(pk__in=versions).order_by("pk"))
    active = standing_regrades().exclude(status=Regrade.Status.DONE)
    for raw in (raw for several in active.values_list("corrections", flat=True) for raw in several):
        if raw["version_pk"] in versions and raw.get("scored_as") is not None:
            raise RegradeRefused("underway")


def wake_regrade(regrade_pk: int) -> None:
    """Let a worker go on with a regrade, once the caller's transaction has committed."""
    transaction.on_commit(lambda: current_app.send_task(TASK, [regrade_pk], retry=False), robust=True)


def wake_stalled_regrades(now: datetime | None = None) -> int:
    """Wake a worker for every regrade that has not moved for too long; return how many.

    A sitting is scored by the corrections in force when it is handed in. One that was being handed in as a correction
    was published may have known nothing of it: the regrade goes on for those.
    """
    now = now or timezone.now()
    late = standing_regrades().filter(status=Regrade.Status.DONE, finished_at__gt=now - LATECOMERS, calibration=None)
    missed = [each.pk for each in late if _has_latecomers(each)]
    Regrade.objects.filter(pk__in=missed).update(status=Regrade.Status.RUNNING)
    stalled = Regrade.objects.filter(status__in=_ACTIVE, moved_at__lt=now - STALLED_AFTER)
    waking = sorted({*missed, *stalled.values_list("pk", flat=True)})
    for pk in waking:
        wake_regrade(pk)
    return len(waking)


def _has_latecomers(regrade: Regrade) -> bool:
    """Whether a sitting handed in about when a key or a void version was published was not scored again."""
    if not (regrade.corrects_keys or regrade.is_voiding):
        return False
    versions = [raw["version_pk"] for raw in regrade.corrections]
    return bool(_waiting(regrade.pk, versions, 1, regrade.requested_at + STALLED_AFTER))


def continue_regrade(regrade_pk: int, limit: int = 200) -> bool:
    """Score some attempts again, each in a transaction of its own, or see what that would do; say whether more wait.

    An attempt is scored once by a regrade, however often this is called.
    """
    regrade = Regrade.objects.get(pk=regrade_pk)
    if regrade.status not in _ACTIVE:
        return False
    corrections = {each.version_pk: each for each in (Correction(**raw) for raw in regrade.corrections)}
    waiting = _waiting(regrade_pk, corrections, limit)
    for attempt_pk in waiting:
        (_foresee if regrade.is_preview else regrade_attempt)(regrade, attempt_pk, corrections)
    more = len(waiting) == limit
    rows = Regrade.objects.filter(pk=regrade_pk)
    done = RegradeResult.objects.filter(regrade=regrade_pk).values("attempt").distinct().count()
    now = timezone.now()
    underway, done_with = Regrade.Status.RUNNING, Regrade.Status.DONE
    if regrade.is_preview:
        underway, done_with = PREVIEWS
    elif not more:
        _settle_without_answers(regrade, corrections.values(), now)
    if more:
        rows.update(status=underway, done=done, moved_at=now)
    else:
        rows.update(status=done_with, done=done, moved_at=now, finished_at=now)
    return more


@transaction.atomic
def _foresee(regrade: Regrade, attempt_pk: Any, corrections: Mapping[int, Correction]) -> None:
    """Keep what an attempt would say, by publishing the preview, scoring the attempt again and taking that back."""
    with transaction.atomic():
        Regrade.objects.filter(pk=regrade.pk).update(status=Regrade.Status.RUNNING)
        results = regrade_attempt(regrade, attempt_pk, corrections)
        transaction.set_rollback(True)
    for each in results:
        each.pk = None
    RegradeResult.objects.bulk_create(results)


@transaction.atomic
def regrade_attempt(
    regrade: Regrade, attempt_pk: Any, corrections: Mapping[int, Correction], now: datetime | None = None
) -> list[RegradeResult]:
    """Score one submitted attempt again and keep what it said before and after, by competency; once in a regrade."""
    attempt = Attempt.objects.select_related("assessment").get(pk=attempt_pk)
    assert attempt.submitted_at is not None
    person = Person.objects.select_for_update(no_key=True).get(pk=attempt.person_id)
    if RegradeResult.objects.filter(regrade=regrade, attempt=attempt).exists():
        return []
    given = list(
        Presentation.objects.filter(attempt=attempt, scored=True, version__in=list(corrections))
        .order_by("position")
        .values_list("version_id", "version__item__code")
    )
    touched = sorted({corrections[version].competency_pk for version, _code in given})
    cuts = _cuts(attempt, touched)
    before = estimates_at(person.pk, cuts, attempt.submitted_at)
    passed_before = _passes(attempt) if regrade.corrects_keys else None
    own = _own_evidence(person.pk, attempt, touched)
    observables = []
    for version, code in given:
        correction = corrections[version]
        row = own.get((correction.competency_pk, code))
        if row is not None and row.maximum:
            new = _read_again(attempt, version, code, row, correction)
            if (new.score, new.maximum, dict(new.parameters)) != (row.score, row.maximum, row.parameters):
                observables.append(new)
    if observables:
        record_evidence(
            person,
            source_kind=SOURCE_KIND,
            source_id=str(attempt.pk),
            observed_at=attempt.submitted_at,
            observables=observables,
            scoring_version=1 + max(regrade.pk, *(row.scoring_version for row in own.values())),
            as_of=now or timezone.now(),
            reason=f"regrade {regrade.pk}",
        )
    after = estimates_at(person.pk, cuts, attempt.submitted_at) if observables else before
    results = [_result(regrade, attempt, pk, before.get(pk), after.get(pk)) for pk in touched]
    RegradeResult.objects.bulk_create(results)
    if regrade.corrects_keys:
        passed = _passes(attempt)
        for each in results:
            each.passed_before, each.passed_after = passed_before, passed
        RegradeResult.objects.bulk_update(results, ["passed_before", "passed_after"])
    settle_certificates(attempt, now or timezone.now(), f"regrade {regrade.pk}")
    return results


def regrades_of(attempt: Attempt) -> list[RegradeResult]:
    """Return what regrades changed about an attempt, the newest first. One query."""
    rows = RegradeResult.objects.filter(attempt=attempt).exclude(regrade__status__in=PREVIEWS)
    rows = rows.select_related("regrade", "competency")
    return [row for row in rows.order_by("-regrade_id", "competency__order") if row.is_moved or _rescored(row)]


def _rescored(row: RegradeResult) -> bool:
    """Whether points changed, or a question that earned none counts no more."""
    is_left_out = row.regrade.is_voiding and row.mean_before != row.mean_after
    return is_left_out or (row.score_before, row.passed_before) != (row.score_after, row.passed_after)


def _touched(corrections: Sequence[Correction]) -> QuerySet[Attempt]:
    """Submitted attempts that scored one of the versions."""
    versions = [each.version_pk for each in corrections]
    given = Presentation.objects.filter(scored=True, version__in=versions)
    return Attempt.objects.filter(status=Attempt.Status.SUBMITTED, pk__in=given.values("attempt"))


def _settle_without_answers(regrade: Regrade, corrections: Iterable[Correction], now: datetime) -> None:
    """Look again at certificates of forms whose void question was planned and never reached: the whole got smaller."""
    for each in corrections:
        if each.void:
            planned = {"sections": [{"items": [{"version": each.version_pk}]}]}
            certifying = Attempt.objects.filter(assessment__certifies=True, status=Attempt.Status.SUBMITTED)
            for attempt in certifying.filter(form__contains=planned).exclude(presentations__version=each.version_pk):
                with transaction.atomic():
                    settle_certificates(attempt, now, f"regrade {regrade.pk}")


def _waiting(regrade_pk: int, versions: Iterable[int], limit: int, until: datetime | None = None) -> list[Any]:
    """Sittings that the regrade has not scored; until: that were handed in before then."""
    values: dict[str, Any] = {"versions": list(versions), "regrade": regrade_pk, "limit": limit, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, values)
        return [row[0] for row in cursor.fetchall()]


def _cuts(attempt: Attempt, competency_pks: Sequence[int]) -> dict[int, tuple[float, ...]]:
    """The cut scores that the attempt was reported by; those in force for what its form does not name."""
    frozen = {each["pk"]: tuple(each["cuts"]) for each in attempt.form["competencies"]}
    missing = [pk for pk in competency_pks if pk not in frozen]
    found = cuts_in_force(missing) if missing else {}
    return {pk: frozen[pk] if pk in frozen else found[pk].cuts for pk in competency_pks}


def _own_evidence(
    person_pk: int, attempt: Attempt, competency_pks: Sequence[int]
) -> dict[tuple[int, str], EvidenceRow]:
    """What the attempt itself counts for, in its latest scoring, by competency and observable."""
    counted = counted_evidence(person_pk, competency_pks, until=attempt.submitted_at)
    return {
        (pk, row.observable): row
        for pk, rows in counted.items()
        for row in rows
        if (row.source_kind, row.source_id) == (SOURCE_KIND, str(attempt.pk))
    }


def _read_again(
    attempt: Attempt, version_pk: int, code: str, row: EvidenceRow, correction: Correction
) -> ObservableScore:
    if correction.void:
        return ObservableScore(correction.competency_pk, code, 0, 0, NO_INFORMATION)
    score, maximum = row.score, row.maximum
    if correction.scored_as is not None:
        found = score_stored(attempt.pk, version_pk, correction.scored_as)
        score, maximum = found or (score, maximum)
    return ObservableScore(correction.competency_pk, code, score, maximum, correction.parameters or row.parameters)


def _passes(attempt: Attempt) -> bool | None:
    """Whether an attempt meets its pass rule by what stands; None where there is none."""
    assessment = attempt.assessment
    by_points = assessment.mode in (Assessment.Mode.FIXED, Assessment.Mode.DRAW)
    has_rule = attempt.form.get("pass_share", assessment.pass_share) is not None if by_points else assessment.certifies
    return what_was_reached(attempt) is not None if has_rule else None


def _result(
    regrade: Regrade, attempt: Attempt, competency_pk: int, before: EstimateAt | None, after: EstimateAt | None
) -> RegradeResult:
    def earned(found: EstimateAt | None) -> int:
        rows = found.evidence if found else []
        return sum(row.score for row in rows if row.source_id == str(attempt.pk))

    was, now = (found.values if found else None for found in (before, after))
    return RegradeResult(
        regrade=regrade,
        attempt=attempt,
        competency_id=competency_pk,
        score_before=earned(before),
        score_after=earned(after),
        mean_before=was.mean if was else None,
        mean_after=now.mean if now else None,
        se_before=was.se if was else None,
        se_after=now.se if now else None,
        level_before=was.level if was else None,
        level_after=now.level if now else None,
        band_before=was.band if was else None,
        band_after=now.band if now else None,
    )
