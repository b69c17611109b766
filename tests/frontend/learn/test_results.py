"""The result of an attempt."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from assessments.api import AttemptRefused, attempt_result, review_items, start_attempt, submit_attempt
from assessments.domain import versions
from courses.models import ModuleOutcome
from frontend.templatetags.learn import excerpt
from tests.factories.assessments import make_quiz, sat_attempt
from tests.factories.courses import LessonFactory
from tests.factories.organisation import PersonFactory

pytestmark = pytest.mark.django_db


def url(attempt):
    return reverse("learn:result", args=[attempt.pk])


def cards(page) -> list[tuple[str, ...]]:
    """Of each card of a competency: its code, what is said of the level, and what was earned this time."""
    found = re.findall(
        r'<li class="card">.*?text-muted">(.*?)</span>.*?<p>(.*?)</p>.*?<p class="small">(.*?)</p>',
        page.text,
        re.DOTALL,
    )
    return [tuple(strip_tags(part).strip() for part in each) for each in found]


def test_result_of_an_open_attempt_leads_back_to_it(client_of):
    person, quiz = make_quiz()
    attempt = start_attempt(person, quiz)
    assert client_of(person).get(url(attempt))["location"] == reverse("learn:attempt", args=[attempt.pk])


def test_result_names_levels_and_reviews_every_question(client_of):
    person, quiz = make_quiz(["9.1", "9.2"], level=2)
    attempt = sat_attempt(person, quiz)
    submit_attempt(attempt)
    page = client_of(person).get(url(attempt))
    assert [code for code, _words, _earned in cards(page)] == ["9.1", "9.2"]
    assert [words for _code, words, _earned in cards(page)] == ["Đạt yêu cầu"] * 2
    for _code, _words, earned in cards(page):
        score, maximum = re.findall(r"\d+", earned)
        assert score == maximum > "0"
    reviews = review_items(attempt, "vi")
    assert [review["position"] for review in reviews] == list(range(1, len(reviews) + 1))
    assert [review["score"] for review in reviews] == [1] * page.context["reviewed"]
    assert page.context["teaching"] == ""


def test_result_points_to_the_courses_that_teach_what_is_missing(client_of):
    person, quiz = make_quiz(["9.1", "9.2"], level=8)
    attempt = sat_attempt(person, quiz, right=False)
    submit_attempt(attempt)
    context = client_of(person).get(url(attempt)).context
    first = attempt_result(attempt).competencies[0].competency
    assert (context["teaching"], context["has_next"]) == ("", False)
    lesson = LessonFactory()
    ModuleOutcome.objects.create(module=lesson.module, competency=first, level=3)
    page = client_of(person).get(url(attempt))
    (taught,) = re.findall(r'id="teaching-heading".*?<ul>(.*?)</ul>', page.text, re.DOTALL)
    assert strip_tags(taught) == f"{first.code} {first.name}: {lesson.module.course.name}"
    assert page.context["next"].title == lesson.name


def test_result_without_an_answer_says_that_nothing_was_measured(client_of):
    person, quiz = make_quiz()
    attempt = start_attempt(person, quiz)
    submit_attempt(attempt)
    response = client_of(person).get(url(attempt))
    assert (cards(response), len(response.context["unasked"])) == ([], 3)
    assert "Chưa đo được năng lực nào" in response.content.decode()


def test_result_takes_the_same_queries_for_1_competency_and_for_6(client_of):
    counts = []
    for codes in (["9.1"], [f"8.{number}" for number in range(6)]):
        person, quiz = make_quiz(codes, max_items=24)
        attempt = sat_attempt(person, quiz)
        submit_attempt(attempt)
        client = client_of(person)
        client.get(url(attempt))
        with CaptureQueriesContext(connection) as captured:
            response = client.get(url(attempt))
        assert len(cards(response)) == len(codes)
        counts.append(len(captured))
    # One query more asks what another sitting could measure, where too few answers were given: no query for each.
    assert abs(counts[0] - counts[1]) <= 1


def test_result_shows_each_question_with_its_text_verdict_and_reason(client_of):
    person, quiz = make_quiz(["9.1"], max_items=4)
    attempt = sat_attempt(person, quiz)
    submit_attempt(attempt)
    page = client_of(person).get(url(attempt))
    rows = re.findall(r"<summary><span.*?</summary>", page.content.decode(), re.DOTALL)
    said = [" ".join(strip_tags(row).split()) for row in rows]
    reviews = review_items(attempt, "vi")
    assert said == [f"Câu {each['position']} Đúng {excerpt(each['stem'], 240)}" for each in reviews] != []
    assert [each["rationale"] in page.content.decode() for each in reviews] == [True] * len(said)
    assert [page.text.count(each["stem"]) for each in reviews] == [1] * len(said)


def test_open_attempt_shows_no_key_and_another_person_sees_nothing(client_of):
    person, quiz = make_quiz()
    attempt = start_attempt(person, quiz)
    with pytest.raises(AttemptRefused):
        review_items(attempt, "vi")
    submit_attempt(attempt)
    assert client_of(PersonFactory()).get(url(attempt)).status_code == 404


def test_review_takes_two_queries_in_a_process_that_has_seen_no_version(django_assert_num_queries):
    for codes in (["9.1"], ["8.1", "8.2", "8.3"]):
        person, quiz = make_quiz(codes, max_items=24)
        attempt = sat_attempt(person, quiz)
        submit_attempt(attempt)
        versions._kept.clear()
        with django_assert_num_queries(2):
            assert len(review_items(attempt, "vi")) >= 3 * len(codes)
