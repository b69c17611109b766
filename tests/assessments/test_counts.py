"""Counts of points are told only where they give no right answer away."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.domain.accommodations import grant_accommodation
from assessments.domain.attempts import start_attempt
from assessments.domain.feedback import counts_allowed
from assessments.domain.submission import submit_attempt
from assessments.models import Assessment
from organisation.models import Person
from tests.factories.assessments import make_item, make_quiz, sit
from tests.factories.competencies import competency_of, make_framework, make_post
from tests.factories.forms import make_form
from tests.factories.organisation import RoleGrantFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def competency():
    return competency_of(make_framework("9.1"), "9.1")


@pytest.fixture
def person(competency) -> Person:
    person = make_post({competency: 5})
    person.user = UserFactory()
    person.save()
    return person


def handed_in(person, form):
    attempt = start_attempt(person, form)
    sit(attempt)
    submit_attempt(attempt)
    return attempt


def exam(competency, **fields) -> Assessment:
    if fields.get("closes_in"):
        fields["closes_at"] = timezone.now() + timedelta(hours=fields["closes_in"])
    fields.pop("closes_in", None)
    return make_form([make_item(competency, number) for number in (1, 2)], **fields)


@pytest.mark.parametrize(
    ("fields", "hours", "allowed"),
    [
        ({"feedback": "after_submit"}, 0, True),
        ({"feedback": "after_each"}, 0, True),
        ({"feedback": "none"}, 0, False),
        ({"feedback": "none", "max_attempts": 1}, 0, True),
        ({"feedback": "none", "max_attempts": 2}, 0, False),
        ({"feedback": "none", "wait_hours": 1}, 0, False),
        ({"feedback": "none", "closes_in": 2}, 1, False),
        ({"feedback": "none", "closes_in": 2}, 3, True),
        ({"feedback": "after_close", "closes_in": 2}, 1, False),
        ({"feedback": "after_close", "closes_in": 2}, 3, True),
        ({"feedback": "after_close", "closes_in": 2, "max_attempts": 1}, 1, True),
    ],
)
def test_counts_are_told_with_the_keys_or_when_the_person_can_take_it_no_more(
    competency, person, fields, hours, allowed
):
    attempt = handed_in(person, exam(competency, **fields))
    assert counts_allowed(attempt, timezone.now() + timedelta(hours=hours)) == allowed


def test_counts_wait_for_a_sitting_under_way_and_for_a_close_of_ones_own(competency, person):
    form = exam(competency, feedback="none", max_attempts=2)
    attempt = handed_in(person, form)
    second = start_attempt(person, form)
    assert not counts_allowed(attempt)
    submit_attempt(second)
    assert counts_allowed(attempt)
    form.max_attempts, form.closes_at = None, timezone.now() + timedelta(hours=1)
    form.save()
    later = timezone.now() + timedelta(hours=2)
    assert counts_allowed(attempt, later)
    grant_accommodation(
        form, person, RoleGrantFactory().user, reason="Nghỉ ốm", closes_at=timezone.now() + timedelta(hours=3)
    )
    assert not counts_allowed(attempt, later)


def test_quiz_that_was_closed_by_hand_tells_counts(competency, person):
    form = exam(competency, feedback="none")
    attempt = handed_in(person, form)
    Assessment.objects.update(is_open=False)
    attempt.assessment.refresh_from_db()
    assert counts_allowed(attempt)


def test_counts_cost_nothing_where_keys_are_shown(django_assert_num_queries):
    person, quiz = make_quiz()
    attempt = handed_in(person, quiz)
    with django_assert_num_queries(0):
        assert counts_allowed(attempt)


def test_rest_keeps_counts_and_says_levels(client, competency, person):
    client.force_login(person.user)
    told = {}
    for max_attempts in (2, 1):
        form = make_form(
            [make_item(competency, 10 * max_attempts + number, level=5) for number in range(1, 4)],
            feedback="none",
            max_attempts=max_attempts,
        )
        started = client.post("/api/v1/attempts/", {"assessment": form.code}, content_type="application/json").json()
        attempt = start_attempt(person, form)
        sit(attempt)
        handed = client.post(f"/api/v1/attempts/{started['id']}/submit/").json()
        again = client.get(f"/api/v1/attempts/{started['id']}/").json()
        assert handed["result"] == again["result"]
        (row,) = again["result"]["competencies"]
        told[max_attempts] = (row["score"], row["maximum"], row["asked"], row["status"] != "not_assessed")
    assert told == {2: (None, None, 3, True), 1: (3, 3, 3, True)}
