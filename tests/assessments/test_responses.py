"""Answers: append-only, idempotent, late ones kept."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import Error, transaction
from django.utils import timezone, translation

from assessments.domain.attempts import start_attempt
from assessments.domain.delivery import NextItem, next_item
from assessments.domain.refusals import AttemptNotFound, ResponseRefused
from assessments.domain.responses import submit_response
from assessments.domain.submission import submit_attempt
from assessments.models import Attempt, ItemVersion, Response
from competencies.models import Evidence
from tests.factories.assessments import answer, make_quiz, right_answer, wrong_answer
from tests.factories.organisation import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt() -> Attempt:
    return start_attempt(*make_quiz())


@pytest.fixture
def given(attempt: Attempt) -> NextItem:
    found = next_item(attempt)
    assert found is not None
    return found


def refusal(attempt: Attempt, given: NextItem, **changes: Any) -> tuple[str, str]:
    with pytest.raises(ResponseRefused) as caught:
        answer(attempt, given, **changes)
    assert caught.value.message
    return caught.value.field, caught.value.reason


def test_answer_is_kept_as_it_came_and_scored(attempt, given):
    now = timezone.now()
    key = uuid4()
    acknowledged = answer(attempt, given, key=key, now=now)
    row = Response.objects.get()
    assert (row.attempt, row.key, row.sequence, row.version_id) == (attempt, key, 1, given.version_id)
    assert (row.value, row.status, row.score, row.received_at) == (right_answer(given.version_id), "accepted", 1, now)
    assert (acknowledged.status, acknowledged.response_id, acknowledged.sequence) == ("accepted", row.pk, 1)
    assert (acknowledged.received_at, acknowledged.repeated) == (now, False)


def test_same_key_answers_the_same_and_saves_once(attempt, given):
    key = uuid4()
    first = answer(attempt, given, key=key)
    later = timezone.now() + timedelta(hours=2)
    second = answer(attempt, given, key=key, now=later)
    assert second.repeated
    assert (second.status, second.response_id, second.sequence, second.received_at) == (
        first.status,
        first.response_id,
        first.sequence,
        first.received_at,
    )
    assert Response.objects.count() == 1


def test_key_of_another_answer_is_refused(attempt, given):
    key = uuid4()
    answer(attempt, given, key=key)
    assert refusal(attempt, given, key=key, right=False) == ("key", "key_reused")
    assert Response.objects.count() == 1


def test_highest_sequence_wins_and_the_others_are_kept(attempt, given):
    statuses = [
        answer(attempt, given, sequence=sequence, right=right).status
        for sequence, right in ((2, False), (1, True), (2, True), (3, True))
    ]
    assert statuses == ["accepted", "superseded", "superseded", "accepted"]
    submit_attempt(attempt)
    assert Evidence.objects.get().score == 1


def test_answer_to_a_question_left_behind_is_superseded(attempt, given):
    answer(attempt, given, right=False)
    following = next_item(attempt)
    assert following is not None
    assert answer(attempt, given, sequence=9).status == "superseded"
    assert answer(attempt, following).status == "accepted"
    submit_attempt(attempt)
    assert sorted(Evidence.objects.values_list("score", flat=True)) == [0, 1]


def test_late_answer_is_kept_and_not_scored(attempt, given):
    assert answer(attempt, given, now=attempt.deadline).status == "accepted"
    late = answer(attempt, given, sequence=2, right=False, now=attempt.deadline + timedelta(microseconds=1))
    assert late.status == "late"
    submit_attempt(attempt)
    after = answer(attempt, given, sequence=3, right=False)
    assert after.status == "late"
    assert list(Response.objects.values_list("status", flat=True)) == ["accepted", "late", "late"]
    assert Evidence.objects.values_list("score", flat=True).get() == 1


def test_another_persons_attempt_is_not_found(attempt, given):
    stranger = PersonFactory()
    good, bad = right_answer(given.version_id), {"choice": 1}
    for version_id, value in ((given.version_id, good), (given.version_id, bad), (10**12, good)):
        with pytest.raises(AttemptNotFound):
            submit_response(attempt.pk, stranger.pk, key=uuid4(), sequence=1, version_id=version_id, raw_value=value)
    with pytest.raises(AttemptNotFound):
        submit_response(
            uuid4(), attempt.person_id, key=uuid4(), sequence=1, version_id=given.version_id, raw_value=good
        )
    assert Response.objects.count() == 0


def test_version_that_was_not_given_is_refused(attempt, given):
    other = ItemVersion.objects.exclude(pk=given.version_id).first()
    assert other is not None
    for pk, value in ((other.pk, right_answer(other.pk)), (other.pk, {}), (10**12, {})):
        assert refusal(attempt, given, version_id=pk, raw_value=value) == ("version", "not_given")
    assert Response.objects.count() == 0


@pytest.mark.parametrize(
    "value", [None, [], {}, "A", {"choice": "x"}, {"other": 1}, {"choices": ["x"]}, {"order": [1]}]
)
def test_ill_formed_value_is_refused_by_field(attempt, given, value):
    field, _ = refusal(attempt, given, raw_value=value)
    assert field.split(".")[0] == "value"
    assert Response.objects.count() == 0


@pytest.mark.parametrize("sequence", [0, -1, 1_001, 1_000_000, 2**31, 10**30])
def test_sequence_that_nobody_can_have_counted_to_is_refused(attempt, given, sequence):
    assert refusal(attempt, given, sequence=sequence, now=attempt.started_at) == ("sequence", "sequence_range")
    assert Response.objects.count() == 0


def test_sequences_grow_with_the_sitting_and_none_is_too_small_for_it(attempt, given):
    later = attempt.started_at + timedelta(minutes=10)
    assert refusal(attempt, given, sequence=601_001, now=later) == ("sequence", "sequence_range")
    assert answer(attempt, given, sequence=601_000, now=later).status == "accepted"
    assert answer(attempt, given, sequence=5, now=later).status == "superseded"
    before = attempt.started_at - timedelta(seconds=20)
    assert answer(attempt, given, sequence=1_000, now=before).status == "superseded"


def test_highest_sequence_does_not_lock_the_rest_of_the_sitting(attempt, given):
    at = attempt.started_at
    answer(attempt, given, sequence=1_000, now=at)
    following = next_item(attempt)
    assert following is not None
    assert answer(attempt, following, now=at + timedelta(seconds=1)).status == "accepted"


def test_refusals_are_told_in_both_languages(attempt, given):
    with pytest.raises(ResponseRefused) as caught:
        answer(attempt, given, version_id=10**12)
    with translation.override("en"):
        assert caught.value.message == "This question was not given in this attempt."
    with translation.override("vi"):
        assert caught.value.message == "Câu hỏi này không có trong lượt làm bài của anh/chị."


def test_responses_are_append_only(attempt, given):
    answer(attempt, given)
    for change in (
        lambda: Response.objects.update(score=0),
        lambda: Response.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(Error), transaction.atomic():
            change()


def test_saving_takes_one_query(attempt, given, django_assert_num_queries):
    value = wrong_answer(given.version_id)
    with django_assert_num_queries(1):
        submit_response(
            attempt.pk, attempt.person_id, key=uuid4(), sequence=1, version_id=given.version_id, raw_value=value
        )
