"""The way of an answer past the rest of the house: what a full computer room asks for every second.

An answer that is in order needs none of what other requests do (sessions, languages, forms, pages): one statement
authenticates, checks and saves it. Anything else than a plain new answer goes on to the ordinary view, which judges it
afresh; that is safe, for an answer's key makes it the same answer wherever it is saved.
"""

import json
import re
from collections.abc import Iterable
from io import BytesIO
from uuid import UUID
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import psycopg
from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from assessments.domain.responses import MAX_VALUE, Acknowledgement, submit_response_by_token
from organisation.api import token_digest

_PATH = re.compile(r"/api/v1/attempts/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/responses/", re.ASCII)
_FIELDS = {"key", "sequence", "version", "value"}
_LARGEST = 2**63 - 1
_HEADERS = [
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
]


class AnswerLane:
    """A WSGI application in front of another, which gets every request that is not a plain new answer, untouched."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        place = _PATH.fullmatch(environ.get("PATH_INFO", ""))
        if place is None or environ["REQUEST_METHOD"] != "POST" or not _is_plain(environ):
            return self.application(environ, start_response)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        acknowledged = _save(UUID(place[1]), environ["HTTP_AUTHORIZATION"][7:], body)
        if acknowledged is None:
            environ["wsgi.input"] = BytesIO(body)
            return self.application(environ, start_response)
        content = _content(acknowledged)
        start_response("201 Created", [*_HEADERS, ("Content-Length", str(len(content)))])
        return [content]


def _is_plain(environ: WSGIEnvironment) -> bool:
    """Whether the request says of itself that it is JSON of a bearer of a token, over a connection that is allowed."""
    if settings.SECURE_SSL_REDIRECT and environ.get("wsgi.url_scheme") != "https":
        header = settings.SECURE_PROXY_SSL_HEADER
        if header is None or environ.get(header[0]) != header[1]:
            return False
    length = environ.get("CONTENT_LENGTH") or ""
    return (
        environ.get("CONTENT_TYPE", "") == "application/json"
        and environ.get("HTTP_AUTHORIZATION", "")[:7] == "Bearer "
        and length.isdecimal()
        and 0 < int(length) <= MAX_VALUE
    )


def _save(attempt_id: UUID, token: str, body: bytes) -> Acknowledgement | None:
    try:
        given = json.loads(body.decode())
        if not isinstance(given, dict) or given.keys() != _FIELDS:
            return None
        sequence, version = given["sequence"], given["version"]
        if type(sequence) is not int or type(version) is not int or not 1 <= version <= _LARGEST:
            return None
        return submit_response_by_token(
            attempt_id,
            token_digest(token),
            key=UUID(given["key"]),
            sequence=sequence,
            version_id=version,
            raw_value=given["value"],
        )
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None
    except (Error, psycopg.Error):
        # Whether it was saved is not known: the ordinary view asks again under the same key.
        connection.close()
        return None


def _content(acknowledged: Acknowledgement) -> bytes:
    received = timezone.localtime(acknowledged.received_at).isoformat()
    return (
        f'{{"response":{acknowledged.response_id},"status":"{acknowledged.status}",'
        f'"sequence":{acknowledged.sequence},"received_at":"{received}"}}'
    ).encode()
