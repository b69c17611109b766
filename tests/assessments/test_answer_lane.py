"""The short way of an answer gives what the ordinary view gives, and leaves to it whatever is out of order."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.client import ClientHandler
from django.utils import timezone

from assessments.domain.attempts import start_attempt
from assessments.domain.delivery import next_item
from assessments.models import Attempt, Invigilation, Response
from assessments.rest.answer_lane import AnswerLane
from organisation.api import issue_token
from organisation.models import AccessToken, Person
from tests.factories.assessments import make_quiz, right_answer
from tests.factories.organisation import PersonFactory, UserFactory

pytestmark = pytest.mark.django_db


class Caller:
    """Sends answers of one person's attempt through the lane and notes what went on to the house behind it."""

    def __init__(self, person: Person, attempt: Attempt) -> None:
        assert person.user is not None
        self.token = issue_token(person.user, "test")
        self.attempt = attempt
        self.passed_on: list[bytes] = []
        self.lane = AnswerLane(self._house)
        self.house = ClientHandler(enforce_csrf_checks=True)

    def _house(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.passed_on.append(environ["wsgi.input"].read())
        environ["wsgi.input"] = BytesIO(self.passed_on[-1])
        response = self.house(environ)
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [b"".join(response)]

    def send(self, body: Any, **changes: str) -> tuple[str, Any]:
        """Return the status line and the JSON of the answer to a request."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": f"/api/v1/attempts/{self.attempt.pk}/responses/",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(raw)),
            "HTTP_AUTHORIZATION": f"Bearer {self.token}",
            "HTTP_ACCEPT_LANGUAGE": "en",
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(raw),
            "wsgi.errors": BytesIO(),
            **changes,
        }
        started: list[Any] = []
        parts = self.lane(environ, lambda status, headers: started.append(status))
        content = b"".join(parts)
        return started[0], json.loads(content) if content.startswith(b"{") else content


@pytest.fixture
def caller() -> Caller:
    person, quiz = make_quiz(["9.1", "9.2"])
    person.user = UserFactory()
    person.save()
    return Caller(person, start_attempt(person, quiz))


def answer(caller: Caller, **changes: Any) -> dict[str, Any]:
    given = next_item(caller.attempt)
    assert given is not None
    value = right_answer(given.version_id)
    return {
        "key": str(uuid4()),
        "sequence": given.sequence,
        "version": given.version_id,
        "value": value,
        **changes,
    }


def test_a_plain_answer_is_saved_and_scored_without_the_house(caller):
    sent = answer(caller)
    status, body = caller.send(sent)
    saved = Response.objects.get()
    assert (status, caller.passed_on) == ("201 Created", [])
    assert (saved.value, saved.score, saved.status) == (sent["value"], 1, "accepted")
    assert body == {
        "response": saved.pk,
        "status": "accepted",
        "sequence": sent["sequence"],
        "received_at": timezone.localtime(saved.received_at).isoformat(),
    }


def test_the_same_answer_again_gets_the_house_and_the_same_words(caller):
    sent = answer(caller)
    first = caller.send(sent)
    again = caller.send(sent)
    assert (first[0], again[0], first[1] == again[1]) == ("201 Created", "200 OK", True)
    assert len(caller.passed_on) == Response.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"sequence": 0}, "400 Bad Request"),
        ({"sequence": True}, "400 Bad Request"),
        ({"sequence": "x"}, "400 Bad Request"),
        ({"key": "no uuid"}, "400 Bad Request"),
        ({"key": 7.5}, "400 Bad Request"),
        ({"version": 2**70}, "400 Bad Request"),
        ({"version": 999_999}, "400 Bad Request"),
        ({"value": {"choice": "none of them"}}, "400 Bad Request"),
        ({"value": "\u0000"}, "400 Bad Request"),
    ],
)
def test_a_faulty_answer_is_judged_by_the_house(caller, changes, status):
    assert caller.send(answer(caller, **changes))[0] == status
    assert (len(caller.passed_on), Response.objects.count()) == (1, 0)


@pytest.mark.parametrize("raw", [b"{", b"[]", b"[" * 50_000, b'"x"', b"\xff\xfe", '{"key": 1}'.encode("utf-16")])
def test_a_broken_body_is_judged_by_the_house(caller, raw):
    assert caller.send(raw)[0] == "400 Bad Request"
    assert caller.passed_on == [raw]


def test_who_is_not_its_owner_saves_nothing(caller):
    sent = answer(caller)
    stranger = PersonFactory(user=UserFactory())
    caller.token = issue_token(stranger.user, "test")
    assert caller.send(sent)[0] == "404 Not Found"
    caller.token = "made up"
    assert caller.send(sent)[0] == "401 Unauthorized"
    assert Response.objects.count() == 0


@pytest.mark.parametrize("fault", ["expired", "inactive"])
def test_a_token_that_holds_no_more_saves_nothing(caller, fault):
    sent = answer(caller)
    if fault == "expired":
        AccessToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        user = caller.attempt.person.user
        user.is_active = False
        user.save()
    assert caller.send(sent)[0] == "401 Unauthorized"
    assert Response.objects.count() == 0


def test_a_late_answer_is_kept_as_late(caller):
    sent = answer(caller)
    Attempt.objects.update(
        started_at=timezone.now() - timedelta(hours=2), deadline=timezone.now() - timedelta(seconds=1)
    )
    status, body = caller.send(sent)
    assert (status, body["status"], Response.objects.get().status) == ("201 Created", "late", "late")


@pytest.mark.parametrize(
    "changes",
    [
        {"REQUEST_METHOD": "GET"},
        {"PATH_INFO": "/api/v1/attempts/"},
        {"CONTENT_TYPE": "text/plain"},
        {"HTTP_AUTHORIZATION": ""},
        {"CONTENT_LENGTH": "-1"},
        {"CONTENT_LENGTH": "99999999"},
    ],
)
def test_other_requests_go_by_untouched(caller, changes):
    body = json.dumps(answer(caller)).encode()
    caller.send(body, **changes)
    assert (caller.passed_on, Response.objects.count()) == ([body], 0)


def test_an_open_connection_is_not_taken_where_https_is_asked_for(caller, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    sent = answer(caller)
    assert caller.send(sent)[0] == "301 Moved Permanently"
    assert Response.objects.count() == 0
    # The control: behind a proxy that says so it is taken.
    assert caller.send(sent, HTTP_X_FORWARDED_PROTO="https")[0] == "201 Created"


def test_statement_of_the_short_way_is_prepared_once_on_the_server(caller):
    with connection.cursor() as cursor:
        for _ in range(3):
            assert caller.send(answer(caller))[0] == "201 Created"
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%organisation_accesstoken%'")
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize("since", ["its start", "a moment ago"])
def test_a_supervised_sitting_goes_through_the_view_that_checks_the_room(caller, since):
    if since == "its start":
        Attempt.objects.filter(pk=caller.attempt.pk).update(form=caller.attempt.form | {"room": True})
    else:
        Invigilation.objects.create(assessment=caller.attempt.assessment)
    caller.send(answer(caller))
    assert len(caller.passed_on) == 1
