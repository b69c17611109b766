"""Why each question was chosen: the choices made again from the attempt's own record."""

import pytest

from assessments.domain.attempts import start_attempt
from assessments.domain.delivery import next_item
from assessments.domain.delivery_rules import set_item_rules
from assessments.domain.items import publish_draft, save_draft
from assessments.domain.queries.choice_log import choice_log, recent_attempts
from assessments.domain.refusals import AttemptRefused
from assessments.domain.submission import submit_attempt
from assessments.models import Attempt, Item
from competencies.models import Requirement
from tests.factories.assessments import answer, make_item, make_quiz, raw_content, sat_attempt, sit
from tests.factories.competencies import make_post

pytestmark = pytest.mark.django_db


def finished(**fields) -> Attempt:
    person, quiz = make_quiz(**fields)
    attempt = start_attempt(person, quiz, seed=5)
    sit(attempt, lambda given: given.position % 3 > 0)
    submit_attempt(attempt)
    return attempt


def test_choices_made_again_are_the_ones_that_were_made():
    log = choice_log(finished())
    assert len(log.steps) >= 9
    assert [step.reproduced for step in log.steps] == [True] * len(log.steps)
    assert log.reproduced
    first = log.steps[0]
    assert first.explanation is not None
    assert (first.explanation.ability, first.explanation.se) == pytest.approx((0.0, 1.0), abs=1e-3)
    assert first.explanation.choice.information == pytest.approx(first.recorded["information"], abs=1e-4)
    assert (first.score, first.maximum) == (1, 1)


def test_another_seed_makes_other_choices():
    """The control: what is compared can differ."""
    attempt = finished()
    attempt.seed += 1
    assert not choice_log(attempt).reproduced


def test_another_answer_makes_other_choices():
    attempt = finished(codes=["9.1"], max_items=5, max_items_per_competency=5, target_se=0.05, error_rate=0.001)
    assert choice_log(attempt).reproduced
    attempt.form["competencies"][0]["start"] = [2.5, 0.4]
    assert not choice_log(attempt).reproduced


def test_choices_are_made_again_after_the_bank_has_changed():
    attempt = finished()
    item = Item.objects.get(code="9.1-01")
    save_draft(item, raw_content(item.kind, "mới"), level=7, seconds=60, actor=None)
    publish_draft(item, actor=None)
    make_item(item.competency, 9)
    set_item_rules(Item.objects.get(code="9.2-01"), None, testlet="case")
    assert choice_log(attempt).reproduced


def test_bank_that_changes_during_a_sitting_is_kept_too():
    person, quiz = make_quiz()
    attempt = start_attempt(person, quiz, seed=5)
    for number in range(12):
        given = next_item(attempt)
        if given is None:
            break
        answer(attempt, given)
        if number == 3:
            make_item(Item.objects.get(code="9.1-01").competency, 9, level=4)
    submit_attempt(attempt)
    log = choice_log(attempt)
    assert log.reproduced
    assert len({step.recorded["bank"] for step in log.steps}) <= 2


def test_log_says_why_the_sitting_stopped():
    log = choice_log(finished(max_items=24))
    assert log.end == "decided"
    assert {stop.reason for stop in log.stops} <= {"meets", "below", "precise", "limit"}
    assert all(stop.asked >= 3 for stop in log.stops)
    short = choice_log(finished(codes=["8.1", "8.2"], max_items=4))
    assert (short.end, len(short.stops), len(short.waiting)) == ("no_room", 1, 1)


def test_sitting_that_was_left_says_so():
    person, quiz = make_quiz()
    attempt = start_attempt(person, quiz)
    given = next_item(attempt)
    assert given is not None
    assert choice_log(attempt).end == "open"
    submit_attempt(attempt)
    assert choice_log(attempt).end == "handed_in"
    late = start_attempt(make_post({each.competency: 4 for each in Requirement.objects.all()}), quiz)
    next_item(late)
    submit_attempt(late, now=late.deadline.replace(year=late.deadline.year + 1))
    assert choice_log(late).end == "time"


def test_recent_attempts_come_without_their_people():
    person, quiz = make_quiz()
    attempt = sat_attempt(person, quiz)
    assert recent_attempts(quiz.pk) == []
    submit_attempt(attempt)
    (found,) = recent_attempts(quiz.pk)
    assert found.get_deferred_fields() == {"person_id"}


def test_simulation_has_no_choices():
    attempt = finished(codes=["9.1"])
    del attempt.form["rule"]
    with pytest.raises(AttemptRefused):
        choice_log(attempt)
