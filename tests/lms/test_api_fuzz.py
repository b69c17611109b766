"""The API against all that its description allows, and what it does not: always an answer, never an error of ours."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from assessments.domain.attempts import start_attempt
from assessments.domain.delivery import next_item
from organisation.api import issue_token
from tests.factories.assessments import make_quiz, right_answer
from tests.factories.organisation import RoleGrantFactory, UnitFactory, UserFactory

SCHEMA = "/api/schema/"
FUZZ = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def faults_of(schema: Any, token: str, known: dict[str, Any], value: dict[str, Any] | None = None) -> list[str]:
    """Call every operation with generated cases; return those answered with 5xx. known: values of path parameters.

    value: the answer put into half of the bodies that carry one, so that some pass the first checks.
    """
    faults: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @FUZZ
            @given(case=operation.as_strategy(generation_mode=mode))
            def call(case: Any) -> None:
                for name in known.keys() & dict(case.path_parameters or {}).keys():
                    case.path_parameters[name] = known[name]
                if value and isinstance(case.body, dict) and "version" in case.body and len(str(case.body)) % 2:
                    case.body |= value
                response = case.call(headers={"Authorization": f"Bearer {token}"})
                if response.status_code >= 500:
                    faults.append(f"{case.method} {case.formatted_path} {case.body!r:.200}: {response.status_code}")

            with suppress(Unsatisfiable):  # nothing can be wrong with an operation that takes nothing
                call()
    return faults


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """Requests come through WSGI itself, which would close the connection that holds the test's transaction."""
    both = (request_started, request_finished)
    for signal in both:
        signal.disconnect(close_old_connections)
    yield
    for signal in both:
        signal.connect(close_old_connections)


@pytest.mark.django_db
@pytest.mark.usefixtures("kept_connection")
@pytest.mark.parametrize("role", ["learner", "trainer", "hr"])
def test_no_request_makes_the_api_fail(role):
    person, quiz = make_quiz(["9.1"])
    person.user = UserFactory()
    person.save()
    attempt = start_attempt(person, quiz)
    shown = next_item(attempt)
    assert shown is not None
    if role != "learner":
        RoleGrantFactory(user=person.user, role=role, unit=UnitFactory() if role == "hr" else None)
    token = issue_token(person.user, "fuzz")
    headers = {"Authorization": f"Bearer {token}"}
    schema = schemathesis.openapi.from_wsgi(SCHEMA, get_wsgi_application(), headers=headers)
    answer = {"version": shown.version_id, "value": right_answer(shown.version_id)}
    known = {"attempt_id": str(attempt.pk)}
    assert faults_of(schema, token, known, answer) == []


def test_a_view_that_fails_is_caught():
    """The control: an operation that divides by what it is given."""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
        return [b"ZeroDivisionError"]

    description = {
        "openapi": "3.0.3",
        "info": {"title": "x", "version": "1"},
        "paths": {"/divide": {"get": {"responses": {"200": {"description": "ok"}}}}},
    }
    schema = schemathesis.openapi.from_dict(description)
    schema.app = application
    assert faults_of(schema, "", {})
