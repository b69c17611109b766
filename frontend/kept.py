"""Pages that are kept for the person who opened them, for as long as nothing of what they show has changed."""

from collections.abc import Callable
from typing import Any

from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.translation import get_language

from courses.api import learning_version
from frontend.design.theme import theme_of
from organisation.api import today
from organisation.models import Person

SECONDS = 60
"""How late a page may say what time alone changes: minutes left, a date that has come."""

_TOKEN = b"token-of-this-request"
_KEEPS = "thang.keeps_page"
"""Noted of a request while its page is made to be kept."""


def keep_page(request: HttpRequest, person: Person, make: Callable[[], HttpResponse]) -> HttpResponse:
    """Return the page as it was made for this person before, or make it: `make` returns one that is found (200).

    A page is made again when anything it shows has changed (see `courses.api.learning_version`), after SECONDS, in
    another language or theme, and when there is a message for the person or a query in the address. None is kept that
    was made inside a transaction, for it may show what is never committed.
    """
    if request.GET or len(get_messages(request)) or connection.in_atomic_block:
        return make()
    version = learning_version(person)
    key = f"page:{person.pk}:{request.path}:{get_language()}:{theme_of(request)}:{today()}:{version}"
    content: bytes | None = cache.get(key)
    if content is None:
        content = _made(request, make)
        cache.set(key, content, SECONDS)
    return HttpResponse(content.replace(_TOKEN, get_token(request).encode()))


def _made(request: HttpRequest, make: Callable[[], HttpResponse]) -> bytes:
    request.META[_KEEPS] = True
    try:
        return make().content
    finally:
        del request.META[_KEEPS]


def token_to_come(request: HttpRequest) -> dict[str, Any]:
    """Put a mark in the place of a kept page's CSRF token, which is another one with every request."""
    return {"csrf_token": _TOKEN.decode()} if _KEEPS in request.META else {}
