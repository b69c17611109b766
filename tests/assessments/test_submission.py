"""Submission: scores become evidence, once; results stay what they were."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from assessments.domain.attempts import start_attempt
from assessments.domain.delivery import next_item
from assessments.domain.queries.results import attempt_result, review_items
from assessments.domain.refusals import AttemptRefused
from assessments.domain.submission import close_expired, submit_attempt
from assessments.measurement import (
    PROVISIONAL_CUTS,
    ItemParameters,
    JointModel,
    estimate,
    joint_posterior,
    loglikelihood_on_grid,
    report_level,
)
from assessments.models import Attempt, Presentation, Response
from assessments.tasks import close_expired_attempts
from competencies.domain.correlation import SAME_DOMAIN
from competencies.domain.evidence import recompute_estimates
from competencies.models import Competency, Estimate, EstimateRevision, Evidence
from competencies.signals import estimate_changed
from tests.factories.assessments import answer, make_item, make_quiz, sat_attempt, sit

pytestmark = pytest.mark.django_db


def test_submission_records_evidence_with_the_parameters_given():
    attempt = sat_attempt(*make_quiz())
    now = timezone.now()
    submit_attempt(attempt, now=now)
    stored = Attempt.objects.get(pk=attempt.pk)
    assert (stored.status, stored.submitted_at) == ("submitted", now)
    given = {
        presentation.version.item.code: (presentation.competency_id, presentation.parameters)
        for presentation in Presentation.objects.filter(attempt=attempt).select_related("version__item")
    }
    evidence = Evidence.objects.filter(source_kind="attempt", source_id=str(attempt.pk))
    assert {row.observable: (row.competency_id, row.parameters) for row in evidence} == given
    assert set(evidence.values_list("person_id", "score", "maximum", "observed_at")) == {(attempt.person_id, 1, 1, now)}


def test_result_is_what_the_measurement_core_says_of_the_answers():
    person, quiz = make_quiz(["9.1", "9.2"], level=5)
    attempt = start_attempt(person, quiz, seed=3)
    given = sit(attempt, lambda item: item.parameters["b"] < 0.5)
    result = submit_attempt(attempt)
    assert [row.competency.code for row in result.competencies] == ["9.1", "9.2"]
    answers_of = {
        code: [
            (ItemParameters.from_dict(each.parameters), int(each.parameters["b"] < 0.5))
            for each in given
            if each.competency_code == code
        ]
        for code in ("9.1", "9.2")
    }
    model = JointModel(["9.1", "9.2"], np.array([[1.0, SAME_DOMAIN], [SAME_DOMAIN, 1.0]]))
    marginals = joint_posterior(
        model, np.array([loglikelihood_on_grid(answers) for answers in answers_of.values()])
    ).marginals()
    for row in result.competencies:
        answers = answers_of[row.competency.code]
        posterior = estimate(answers)
        assert row.values is not None
        assert row.values.mean == pytest.approx(posterior.mean, abs=1e-12)
        assert row.p_below == pytest.approx(marginals[row.competency.code].probability_below(PROVISIONAL_CUTS[3]))
        report = report_level(marginals[row.competency.code], PROVISIONAL_CUTS, len(answers))
        assert (row.level, row.band, row.status) == (report.level, report.band, report.status)
        assert (row.asked, row.evidence_count, row.required) == (len(answers), len(answers), 5)
        assert (row.score, row.maximum) == (sum(score for _, score in answers), len(answers))


def test_submitting_again_changes_nothing_and_gives_the_same_result():
    attempt = sat_attempt(*make_quiz())
    first = submit_attempt(attempt)
    before = (Evidence.objects.count(), EstimateRevision.objects.count())
    assert submit_attempt(Attempt.objects.get(pk=attempt.pk), now=timezone.now() + timedelta(days=1)) == first
    assert (Evidence.objects.count(), EstimateRevision.objects.count()) == before
    assert attempt_result(attempt) == first


def test_result_stays_what_it_was_after_a_later_sitting():
    person, quiz = make_quiz(["9.1"], max_items=3)
    make_item(Competency.objects.get(code="9.1"), 6)
    first = sat_attempt(person, quiz, seed=1, right=True)
    early = submit_attempt(first)
    second = sat_attempt(person, quiz, seed=2, right=False)
    late = submit_attempt(second)
    assert attempt_result(first) == early
    assert late.competencies[0].evidence_count > early.competencies[0].evidence_count
    assert late.competencies[0].asked == 3


def test_unanswered_questions_are_not_scored():
    attempt = start_attempt(*make_quiz(["9.1"]))
    first = next_item(attempt)
    assert first is not None
    answer(attempt, first)
    next_item(attempt)
    result = submit_attempt(attempt)
    assert Evidence.objects.count() == 1
    assert (result.competencies[0].asked, result.competencies[0].status) == (1, "insufficient")


def test_empty_sitting_gives_no_evidence():
    attempt = start_attempt(*make_quiz(["9.1"]))
    result = submit_attempt(attempt)
    assert Evidence.objects.count() == Estimate.objects.count() == 0
    row = result.competencies[0]
    assert (row.status, row.asked, row.p_below, row.level) == ("not_assessed", 0, None, None)


def test_result_of_an_open_attempt_is_refused():
    attempt = start_attempt(*make_quiz())
    for read in (lambda: attempt_result(attempt), lambda: review_items(attempt, "vi")):
        with pytest.raises(AttemptRefused) as caught:
            read()
        assert caught.value.reason == "not_submitted"


def test_estimates_are_recomputable_after_sittings():
    person, quiz = make_quiz(["9.1", "9.2"])
    for seed in (1, 2):
        attempt = start_attempt(person, quiz, seed=seed)
        sit(attempt, lambda item: item.version_id % 2 == 0)
        submit_attempt(attempt)
    fields = ["competency", "mean", "se", "level_probabilities", "level", "band", "evidence_count", "measured_at"]
    before = list(Estimate.objects.order_by("competency").values_list(*fields))
    Estimate.objects.all().delete()
    assert recompute_estimates([person.pk], "test") == 2
    assert list(Estimate.objects.order_by("competency").values_list(*fields)) == before


def test_change_is_told_after_commit(django_capture_on_commit_callbacks):
    attempt = sat_attempt(*make_quiz())
    heard: list[list[int]] = []

    def hear(person_ids: list[int], **kwargs: object) -> None:
        heard.append(person_ids)

    estimate_changed.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            submit_attempt(attempt)
    finally:
        estimate_changed.disconnect(hear)
    assert heard == [[attempt.person_id]]


def test_review_shows_every_question_with_key_and_answer():
    person, quiz = make_quiz(["9.1"])
    attempt = start_attempt(person, quiz)
    given = sit(attempt, lambda item: item.position == 1)
    unanswered = start_attempt(person, quiz)
    assert unanswered.pk == attempt.pk
    submit_attempt(attempt)
    reviews = review_items(attempt, "en")
    assert [review["position"] for review in reviews] == list(range(1, len(given) + 1))
    assert [review["score"] for review in reviews] == [1] + [0] * (len(given) - 1)
    assert {review["maximum"] for review in reviews} == {1}
    assert all(review["rationale"].startswith("Principle") for review in reviews)


def test_expired_attempts_are_closed_with_what_they_have():
    person, quiz = make_quiz(["9.1"])
    attempt = start_attempt(person, quiz)
    first = next_item(attempt)
    assert first is not None
    answer(attempt, first)
    assert close_expired(attempt.deadline + timedelta(seconds=4)) == 0
    assert close_expired(attempt.deadline + timedelta(seconds=6)) == 1
    assert close_expired(attempt.deadline + timedelta(seconds=6)) == 0
    attempt.refresh_from_db()
    assert attempt.status == "submitted"
    # Evidence is as old as the sitting, however late the sweep came.
    assert [row.observed_at for row in Evidence.objects.all()] == [attempt.deadline]


def test_closing_goes_on_after_one_that_fails(monkeypatch):
    past = timezone.now() - timedelta(hours=2)
    attempts = [start_attempt(*make_quiz([f"9.{number}"]), now=past) for number in (1, 2)]
    import assessments.domain.submission as submission

    real = submission.hand_in

    def fail_for_the_first(attempt: Attempt, **kwargs: object) -> object:
        if attempt.pk == attempts[0].pk:
            raise RuntimeError("broken")
        return real(attempt, now=timezone.now())

    monkeypatch.setattr(submission, "hand_in", fail_for_the_first)
    close_expired_attempts()
    assert [Attempt.objects.get(pk=each.pk).status for each in attempts] == ["open", "submitted"]


@pytest.mark.parametrize("codes", [["9.1"], ["9.1", "9.2", "9.3"]], ids=len)
def test_submission_takes_the_same_queries_for_any_number_of_answers(codes, django_assert_num_queries):
    attempt = sat_attempt(*make_quiz(codes))
    assert Response.objects.count() >= 3 * len(codes)
    with django_assert_num_queries(16):
        submit_attempt(attempt)


@pytest.mark.parametrize("codes", [["9.1"], ["9.1", "9.2", "9.3"]], ids=len)
def test_result_takes_three_queries(codes, django_assert_num_queries):
    attempt = sat_attempt(*make_quiz(codes))
    submit_attempt(attempt)
    with django_assert_num_queries(3):
        attempt_result(attempt)
