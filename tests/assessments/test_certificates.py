"""Certificates: who gets one, once, and what its number tells."""

import pytest
from django.db import Error, IntegrityError, transaction

from assessments.domain.attempts import start_attempt
from assessments.domain.certificates import ALPHABET, award_certificate, find_certificate, new_number
from assessments.domain.submission import submit_attempt
from assessments.models import Certificate
from tests.factories.assessments import make_item, make_quiz, sat_attempt, sit
from tests.factories.competencies import competency_of, make_framework
from tests.factories.forms import make_form
from tests.factories.organisation import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def versions():
    competency = competency_of(make_framework("9.1"), "9.1")
    return [make_item(competency, number) for number in range(1, 5)]


def sat(form, right):
    attempt = start_attempt(PersonFactory(full_name="Lê Bảo"), form)
    sit(attempt, lambda given: given.position <= right)
    submit_attempt(attempt)
    return attempt


def test_form_is_passed_by_its_share_of_points(versions):
    form = make_form(versions, certifies=True, pass_share=0.75)
    sat(form, 2)
    assert not Certificate.objects.exists()
    attempt = sat(form, 3)
    awarded = Certificate.objects.get()
    assert (awarded.attempt, awarded.person_name, awarded.assessment_name_vi) == (attempt, "Lê Bảo", form.name_vi)
    assert awarded.reached == {"points": {"earned": 3, "maximum": 4, "share": 0.75}}
    submit_attempt(attempt)
    assert award_certificate(attempt) == awarded
    assert Certificate.objects.count() == 1


def test_quiz_is_passed_by_the_levels_it_asked_about():
    person, quiz = make_quiz(["9.1"], level=2, certifies=True, max_items=5, max_items_per_competency=5)
    submit_attempt(sat_attempt(person, quiz))
    ((reached,),) = Certificate.objects.get().reached.values()
    assert (reached["code"], reached["level"]) == ("9.1", 2)
    person, harder = make_quiz(["8.1"], level=8, certifies=True)
    submit_attempt(sat_attempt(person, harder, right=False))
    assert Certificate.objects.count() == 1


def test_without_certificates_nobody_gets_one(versions):
    sat(make_form(versions, pass_share=0.1), 4)
    assert not Certificate.objects.exists()


def test_certificate_cannot_change_or_go(versions):
    sat(make_form(versions, certifies=True, pass_share=0.1), 4)
    for change in (lambda: Certificate.objects.update(person_name="x"), lambda: Certificate.objects.all().delete()):
        with pytest.raises(Error), transaction.atomic():
            change()


def test_number_is_found_however_it_is_typed(versions):
    attempt = sat(make_form(versions, certifies=True, pass_share=0.1), 4)
    number = attempt.certificate.number
    assert (len(number), set(number) <= {*ALPHABET, "-"}, new_number() != new_number()) == (14, True, True)
    for typed in (number, number.lower(), number.replace("-", " "), f" {number.replace('0', 'o').replace('1', 'l')}"):
        assert find_certificate(typed) == attempt.certificate
    assert [find_certificate(wrong) for wrong in ("", "x", number[:-1], f"{number}0")] == [None] * 4


@pytest.mark.parametrize("fields", [{"certifies": True}, {"pass_share": 0.0}, {"pass_share": 1.1}])
def test_database_refuses_a_pass_rule_that_cannot_be(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_form(**fields)
