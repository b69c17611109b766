"""Claims and measured effects of courses in the catalogue."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from courses.api import (
    CourseClosed,
    assign_course,
    describe_effort,
    enrol,
    import_course,
    learning_path,
    measure_effects,
)
from courses.models import CourseEffect, Enrolment, LessonProgress, ModuleOutcome
from organisation.models import AuditEvent
from tests.factories.competencies import add_evidence
from tests.factories.courses import CourseFactory, LessonFactory, ModuleFactory
from tests.factories.organisation import PersonFactory, UserFactory
from tests.factories.reports import make_competencies

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def competency():
    return make_competencies(1)[0]


@pytest.fixture
def course(competency):
    """One lesson that teaches the competency to level 4."""
    module = ModuleFactory(course=CourseFactory(code="c"))
    LessonFactory(module=module)
    ModuleOutcome.objects.create(module=module, competency=competency, level=4)
    return module.course


def sit(person, competency, day: int, ability: float, rng: np.random.Generator) -> None:
    """Answer 12 questions on a day, as somebody of that ability would."""
    right = rng.uniform(size=12) < 1 / (1 + np.exp(-1.2 * ability))
    scores = {f"{day}-{n}": int(each) for n, each in enumerate(right)}
    add_evidence(person, competency, scores, source_id=f"{person.pk}-{day}", observed_at=START + timedelta(days=day))


def learn(person, course) -> None:
    """Finish every lesson of the course between the 5th and the 10th day."""
    enrol(person, course)
    for lesson in [lesson for module in course.modules.all() for lesson in module.lessons.all()]:
        done = LessonProgress.objects.create(person=person, lesson=lesson, completed_at=START + timedelta(days=10))
        LessonProgress.objects.filter(pk=done.pk).update(opened_at=START + timedelta(days=5))


def measure_people(competency, course, took: int, others: int, gain: float) -> None:
    rng = np.random.default_rng(1)
    for number in range(took + others):
        person = PersonFactory()
        ability = rng.normal(0, 0.8)
        sit(person, competency, 1, ability, rng)
        if number < took:
            learn(person, course)
        sit(person, competency, 20, ability + gain * (number < took), rng)


def test_effect_is_measured_from_people_before_and_after(competency, course):
    measure_people(competency, course, 30, 30, gain=1.5)
    assert measure_effects() == 1
    effect = CourseEffect.objects.get(course=course, competency=competency)
    assert (effect.people, effect.compared) == (30, 30)
    assert effect.low is not None
    assert effect.high is not None
    assert effect.low < 1.5 / 0.75 < effect.high  # levels of 0.75 each
    assert effect.claimed is None


def test_few_people_leave_the_claim_alone_standing(competency, course):
    CourseEffect.objects.create(course=course, competency=competency, claimed=0.5)
    measure_people(competency, course, 5, 5, gain=1.5)
    assert measure_effects() == 0
    effect = CourseEffect.objects.get(course=course, competency=competency)
    assert (effect.claimed, effect.gain, effect.measured_at) == (0.5, None, None)


def test_who_did_not_finish_is_in_neither_group(competency, course):
    measure_people(competency, course, 25, 25, gain=1.0)
    LessonFactory(module=course.modules.get())  # now nobody has finished, and all of them were enrolled
    assert measure_effects() == 0


@pytest.mark.parametrize(
    "fields", [{"claimed": 0.0}, {"claimed": 8.0}, {"gain": 0.4}, {"gain": 0.4, "se": 0.1}, {"gain": 0.4, "se": 0.0}]
)
def test_database_refuses_half_an_effect(competency, course, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        CourseEffect.objects.create(course=course, competency=competency, **fields)


def test_trainer_says_what_a_course_takes_and_does(competency, course):
    actor = UserFactory()
    describe_effort(course, hours=6.0, cost=300_000, claims={competency: 0.7}, actor=actor)
    course.refresh_from_db()
    assert (course.hours, course.cost, course.effects.get().claimed) == (6.0, 300_000, 0.7)
    event = AuditEvent.objects.get(action="edited")
    assert (event.actor, event.target) == (actor, "effect of course c")
    assert event.detail == {"hours": 6.0, "cost": 300_000, "claims": {"1.1": 0.7}}


def test_claims_come_with_the_files_and_a_trainers_own_stays(framework, course_files):
    course = import_course(course_files)
    assert sorted(course.effects.values_list("competency__code", "claimed")) == [
        ("4.2", 0.5),
        ("6.2", 0.5),
        ("6.3", 0.5),
        ("7.5", 0.5),
    ]
    course.effects.filter(competency__code="6.3").update(claimed=0.8)
    import_course(course_files)
    assert course.effects.get(competency__code="6.3").claimed == 0.8


def test_assigning_enrols_whoever_is_not_in_it_and_repeats_change_nothing(course):
    actor, (mine, new) = UserFactory(), PersonFactory.create_batch(2)
    enrol(mine, course)
    assert [each.person for each in assign_course([mine, new], course, actor)] == [new]
    assert assign_course([mine, new], course, actor) == []
    assert sorted(Enrolment.objects.values_list("person", "assigned_by")) == [(mine.pk, None), (new.pk, actor.pk)]


def test_nobody_is_assigned_to_a_closed_course(course):
    course.is_open = False
    with pytest.raises(CourseClosed):
        assign_course([PersonFactory()], course, UserFactory())


def test_assigned_course_is_what_the_person_does_next(course, competency):
    person = PersonFactory()
    other = ModuleFactory(course=CourseFactory(code="a"))
    LessonFactory(module=other)
    ModuleOutcome.objects.create(module=other, competency=competency, level=4)
    assert learning_path(person, {competency.pk}).course == other.course
    enrol(person, course)
    assert learning_path(person, {competency.pk}).course == other.course  # as long as they chose it themselves
    Enrolment.objects.all().delete()
    assign_course([person], course, UserFactory())
    assert learning_path(person, {competency.pk}).course == course


def test_measuring_asks_twice_for_each_person(competency, course):
    measure_people(competency, course, 3, 2, gain=1.0)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        measure_effects()
    per_person = [each for each in asked.captured_queries if "%(scored_by)s" in each["sql"]]
    assert len(per_person) == 2 * 5
