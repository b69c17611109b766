"""Who may open a learner's page: a signed-in person, and only what is their own."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from assessments.api import assessment_of
from assessments.models import Attempt
from courses.api import CONTENT_VERSION, content_version
from organisation.api import columns_of, fetch_all_prepared, note_content_version, reading_content, row_as, statement_of
from organisation.models import Person

P = ParamSpec("P")
LearnerView = Callable[Concatenate[HttpRequest, Person, P], HttpResponse]


def person_of(request: HttpRequest) -> Person | None:
    """Return the person behind the account, or None for an account that is nobody's. One query for each request."""
    person: Person | None = getattr(request.user, "person", None)
    return person


def learner_page(view: LearnerView[P]) -> Callable[..., HttpResponse]:
    """Give a view the person behind the account; send strangers to sign in and refuse accounts without a person.

    Such a view changes no content, so what it reads of content may be remembered from requests before.
    """

    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = person_of(request)
        if person is None:
            raise refuse(request, request.path)
        with reading_content(content_version):
            return view(request, person, *args, **kwargs)

    return wrapped


def refuse(request: HttpRequest, what: str) -> Http404:
    """Return the 404 to raise for something that is there for others; the audit trail notes what was asked for."""
    request.refusal = what  # type: ignore[attr-defined]  # read by the audit middleware
    return Http404(what)


def own_attempt(request: HttpRequest, person: Person, attempt_id: UUID) -> Attempt:
    """Return the person's own attempt with its assessment; else raise a 404 that leaves an audit row."""
    rows = fetch_all_prepared(_own_attempt(), {"attempt": attempt_id, "person": person.pk})
    if not rows:
        raise refuse(request, f"attempt {attempt_id}")
    *row, version = rows[0]
    note_content_version(version)
    attempt = row_as(Attempt, row)
    attempt.assessment = assessment_of(attempt.assessment_id)
    attempt.person = person
    return attempt


@cache
def _own_attempt() -> bytes:
    return statement_of(
        "SELECT {attempt}, {version} FROM assessments_attempt a WHERE id = %(attempt)s AND person_id = %(person)s",
        attempt=columns_of(Attempt, "a"),
        version=CONTENT_VERSION,
    )
