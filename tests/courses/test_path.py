"""What comes next for a person."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.domain.bank import published_bank
from assessments.models import Assessment, Attempt
from courses.api import complete_lesson, course_path, course_progress, learning_path, open_lesson, touch_block
from courses.models import Course, CourseAssessment, Lesson, ModuleOutcome
from organisation.models import Person
from tests.factories.assessments import make_item
from tests.factories.competencies import CompetencyFactory
from tests.factories.courses import BlockFactory, CourseFactory, LessonFactory, ModuleFactory
from tests.factories.organisation import PersonFactory

pytestmark = pytest.mark.django_db


def make_course(code: str, *assessments: Assessment, is_open: bool = True) -> tuple[Course, list[Lesson]]:
    module = ModuleFactory(course=CourseFactory(code=code, is_open=is_open))
    for order, assessment in enumerate(assessments):
        CourseAssessment.objects.create(course=module.course, assessment=assessment, order=order)
    return module.course, [LessonFactory(module=module) for _each in range(2)]


def make_quiz(code: str = "quiz", is_open: bool = True) -> Assessment:
    return Assessment.objects.create(
        code=code, mode="adaptive", name_vi=code, name_en=code, minutes=30, is_open=is_open
    )


def make_attempt(person: Person, assessment: Assessment, submitted: bool = False) -> Attempt:
    now = timezone.now()
    return Attempt.objects.create(
        person=person,
        assessment=assessment,
        started_at=now,
        deadline=now + timedelta(minutes=30),
        status="submitted" if submitted else "open",
        submitted_at=now if submitted else None,
        seed=1,
        form={},
    )


def shape(person: Person, needed: set[int] | None = None) -> tuple[str | None, list[tuple[str, str]]]:
    path = learning_path(person, needed or set())
    return path.course.code if path.course else None, [(step.kind, step.state) for step in path.steps]


def test_path_begins_with_the_first_lesson_and_ends_with_the_assessments():
    make_course("a", make_quiz())
    person = PersonFactory()
    assert shape(person) == ("a", [("lesson", "next"), ("lesson", "to-do"), ("quiz", "to-do")])
    assert learning_path(person, set()).minutes_left == 50


def test_path_goes_on_where_reading_stopped():
    _course, lessons = make_course("a")
    person = PersonFactory()
    complete_lesson(person, lessons[0])
    block = BlockFactory(lesson=lessons[1])
    touch_block(person, lessons[1], block.pk)
    step = learning_path(person, set()).next
    assert step is not None
    assert (step.lesson, step.block_pk, step.begun) == (lessons[1], block.pk, True)


def test_path_puts_an_open_attempt_first():
    quiz = make_quiz()
    make_course("a")
    make_course("b", quiz)
    person = PersonFactory()
    make_attempt(person, quiz)
    assert shape(person) == ("b", [("lesson", "to-do"), ("lesson", "to-do"), ("quiz", "next")])


def test_path_prefers_the_course_worked_on_last():
    make_course("a")
    _course, lessons = make_course("b")
    person = PersonFactory()
    open_lesson(person, lessons[0])
    assert shape(person) == ("b", [("lesson", "next"), ("lesson", "to-do")])


def test_path_prefers_the_course_that_teaches_what_is_needed():
    make_course("a")
    _course, lessons = make_course("b")
    competency = CompetencyFactory()
    ModuleOutcome.objects.create(module=lessons[0].module, competency=competency, level=3)
    assert shape(PersonFactory(), {competency.pk})[0] == "b"


def test_path_leaves_a_finished_course_and_a_closed_assessment():
    first, second = make_quiz("first"), make_quiz("second", is_open=False)
    course, lessons = make_course("a", first, second)
    make_course("b")
    person = PersonFactory()
    for lesson in lessons:
        complete_lesson(person, lesson)
    assert shape(person) == ("a", [("lesson", "done"), ("lesson", "done"), ("quiz", "next")])
    make_attempt(person, first, submitted=True)
    assert shape(person)[0] == "b"
    path = course_path(person, course_progress(person, course))
    assert ([step.state for step in path.steps], path.next) == (["done", "done", "done"], None)


def test_path_offers_assessments_of_no_course_when_nothing_else_is_left():
    make_quiz()
    person = PersonFactory()
    assert shape(person) == (None, [("quiz", "next")])


def test_a_quiz_is_offered_again_while_it_can_measure_more():
    quiz = make_quiz()
    quiz.by_post = True
    quiz.save()
    make_course("a", quiz)
    person = PersonFactory()
    for lesson in Lesson.objects.all():
        complete_lesson(person, lesson)
    make_attempt(person, quiz, submitted=True)
    measurable, other = CompetencyFactory(), CompetencyFactory()
    make_item(measurable, 1)
    published_bank(recheck=True)
    again = learning_path(person, set(), {measurable.pk, other.pk}).next
    assert again is not None
    assert (again.assessment, again.unmeasured) == (quiz, 1)
    # The control: with nothing left that the bank can ask about, nothing is waiting.
    assert learning_path(person, set(), {other.pk}).next is None


def test_closed_course_is_offered_only_to_who_is_in_it():
    _course, lessons = make_course("a")
    person = PersonFactory()
    open_lesson(person, lessons[0])
    Course.objects.update(is_open=False)
    assert (shape(person)[0], shape(PersonFactory())) == ("a", (None, []))


def test_path_takes_the_same_queries_for_1_course_and_for_30():
    counts = []
    for number in range(30):
        make_course(f"made-{number}", make_quiz(f"quiz-{number}"))
        if number in (0, 29):
            with CaptureQueriesContext(connection) as captured:
                learning_path(PersonFactory(), set())
            counts.append(len(captured))
    assert counts == [9, 9]
