"""The result of an attempt."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from assessments.api import AttemptRefused, attempt_result, review_items, start_attempt, submit_attempt
from assessments.domain import versions
from assessments.models import Item
from courses.models import ModuleOutcome
from frontend.templatetags.learn import excerpt
from tests.factories.assessments import make_item, make_quiz, sat_attempt, sit
from tests.factories.competencies import competency_of, make_framework, make_post
from tests.factories.courses import LessonFactory
from tests.factories.forms import make_form
from tests.factories.marking import hand_in, make_essay_form, make_marker, mark_next
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


def said_on(client, attempt) -> str:
    client.cookies["django_language"] = "en"
    html = client.get(url(attempt)).content.decode()
    return " ".join(strip_tags(html[html.index("<main") :]).split())


@pytest.mark.parametrize("feedback", ["after_submit", "none"])
def test_result_that_waits_for_people_says_so_whatever_else_it_shows(client_of, feedback):
    person, form = make_essay_form()
    type(form).objects.update(feedback=feedback)
    form.refresh_from_db()
    attempt = hand_in(person, form)
    client = client_of(person)
    before = said_on(client, attempt)
    words = ("Not measured yet", "1 answer is still being marked", "No answer was saved", "Left for your next sitting")
    assert [each in before for each in words] == [True, True, False, False]
    for _ in range(2):
        mark_next(make_marker(), form, 1, 0, comment="Thiếu cách đo")
    after = said_on(client, attempt)
    assert ("still being marked" in after, "Thiếu cách đo" in after) == (False, feedback == "after_submit")


def test_result_whose_answers_count_for_nothing_does_not_say_that_none_was_saved(client_of):
    competency = competency_of(make_framework("9.1"), "9.1")
    form = make_form([make_item(competency, 1)])
    Item.objects.update(pretest=True)
    attempt = sat_attempt(make_post({competency: 4}), form)
    submit_attempt(attempt)
    text = said_on(client_of(attempt.person), attempt)
    assert ("Your answers are saved" in text, "No answer was saved" in text) == (True, False)


@pytest.mark.parametrize(
    ("right", "words"),
    [
        (2, "You earned 2 of 3 points (66.6%): to pass, 66.7% are needed."),
        (3, "You earned 3 of 3 points (100%) and passed: 66.7% are needed."),
    ],
)
def test_result_of_a_form_says_what_was_earned_and_what_it_needed(client_of, right, words):
    competency = competency_of(make_framework("9.1"), "9.1")
    form = make_form([make_item(competency, number) for number in (1, 2, 3)])
    type(form).objects.update(pass_share=0.667, certifies=True)
    form.refresh_from_db()
    person = make_post({competency: 4})
    client = client_of(person)
    client.cookies["django_language"] = "en"
    rules = client.get(reverse("learn:assessment", args=[form.code])).content.decode()
    assert "You pass with 66.7% of the points. Who passes gets a certificate." in rules
    attempt = start_attempt(person, form)
    sit(attempt, lambda given: given.position <= right)
    submit_attempt(attempt)
    assert words in said_on(client, attempt)


def test_result_of_a_form_that_waits_says_no_share_yet(client_of):
    person, form = make_essay_form()
    type(form).objects.update(pass_share=0.5)
    form.refresh_from_db()
    attempt = hand_in(person, form)
    assert "It is passed with 50% of the points." in said_on(client_of(person), attempt)
