"""The start page of an assessment."""

from datetime import timedelta

import pytest
from django.urls import reverse

from assessments.api import AttemptRefused, attempt_result, submit_attempt
from assessments.models import Assessment, Attempt
from organisation.models import AuditEvent
from tests.factories.assessments import AssessmentFactory, make_quiz, sat_attempt

pytestmark = pytest.mark.django_db


def address(assessment):
    return reverse("learn:assessment", args=[assessment.code])


def test_start_page_tells_the_rules_before_anything_is_started(client_of):
    person, quiz = make_quiz(max_items=20, minutes=30)
    page = client_of(person).get(address(quiz)).content.decode()
    assert [words in page for words in ("Tối đa 20 câu hỏi, mỗi trang một câu.", "Anh/chị có 30 phút.")] == [True, True]
    assert Attempt.objects.count() == 0


def test_start_leads_to_the_first_question_and_again_to_the_same_attempt(client_of):
    person, quiz = make_quiz()
    client = client_of(person)
    places = {client.post(address(quiz))["location"] for _each in range(2)}
    assert places == {reverse("learn:attempt", args=[Attempt.objects.get().pk])}


def test_start_page_offers_to_go_on_while_an_attempt_runs(client_of):
    person, quiz = make_quiz()
    client = client_of(person)
    client.post(address(quiz))
    attempt = Attempt.objects.get()
    assert client.get(address(quiz)).context["running"] == attempt
    Attempt.objects.update(started_at=attempt.started_at - timedelta(hours=2), deadline=attempt.started_at)
    assert client.get(address(quiz)).context["running"] is None


def test_start_page_lists_earlier_results(client_of):
    person, quiz = make_quiz()
    attempt = sat_attempt(person, quiz)
    submit_attempt(attempt)
    page = client_of(person).get(address(quiz))
    assert page.context["past"] == [attempt]
    assert reverse("learn:result", args=[attempt.pk]) in page.content.decode()


def test_start_without_a_post_is_refused_in_words(learner_client):
    quiz = AssessmentFactory()
    response = learner_client.post(address(quiz))
    assert (response.status_code, Attempt.objects.count()) == (409, 0)
    assert response.context["refusal"] == AttemptRefused("no_post").message


def test_closed_assessment_is_there_for_who_has_taken_it_alone(client_of, learner_client):
    person, quiz = make_quiz()
    submit_attempt(sat_attempt(person, quiz))
    Assessment.objects.update(is_open=False)
    assert [client_of(person).get(address(quiz)).status_code, learner_client.get(address(quiz)).status_code] == [
        200,
        404,
    ]
    assert AuditEvent.objects.get(action="refused").target == f"assessment {quiz.code}"


def test_start_page_names_the_competencies_of_the_sitting_the_least_measured_first(client_of):
    person, quiz = make_quiz(["9.1", "9.2", "9.3"], max_items=6)
    client = client_of(person)
    scope = client.get(address(quiz)).context["scope"]
    assert ([each.code for each in scope.competencies], scope.at_once) == (["9.1", "9.2", "9.3"], 2)
    attempt = sat_attempt(person, quiz)
    submit_attempt(attempt)
    measured = {row.competency.code for row in attempt_result(attempt).competencies if row.asked}
    page = client.get(address(quiz))
    after = [each.code for each in page.context["scope"].competencies]
    assert (set(after[:1]) & measured, len(measured)) == (set(), 2)
    assert f"khoảng {page.context['scope'].at_once} trong {len(after)} năng lực" in page.content.decode()


def test_start_page_says_what_time_is_left_of_a_sitting_under_way(client_of):
    person, quiz = make_quiz(minutes=30)
    client = client_of(person)
    client.post(address(quiz))
    page = client.get(address(quiz))
    assert (page.context["time_left"], page.context["scope"]) == ("Còn 30 phút", None)
