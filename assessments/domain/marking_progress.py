"""How far the marking is: by assessment, by marker, and how well markers agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Max, OuterRef, Q, QuerySet, Subquery

from assessments.domain.queries.void import all_void
from assessments.domain.versions import playable_version
from assessments.measurement.agreement import Agreement, quadratic_weighted_kappa
from assessments.models import Assessment, Mark, MarkedScore, MarkingSeat, MarkingTask
from assessments.models.marking import ADJUDICATOR
from organisation.models import User

FEWEST_PAIRS = 20
"""Answers marked twice below which agreement is not named: its interval would say nothing."""


@dataclass(frozen=True, slots=True)
class MarkingState:
    """answers: to mark in all. final: marked. adjudications: that wait for a third marker."""

    assessment: Assessment
    answers: int
    final: int
    adjudications: int


@dataclass(frozen=True, slots=True)
class MarkerLoad:
    """marks: how many they made. in_hand: places they hold now. time: mean time from taking an answer to its mark."""

    marker: User
    marks: int
    in_hand: int
    time: timedelta | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class VersionAgreement:
    """How two markers of the same answers to a question agree. agreement: None below FEWEST_PAIRS."""

    code: str
    pairs: int
    same: int
    adjudicated: int
    agreement: Agreement | None


@dataclass(frozen=True, slots=True)
class AnswerMarks:
    """What a person may know of the marking of an answer. marks: by those who marked it, the newest last.

    score: what it earned, None while it is not marked.
    """

    score: int | None
    maximum: int | None
    basis: str
    marks: tuple[Mark, ...]

    @property
    def basis_words(self) -> str:
        """What the score rests on, in the reader's language."""
        return str(MarkedScore.Basis(self.basis).label) if self.basis else ""


def assessments_to_mark(among: QuerySet[Assessment]) -> list[MarkingState]:
    """Return how far those of the assessments are that have answers to mark, by code. Two queries."""
    counts = (
        _that_count(MarkingTask.objects.filter(assessment__in=among))
        .order_by()
        .values_list("assessment")
        .annotate(
            answers=Count("pk"),
            final=Count("pk", filter=Q(status="final")),
            third=Count("pk", filter=Q(status="adjudication")),
        )
    )
    states = {pk: (answers, final, third) for pk, answers, final, third in counts}
    return [MarkingState(each, *states[each.pk]) for each in Assessment.objects.filter(pk__in=states).order_by("code")]


def _that_count(tasks: QuerySet[MarkingTask]) -> QuerySet[MarkingTask]:
    """Leave out what waits for marking of questions that are void."""
    return tasks.exclude(~Q(status="final"), version__in=all_void())


def marker_loads(assessment: Assessment) -> list[MarkerLoad]:
    """Return what each marker of an assessment has done, who marked most first. Three queries."""
    spent = ExpressionWrapper(F("marked_at") - F("seat__taken_at"), output_field=DurationField())
    made = Mark.objects.filter(seat__task__assessment=assessment).order_by().values_list("marker")
    done = {pk: row for pk, *row in made.annotate(marks=Count("pk"), time=Avg(spent), last=Max("marked_at"))}
    held = MarkingSeat.objects.filter(task__assessment=assessment, marker__isnull=False, mark=None).order_by()
    in_hand = {pk: count for pk, count in held.values_list("marker").annotate(places=Count("pk")) if pk is not None}
    loads = []
    for user in User.objects.filter(pk__in={*done, *in_hand}).select_related("person"):
        marks, time, last = done.get(user.pk, (0, None, None))
        loads.append(MarkerLoad(user, marks, in_hand.get(user.pk, 0), time, last))
    return sorted(loads, key=lambda load: (-load.marks, load.marker.username))


def marking_agreement(assessment: Assessment) -> list[VersionAgreement]:
    """Return how well the first two markers agree on each question. One query, and the questions."""
    total = Mark.objects.filter(seat__task=OuterRef("pk")).values("total")
    rows: dict[int, list[tuple[int, int, bool]]] = {}
    tasks = MarkingTask.objects.filter(assessment=assessment).annotate(
        first=Subquery(total.filter(seat__number=1)[:1]),
        second=Subquery(total.filter(seat__number=2)[:1]),
        third=Count("seats", filter=Q(seats__number=ADJUDICATOR)),
    )
    twice = tasks.filter(first__isnull=False, second__isnull=False).order_by("version", "pk")
    for version, first, second, third in twice.values_list("version", "first", "second", "third"):
        rows.setdefault(version, []).append((first, second, bool(third)))
    return [_agreement(version, found) for version, found in rows.items()]


def _agreement(version_pk: int, rows: Sequence[tuple[int, int, bool]]) -> VersionAgreement:
    version = playable_version(version_pk)
    first, second = [row[0] for row in rows], [row[1] for row in rows]
    found = quadratic_weighted_kappa(first, second, version.content.rubric.points + 1)
    return VersionAgreement(
        code=version.item_code,
        pairs=len(rows),
        same=sum(a == b for a, b in zip(first, second, strict=True)),
        adjudicated=sum(third for _first, _second, third in rows),
        agreement=found if len(rows) >= FEWEST_PAIRS else None,
    )


def marks_of_attempt(attempt_pk: UUID) -> dict[int, AnswerMarks]:
    """Return what was marked of an attempt by the position of its questions. Four queries.

    An answer whose marking is under way has a row without marks; before the first marker asks there is none. What is
    void and was not marked nobody waits for: it has none.
    """
    tasks = MarkingTask.objects.filter(presentation__attempt=attempt_pk).select_related("presentation")
    found: dict[int, AnswerMarks] = {}
    for task in _that_count(tasks).prefetch_related("scores", "seats__mark"):
        earned: MarkedScore | None = max(task.scores.all(), key=lambda score: score.pk, default=None)
        seats = [seat for seat in task.seats.all() if hasattr(seat, "mark")] if earned else []
        third = [seat for seat in seats if seat.number >= ADJUDICATOR]
        marks = tuple(seat.mark for seat in (third[-1:] or seats))
        found[task.presentation.position] = AnswerMarks(
            earned.score if earned else None, earned.maximum if earned else None, earned.basis if earned else "", marks
        )
    return found
