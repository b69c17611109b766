"""Why this item: a trainer reads the choices of a sitting, without its person."""

import pytest
from django.urls import reverse

from assessments.domain.attempts import start_attempt
from assessments.domain.queries.choice_log import choice_log
from assessments.domain.submission import submit_attempt
from assessments.models import Attempt
from tests.factories.assessments import make_quiz, sit

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt() -> Attempt:
    person, quiz = make_quiz(["9.1", "9.2"], max_items=7)
    made = start_attempt(person, quiz, seed=5)
    sit(made, lambda given: given.position % 2 == 0)
    submit_attempt(made)
    return made


def test_sittings_are_listed_without_their_people(client, trainer, attempt):
    page = client.get(reverse("author:sittings", args=[attempt.assessment.code]))
    assert page.status_code == 200
    text = page.content.decode()
    assert text.count(reverse("author:choices", args=[attempt.pk])) == 1
    assert attempt.person.full_name not in text
    assert attempt.person.employee_code not in text


def test_choices_are_explained_in_words_and_numbers(client, trainer, attempt):
    page = client.get(reverse("author:choices", args=[attempt.pk]))
    text = page.content.decode()
    log = choice_log(attempt)
    assert [each["step"].item_code for each in page.context["steps"]] == [step.item_code for step in log.steps]
    assert all(each["why"] for each in page.context["steps"])
    assert page.context["log"].reproduced
    assert page.context["end"] in text
    for step in log.steps:
        assert text.count(f">{step.item_code}</a>") == 1
    assert attempt.person.full_name not in text
    assert attempt.person.employee_code not in text
    assert page.context["attempt"].get_deferred_fields() == {"person_id"}


def test_choice_that_differs_is_marked(client, trainer, attempt):
    Attempt.objects.filter(pk=attempt.pk).update(seed=attempt.seed + 1)
    page = client.get(reverse("author:choices", args=[attempt.pk]))
    assert not page.context["log"].reproduced
    differing = sum(not each["step"].reproduced for each in page.context["steps"])
    assert page.content.decode().count("tag--warning") == differing > 0


def test_open_sitting_is_not_shown(client, trainer, attempt):
    Attempt.objects.filter(pk=attempt.pk).update(status="open", submitted_at=None)
    assert client.get(reverse("author:choices", args=[attempt.pk])).status_code == 404


@pytest.mark.parametrize("questions", [4, 14])
def test_page_takes_the_same_queries_for_any_length(client, trainer, questions, django_assert_max_num_queries):
    person, quiz = make_quiz(["9.1", "9.2", "9.3", "9.4"], max_items=questions)
    made = start_attempt(person, quiz, seed=5)
    sit(made)
    submit_attempt(made)
    client.get(reverse("author:choices", args=[made.pk]))
    with django_assert_max_num_queries(12):
        client.get(reverse("author:choices", args=[made.pk]))
