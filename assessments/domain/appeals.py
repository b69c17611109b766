"""Appeals: a person contests a result, somebody who did not mark it answers, and every step is kept."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from assessments.domain.corrections import Correction
from assessments.domain.marking import write_mark, write_score
from assessments.domain.marking_rules import markable_by, may_mark
from assessments.domain.regrading import regrade_attempt
from assessments.models import (
    Appeal,
    AppealStep,
    Attempt,
    Mark,
    MarkedScore,
    MarkingSeat,
    MarkingTask,
    Presentation,
    Regrade,
)
from organisation.api import record_audit
from organisation.models import User

APPEAL_DAYS = 30
"""Days in which a result may be contested, from the day it was given: handed in, or marked where people mark it."""
LONGEST = 4000
Kind = AppealStep.Kind
ANSWERS = (Kind.KEPT, Kind.CHANGED, Kind.UPHELD)


class AppealRefused(ValueError):
    """An appeal, or an answer to one, that is not taken.

    reason: `no_text`, `too_late`, `not_submitted`, `not_given` (the question is none of the attempt), `made` (it was
    made before); of an answer `not_taken` (another looks at it by now), `answered`, `marked_it`, `own`,
    `not_a_marker`, `no_marks` (nothing people marked can be changed).
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def appeal_until(attempt: Attempt, is_marked: bool = True) -> datetime | None:
    """Return until when the result may be contested; None for an attempt under way.

    is_marked: False where it is known that people marked nothing of it. At most one query.
    """
    if attempt.submitted_at is None:
        return None
    if not is_marked:
        return attempt.submitted_at + timedelta(days=APPEAL_DAYS)
    rows = MarkedScore.objects.filter(task__presentation__attempt=attempt).exclude(basis=MarkedScore.Basis.APPEAL)
    marked = rows.aggregate(last=Max("decided_at"))["last"]
    return max(attempt.submitted_at, marked or attempt.submitted_at) + timedelta(days=APPEAL_DAYS)


def make_appeal(
    attempt: Attempt, text: str, *, presentation: Presentation | None = None, now: datetime | None = None
) -> Appeal:
    """Contest the result of an attempt, or what one of its questions earned, once each. Raises AppealRefused."""
    now = now or timezone.now()
    until = appeal_until(attempt)
    text = text.replace("\r\n", "\n").strip()[:LONGEST]
    if until is None:
        raise AppealRefused("not_submitted")
    if now > until:
        raise AppealRefused("too_late")
    if not text:
        raise AppealRefused("no_text")
    if presentation is not None and presentation.attempt_id != attempt.pk:
        raise AppealRefused("not_given")
    try:
        with transaction.atomic():
            return Appeal.objects.create(attempt=attempt, presentation=presentation, text=text, made_at=now)
    except IntegrityError:
        raise AppealRefused("made") from None


def waiting_appeals() -> QuerySet[Appeal]:
    """Return the appeals that nobody has answered, the oldest first."""
    answered = AppealStep.objects.filter(appeal=OuterRef("pk"), kind__in=ANSWERS)
    return Appeal.objects.exclude(Exists(answered)).order_by("made_at", "pk")


def answerable_by(user: User) -> QuerySet[Appeal]:
    """Return the appeals that wait and that a marker may answer: not their own, not against a mark of theirs."""
    marks = Mark.objects.filter(marker=user)
    of_question = Exists(marks.filter(seat__task__presentation=OuterRef("presentation")))
    of_attempt = Q(presentation=None) & Exists(marks.filter(seat__task__presentation__attempt=OuterRef("attempt")))
    waiting = waiting_appeals().filter(attempt__assessment__in=markable_by(user))
    return waiting.exclude(attempt__person__user=user).exclude(of_question | of_attempt)


def appeals_of(attempt: Attempt) -> list[Appeal]:
    """Return the appeals against an attempt with their steps. Two queries."""
    return list(Appeal.objects.filter(attempt=attempt).select_related("presentation").prefetch_related("steps"))


def task_of(appeal: Appeal) -> MarkingTask | None:
    """Return the marked answer that an appeal is about; None where no person marked it."""
    final = MarkingTask.objects.filter(status=MarkingTask.Status.FINAL)
    return final.filter(presentation=appeal.presentation_id).first() if appeal.presentation_id else None


def why_not(appeal: Appeal, user: User) -> str:
    """Return why a trainer may not answer an appeal, `not_a_marker`, `own` or `marked_it`, or nothing."""
    if not may_mark(user, appeal.attempt.assessment):
        return "not_a_marker"
    if appeal.attempt.person.user_id == user.pk:
        return "own"
    wanted = (
        Q(presentation=appeal.presentation_id) if appeal.presentation_id else Q(presentation__attempt=appeal.attempt)
    )
    return "marked_it" if MarkingTask.objects.filter(wanted, seats__mark__marker=user).exists() else ""


@transaction.atomic
def take_appeal(appeal: Appeal, user: User, now: datetime | None = None) -> AppealStep:
    """Look at an appeal; whoever took it last answers it. Raises AppealRefused."""
    _lock(appeal)
    _check_open(appeal, user)
    return AppealStep.objects.create(appeal=appeal, kind=Kind.TAKEN, by=user, at=now or timezone.now())


@transaction.atomic
def answer_appeal(
    appeal: Appeal,
    user: User,
    text: str,
    *,
    marks: Any = None,
    is_upheld: bool = False,
    now: datetime | None = None,
) -> AppealStep:
    """Answer an appeal in words; with marks the answer earns from now on what they say, and estimates follow.

    marks: points by id of the criterion, None to change none. is_upheld: the person is right about what a machine
    scored, which a regrade of everybody corrects. Raises AppealRefused, MarksError.
    """
    now = now or timezone.now()
    text = text.replace("\r\n", "\n").strip()[:LONGEST]
    _lock(appeal)
    _check_open(appeal, user)
    if holder_of(appeal) != user.pk:
        raise AppealRefused("not_taken")
    if not text:
        raise AppealRefused("no_text")
    if marks is not None:
        task = task_of(appeal)
        if task is None:
            raise AppealRefused("no_marks")
        _mark_again(task, user, marks, text, appeal, now)
    kind = Kind.CHANGED if marks is not None else Kind.UPHELD if is_upheld else Kind.KEPT
    record_audit(actor=user, action=f"appeal {kind}", target=str(appeal), detail={"attempt": str(appeal.attempt_id)})
    return AppealStep.objects.create(appeal=appeal, kind=kind, by=user, text=text, at=now)


def holder_of(appeal: Appeal) -> int | None:
    """Return the account that took an appeal last."""
    taken = AppealStep.objects.filter(appeal=appeal, kind=Kind.TAKEN).order_by("-pk")
    return taken.values_list("by", flat=True).first()


def _lock(appeal: Appeal) -> None:
    """Let one at a time take or answer an appeal: its row is never updated, so its attempt's stands for it."""
    Attempt.objects.select_for_update(no_key=True).get(pk=appeal.attempt_id)


def _check_open(appeal: Appeal, user: User) -> None:
    if AppealStep.objects.filter(appeal=appeal, kind__in=ANSWERS).exists():
        raise AppealRefused("answered")
    if reason := why_not(appeal, user):
        raise AppealRefused(reason)


def _mark_again(task: MarkingTask, user: User, marks: Any, text: str, appeal: Appeal, now: datetime) -> None:
    """Mark an answer anew beside the marks it has, and score its attempt again."""
    MarkingTask.objects.select_for_update(no_key=True).get(pk=task.pk)
    last = task.seats.aggregate(last=Max("number"))["last"]
    seat = MarkingSeat.objects.create(task=task, number=max(last, 3) + 1, marker=user, taken_at=now)
    mark = write_mark(seat, user, marks, text, now)
    write_score(task, mark.score, MarkedScore.Basis.APPEAL, now)
    competency = task.presentation.competency_id
    if competency is None:
        return
    correction = Correction(task.version_id, competency, scored_as=task.version_id)
    regrade = Regrade.objects.create(
        reason=str(appeal),
        corrections=[asdict(correction)],
        requested_by=user,
        status=Regrade.Status.DONE,
        total=1,
        done=1,
        finished_at=now,
    )
    regrade_attempt(regrade, appeal.attempt_id, {task.version_id: correction}, now)
