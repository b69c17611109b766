"""Kept pages: served again while nothing of theirs changed, never after it did, and never to another person."""

import re

import pytest
from django.contrib import messages
from django.db import connection, transaction
from django.http import Http404, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments.api import start_attempt, submit_attempt
from assessments.models import Assessment
from competencies.models import Requirement
from courses.api import complete_lesson, content_version, learning_version
from courses.domain.queries.versions import _OWN, forget_changes
from courses.models import ContentChange, Course, CourseAssessment, Lesson
from frontend import kept
from organisation.models import Person, Position, RoleGrant, UnitVersion
from tests.factories.assessments import make_quiz, sit
from tests.factories.courses import LessonFactory
from tests.factories.organisation import PersonFactory

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@pytest.fixture
def learner(client_of):
    """A person with a post, a course and a quiz, who has opened home and the course before; and their client."""
    person, quiz = make_quiz()
    lesson = LessonFactory(module__course__code="first", module__course__name_vi="Khóa đầu")
    CourseAssessment.objects.create(course=lesson.module.course, assessment=quiz, order=1)
    client = client_of(person)
    for path in ("/", "/learn/courses/first/"):
        assert client.get(path).status_code == 200
    return person, client


def tables_asked(client, path: str) -> set[str]:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    said = [query["sql"] for query in asked.captured_queries if "courses_contentchange" not in query["sql"]]
    return {table for query in said for table in re.findall(r'(?:FROM|JOIN) "?(\w+)', query)}


def watched_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'note_content_change'")
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.parametrize("path", ["/", "/learn/courses/first/"])
def test_everything_a_kept_page_reads_is_watched(learner, path):
    _person, client = learner
    Course.objects.update(hours=9)  # so that this process remembers nothing
    asked = tables_asked(client, f"{path}?made=anew")
    assert {"courses_course", "assessments_attempt", "courses_lessonprogress"} <= asked
    assert asked - watched_tables() - _OWN.keys() == set()


@pytest.mark.parametrize("path", ["/", "/learn/courses/first/"])
def test_a_page_is_made_once_while_nothing_changes(learner, path):
    _person, client = learner
    assert tables_asked(client, path) == {"organisation_user", "organisation_person", "organisation_rolegrant"}


def home_without_tokens(client, query: str = "") -> str:
    return re.sub(r"\b[A-Za-z0-9]{64}\b", "", client.get(f"/{query}").text).replace("/?made=anew", "/")


def change_own_name(person):
    Person.objects.filter(pk=person.pk).update(full_name="Trần Văn Mới")


def change_role(person):
    RoleGrant.objects.create(user=person.user, role="trainer")


def change_requirement(person):
    Requirement.objects.update(level=5)


def change_course(person):
    Course.objects.update(name_vi="Khóa đổi tên")


def change_position(person):
    Position.objects.update(name_vi="Chức danh mới")


def change_unit(person):
    UnitVersion.objects.update(name_vi="Đơn vị mới")


def finish_lesson(person):
    complete_lesson(person, Lesson.objects.select_related("module__course").get())


def begin_quiz(person):
    start_attempt(person, Assessment.objects.get())


@pytest.mark.parametrize(
    "change",
    [
        change_own_name,
        change_role,
        change_requirement,
        change_course,
        change_position,
        change_unit,
        finish_lesson,
        begin_quiz,
    ],
)
def test_a_change_shows_at_once(learner, change):
    person, client = learner
    before = home_without_tokens(client)
    change(person)
    after = home_without_tokens(client)
    assert after == home_without_tokens(client, "?made=anew")
    assert after != before


def test_a_change_that_is_committed_after_a_later_one_shows_too(learner):
    person, _client = learner
    with connection.get_new_connection(connection.get_connection_params()) as slow:
        slow.execute("UPDATE courses_course SET name_vi = 'Chậm'")
        before = learning_version(person)
        Position.objects.update(name_vi="Nhanh")
        between = learning_version(person)
        forget_changes()
        forgotten = learning_version(person)
        slow.commit()
    assert len({before, between, forgotten, learning_version(person)}) >= 3
    assert learning_version(person) not in {before, between, forgotten}


def test_sittings_of_others_leave_a_page_as_it_is(learner):
    person, _client = learner
    other, quiz = make_quiz(["8.1"])
    before = learning_version(person)
    attempt = start_attempt(other, quiz)
    sit(attempt)
    submit_attempt(attempt)
    assert Assessment.objects.get(pk=quiz.pk).sittings == 1
    assert learning_version(person) == before
    Assessment.objects.filter(pk=quiz.pk).update(name_vi="Tên mới")
    assert learning_version(person) != before


def test_changes_that_ended_are_forgotten(learner):
    ContentChange.objects.bulk_create([ContentChange(xid=1), ContentChange(xid=2)])
    forget_changes()
    assert not ContentChange.objects.filter(xid__in=[1, 2]).exists()
    with transaction.atomic():
        Course.objects.update(name_vi="Chưa xong")
        forget_changes()
        assert ContentChange.objects.exists()


def test_changes_are_forgotten_without_bringing_an_old_page_back(learner):
    person, _client = learner
    seen = {learning_version(person)}
    for name in ("Một", "Hai", "Ba"):
        forget_changes()
        Course.objects.update(name_vi=name)
        version = learning_version(person)
        assert version not in seen
        seen.add(version)


def test_a_change_that_was_forgotten_while_nobody_looked_shows_too(learner):
    person, _client = learner
    forget_changes()
    forget_changes()
    seen = {learning_version(person), content_version()}
    Course.objects.update(name_vi="Một")
    forget_changes()
    assert seen & {learning_version(person), content_version()} == set()


def test_an_old_change_committed_late_and_forgotten_while_nobody_looked_shows_too(learner):
    person, _client = learner
    with (
        connection.get_new_connection(connection.get_connection_params()) as slow,
        connection.get_new_connection(connection.get_connection_params()) as other,
    ):
        slow.execute("UPDATE courses_course SET name_vi = 'Chậm'")
        other.execute("SELECT pg_current_xact_id()")
        Position.objects.update(name_vi="Nhanh")
        forget_changes()
        seen = {learning_version(person), content_version()}
        slow.commit()
        forget_changes()
        assert seen & {learning_version(person), content_version()} == set()
        other.rollback()


def test_another_person_language_or_theme_gets_a_page_of_its_own(learner, client_of):
    person, client = learner
    other = PersonFactory(full_name="Người khác")
    assert "Người khác" in client_of(other).get("/").text
    assert person.full_name in client.get("/").text
    assert '<html lang="vi">' in client.get("/").text
    client.cookies["django_language"] = "en"
    assert '<html lang="en">' in client.get("/").text
    client.cookies["theme"] = "dark"
    assert 'data-bs-theme="dark"' in client.get("/").text


def test_forms_of_a_kept_page_are_taken(learner):
    person, _client = learner
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person.user)
    strict.get("/")
    (token, *_others) = TOKEN.findall(strict.get("/").text)
    assert len(token) == 64
    given = {"language": "en", "next": "/", "csrfmiddlewaretoken": token}
    assert strict.post("/language/", given).status_code == 302
    assert strict.post("/language/", given | {"csrfmiddlewaretoken": "a" * 64}).status_code == 403


def test_a_page_with_a_message_is_made_anew_and_not_kept(learner):
    person, client = learner
    request = client.get("/").wsgi_request
    messages.success(request, "Đã lưu")
    assert kept.keep_page(request, person, lambda: HttpResponse("with the message")).content == b"with the message"
    assert b"with the message" not in client.get("/").content


def test_an_error_page_has_a_token_of_its_own(learner):
    _person, client = learner
    request = client.get("/").wsgi_request

    def fail():
        raise Http404

    with pytest.raises(Http404):
        kept._made(request, fail)
    assert kept.token_to_come(request) == {}
