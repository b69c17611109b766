"""Many requests at once: one result, one row, nothing lost."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from assessments.domain.attempts import start_attempt
from assessments.domain.delivery import next_item
from assessments.domain.responses import submit_response
from assessments.domain.submission import submit_attempt
from assessments.models import Attempt, Presentation, Response
from competencies.models import Competency, Estimate, EstimateRevision, Evidence
from tests.factories.assessments import answer, make_item, make_quiz, right_answer, sat_attempt

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run the work in so many threads that begin together; return what each gave, errors included."""
    barrier = threading.Barrier(count)
    results: list[Any] = [None] * count

    def run(number: int) -> None:
        try:
            barrier.wait()
            results[number] = work(number)
        except BaseException as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_fifty_submissions_at_once_give_one_result_and_one_set_of_evidence():
    attempt = sat_attempt(*make_quiz(["9.1", "9.2"]))
    answered = Response.objects.count()
    results = at_once(50, lambda number: submit_attempt(Attempt.objects.get(pk=attempt.pk)))
    assert results == [results[0]] * 50
    assert results[0].submitted_at == Attempt.objects.get(pk=attempt.pk).submitted_at
    assert Evidence.objects.count() == answered
    assert Estimate.objects.count() == EstimateRevision.objects.count() == 2


def test_same_key_at_once_saves_one_row_and_answers_everybody_the_same():
    attempt = start_attempt(*make_quiz(["9.1"]))
    given = next_item(attempt)
    assert given is not None
    key = uuid4()
    results = at_once(20, lambda number: answer(attempt, given, key=key))
    assert Counter(each.repeated for each in results) == {False: 1, True: 19}
    assert len({(each.status, each.response_id, each.sequence, each.received_at) for each in results}) == 1
    assert Response.objects.count() == 1


def test_same_sequence_at_once_accepts_one_and_keeps_all():
    attempt = start_attempt(*make_quiz(["9.1"]))
    given = next_item(attempt)
    assert given is not None
    results = at_once(20, lambda number: answer(attempt, given, right=number % 2 == 0))
    assert Counter(each.status for each in results) == {"accepted": 1, "superseded": 19}
    assert Response.objects.count() == 20


def test_next_at_once_gives_everybody_the_same_question():
    attempt = start_attempt(*make_quiz(["9.1", "9.2"]))
    results = at_once(20, lambda number: next_item(attempt))
    assert results == [results[0]] * 20
    assert Presentation.objects.count() == 1


def test_start_at_once_opens_one_attempt():
    person, quiz = make_quiz(["9.1"])
    results = at_once(20, lambda number: start_attempt(person, quiz).pk)
    assert len(set(results)) == 1
    assert Attempt.objects.count() == 1


def test_answer_beside_a_submission_is_scored_or_late_and_never_lost():
    person, quiz = make_quiz(["9.1"])
    rounds = 12
    for number in range(6, 6 + rounds):
        make_item(Competency.objects.get(), number)
    for seed in range(rounds):
        attempt = start_attempt(person, quiz, seed=seed)
        given = next_item(attempt)
        assert given is not None
        value = right_answer(given.version_id)

        def work(
            number: int, attempt: Attempt = attempt, version_id: int = given.version_id, value: Any = value
        ) -> Any:
            if number:
                return submit_attempt(attempt)
            return submit_response(
                attempt.pk, attempt.person_id, key=uuid4(), sequence=1, version_id=version_id, raw_value=value
            )

        acknowledged, result = at_once(2, work)
        assert result.attempt_id == attempt.pk
        evidence = Evidence.objects.filter(source_id=str(attempt.pk)).count()
        assert (acknowledged.status, evidence) in {("accepted", 1), ("late", 0)}
        assert Response.objects.get(attempt=attempt).status == acknowledged.status


def test_of_two_answers_at_once_to_a_question_whose_first_answer_stands_one_is_kept_aside():
    attempt = start_attempt(*make_quiz(["9.1"], feedback="after_each"))
    given = next_item(attempt)
    assert given is not None
    is_saved = threading.Event()

    def work(number: int) -> str:
        if number == 1:
            is_saved.wait()
            return answer(attempt, given, sequence=2, right=False).status
        with transaction.atomic():
            status = answer(attempt, given, sequence=1).status
            is_saved.set()
            time.sleep(0.5)
        return status

    assert at_once(2, work) == ["accepted", "superseded"]
    assert sorted(Response.objects.values_list("sequence", "status")) == [(1, "accepted"), (2, "superseded")]
    results = at_once(16, lambda number: answer(attempt, given, sequence=3 + number).status)
    assert results == ["superseded"] * 16
