"""Who may begin, when, and how often."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments.domain.attempts import start_attempt
from assessments.domain.audience import in_audience, offered_to
from assessments.domain.queries.live import live_progress
from assessments.domain.refusals import AttemptRefused
from assessments.domain.submission import submit_attempt
from assessments.models import Attempt
from organisation.api import undo_reorganisation
from organisation.reorganising.steps import Dissolve, Merge, Split
from tests.factories.assessments import AssessmentFactory, make_quiz
from tests.factories.organisation import PersonFactory, PositionFactory, PostingFactory, UnitFactory, UserFactory
from tests.organisation.reorganising import applied, new

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    """By name: below a unit of the audience, in it, beside it; and the unit."""
    province = UnitFactory(kind="province")
    ward, other = UnitFactory(parent=province), UnitFactory()
    clerk, head = PositionFactory(code="clerk"), PositionFactory(code="head")
    found = {"province": province, "clerk": clerk}
    for name, unit, position in (("below", ward, clerk), ("in", province, head), ("beside", other, clerk)):
        found[name] = PostingFactory(unit=unit, position=position).person
    return found


def admitted(people, quiz):
    return [name for name in ("below", "in", "beside") if quiz.pk in in_audience(people[name], [quiz])]


def test_audience_is_a_subtree_a_position_or_both_and_the_people_named(people):
    quiz = AssessmentFactory(for_everybody=False)
    assert admitted(people, quiz) == []
    quiz.audience_units.add(people["province"])
    assert admitted(people, quiz) == ["below", "in"]
    quiz.audience_positions.add(people["clerk"])
    assert admitted(people, quiz) == ["below"]
    quiz.audience_people.add(people["in"])
    assert admitted(people, quiz) == ["below", "in"]
    quiz.audience_units.clear()
    assert admitted(people, quiz) == ["below", "in", "beside"]


def test_a_post_that_has_ended_admits_nobody(people):
    quiz = AssessmentFactory(for_everybody=False)
    gone = PostingFactory(unit=people["province"], valid_to=timezone.localdate()).person
    quiz.audience_units.add(people["province"])
    assert quiz.pk not in in_audience(gone, [quiz])


@pytest.mark.parametrize(
    ("step", "audience"),
    [
        (Merge(("A", "B"), "N", new("N", "P")), ["in A", "in B"]),
        (Merge(("A",), "B"), ["in A", "in B"]),
        (Split("A", ("A1", "A2"), "A1", new=(new("A1", "P"), new("A2", "P")), follow="evenly"), ["in A", "in A too"]),
        (Split("A", ("A", "A2"), "A", new=(new("A2", "P"),), follow="evenly"), ["in A"]),
        (Dissolve("A", "P"), []),
    ],
)
def test_audience_of_a_unit_follows_what_became_of_it(step, audience):
    """As HR officers' scopes do: a unit that goes on is itself, and a dissolved one has no heir."""
    province = UnitFactory(code="P", kind="province")
    units = {code: UnitFactory(code=code, parent=province, kind="commune") for code in "AB"}
    posts = [("in A", units["A"]), ("in A too", units["A"]), ("in B", units["B"]), ("above", province)]
    found = {
        name: PostingFactory(unit=unit, person__employee_code=f"{at}").person for at, (name, unit) in enumerate(posts)
    }
    quiz = AssessmentFactory(for_everybody=False)
    quiz.audience_units.add(units["A"])
    made = applied(step, day=timezone.localdate())
    wanted = audience if len(audience) < 2 or "in A too" in audience else [*audience, "in A too"]
    for names in (wanted, ["in A", "in A too"]):
        assert sorted(name for name, person in found.items() if in_audience(person, [quiz])) == sorted(names)
        waiting = {code for code, _name in live_progress(quiz).waiting}
        assert waiting == {found[name].employee_code for name in names}
        if made.status == "applied":
            undo_reorganisation(made.pk, actor=UserFactory())
            made.refresh_from_db()


def test_unit_and_position_hold_of_one_post(people):
    quiz = AssessmentFactory(for_everybody=False)
    quiz.audience_units.add(people["province"])
    quiz.audience_positions.add(people["clerk"])
    PostingFactory(person=people["in"], unit=UnitFactory(), position=people["clerk"], kind="secondary")
    assert admitted(people, quiz) == ["below"]


def test_nothing_limited_costs_no_query(django_assert_num_queries):
    person, quizzes = PersonFactory(), [AssessmentFactory() for _ in range(3)]
    with django_assert_num_queries(0):
        assert offered_to(person, quizzes) == quizzes


def test_many_limited_cost_one_query(people, django_assert_num_queries):
    quizzes = [AssessmentFactory(for_everybody=False) for _ in range(5)]
    quizzes[2].audience_people.add(people["in"])
    with django_assert_num_queries(1):
        assert offered_to(people["in"], quizzes) == [quizzes[2]]


def test_who_is_not_in_the_audience_is_refused():
    person, quiz = make_quiz(for_everybody=False)
    with pytest.raises(AttemptRefused) as refused:
        start_attempt(person, quiz)
    assert refused.value.reason == "not_in_audience"
    quiz.audience_people.add(person)
    assert start_attempt(person, quiz).status == "open"


def test_dates_bound_the_start_and_the_sitting():
    now = timezone.now()
    person, quiz = make_quiz(opens_at=now, closes_at=now + timedelta(minutes=10))
    for moment, reason in ((now - timedelta(seconds=1), "not_yet_open"), (now + timedelta(minutes=10), "closed")):
        with pytest.raises(AttemptRefused) as refused:
            start_attempt(person, quiz, now=moment)
        assert refused.value.reason == reason
        assert str(timezone.localtime(refused.value.at).year) in refused.value.message
    assert start_attempt(person, quiz, now=now).deadline == quiz.closes_at


def test_attempts_are_counted_and_wait_for_each_other():
    now = timezone.now()
    person, quiz = make_quiz(max_attempts=2, wait_hours=24)
    submit_attempt(start_attempt(person, quiz, now=now), now=now)
    with pytest.raises(AttemptRefused) as refused:
        start_attempt(person, quiz, now=now + timedelta(hours=23))
    assert (refused.value.reason, refused.value.at) == ("wait", now + timedelta(hours=24))
    later = now + timedelta(hours=25)
    submit_attempt(start_attempt(person, quiz, now=later), now=later)
    with pytest.raises(AttemptRefused) as refused:
        start_attempt(person, quiz, now=now + timedelta(days=9))
    assert refused.value.reason == "no_attempts_left"


@pytest.mark.parametrize(("rules", "days"), [({"max_attempts": 1}, 9), ({"wait_hours": 48}, 1)])
def test_database_refuses_an_attempt_too_many(rules, days):
    now = timezone.now()
    person, quiz = make_quiz(**rules)
    attempt = start_attempt(person, quiz, now=now)
    submit_attempt(attempt, now=now)
    fields = {"person": person, "assessment": quiz, "seed": 1, "form": {}}
    at = now + timedelta(days=days)
    with pytest.raises(IntegrityError, match="no further attempt is allowed now"), transaction.atomic():
        Attempt.objects.create(started_at=at, deadline=at + timedelta(minutes=1), **fields)
    at = now + timedelta(days=3)
    if "wait_hours" in rules:
        Attempt.objects.create(started_at=at, deadline=at + timedelta(minutes=1), **fields)
