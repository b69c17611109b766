"""Learning: enrolment, progress, resuming, checks."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from courses.api import (
    BlockNotInLesson,
    CheckRefused,
    CourseClosed,
    answer_check,
    complete_lesson,
    course_progress,
    enrol,
    lesson_blocks,
    open_lesson,
    progress_of_courses,
    resume_point,
    touch_block,
)
from courses.models import CheckAnswer, Course, Enrolment, Lesson, LessonProgress
from tests.factories.courses import BlockFactory, CourseFactory, LessonFactory, ModuleFactory
from tests.factories.organisation import PersonFactory

pytestmark = pytest.mark.django_db


def make_course(lessons: int = 3, **kwargs) -> tuple[Course, list[Lesson]]:
    module = ModuleFactory(course=CourseFactory(**kwargs))
    return module.course, [LessonFactory(module=module) for _each in range(lessons)]


def test_enrol_twice_is_one_enrolment():
    person, (course, _lessons) = PersonFactory(), make_course()
    assert enrol(person, course) == enrol(person, course)
    assert Enrolment.objects.count() == 1


def test_closed_course_takes_nobody_new_and_keeps_who_is_in():
    person, (_course, lessons) = PersonFactory(), make_course()
    open_lesson(person, lessons[0])
    Course.objects.update(is_open=False)
    lesson = Lesson.objects.select_related("module__course").get(pk=lessons[1].pk)
    open_lesson(person, lesson)
    with pytest.raises(CourseClosed):
        open_lesson(PersonFactory(), lesson)
    assert LessonProgress.objects.count() == 2


def test_open_lesson_enrols_and_notes_each_time():
    person, (course, lessons) = PersonFactory(), make_course()
    with time_machine.travel(datetime(2026, 3, 2, 8, tzinfo=timezone.get_current_timezone()), tick=False) as clock:
        first = open_lesson(person, lessons[0])
        clock.shift(timedelta(hours=1))
        second = open_lesson(person, lessons[0])
    assert second.touched_at - first.touched_at == timedelta(hours=1)
    assert list(Enrolment.objects.values_list("person", "course")) == [(person.pk, course.pk)]


def test_touch_block_remembers_the_last_one_read_and_refuses_a_foreign_one():
    person, (_course, lessons) = PersonFactory(), make_course()
    blocks = [BlockFactory(lesson=lessons[0]) for _each in range(2)]
    for block in blocks:
        touch_block(person, lessons[0], block.pk)
    assert LessonProgress.objects.get().last_block == blocks[1]
    with pytest.raises(BlockNotInLesson):
        touch_block(person, lessons[1], blocks[0].pk)


def test_complete_lesson_keeps_the_first_time():
    person, (_course, lessons) = PersonFactory(), make_course()
    first = complete_lesson(person, lessons[0])
    assert complete_lesson(person, lessons[0]).completed_at == first.completed_at


def test_course_progress_counts_lessons_and_minutes():
    person, (course, lessons) = PersonFactory(), make_course()
    complete_lesson(person, lessons[0])
    open_lesson(person, lessons[1])
    open_lesson(PersonFactory(), lessons[2])
    progress = course_progress(person, course)
    assert [state.status for state in progress.lessons] == ["done", "started", "new"]
    assert (progress.total, progress.completed, progress.minutes, progress.minutes_left) == (3, 1, 30, 20)
    assert (progress.enrolled, progress.finished) == (True, False)


@pytest.mark.parametrize(
    ("done", "opened", "expected"),
    [
        ([], [], (0, None, False)),
        ([0], [], (1, None, False)),
        ([0], [2], (2, None, True)),
        ([0], [2, 1], (1, None, True)),
        ([0, 1, 2], [], None),
    ],
)
def test_resume_point_is_where_the_person_stopped(done, opened, expected):
    person, (course, lessons) = PersonFactory(), make_course()
    for index in done:
        complete_lesson(person, lessons[index])
    for index in opened:
        open_lesson(person, lessons[index])
    point = resume_point(course_progress(person, course))
    found = point and (lessons.index(point.lesson), point.block_pk, point.begun)
    assert found == expected


def test_resume_point_names_the_block():
    person, (course, lessons) = PersonFactory(), make_course()
    block = BlockFactory(lesson=lessons[1])
    touch_block(person, lessons[1], block.pk)
    point = resume_point(course_progress(person, course))
    assert point is not None
    assert (point.lesson, point.block_pk) == (lessons[1], block.pk)


def test_progress_of_courses_takes_the_same_queries_for_1_and_30():
    person = PersonFactory()
    courses = [make_course()[0] for _each in range(30)]
    counts = []
    for some in (courses[:1], courses):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert [each.total for each in progress_of_courses(person, some)] == [3] * len(some)
        counts.append(len(captured))
    assert counts == [5, 5]


def test_answer_check_records_and_teaches():
    person, block = PersonFactory(), BlockFactory(kind="check")
    wrong, right = (option["id"] for option in block.content["options"])
    feedback = answer_check(person, block, wrong)
    assert (feedback.option, feedback.correct, feedback.text) == (wrong, False, "Về: Gửi ngay")
    with translation.override("en"):
        feedback = answer_check(person, block, right)
    assert (feedback.option, feedback.correct, feedback.text) == (right, True, "About: Đối chiếu")
    assert list(CheckAnswer.objects.order_by("pk").values_list("option", "correct")) == [(wrong, False), (right, True)]
    assert LessonProgress.objects.get().last_block == block


def test_answer_check_refuses_what_is_no_answer():
    person = PersonFactory()
    for block, reason in ((BlockFactory(), "not_a_check"), (BlockFactory(kind="check"), "unknown_option")):
        with pytest.raises(CheckRefused) as caught:
            answer_check(person, block, "x" * 5000)
        assert caught.value.reason == reason
    assert (CheckAnswer.objects.count(), LessonProgress.objects.count()) == (0, 0)


def test_lesson_blocks_show_the_latest_answer_of_that_person_alone(django_assert_num_queries):
    person, lesson = PersonFactory(), LessonFactory()
    text, check = BlockFactory(lesson=lesson), BlockFactory(lesson=lesson, kind="check")
    wrong, right = (option["id"] for option in check.content["options"])
    answer_check(person, check, right)
    answer_check(person, check, wrong)
    answer_check(PersonFactory(), check, right)
    with django_assert_num_queries(2):
        views = lesson_blocks(lesson, person)
    assert [(view.block, view.feedback and view.feedback.option) for view in views] == [(text, None), (check, wrong)]
    assert [view.feedback for view in lesson_blocks(lesson)] == [None, None]
