"""Marking by people: blind, by one marker or two, with a third who decides where two differ.

Where two differ by no more than the tolerance, the answer earns the mean of their scores, a half in the person's
favour; else what the third gives. A mark is never changed; what an answer earned is a row of its own, and becomes
evidence in the same transaction.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from assessments.domain.certificates import settle_certificates
from assessments.domain.marking_rules import marking_rule, may_mark
from assessments.domain.queries.void import all_void, is_void
from assessments.domain.submission import SOURCE_KIND
from assessments.domain.versions import playable_version
from assessments.items.registry import marked_type
from assessments.models import Assessment, Mark, MarkedScore, MarkingSeat, MarkingTask, Response
from assessments.models.marking import ADJUDICATOR
from competencies.api import ObservableScore, record_evidence
from organisation.models import User

LEASE = timedelta(hours=4)
"""For how long a marker has an answer to themself; then another may take their place at it."""
LONGEST_COMMENT = 4000
Status, Basis = MarkingTask.Status, MarkedScore.Basis

# SKIP LOCKED: markers who ask at the same moment are given different places, and none waits for another.
_TAKE = """
    UPDATE assessments_markingseat SET marker_id = %(marker)s, taken_at = %(now)s WHERE id = (
        SELECT s.id FROM assessments_markingseat s
        JOIN assessments_markingtask t ON t.id = s.task_id AND t.status <> 'final' AND t.assessment_id = %(assessment)s
            AND t.version_id <> ALL(%(void)s)
        JOIN assessments_presentation p ON p.id = t.presentation_id
        JOIN assessments_attempt a ON a.id = p.attempt_id
        JOIN organisation_person own ON own.id = a.person_id AND own.user_id IS DISTINCT FROM %(marker)s
        WHERE (s.marker_id IS NULL OR s.taken_at < %(stale)s)
          AND NOT EXISTS (SELECT 1 FROM assessments_mark m WHERE m.seat_id = s.id)
          AND NOT EXISTS (SELECT 1 FROM assessments_markingseat o WHERE o.task_id = s.task_id
                          AND o.marker_id = %(marker)s)
        ORDER BY s.number < 3, s.task_id, s.number
        FOR UPDATE OF s SKIP LOCKED LIMIT 1
    ) RETURNING id
"""


class MarkingRefused(ValueError):
    """A mark that is not taken. reason: `not_yours` (another has the place by now), `marked` (it was marked before),
    `not_a_marker` (others are named for the assessment).
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@transaction.atomic
def take_answer(marker: User, assessment: Assessment, now: datetime | None = None) -> MarkingSeat | None:
    """Give a marker the place at an answer that they have in hand, or a free one; None when there is none.

    Answers where two differ come first, then the oldest. Nobody is given their own answer, the same answer twice, or
    one to a void question.
    Raises MarkingRefused: not_a_marker.
    """
    if not may_mark(marker, assessment):
        raise MarkingRefused("not_a_marker")
    now = now or timezone.now()
    User.objects.select_for_update(no_key=True).get(pk=marker.pk)
    void = list(all_void())
    in_hand = MarkingSeat.objects.filter(marker=marker, mark=None, task__assessment=assessment)
    seat = in_hand.exclude(task__version__in=void).order_by("pk").first()
    if seat is not None:
        return seat
    values: dict[str, Any] = {"marker": marker.pk, "assessment": assessment.pk, "now": now, "stale": now - LEASE}
    values["void"] = void
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        row = cursor.fetchone()
    return None if row is None else MarkingSeat.objects.get(pk=row[0])


def give_back(seat: MarkingSeat, marker: User) -> None:
    """Let another take the place of a marker who has not marked."""
    rows = MarkingSeat.objects.filter(pk=seat.pk, marker=marker, mark=None)
    rows.update(marker=None, taken_at=None)


def answer_of(task: MarkingTask) -> Any:
    """Return the answer to mark as its type reads it."""
    presentation = task.presentation
    accepted = Response.objects.filter(
        attempt=presentation.attempt_id, version=task.version_id, status=Response.Status.ACCEPTED
    )
    version = playable_version(task.version_id)
    raw = accepted.order_by("-sequence").values_list("value", flat=True)[0]
    return version.kind.parse_response(version.content, raw)


def marking_view(task: MarkingTask, locale: str) -> dict[str, Any]:
    """Return what a marker sees of an answer: nothing of whose it is, or of what others gave."""
    version = playable_version(task.version_id)
    return marked_type(version.kind.KIND).marking_view(version.content, locale, answer_of(task))


@transaction.atomic
def record_mark(seat: MarkingSeat, marker: User, raw: Any, *, comment: str = "", now: datetime | None = None) -> Mark:
    """Keep a marker's points, and when the answer is marked by all who should, what it earned and its evidence.

    raw: points by id of the criterion. Raises MarksError, MarkingRefused.
    """
    now = now or timezone.now()
    task = MarkingTask.objects.select_for_update(no_key=True).get(pk=seat.task_id)
    seat = MarkingSeat.objects.select_for_update(no_key=True).get(pk=seat.pk)
    if seat.marker_id != marker.pk:
        raise MarkingRefused("not_yours")
    if not may_mark(marker, task.assessment):
        raise MarkingRefused("not_a_marker")
    if Mark.objects.filter(seat=seat).exists():
        raise MarkingRefused("marked")
    mark = write_mark(seat, marker, raw, comment, now)
    _settle(task, now)
    return mark


def write_mark(seat: MarkingSeat, marker: User, raw: Any, comment: str, now: datetime) -> Mark:
    """Write down what a marker gives for the answer of a seat. Raises MarksError."""
    version = playable_version(seat.task.version_id)
    kind = marked_type(version.kind.KIND)
    points = kind.parse_marks(version.content, raw)
    return Mark.objects.create(
        seat=seat,
        marker=marker,
        points=points,
        total=sum(points.values()),
        score=kind.score_marks(version.content, answer_of(seat.task), points),
        comment=comment.replace("\r\n", "\n").strip()[:LONGEST_COMMENT],
        marked_at=now,
    )


def write_score(task: MarkingTask, score: int, basis: str, now: datetime) -> MarkedScore:
    """Write down what an answer earns from now on."""
    version = playable_version(task.version_id)
    maximum = version.kind.maximum(version.content)
    return MarkedScore.objects.create(task=task, score=score, maximum=maximum, basis=basis, decided_at=now)


def _settle(task: MarkingTask, now: datetime) -> None:
    """End the marking of an answer, or ask a third marker, once all its seats have marked."""
    marks = {seat.number: getattr(seat, "mark", None) for seat in task.seats.select_related("mark")}
    if any(mark is None for mark in marks.values()):
        return
    given = [mark for _number, mark in sorted(marks.items()) if mark is not None]
    rule = marking_rule(task.assessment)
    if len(given) == 2 and abs(given[0].total - given[1].total) > rule.tolerance:
        MarkingSeat.objects.create(task=task, number=ADJUDICATOR)
        task.status = Status.ADJUDICATION
        task.save(update_fields=["status"])
        return
    if len(given) == 2:
        score, basis = (given[0].score + given[1].score + 1) // 2, Basis.AGREED
    else:
        score, basis = given[-1].score, Basis.SINGLE if len(given) == 1 else Basis.ADJUDICATED
    task.status = Status.FINAL
    task.save(update_fields=["status"])
    _record(task, write_score(task, score, basis, now), now)
    settle_certificates(task.presentation.attempt, now, f"marking {task.pk}")


def _record(task: MarkingTask, earned: MarkedScore, now: datetime) -> None:
    """Make evidence of what an answer earned, as if it had been scored when the attempt was submitted."""
    presentation, attempt = task.presentation, task.presentation.attempt
    if is_void(task.version_id) or presentation.competency_id is None or attempt.submitted_at is None:
        return
    version = playable_version(task.version_id)
    record_evidence(
        attempt.person,
        source_kind=SOURCE_KIND,
        source_id=str(attempt.pk),
        observed_at=min(attempt.submitted_at, attempt.deadline),
        observables=[
            ObservableScore(
                presentation.competency_id, version.item_code, earned.score, earned.maximum, presentation.parameters
            )
        ],
        scoring_version=attempt.scoring_version,
        as_of=now,
        reason=f"marking {task.pk}",
    )
