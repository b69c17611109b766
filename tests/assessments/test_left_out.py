"""Questions that were given and left without an answer: wrong, or not asked."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from assessments.domain.attempts import start_attempt
from assessments.domain.delivery import given_of, given_rows, next_item
from assessments.domain.queries.response_table import read_response_table
from assessments.domain.queries.results import attempt_result
from assessments.domain.question_page import question_page, save_page
from assessments.domain.submission import close_expired, submit_attempt
from assessments.models import Attempt, MarkingTask
from competencies.models import Estimate, Evidence
from tests.factories.assessments import answer, make_item, make_quiz, right_answer
from tests.factories.competencies import competency_of, make_framework, make_post
from tests.factories.forms import make_form
from tests.factories.marking import make_marked_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def competency():
    return competency_of(make_framework("9.1"), "9.1")


def paper(competency, versions, answered, *, clock=False):
    """A sitting of a form on one page with right answers to the questions at these places, ended by hand or clock."""
    attempt = start_attempt(make_post({competency: 4}), make_form(versions, one_page=True))
    question_page(attempt)
    answers = {versions[at - 1].pk: right_answer(versions[at - 1].pk) for at in answered}
    save_page(attempt.pk, attempt.person_id, key=uuid4(), sequence=1, answers=answers)
    if clock:
        over = timezone.now() + timedelta(hours=9)
        assert close_expired(over) == 1
        attempt.refresh_from_db()
    else:
        submit_attempt(attempt)
    return attempt


def scores(attempt):
    rows = Evidence.objects.filter(source_id=str(attempt.pk)).order_by("observable")
    return list(rows.values_list("score", "maximum"))


@pytest.mark.parametrize("clock", [False, True])
def test_what_is_left_out_on_a_page_is_wrong_whoever_ends_it(competency, clock):
    """The control: who answers all, and the same ones rightly, is never below who left the others out."""
    versions = [make_item(competency, number) for number in range(1, 7)]
    attempt = paper(competency, versions, (1, 3), clock=clock)
    assert scores(attempt) == [(1, 1), (0, 1), (1, 1), (0, 1), (0, 1), (0, 1)]
    (row,) = attempt_result(attempt).competencies
    assert (row.asked, row.score, row.maximum) == (6, 2, 6)
    left_out = Estimate.objects.get(person=attempt.person).mean
    other = start_attempt(make_post({competency: 4}), make_form(versions))
    for at in range(1, 7):
        answer(other, next_item(other), right=at in (1, 3))
    submit_attempt(other)
    assert Estimate.objects.get(person=other.person).mean == pytest.approx(left_out)


def test_a_sitting_without_any_answer_says_nothing(competency):
    attempt = paper(competency, [make_item(competency, number) for number in range(1, 4)], ())
    assert scores(attempt) == []
    assert not Estimate.objects.exists()


def test_an_essay_that_was_not_written_is_wrong_and_waits_for_nobody(competency):
    versions = [make_item(competency, 1), make_marked_item(competency, 2)]
    attempt = paper(competency, versions, (1,))
    assert scores(attempt) == [(1, 1), (0, 4)]
    assert not MarkingTask.objects.exists()


def test_one_by_one_the_question_at_which_it_ends_is_not_counted_and_one_out_of_time_is(competency):
    versions = [make_item(competency, number) for number in range(1, 4)]
    attempt = start_attempt(make_post({competency: 4}), make_form(versions, seconds_per_question=60))
    answer(attempt, next_item(attempt))
    next_item(attempt)
    assert next_item(attempt, now=timezone.now() + timedelta(minutes=5)).position == 3
    submit_attempt(attempt)
    assert scores(attempt) == [(1, 1), (0, 1)]
    other = start_attempt(make_post({competency: 4}), make_form(versions, seconds_per_question=60))
    answer(other, next_item(other))
    next_item(other)
    submit_attempt(other, now=timezone.now() + timedelta(minutes=5))
    assert scores(other) == [(1, 1), (0, 1)]


def test_an_adaptive_quiz_takes_time_that_ran_out_for_wrong():
    """Letting the clock take the hard questions tells as much as answering them wrongly, for what comes next too."""
    person, quiz = make_quiz(["9.1"], level=4, seconds_per_question=60, max_items=5, max_items_per_competency=5)
    attempt = start_attempt(person, quiz)
    first = next_item(attempt)
    found = []
    for is_answered in (True, False):
        saved = transaction.savepoint()
        if is_answered:
            answer(attempt, first, right=False)
        later = next_item(attempt, now=timezone.now() + timedelta(minutes=2))
        assert given_of(given_rows(attempt)[0]).score == 0
        submit_attempt(Attempt.objects.get(pk=attempt.pk))
        found.append((later.version.item_code, scores(attempt)))
        transaction.savepoint_rollback(saved)
    # Without any answer at all the sitting says nothing; what comes next is chosen alike.
    assert found[0][0] == found[1][0]
    assert [each[1] for each in found] == [[(0, 1)], []]


def test_calibration_takes_what_was_not_reached_for_not_asked(competency):
    versions = [make_item(competency, number) for number in range(1, 7)]
    paper(competency, versions, (1, 3))
    responses = read_response_table(competency.pk).responses
    assert responses is not None
    assert list(zip(responses.item.tolist(), responses.score.tolist(), strict=True)) == [(0, 1), (1, 0), (2, 1)]
