"""Starting a sitting: what it measures is decided and frozen."""

from datetime import timedelta

import pytest
from django.db import Error, transaction
from django.utils import timezone

from assessments.domain.attempts import SEEN_DAYS, find_attempt, start_attempt
from assessments.domain.delivery import next_item
from assessments.domain.form import Form
from assessments.domain.refusals import AttemptNotFound, AttemptRefused
from assessments.domain.submission import submit_attempt
from assessments.models import AssessmentCompetency, Attempt, ItemVersion
from competencies.domain.standards import PROVISIONAL_CUTS
from competencies.models import Estimate, Requirement, Standard
from tests.factories.assessments import AssessmentFactory, make_bank, make_item, make_quiz, sat_attempt, sit
from tests.factories.competencies import add_evidence, competency_of, make_framework, make_post
from tests.factories.organisation import PersonFactory

pytestmark = pytest.mark.django_db


def test_start_freezes_what_is_measured():
    person, quiz = make_quiz(["9.1", "9.2"], level=3)
    now = timezone.now()
    attempt = start_attempt(person, quiz, now=now, seed=11)
    stored = Attempt.objects.get(pk=attempt.pk)
    assert (stored.person, stored.assessment, stored.status, stored.seed) == (person, quiz, "open", 11)
    assert (stored.started_at, stored.deadline) == (now, now + timedelta(minutes=30))
    assert stored.form == attempt.form
    form = Form.from_dict(stored.form)
    assert sorted((each.code, each.required, each.cuts, each.start) for each in form.competencies) == [
        ("9.1", 3, PROVISIONAL_CUTS, None),
        ("9.2", 3, PROVISIONAL_CUTS, None),
    ]
    assert (form.rule.max_items, form.rule.max_items_per_competency, form.rule.min_items_per_competency) == (12, 4, 3)
    assert form.standards == (Standard.objects.get().pk,)

    Requirement.objects.update(level=8)
    assert Form.from_dict(find_attempt(attempt.pk, person).form) == form


def test_open_attempt_goes_on():
    person, quiz = make_quiz()
    first = start_attempt(person, quiz)
    assert start_attempt(person, quiz).pk == first.pk
    assert Attempt.objects.count() == 1


def test_expired_attempt_is_submitted_and_another_starts():
    person, quiz = make_quiz()
    first = start_attempt(person, quiz)
    second = start_attempt(person, quiz, now=first.deadline + timedelta(seconds=1))
    first.refresh_from_db()
    assert (first.status, second.status) == ("submitted", "open")
    assert first.pk != second.pk


def test_database_refuses_a_second_open_attempt():
    person, quiz = make_quiz()
    attempt = start_attempt(person, quiz)
    attempt.pk, attempt._state.adding = None, True
    with pytest.raises(Error), transaction.atomic():
        attempt.save(force_insert=True)


def test_start_is_refused_with_a_reason():
    person, quiz = make_quiz()
    nobody = PersonFactory()
    closed = AssessmentFactory(is_open=False)
    framework = make_framework("8.1")
    unasked = make_post({competency_of(framework, "8.1"): 4})
    for who, what, reason in (
        (nobody, quiz, "no_post"),
        (person, closed, "not_open"),
        (unasked, quiz, "nothing_to_ask"),
    ):
        with pytest.raises(AttemptRefused) as caught:
            start_attempt(who, what)
        assert caught.value.reason == reason
        assert caught.value.message
    assert Attempt.objects.count() == 0


def test_fixed_list_takes_the_posts_level_where_there_is_one():
    framework = make_framework("9.1", "9.2")
    first, second = competency_of(framework, "9.1"), competency_of(framework, "9.2")
    make_bank([first, second])
    quiz = AssessmentFactory(by_post=False)
    for competency in (first, second):
        AssessmentCompetency.objects.create(assessment=quiz, competency=competency, level=2)
    attempt = start_attempt(make_post({first: 6}), quiz)
    assert {each["code"]: each["required"] for each in attempt.form["competencies"]} == {"9.1": 6, "9.2": 2}


def test_what_is_known_least_comes_first_and_is_the_starting_point():
    person, quiz = make_quiz(["9.1", "9.2", "9.3"])
    framework = Standard.objects.get().framework
    add_evidence(person, competency_of(framework, "9.1"), {"a": 1, "b": 1, "c": 1})
    known = competency_of(framework, "9.2")
    add_evidence(person, known, {"a": 1}, observed_at=timezone.now())
    estimate = Estimate.objects.get(person=person, competency=known)
    form = Form.from_dict(start_attempt(person, quiz).form)
    assert [each.code for each in form.competencies] == ["9.3", "9.2", "9.1"]
    assert form.competencies[0].start is None
    assert form.competencies[1].start == pytest.approx((estimate.mean, estimate.se), abs=1e-5)


def test_an_item_is_not_met_again_until_its_key_is_forgotten():
    person, quiz = make_quiz(["9.1"], max_items=3)
    for number in range(6, 9):
        make_item(competency_of(Standard.objects.get().framework, "9.1"), number)
    met: list[int] = []
    for _ in range(3):
        attempt = start_attempt(person, quiz)
        met += [given.version_id for given in sit(attempt)]
        submit_attempt(attempt)
    assert len(set(met)) == len(met) == ItemVersion.objects.count()
    with pytest.raises(AttemptRefused, match="all_seen"):
        start_attempt(person, quiz)
    # The control: half a year later they may be asked again.
    later = timezone.now() + timedelta(days=SEEN_DAYS + 1)
    assert Form.from_dict(start_attempt(person, quiz, now=later).form).excluded == frozenset()


def test_sitting_long_ago_excludes_nothing():
    person, quiz = make_quiz(["9.1"], max_items=3)
    attempt = sat_attempt(person, quiz)
    submit_attempt(attempt)
    later = timezone.now() + timedelta(days=200)
    assert Form.from_dict(start_attempt(person, quiz, now=later).form).excluded == frozenset()


def test_find_attempt_is_the_persons_own():
    person, quiz = make_quiz()
    attempt = start_attempt(person, quiz)
    assert find_attempt(attempt.pk, person) == attempt
    with pytest.raises(AttemptNotFound):
        find_attempt(attempt.pk, PersonFactory())


@pytest.mark.parametrize("count", [1, 8])
def test_start_takes_the_same_queries_for_any_number_of_competencies(count, django_assert_num_queries):
    person, quiz = make_quiz([f"9.{n}" for n in range(count)])
    start_attempt(make_post({each.competency: 3 for each in Requirement.objects.all()}), quiz)
    with django_assert_num_queries(12):
        attempt = start_attempt(person, quiz)
    assert len(attempt.form["competencies"]) == count
    assert next_item(attempt) is not None
