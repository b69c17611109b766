"""Catalogue and course."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses.api import complete_lesson, open_lesson, touch_block
from courses.models import Course, ModuleOutcome
from organisation.models import AuditEvent
from tests.factories.competencies import make_framework, make_post
from tests.factories.courses import BlockFactory, CourseFactory, LessonFactory, ModuleFactory

pytestmark = pytest.mark.django_db


def test_catalogue_lists_begun_courses_first_and_finished_ones_last(learner, learner_client):
    untouched, begun, finished = (LessonFactory() for _each in range(3))
    open_lesson(learner, begun)
    complete_lesson(learner, finished)
    CourseFactory(is_open=False)
    rows = learner_client.get(reverse("learn:catalogue")).context["rows"]
    assert [(row["course"], row["state"]) for row in rows] == [
        (begun.module.course, "in-progress"),
        (untouched.module.course, "to-do"),
        (finished.module.course, "done"),
    ]


def test_catalogue_puts_forward_what_the_post_requires(client_of):
    LessonFactory()
    lesson = LessonFactory()
    competency = make_framework("9.1").domains.get().competencies.get()
    ModuleOutcome.objects.create(module=lesson.module, competency=competency, level=3)
    rows = client_of(make_post({competency: 3})).get(reverse("learn:catalogue")).context["rows"]
    assert [row["for_post"] for row in rows] == [1, 0]


def test_catalogue_takes_the_same_queries_for_1_course_and_for_30(learner_client):
    counts = []
    for size in (1, 29):
        for _each in range(size):
            LessonFactory()
        learner_client.get(reverse("learn:catalogue"))
        with CaptureQueriesContext(connection) as captured:
            learner_client.get(reverse("learn:catalogue"))
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert Course.objects.count() == 30


def test_empty_catalogue_says_so(learner_client):
    assert "Chưa có khóa học" in learner_client.get(reverse("learn:catalogue")).content.decode()


def test_course_leads_back_to_where_reading_stopped(learner, learner_client):
    module = ModuleFactory()
    lessons = [LessonFactory(module=module) for _each in range(3)]
    block = BlockFactory(lesson=lessons[1])
    complete_lesson(learner, lessons[0])
    touch_block(learner, lessons[1], block.pk)
    response = learner_client.get(reverse("learn:course", args=[module.course.code]))
    expected = reverse("learn:lesson", args=[module.course.code, lessons[1].code]) + f"#block-{block.pk}"
    assert (response.context["resume_url"], response.context["next"]["url"]) == (expected, expected)
    assert [task["state"] for task in response.context["parts"][0]["tasks"]] == ["done", "next", "to-do"]


def test_course_that_is_closed_is_there_for_who_is_in_it_alone(learner, learner_client, client_of):
    lesson = LessonFactory()
    open_lesson(learner, lesson)
    Course.objects.update(is_open=False)
    url = reverse("learn:course", args=[lesson.module.course.code])
    stranger = make_post({})
    assert [learner_client.get(url).status_code, client_of(stranger).get(url).status_code] == [200, 404]
    assert AuditEvent.objects.get().target == f"course {lesson.module.course.code}"


def test_course_takes_the_same_queries_for_1_lesson_and_for_30(learner_client):
    counts = []
    for size in (1, 30):
        module = ModuleFactory()
        for _each in range(size):
            LessonFactory(module=module)
        url = reverse("learn:course", args=[module.course.code])
        learner_client.get(url)
        with CaptureQueriesContext(connection) as captured:
            learner_client.get(url)
        counts.append(len(captured))
    assert counts[0] == counts[1]
