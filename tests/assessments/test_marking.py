"""Marking by people: blind, double, adjudicated, and made evidence once."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from assessments.domain.corrections import void_correction
from assessments.domain.marking import (
    LEASE,
    MarkingRefused,
    give_back,
    marking_view,
    record_mark,
    take_answer,
)
from assessments.domain.marking_progress import assessments_to_mark, marker_loads, marking_agreement, marks_of_attempt
from assessments.domain.marking_rules import may_mark, open_marking, set_marking_rule
from assessments.domain.points import points_of
from assessments.domain.queries.results import attempt_result
from assessments.domain.regrading import start_regrade
from assessments.items.rubric import MarksError
from assessments.models import (
    Assessment,
    Certificate,
    ItemVersion,
    Mark,
    MarkedScore,
    MarkingRule,
    MarkingSeat,
    MarkingTask,
    Response,
)
from competencies.models import Estimate, Evidence
from tests.assessments.test_concurrency import at_once
from tests.factories.competencies import make_post
from tests.factories.marking import hand_in, make_essay_form, make_marker, mark_next, points_of_levels
from tests.factories.organisation import RoleGrantFactory

pytestmark = pytest.mark.django_db


def scores() -> list[tuple[int, int, str]]:
    return list(MarkedScore.objects.order_by("pk").values_list("score", "maximum", "basis"))


def test_submitted_answer_waits_for_two_markers_and_is_no_evidence_yet():
    attempt = hand_in(*make_essay_form())
    task = MarkingTask.objects.get()
    assert (task.presentation.attempt, task.status) == (attempt, "open")
    assert list(task.seats.values_list("number", "marker")) == [(1, None), (2, None)]
    open_marking(attempt)
    assert (MarkingTask.objects.count(), Evidence.objects.count(), points_of(attempt).waiting) == (1, 0, 1)


def test_two_markers_who_agree_make_the_score_and_the_estimate():
    person, form = make_essay_form()
    attempt = hand_in(person, form)
    mark_next(make_marker(), form, 2, 1)
    assert (scores(), Evidence.objects.count()) == ([], 0)
    mark_next(make_marker(), form, 1, 1)
    assert scores() == [(3, 4, "agreed")]
    row = Evidence.objects.get()
    assert (row.score, row.maximum, row.source_id, row.scoring_version) == (3, 4, str(attempt.pk), 1)
    assert row.observed_at == attempt_result(attempt).submitted_at
    assert Estimate.objects.get().person == person
    assert [(each.score, each.maximum) for each in attempt_result(attempt).competencies] == [(3, 4)]
    assert (points_of(attempt).waiting, points_of(attempt).earned) == (0, 3)
    assert Response.objects.get().score is None


def test_third_marker_decides_where_two_differ_by_more_than_the_tolerance():
    person, form = make_essay_form()
    hand_in(person, form)
    first, second, third = make_marker(), make_marker(), make_marker()
    mark_next(first, form, 2, 2)
    mark_next(second, form, 1, 1)
    assert (MarkingTask.objects.get().status, scores()) == ("adjudication", [])
    assert [take_answer(marker, form) for marker in (first, second)] == [None, None]
    mark_next(third, form, 1, 0)
    assert (scores(), MarkingTask.objects.get().status) == ([(1, 4, "adjudicated")], "final")
    assert Evidence.objects.get().score == 1


def test_tolerance_and_number_of_markers_are_the_assessments_own():
    person, form = make_essay_form()
    MarkingRule.objects.create(assessment=form, markers=2, tolerance=2)
    hand_in(person, form)
    mark_next(make_marker(), form, 2, 2)
    mark_next(make_marker(), form, 1, 1)
    assert scores() == [(3, 4, "agreed")]
    MarkingRule.objects.update(markers=1)
    hand_in(_another(form), form)
    mark_next(make_marker(), form, 2, 2)
    assert scores()[1:] == [(4, 4, "single")]


def _another(form):
    """Another person of the same post."""
    return make_post({form.sections.get().items.get().version.item.competency: 4})


def test_marker_sees_neither_whose_answer_it_is_nor_what_others_gave():
    person, form = make_essay_form()
    hand_in(person, form, {"text": "Bài làm"})
    mark_next(make_marker(), form, 2, 2, comment="bí mật")
    seat = take_answer(make_marker(), form)
    assert seat is not None
    view = marking_view(seat.task, "vi")
    assert sorted(view) == ["example", "given", "kind", "rubric", "stem", "words"]
    assert (view["given"], person.full_name in str(view), "bí mật" in str(view)) == ("Bài làm", False, False)


def test_nobody_marks_the_same_answer_twice_or_their_own():
    person, form = make_essay_form()
    person.user = make_marker()
    person.save()
    hand_in(person, form)
    assert take_answer(person.user, form) is None
    marker = make_marker()
    seat = take_answer(marker, form)
    assert seat is not None
    assert take_answer(marker, form) == seat
    record_mark(seat, marker, points_of_levels(seat, 1, 1))
    assert take_answer(marker, form) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        MarkingSeat.objects.filter(number=2).update(marker=marker, taken_at=timezone.now())


def test_place_that_is_left_for_hours_goes_to_another():
    person, form = make_essay_form()
    MarkingRule.objects.create(assessment=form, markers=1)
    hand_in(person, form)
    slow, quick = make_marker(), make_marker()
    began = timezone.now()
    seat = take_answer(slow, form, began)
    assert seat is not None
    assert take_answer(quick, form, began + LEASE) is None
    assert take_answer(quick, form, began + LEASE + timedelta(seconds=1)) == seat
    with pytest.raises(MarkingRefused, match="not_yours"):
        record_mark(seat, slow, points_of_levels(seat, 1, 1))
    give_back(seat, quick)
    assert take_answer(slow, form) == seat


def test_marks_that_do_not_fit_the_rubric_are_refused_and_nothing_is_kept():
    person, form = make_essay_form()
    hand_in(person, form)
    marker = make_marker()
    seat = take_answer(marker, form)
    assert seat is not None
    with pytest.raises(MarksError):
        record_mark(seat, marker, {})
    assert Mark.objects.count() == 0
    record_mark(seat, marker, points_of_levels(seat, 0, 0))
    with pytest.raises(MarkingRefused, match="marked"):
        record_mark(seat, marker, points_of_levels(seat, 2, 2))


def test_marks_and_scores_never_change():
    person, form = make_essay_form()
    hand_in(person, form)
    mark_next(make_marker(), form, 2, 2)
    mark_next(make_marker(), form, 2, 2)
    for change in (
        lambda: Mark.objects.update(total=0),
        lambda: MarkedScore.objects.update(score=0),
        lambda: Mark.objects.all().delete(),
    ):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        MarkedScore.objects.create(
            task=MarkingTask.objects.get(), score=1, maximum=4, basis="agreed", decided_at=timezone.now()
        )


def test_named_markers_alone_mark():
    """Control: while nobody is named, every trainer does."""
    person, form = make_essay_form()
    hand_in(person, form)
    named, other, admin = make_marker(), make_marker(), RoleGrantFactory(role="admin", unit=None).user
    assert [may_mark(each, form) for each in (named, other, admin)] == [True, True, True]
    seat = take_answer(other, form)
    assert seat is not None
    set_marking_rule(form, admin, markers=2, tolerance=1, panel=[named])
    assert [may_mark(each, form) for each in (named, other, admin)] == [True, False, True]
    for act in (lambda: take_answer(other, form), lambda: record_mark(seat, other, points_of_levels(seat, 1, 1))):
        with pytest.raises(MarkingRefused, match="not_a_marker"):
            act()
    assert take_answer(named, form) is not None


def test_void_question_is_given_to_no_marker_and_what_is_in_hand_is_marked_for_nothing():
    person, form = make_essay_form()
    attempt = hand_in(person, form)
    version = ItemVersion.objects.get()
    markers = [make_marker(), make_marker()]
    seats = [take_answer(marker, form) for marker in markers]
    assert version.item.competency
    hand_in(make_post({version.item.competency: 4}), form)
    ItemVersion.objects.update(status="retired")
    version.refresh_from_db()
    assert [state.answers for state in assessments_to_mark(Assessment.objects.all())] == [2]
    start_regrade(None, [void_correction(version)], "a mistake")
    assert [take_answer(marker, form) for marker in (*markers, make_marker())] == [None] * 3
    assert (assessments_to_mark(Assessment.objects.all()), marks_of_attempt(attempt.pk)) == ([], {})
    for seat, marker in zip(seats, markers, strict=True):
        assert seat is not None
        record_mark(seat, marker, points_of_levels(seat, 2, 2))
    assert (scores(), Evidence.objects.count()) == ([(4, 4, "agreed")], 0)


def test_certificate_is_awarded_once_the_last_answer_is_marked():
    person, form = make_essay_form()
    Assessment.objects.filter(pk=form.pk).update(certifies=True, pass_share=0.5)
    attempt = hand_in(person, form)
    mark_next(make_marker(), form, 2, 2)
    assert Certificate.objects.count() == 0
    mark_next(make_marker(), form, 2, 1)
    assert list(Certificate.objects.values_list("attempt", "reached__points__earned")) == [(attempt.pk, 4)]


def test_failure_of_the_evidence_keeps_no_mark(monkeypatch):
    person, form = make_essay_form()
    MarkingRule.objects.create(assessment=form, markers=1)
    hand_in(person, form)
    marker = make_marker()
    seat = take_answer(marker, form)
    assert seat is not None
    monkeypatch.setattr("assessments.domain.marking.record_evidence", lambda *args, **fields: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        record_mark(seat, marker, points_of_levels(seat, 1, 1))
    assert (Mark.objects.count(), scores(), MarkingTask.objects.get().status) == (0, [], "open")


def test_progress_names_who_did_what_and_how_well_markers_agree(django_assert_num_queries):
    person, form = make_essay_form()
    first, second = make_marker(), make_marker()
    for number in range(22):
        hand_in(person if not number else _another(form), form)
    for number in range(22):
        mark_next(first, form, number % 3, number % 3)
        mark_next(second, form, number % 3, min(2, number % 3 + (number == 3)))
    taken = hand_in(_another(form), form)
    take_answer(first, form)
    (row,) = assessments_to_mark(Assessment.objects.all())
    assert [getattr(row, name) for name in ("answers", "final", "adjudications")] == [23, 22, 0]
    with django_assert_num_queries(3):
        loads = marker_loads(form)
    assert [(load.marker, load.marks, load.in_hand) for load in loads] == [(first, 22, 1), (second, 22, 0)]
    (found,) = marking_agreement(form)
    assert (found.code, found.pairs, found.same, found.adjudicated) == ("9.1-01", 22, 21, 0)
    assert found.agreement is not None
    assert 0.9 < found.agreement.low < found.agreement.kappa < found.agreement.high <= 1
    assert marks_of_attempt(taken.pk)[1].score is None


@pytest.mark.django_db(transaction=True)
def test_markers_who_ask_at_once_are_given_different_places_and_none_waits():
    person, form = make_essay_form()
    MarkingRule.objects.create(assessment=form, markers=1)
    for number in range(4):
        hand_in(person if not number else _another(form), form)
    markers = [make_marker() for _ in range(6)]
    seats = at_once(6, lambda number: take_answer(markers[number], form))
    given = [seat.pk for seat in seats if seat is not None]
    assert (len(given), len(set(given)), seats.count(None)) == (4, 4, 2)


@pytest.mark.django_db(transaction=True)
def test_place_that_another_connection_is_taking_is_passed_over():
    """Control: without SKIP LOCKED the second marker would wait for the first connection, and time out here."""
    person, form = make_essay_form()
    MarkingRule.objects.create(assessment=form, markers=1)
    hand_in(person, form)
    hand_in(_another(form), form)
    first, second = make_marker(), make_marker()
    found = {}

    def take_meanwhile() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            found["seat"] = take_answer(second, form)
        finally:
            connection.close()

    with transaction.atomic():
        mine = take_answer(first, form)
        other = threading.Thread(target=take_meanwhile)
        other.start()
        other.join()
    assert mine is not None
    assert found["seat"] is not None
    assert mine.task_id != found["seat"].task_id
