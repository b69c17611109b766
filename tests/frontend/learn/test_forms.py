"""Fixed forms on the learner's pages: sections, their clocks, feedback after each question, and who is let in."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import strip_tags

from assessments.api import start_attempt, submit_attempt
from assessments.domain.accommodations import grant_accommodation
from assessments.models import Attempt, Presentation, Response, Upload
from organisation.models import AuditEvent, Person
from tests.factories.assessments import make_item, make_quiz, sit
from tests.factories.competencies import competency_of, make_framework, make_post
from tests.factories.forms import make_form
from tests.factories.marking import make_marked_item
from tests.factories.organisation import PersonFactory, RoleGrantFactory
from tests.frontend.learn.test_player import form_of, said, url
from tests.frontend.learn.test_questions import SHEET

pytestmark = pytest.mark.django_db


@pytest.fixture
def versions(db):
    competency = competency_of(make_framework("9.1"), "9.1")
    return [make_item(competency, number) for number in range(1, 5)]


@pytest.fixture
def client(client_of, versions):
    found = client_of(make_post({versions[0].item.competency: 4}))
    found.cookies["django_language"] = "en"
    return found


def begin(client, form) -> Attempt:
    response = client.post(reverse("learn:assessment", args=[form.code]))
    attempt = Attempt.objects.get()
    assert response["Location"] == url("attempt", attempt)
    return attempt


def test_start_page_says_the_rules(client, versions):
    form = make_form(
        *(versions[:2], versions[2:3]),
        minutes={2: 7},
        max_items=3,
        max_attempts=2,
        wait_hours=24,
        seconds_per_question=30,
        feedback="none",
        closes_at=timezone.now() + timedelta(days=3),
    )
    page = client.get(reverse("learn:assessment", args=[form.code]))
    text = " ".join(page.content.decode().split())
    for words in (
        "3 questions, one to a page. They come in a fixed order, and you cannot go back.",
        "Part 2: 1 question, 7 minutes",
        "Each question has 30 seconds from when it appears.",
        "You may take it 2 times; attempts left: 2.",
        "After handing in you wait 24 hours before the next attempt.",
        "Right answers are not shown.",
        "and every sitting ends then.",
    ):
        assert text.count(words) == 1, words


def test_section_is_announced_and_begins_when_the_person_says(client, versions):
    attempt = begin(client, make_form(versions[:1], versions[1:2], minutes={1: 5}))
    page = client.get(url("attempt", attempt))
    assert page.templates[0].name == "learn/section_start.html"
    assert "You have 5 minutes for this section" in page.content.decode()
    assert not Presentation.objects.exists()
    client.post(url("begin-section", attempt), {"section": 1})
    page = client.get(url("attempt", attempt))
    assert "Question 1 of 2" in page.content.decode()
    assert 290 <= page.context["seconds_left"] <= 300
    client.post(url("respond", attempt), form_of(page))
    assert client.get(url("attempt", attempt)).context["start"].number == 2
    attempt.refresh_from_db()
    assert attempt.status == "open"


def test_files_sent_again_neither_begin_the_next_section_nor_are_kept_twice(client, versions, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    files = make_marked_item(versions[0].item.competency, 9, kind="file_upload")
    attempt = begin(client, make_form([files], versions[:1], minutes={2: 5}))
    client.post(url("begin-section", attempt), {"section": 1})
    form = form_of(client.get(url("attempt", attempt)), {})
    for _ in range(3):
        response = client.post(url("respond", attempt), form | {"files": SimpleUploadedFile("a.xlsx", SHEET)})
        assert (response["Location"], said(response)) == (url("attempt", attempt), [])
    kept = (Response.objects.get().status, Upload.objects.count(), Presentation.objects.count())
    assert kept == ("accepted", 1, 1)
    assert client.get(url("attempt", attempt)).context["start"].number == 2


@pytest.mark.parametrize("sent", [{"move": "up:a"}, {}, {"choice": "nothing"}, {"section": 1}])
def test_what_is_sent_about_a_section_left_behind_does_not_begin_the_next(client, versions, sent):
    attempt = begin(client, make_form(versions[:1], versions[1:2], minutes={2: 5}))
    client.post(url("begin-section", attempt), {"section": 1})
    page = client.get(url("attempt", attempt))
    client.post(url("respond", attempt), form_of(page))
    name = "begin-section" if "section" in sent else "respond"
    client.post(url(name, attempt), form_of(page, sent) | {"key": uuid4()})
    assert Presentation.objects.count() == 1
    client.post(url("begin-section", attempt), {"section": 2})
    assert Presentation.objects.count() == 2


def test_form_ends_with_its_last_answer(client, versions):
    attempt = begin(client, make_form(versions[:2]))
    client.post(url("begin-section", attempt), {"section": 1})
    for _ in range(2):
        response = client.post(url("respond", attempt), form_of(client.get(url("attempt", attempt))))
    assert response["Location"] == url("result", attempt)


def test_question_page_counts_the_questions_own_time_and_says_so(client, versions):
    attempt = begin(client, make_form(versions[:2], seconds_per_question=45))
    page = client.get(url("attempt", attempt))
    assert 40 <= page.context["seconds_left"] <= 45
    assert "Time for this question:" in page.content.decode()


def test_feedback_after_each_question_stands_between_two(client, versions):
    attempt = begin(client, make_form(versions[:2], feedback="after_each"))
    page = client.get(url("attempt", attempt))
    response = client.post(url("respond", attempt), form_of(page, right=False))
    told = reverse("learn:feedback", args=[attempt.pk, 1])
    assert response["Location"] == told
    html = client.get(told).content.decode()
    assert ("Not right" in html, "Principle 9.1-01" in html) == (True, True)
    assert Presentation.objects.count() == 1
    again = client.post(url("respond", attempt), form_of(page))
    assert Response.objects.filter(status="accepted").count() == 1
    assert said(again) == ["You had answered this question before. The answer saved first counts."]
    assert client.get(url("attempt", attempt)).context["item"].position == 2


def test_every_page_of_a_sitting_sends_what_the_device_kept(client, versions):
    """Also what comes too late: the page of the result says so."""
    attempt = begin(client, make_form(versions[:1], versions[1:2], feedback="after_each", minutes={1: 5}))
    pages = [client.get(url("attempt", attempt))]
    client.post(url("begin-section", attempt), {"section": 1})
    pages.append(client.get(url("attempt", attempt)))
    form = form_of(pages[-1])
    pages.append(client.get(client.post(url("respond", attempt), form)["Location"]))
    submit_attempt(attempt)
    pages.append(client.get(url("result", attempt)))
    names = ("section_start", "question", "question_feedback", "result")
    for name, page in zip(names, pages, strict=True):
        assert f"learn/{name}.html" in [template.name for template in page.templates]
    queues = [
        (page.content.decode().count("<answer-queue"), page.content.decode().count("/answer-queue.")) for page in pages
    ]
    assert queues == [(1, 1)] * 4
    late = client.post(
        url("respond", attempt), form | {"key": uuid4(), "sequence": 9}, headers={"Accept": "application/json"}
    )
    assert late.json() == {"status": "late", "next": url("result", attempt)}
    assert pages[-1].content.decode().count('data-when="late"') == 1


def test_feedback_of_a_question_not_answered_is_not_shown(client, versions):
    attempt = begin(client, make_form(versions[:2], feedback="after_each"))
    client.get(url("attempt", attempt))
    for position in (1, 2):
        response = client.get(reverse("learn:feedback", args=[attempt.pk, position]))
        assert response["Location"] == url("attempt", attempt)
    plain = make_form(versions[2:])
    other = start_attempt(attempt.person, plain)
    client.post(url("respond", other), form_of(client.get(url("attempt", other))))
    assert client.get(reverse("learn:feedback", args=[other.pk, 1])).status_code == 302


@pytest.mark.parametrize(("policy", "shown"), [("none", 0), ("after_close", 0), ("after_submit", 1)])
def test_result_keeps_to_the_feedback_policy(client, versions, policy, shown):
    form = make_form(versions[:1], feedback=policy, closes_at=timezone.now() + timedelta(days=1))
    attempt = begin(client, form)
    client.post(url("respond", attempt), form_of(client.get(url("attempt", attempt))))
    html = client.get(url("result", attempt)).content.decode()
    assert html.count("Principle 9.1-01") == shown


COUNTS = re.compile(r"\d+ of \d+ (?:points|questions? right)")


@pytest.mark.parametrize(
    ("fields", "counted", "words"),
    [
        ({"feedback": "after_submit"}, True, ""),
        ({"feedback": "none"}, False, "Points are not shown while you may take it again."),
        ({"feedback": "none", "max_attempts": 2}, False, "Points are shown when your attempts are used up."),
        ({"feedback": "none", "max_attempts": 1}, True, ""),
        ({"feedback": "after_close", "closes_in": 1}, False, "Points are shown when it has closed, on "),
        (
            {"feedback": "after_close", "closes_in": 1, "max_attempts": 2},
            False,
            "Points are shown when your attempts are used up, at the latest when it has closed, on ",
        ),
    ],
)
@pytest.mark.parametrize("right", [True, False])
def test_result_tells_points_only_where_they_give_no_answer_away(client, versions, fields, counted, words, right):
    fields = dict(fields)
    if days := fields.pop("closes_in", 0):
        fields["closes_at"] = timezone.now() + timedelta(days=days)
    form = make_form(versions[:2], pass_share=0.5, **fields)
    attempt = begin(client, form)
    sit(attempt, lambda _given: right)
    submit_attempt(attempt)
    text = " ".join(strip_tags(client.get(url("result", attempt)).content.decode()).split())
    assert bool(COUNTS.search(text)) == counted
    assert (words in text) or not words
    passed = "passed" if right else "did not pass" if not counted else "to pass"
    assert passed in text


def test_extra_time_after_the_close_is_said_with_the_moment_it_ends(client, versions):
    now = timezone.now()
    form = make_form(versions[:1], closes_at=now + timedelta(minutes=20))
    page = reverse("learn:assessment", args=[form.code])
    assert "if you begin now, you have until" not in client.get(page).content.decode()
    person = Person.objects.get(user=client.session["_auth_user_id"])
    grant_accommodation(form, person, RoleGrantFactory().user, reason="QĐ 12", extra_percent=50)
    said = client.get(page).content.decode()
    with translation.override("en"):
        until = {
            date_format(timezone.localtime(now + timedelta(minutes=30, seconds=seconds)), "DATETIME_FORMAT")
            for seconds in (0, 45)
        }
    assert any(f"if you begin now, you have until {each};" in said for each in until)
    attempt = begin(client, form)
    assert abs((attempt.deadline - now).total_seconds() - 1800) < 60


def test_result_says_when_right_answers_come_for_whoever_closes_last(client, versions):
    own = timezone.now() + timedelta(days=4)
    form = make_form(versions[:1], feedback="after_close", closes_at=timezone.now() + timedelta(days=1))
    grant_accommodation(form, PersonFactory(), RoleGrantFactory().user, reason="Nghỉ ốm", closes_at=own)
    attempt = begin(client, form)
    submit_attempt(attempt)
    html = client.get(url("result", attempt)).content.decode()
    with translation.override("en"):
        assert date_format(timezone.localtime(own), "DATETIME_FORMAT") in html


def test_who_is_not_in_the_audience_sees_it_nowhere_and_is_told_why(client_of):
    person, quiz = make_quiz(for_everybody=False)
    client = client_of(person)
    assert quiz.name_vi not in client.get("/").content.decode()
    response = client.get(reverse("learn:assessment", args=[quiz.code]))
    assert response.status_code == 403
    assert "dành cho đối tượng khác" in response.content.decode()
    assert quiz.name_vi not in response.content.decode()
    assert AuditEvent.objects.latest("pk").action == "refused"
    quiz.audience_people.add(person)
    assert quiz.name_vi in client.get("/").content.decode()
    assert client.get(reverse("learn:assessment", args=[quiz.code])).status_code == 200


def test_what_opens_later_says_when_and_has_no_button(client_of):
    person, quiz = make_quiz(opens_at=timezone.now() + timedelta(days=2))
    page = client_of(person).get(reverse("learn:assessment", args=[quiz.code]))
    assert (page.status_code, page.context["refusal"][:23]) == (200, "Bài đánh giá này mở lúc")
    assert page.content.decode().count('class="btn btn-primary btn-lg"') == 0
