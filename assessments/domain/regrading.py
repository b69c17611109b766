"""Scoring sittings again under a corrected key or corrected parameters.

An attempt keeps what it was given and the parameters it was taken under. A regrade adds evidence of a later scoring
beside the first one; what counts from then on is the latest scoring, what the attempt said before stays as it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.utils import timezone

from assessments.domain.submission import SOURCE_KIND
from assessments.domain.versions import playable_version
from assessments.items.problems import ResponseError
from assessments.measurement import ItemParameters
from assessments.models import Attempt, CalibrationRun, ItemVersion, Presentation, Regrade, RegradeResult, Response
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

_WAITING = """
    SELECT a.id FROM assessments_attempt a
    WHERE a.status = 'submitted'
      AND EXISTS (SELECT 1 FROM assessments_presentation p
                  WHERE p.attempt_id = a.id AND p.scored AND p.version_id = ANY(%(versions)s))
      AND NOT EXISTS (SELECT 1 FROM assessments_regraderesult r
                      WHERE r.attempt_id = a.id AND r.regrade_id = %(regrade)s)
    ORDER BY a.person_id, a.submitted_at, a.id LIMIT %(limit)s
"""


class RegradeRefused(ValueError):
    """A regrade that cannot be done; nothing is queued. reason: `nothing`, `parameters`, `version`, `another_item`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        super().__init__(f"{reason} {detail}".strip())


@dataclass(frozen=True, slots=True)
class Correction:
    """How answers to an item version are read from now on.

    parameters: in place of the frozen ones, None to keep them. scored_as: the version of the same item whose key scores
    the stored answers, None to keep their scores. An answer that does not fit that version keeps its score.
    """

    version_pk: int
    competency_pk: int
    parameters: Mapping[str, Any] | None = None
    scored_as: int | None = None


@transaction.atomic
def start_regrade(
    actor: User | None, corrections: Sequence[Correction], reason: str, *, calibration: CalibrationRun | None = None
) -> Regrade:
    """Queue a regrade and wake a worker after commit. Raises RegradeRefused."""
    _check(corrections)
    regrade = Regrade.objects.create(
        reason=reason[:200],
        corrections=[asdict(each) for each in corrections],
        calibration=calibration,
        requested_by=actor,
        total=Attempt.objects.filter(
            status=Attempt.Status.SUBMITTED,
            pk__in=Presentation.objects.filter(
                scored=True, version__in=[each.version_pk for each in corrections]
            ).values("attempt"),
        ).count(),
    )
    record_audit(actor=actor, action="started", target=f"regrade {regrade.pk}", detail={"reason": reason})
    wake_regrade(regrade.pk)
    return regrade


def wake_regrade(regrade_pk: int) -> None:
    """Let a worker go on with a regrade, once the caller's transaction has committed."""
    transaction.on_commit(lambda: current_app.send_task(TASK, [regrade_pk], retry=False), robust=True)


def continue_regrade(regrade_pk: int, limit: int = 200) -> bool:
    """Score some attempts again, each in a transaction of its own; say whether more are waiting.

    An attempt is scored once by a regrade, however often this is called.
    """
    regrade = Regrade.objects.get(pk=regrade_pk)
    if regrade.status not in (Regrade.Status.QUEUED, Regrade.Status.RUNNING):
        return False
    corrections = {each.version_pk: each for each in (Correction(**raw) for raw in regrade.corrections)}
    waiting = _waiting(regrade_pk, corrections, limit)
    for attempt_pk in waiting:
        regrade_attempt(regrade, attempt_pk, corrections)
    more = len(waiting) == limit
    rows = Regrade.objects.filter(pk=regrade_pk)
    done = RegradeResult.objects.filter(regrade=regrade_pk).values("attempt").distinct().count()
    now = timezone.now()
    if more:
        rows.update(status=Regrade.Status.RUNNING, done=done, moved_at=now)
    else:
        rows.update(status=Regrade.Status.DONE, done=done, moved_at=now, finished_at=now)
    return more


@transaction.atomic
def regrade_attempt(
    regrade: Regrade, attempt_pk: Any, corrections: Mapping[int, Correction], now: datetime | None = None
) -> list[RegradeResult]:
    """Score one submitted attempt again and keep what it said before and after, by competency."""
    attempt = Attempt.objects.get(pk=attempt_pk)
    assert attempt.submitted_at is not None
    person = Person.objects.select_for_update(no_key=True).get(pk=attempt.person_id)
    given = list(
        Presentation.objects.filter(attempt=attempt, scored=True, version__in=list(corrections))
        .order_by("position")
        .values_list("version_id", "version__item__code")
    )
    touched = sorted({corrections[version].competency_pk for version, _code in given})
    cuts = _cuts(attempt, touched)
    before = estimates_at(person.pk, cuts, attempt.submitted_at)
    own = _own_evidence(person.pk, attempt, touched)
    observables = []
    for version, code in given:
        correction = corrections[version]
        row = own.get((correction.competency_pk, code))
        if row is not None:
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
            scoring_version=1 + regrade.pk,
            as_of=now or timezone.now(),
            reason=f"regrade {regrade.pk}",
        )
    after = estimates_at(person.pk, cuts, attempt.submitted_at) if observables else before
    return RegradeResult.objects.bulk_create(
        _result(regrade, attempt, pk, before.get(pk), after.get(pk)) for pk in touched
    )


def regrades_of(attempt: Attempt) -> list[RegradeResult]:
    """Return what regrades changed about an attempt, the newest first. One query."""
    rows = RegradeResult.objects.filter(attempt=attempt).select_related("regrade", "competency")
    return [row for row in rows.order_by("-regrade", "competency__order") if row.is_moved or _rescored(row)]


def _rescored(row: RegradeResult) -> bool:
    return row.score_before != row.score_after


def _check(corrections: Sequence[Correction]) -> None:
    if not corrections:
        raise RegradeRefused("nothing")
    items = dict(
        ItemVersion.objects.filter(
            pk__in=[pk for each in corrections for pk in (each.version_pk, each.scored_as) if pk is not None]
        )
        .exclude(status=ItemVersion.Status.DRAFT)
        .values_list("pk", "item_id")
    )
    for each in corrections:
        if each.version_pk not in items or (each.scored_as is not None and each.scored_as not in items):
            raise RegradeRefused("version", str(each.version_pk))
        if each.scored_as is not None and items[each.scored_as] != items[each.version_pk]:
            raise RegradeRefused("another_item", str(each.scored_as))
        if each.parameters is not None:
            try:
                ItemParameters.from_dict(each.parameters, str(each.version_pk))
            except ValueError as error:
                raise RegradeRefused("parameters", str(error)) from None


def _waiting(regrade_pk: int, versions: Iterable[int], limit: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"versions": list(versions), "regrade": regrade_pk, "limit": limit})
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
    score, maximum = row.score, row.maximum
    if correction.scored_as is not None:
        found = _score_again(attempt, version_pk, correction.scored_as)
        score, maximum = found or (score, maximum)
    return ObservableScore(correction.competency_pk, code, score, maximum, correction.parameters or row.parameters)


def _score_again(attempt: Attempt, version_pk: int, scored_as: int) -> tuple[int, int] | None:
    """Score and maximum of the answer that counted under another version's key; None where it does not fit it."""
    accepted = Response.objects.filter(attempt=attempt, version=version_pk, status=Response.Status.ACCEPTED)
    raw = accepted.order_by("-sequence").values_list("value", flat=True).first()
    version = playable_version(scored_as)
    try:
        score = version.kind.score(version.content, version.kind.parse_response(version.content, raw))
    except ResponseError:
        return None
    return None if score is None else (score, version.kind.maximum(version.content))


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
