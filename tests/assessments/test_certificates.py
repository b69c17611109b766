"""Certificates: who gets one, once, and what its number tells."""

import pytest
from django.db import Error, IntegrityError, transaction
from django.utils import timezone

from assessments.domain.attempts import start_attempt
from assessments.domain.certificates import (
    ALPHABET,
    certificate_news,
    find_certificate,
    new_number,
    settle_certificates,
)
from assessments.domain.corrections import Correction, void_correction
from assessments.domain.delivery import next_item
from assessments.domain.items import publish_new_version, version_digest
from assessments.domain.queries.results import attempt_result
from assessments.domain.regrading import start_regrade
from assessments.domain.submission import submit_attempt
from assessments.models import Assessment, Certificate, ItemVersion
from organisation.models import AuditEvent
from tests.factories.assessments import answer, make_item, make_quiz, sat_attempt, sit
from tests.factories.competencies import competency_of, make_framework
from tests.factories.forms import make_form
from tests.factories.organisation import PersonFactory
from tests.factories.regrading import finish_regrade

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
    settle_certificates(attempt, timezone.now(), "again")
    assert list(Certificate.objects.all()) == [awarded]
    assert certificate_news(attempt.person) == []


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


def regrade(*corrections):
    """Score again, by the worker's own steps."""
    made = start_regrade(None, corrections, "a test")
    finish_regrade(made)
    return made


def void(version):
    ItemVersion.objects.filter(pk=version.pk).update(status="retired")
    return void_correction(version)


def states(attempt):
    """The certificates of an attempt as (points earned of maximum, is in force), the oldest first."""
    rows = attempt.certificates.order_by("pk").values_list("reached__points", "withdrawn_at")
    return [(points["earned"], points["maximum"], at is None) for points, at in rows]


def rekeyed(version, right):
    """The version's item with the option at the place `right` as its key."""
    raw = {**version.content, "options": [dict(each) for each in version.content["options"]]}
    for place, option in enumerate(raw["options"]):
        option["correct"] = place == right
    parameters = {version.item.competency_id: {"model": "2pl", "a": 1.2, "b": 0.0}}
    digest = version_digest(raw, version.level, 60)
    return publish_new_version(version.item, raw, digest, parameters, level=version.level, seconds=60)


def rekey(version, right):
    return Correction(version.pk, version.item.competency_id, scored_as=rekeyed(version, right).pk)


@pytest.fixture
def choices():
    competency = competency_of(make_framework("9.1"), "9.1")
    return [make_item(competency, number) for number in (1, 2)]


def test_corrected_key_withdraws_and_the_person_is_told_once(choices):
    attempt = sat(make_form(choices, certifies=True, pass_share=0.9), 2)
    number = attempt.certificates.get().number
    made = regrade(rekey(choices[0], 3))
    assert states(attempt) == [(2, 2, False)]
    told = [[(each.number, each.withdrawn_at is None) for each in certificate_news(attempt.person)] for _ in "12"]
    assert told == [[(number, False)], []]
    event = AuditEvent.objects.get(action="withdrawn")
    assert (event.target, event.detail) == (f"certificate {number}", {"reason": f"regrade {made.pk}"})
    with pytest.raises(Error), transaction.atomic():
        Certificate.objects.update(withdrawn_at=None)
    regrade(rekey(choices[0], 0))
    assert states(attempt) == [(2, 2, False), (2, 2, True)]
    assert [each.withdrawn_at for each in certificate_news(attempt.person)] == [None]


def test_question_that_becomes_void_leaves_the_whole_for_those_too_who_left_it_out(choices):
    form = make_form(choices, certifies=True, pass_share=0.9)
    without = start_attempt(PersonFactory(), form)
    answer(without, next_item(without))
    next_item(without)
    unreached = start_attempt(PersonFactory(), form)
    answer(unreached, next_item(unreached))
    attempts = [sat(form, 1), without, unreached]
    for each in attempts:
        submit_attempt(each)
    assert not Certificate.objects.exists()
    regrade(void(choices[1]))
    assert [states(each) for each in attempts] == [[(1, 1, True)]] * 3
    regrade(void(choices[0]))
    assert [states(each) for each in attempts] == [[(1, 1, False)]] * 3


def test_sitting_keeps_the_pass_share_that_it_began_under(choices):
    form = make_form(choices, certifies=True, pass_share=0.5)
    attempt = sat(form, 1)
    Assessment.objects.update(pass_share=0.9)
    attempt.refresh_from_db()
    settle_certificates(attempt, timezone.now(), "again")
    assert states(attempt) == [(1, 2, True)]


def test_quiz_is_settled_by_its_corrected_evidence():
    person, quiz = make_quiz(["9.1"], level=2, certifies=True, max_items=5, max_items_per_competency=5)
    attempt = sat_attempt(person, quiz)
    submit_attempt(attempt)
    given = list(attempt.presentations.select_related("version"))
    regrade(*(void(each.version) for each in given))
    assert [each.withdrawn_at is None for each in attempt.certificates.all()] == [False]


def test_number_is_found_however_it_is_typed(versions):
    attempt = sat(make_form(versions, certifies=True, pass_share=0.1), 4)
    number = attempt.certificates.get().number
    assert (len(number), set(number) <= {*ALPHABET, "-"}, new_number() != new_number()) == (14, True, True)
    for typed in (number, number.lower(), number.replace("-", " "), f" {number.replace('0', 'o').replace('1', 'l')}"):
        assert find_certificate(typed) == attempt.certificates.get()
    assert [find_certificate(wrong) for wrong in ("", "x", number[:-1], f"{number}0")] == [None] * 4


@pytest.mark.parametrize("fields", [{"certifies": True}, {"pass_share": 0.0}, {"pass_share": 1.1}])
def test_database_refuses_a_pass_rule_that_cannot_be(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_form(**fields)


def test_what_is_known_beforehand_never_certifies():
    """One wrong answer leaves level 2 likely by the prior alone; one competency of two says nothing of the other."""
    person, quiz = make_quiz(["9.1", "9.2"], level=2, certifies=True, max_items=10, max_items_per_competency=5)
    attempt = start_attempt(person, quiz)
    answer(attempt, next_item(attempt), right=False)
    submit_attempt(attempt)
    (row,) = (each for each in attempt_result(attempt).competencies if each.asked)
    assert row.p_below is not None and row.p_below < quiz.error_rate
    assert not Certificate.objects.exists()
    one = start_attempt(person, quiz)
    while (given := next_item(one)) is not None and given.competency_code == row.competency.code:
        answer(one, given)
    submit_attempt(one)
    assert not Certificate.objects.exists()
    submit_attempt(sat_attempt(person, quiz))
    assert {each["code"] for each in Certificate.objects.get().reached["competencies"]} == {"9.1", "9.2"}
