"""What pages remember of content is read from tables whose changes are noted, and shows changes at once."""

import importlib
import pkgutil
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import assessments.domain
import competencies.domain
import courses.domain
import reports.domain
from assessments.api import start_attempt
from assessments.domain.form_plan import _listed_levels, _picked_versions, _planned
from assessments.domain.queries.corrected_keys import corrected_keys
from assessments.domain.queries.published import assessment_coded, assessment_of, competencies_by_key
from assessments.domain.queries.void import all_void
from assessments.domain.sections import outline_of
from assessments.models import Assessment, ItemParameterSet, ItemVersion, Regrade
from competencies.domain.queries.requirements import _profile_rows
from courses.domain.queries.path import _open_assessments, _open_courses_and, _open_links
from courses.domain.queries.progress import _courses_teaching, _modules_of
from courses.domain.queries.versions import forget_changes
from courses.models import Course
from organisation.api import today
from reports.domain.gap_report import _groups, named_competencies
from reports.domain.queries.structure import _known_today
from tests.factories.assessments import make_quiz
from tests.factories.courses import LessonFactory
from tests.factories.forms import make_form
from tests.frontend.learn.test_kept import watched_tables

pytestmark = pytest.mark.django_db(transaction=True)


def form_and_person():
    """A person with a post, and a fixed form of three questions."""
    person, quiz = make_quiz(["9.1"], max_items=4)
    versions = list(ItemVersion.objects.filter(status="published").order_by("pk")[:3])
    quiz.is_open = False
    quiz.save()
    return person, make_form(versions)


def remembering() -> set[str]:
    """The names of all functions that remember."""
    found = set()
    for package in (assessments.domain, competencies.domain, courses.domain, reports.domain):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for name, value in vars(importlib.import_module(module.name)).items():
                if getattr(getattr(value, "__code__", None), "co_name", "") == "recalled":
                    found.add(name)
    return found


def test_all_that_is_remembered_is_read_from_watched_tables():
    person, form = form_and_person()
    course = LessonFactory().module.course
    unit = person.postings.get().unit_id
    versions = tuple(pk for pks in _picked_versions(form.pk).values() for pk in pks)
    calls: dict[Callable[..., Any], tuple[Any, ...]] = {
        assessment_of: (form.pk,),
        assessment_coded: (form.code,),
        competencies_by_key: ((1, 2),),
        outline_of: (form,),
        all_void: (),
        corrected_keys: (),
        _picked_versions: (form.pk,),
        _listed_levels: (form.pk,),
        _planned: (versions,),
        _profile_rows: ((1, 2), today()),
        _open_courses_and: ((course.pk,),),
        _open_assessments: (),
        _open_links: ((course.pk,),),
        _courses_teaching: ((1, 2),),
        _modules_of: ((course.pk,),),
        named_competencies: ((1, 2),),
        _groups: ((1, 2),),
        _known_today: (today(),),
    }
    assert {function.__name__ for function in calls} == remembering()
    with CaptureQueriesContext(connection) as asked:
        for function, given in calls.items():
            function(*given)
        _known_today(today()).learn(unit, today())
    named = {table for query in asked for table in re.findall(r'(?:FROM|JOIN) "?(\w+)', query["sql"])}
    tables = named & {*connection.introspection.table_names()}
    assert {"assessments_regrade", "assessments_itemparameterset", "courses_lesson", "organisation_unit"} <= tables
    assert tables - watched_tables() == set()


@pytest.fixture
def sitter(client_of):
    person, form = form_and_person()
    client = client_of(person)
    path = f"/learn/assessments/{form.code}/"
    assert client.get(path).status_code == 200
    return person, form, client, path


def test_rules_show_a_change_of_the_assessment_at_once(sitter):
    _person, form, client, path = sitter
    Assessment.objects.filter(pk=form.pk).update(name_vi="Tên mới của bài")
    assert "Tên mới của bài" in client.get(path).text
    Assessment.objects.filter(pk=form.pk).update(is_open=False)
    assert client.get(path).status_code == 404


def test_a_sitting_is_planned_by_the_newest_parameters_and_without_void_questions(sitter):
    person, form, client, path = sitter
    version, *_others = next(iter(_picked_versions(form.pk).values()))
    newest = ItemParameterSet.objects.filter(version=version).order_by("-pk").first()
    newest.pk, newest.parameters = None, newest.parameters | {"a": 1.25}
    newest.save()
    client.post(path)
    planned = person.attempts.get().form["sections"][0]["items"]
    assert next(each for each in planned if each["version"] == version)["parameters"]["a"] == 1.25
    person.attempts.all().delete()
    Regrade.objects.create(
        reason="void", corrections=[{"version_pk": version, "void": True}], status=Regrade.Status.DONE
    )
    client.post(path)
    assert version not in [each["version"] for each in person.attempts.get().form["sections"][0]["items"]]


def test_a_learning_path_shows_a_change_of_a_course_at_once(sitter):
    person, form, client, _path = sitter
    lesson = LessonFactory(module__course__name_vi="Khóa cũ")
    attempt = start_attempt(person, form, now=timezone.now() - timedelta(minutes=1))
    client.post(f"/learn/attempts/{attempt.pk}/submit/")
    result = f"/learn/attempts/{attempt.pk}/result/"
    assert "Khóa cũ" in client.get(result).text
    Course.objects.filter(pk=lesson.module.course_id).update(name_vi="Khóa mới")
    assert "Khóa mới" in client.get(result).text


def test_what_changed_and_was_forgotten_between_two_pages_is_not_remembered_as_it_was(sitter):
    """Of a night in which a process served nobody: content changed, and the hourly task forgot that it had."""
    _person, form, client, path = sitter
    forget_changes()
    forget_changes()
    assert form.name_vi in client.get(path).text
    Assessment.objects.filter(pk=form.pk).update(name_vi="Tên mới của bài")
    forget_changes()
    assert "Tên mới của bài" in client.get(path).text
