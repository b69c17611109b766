"""Appeals: made once and in time, answered by somebody else, every step kept; a changed mark is a regrade."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from assessments.domain.appeals import (
    APPEAL_DAYS,
    AppealRefused,
    answer_appeal,
    answerable_by,
    appeal_until,
    appeals_of,
    make_appeal,
    take_appeal,
    waiting_appeals,
    why_not,
)
from assessments.domain.corrections import Correction
from assessments.domain.marking_progress import marks_of_attempt
from assessments.domain.queries.results import attempt_result
from assessments.domain.regrading import regrades_of, start_regrade
from assessments.items.rubric import MarksError
from assessments.models import Appeal, Assessment, Attempt, Certificate, Mark, MarkedScore, MarkingSeat, Presentation
from competencies.models import Estimate, Evidence
from organisation.models import AuditEvent
from tests.assessments.test_concurrency import at_once
from tests.factories.assessments import make_quiz, sat_attempt
from tests.factories.marking import hand_in, make_essay_form, make_marker, mark_next, points_of_levels
from tests.factories.regrading import finish_regrade

pytestmark = pytest.mark.django_db


@pytest.fixture
def marked(db):
    """An attempt whose one answer two markers gave 1 of 4."""
    person, form = make_essay_form()
    attempt = hand_in(person, form)
    markers = [make_marker(), make_marker()]
    for marker in markers:
        mark_next(marker, form, 1, 0, comment="Còn chung chung")
    return attempt, markers


def question(attempt: Attempt) -> Presentation:
    return Presentation.objects.get(attempt=attempt)


def points(*levels: int) -> dict[str, int]:
    return points_of_levels(MarkingSeat.objects.order_by("pk")[0], *levels)


def test_mark_changed_on_appeal_stands_beside_the_old_one_and_estimates_follow(marked):
    attempt, _markers = marked
    before = Estimate.objects.get().mean
    appeal = make_appeal(attempt, "Tôi có nêu cách đo.", presentation=question(attempt))
    reader = make_marker()
    take_appeal(appeal, reader)
    answer_appeal(appeal, reader, "Đúng, có nêu ở câu cuối.", marks=points(2, 2))
    assert list(MarkedScore.objects.order_by("pk").values_list("score", "basis")) == [(1, "agreed"), (4, "appeal")]
    assert list(Evidence.objects.order_by("scoring_version").values_list("score", flat=True)) == [1, 4]
    assert Estimate.objects.get().mean > before
    assert [(row.score_before, row.score_after) for row in regrades_of(attempt)] == [(1, 4)]
    assert [row.score for row in attempt_result(attempt).competencies] == [1]
    shown = marks_of_attempt(attempt.pk)[1]
    assert (shown.score, shown.basis, [mark.comment for mark in shown.marks]) == (
        4,
        "appeal",
        ["Đúng, có nêu ở câu cuối."],
    )
    (found,) = appeals_of(attempt)
    assert [(step.kind, step.by) for step in found.steps.all()] == [("taken", reader), ("changed", reader)]
    assert AuditEvent.objects.filter(action="appeal changed", target=str(appeal), actor=reader).count() == 1


def test_certificate_follows_a_mark_that_rises_on_appeal(marked):
    attempt, _markers = marked
    Assessment.objects.update(certifies=True, pass_share=0.5)
    attempt.refresh_from_db()
    appeal = make_appeal(Attempt.objects.get(), "x", presentation=question(attempt))
    reader = make_marker()
    take_appeal(appeal, reader)
    answer_appeal(appeal, reader, "Đúng", marks=points(2, 2))
    assert list(Certificate.objects.values_list("attempt", "reached__points__earned")) == [(attempt.pk, 4)]


def test_later_regrade_reads_the_mark_that_counts_by_now(marked):
    attempt, _markers = marked
    appeal = make_appeal(attempt, "Xin xem lại.", presentation=question(attempt))
    reader = make_marker()
    take_appeal(appeal, reader)
    answer_appeal(appeal, reader, "Sửa.", marks=points(2, 1))
    given = question(attempt)
    parameters = {"model": "gpcm", "a": 1.0, "steps": [-2.0, -1.0, 0.0, 1.0]}
    assert given.competency_id is not None
    correction = Correction(given.version_id, given.competency_id, parameters, scored_as=given.version_id)
    regrade = start_regrade(None, [correction], "corrected")
    finish_regrade(regrade)
    newest = Evidence.objects.order_by("-scoring_version")[0]
    assert (newest.score, newest.parameters) == (3, parameters)


def test_appeal_that_is_rejected_changes_nothing(marked):
    attempt, _markers = marked
    appeal = make_appeal(attempt, "Không đồng ý.")
    reader = make_marker()
    assert list(waiting_appeals()) == [appeal]
    take_appeal(appeal, reader)
    with pytest.raises(AppealRefused, match="no_text"):
        answer_appeal(appeal, reader, " ")
    answer_appeal(appeal, reader, "Hai người chấm đều nêu lý do như nhau.")
    assert (list(waiting_appeals()), Mark.objects.count(), Evidence.objects.count()) == ([], 2, 1)
    with pytest.raises(AppealRefused, match="answered"):
        take_appeal(appeal, reader)


def test_who_marked_or_made_the_appeal_does_not_answer_it(marked):
    attempt, markers = marked
    attempt.person.user = make_marker()
    attempt.person.save()
    appeal = make_appeal(attempt, "Xin xem lại.", presentation=question(attempt))
    people = [markers[0], markers[1], attempt.person.user, make_marker()]
    assert [why_not(appeal, user) for user in people] == ["marked_it", "marked_it", "own", ""]
    assert [list(answerable_by(user)) for user in people] == [[], [], [], [appeal]]
    whole = make_appeal(attempt, "Cả bài.")
    assert [list(answerable_by(user)) for user in people] == [[], [], [], [appeal, whole]]
    with pytest.raises(AppealRefused, match="marked_it"):
        take_appeal(appeal, markers[0])
    with pytest.raises(AppealRefused, match="not_taken"):
        answer_appeal(appeal, people[3], "x")
    take_appeal(appeal, people[3])
    other = make_marker()
    take_appeal(appeal, other)
    with pytest.raises(AppealRefused, match="not_taken"):
        answer_appeal(appeal, people[3], "x")
    answer_appeal(appeal, other, "x")


def test_appeal_is_made_once_in_time_and_with_words(marked):
    attempt, _markers = marked
    until = appeal_until(attempt)
    assert until == MarkedScore.objects.get().decided_at + timedelta(days=APPEAL_DAYS)
    with pytest.raises(AppealRefused, match="no_text"):
        make_appeal(attempt, "\n ")
    with pytest.raises(AppealRefused, match="too_late"):
        make_appeal(attempt, "x", now=until + timedelta(seconds=1))
    make_appeal(attempt, "x", presentation=question(attempt), now=until)
    make_appeal(attempt, "x", now=until)
    for presentation in (None, question(attempt)):
        with pytest.raises(AppealRefused, match="made"):
            make_appeal(attempt, "again", presentation=presentation)
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        Appeal.objects.update(text="x")


def test_marks_of_a_question_that_a_machine_scored_cannot_be_changed():
    attempt = sat_attempt(*make_quiz(["9.1"]))
    with pytest.raises(AppealRefused, match="not_submitted"):
        make_appeal(attempt, "x")
    Attempt.objects.update(status="submitted", submitted_at=timezone.now())
    attempt.refresh_from_db()
    first = Presentation.objects.filter(attempt=attempt)[0]
    appeal = make_appeal(attempt, "x", presentation=first)
    reader = make_marker()
    take_appeal(appeal, reader)
    with pytest.raises(AppealRefused, match="no_marks"):
        answer_appeal(appeal, reader, "x", marks={})


def test_marks_that_do_not_fit_leave_the_appeal_open(marked):
    attempt, _markers = marked
    appeal = make_appeal(attempt, "x", presentation=question(attempt))
    reader = make_marker()
    take_appeal(appeal, reader)
    with pytest.raises(MarksError), transaction.atomic():
        answer_appeal(appeal, reader, "x", marks={})
    assert (list(waiting_appeals()), Mark.objects.count()) == ([appeal], 2)


@pytest.mark.django_db(transaction=True)
def test_answers_at_once_make_one_answer_and_one_mark(marked):
    attempt, _markers = marked
    appeal = make_appeal(attempt, "x", presentation=question(attempt))
    reader = make_marker()
    take_appeal(appeal, reader)
    found = at_once(6, lambda number: answer_appeal(appeal, reader, "x", marks=points(2, 2)))
    assert sorted(type(each).__name__ for each in found) == ["AppealRefused"] * 5 + ["AppealStep"]
    assert (Mark.objects.count(), MarkedScore.objects.count()) == (3, 2)
