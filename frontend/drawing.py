"""Pages that many people see alike: drawn once for each look, with what is one person's own put into its places."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from html import escape
from secrets import token_hex
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from frontend.context import navigation
from frontend.design.theme import theme_of
from frontend.design.words import account_name
from organisation.api import content_read

Values = Mapping[str, Any]

MOST_KEPT = 512
"""Looks that are kept; the one that was not asked for longest goes first."""

_SECRET = token_hex(8)
"""Part of every mark, so that nobody can write one into what a page shows."""
_MARK = re.compile(rf"mark-{_SECRET}-(\w+)-")


def mark(name: str) -> str:
    """Return what stands in drawn text where a value of this name belongs."""
    return f"mark-{_SECRET}-{name}-"


def marks(names: Iterable[str]) -> dict[str, str]:
    """Return the marks of these names by name, as a template takes them."""
    return {name: mark(name) for name in names}


def split_marks(drawn: str) -> list[str]:
    """Return drawn text in pieces: the text between its marks at even places, the names of the marks at odd ones."""
    return _MARK.split(drawn)


def fill(pieces: Sequence[str], values: Values) -> SafeString:
    """Return what `split_marks` took apart with a value at each mark, escaped unless it is markup."""
    return SafeString("".join(_escaped(values[piece]) if at % 2 else piece for at, piece in enumerate(pieces)))


def _escaped(value: Any) -> str:
    """As Django's `conditional_escape`, in a sixth of its time: a page has a hundred such places."""
    return value.__html__() if hasattr(value, "__html__") else escape(str(value))


def draw_page(request: HttpRequest, template: str, look: Mapping[str, Hashable], own: Values) -> HttpResponse:
    """Return the page that `render` would make of both, for a learner's page (which reads content and changes none).

    look: all that decides how it looks. Equal values must read the same, or be content, of which the version decides.
    own: what stands in places of its own, as text or as safe markup. The template writes each out as it is, and asks
    nothing of it: no condition, filter or word that depends on a number.
    """
    version = content_read()
    if version is None or len(get_messages(request)):
        return render(request, template, {**look, **own})
    user = request.user
    shell = navigation(request)
    entries = tuple(tuple(entry.items()) for entry in shell["navigation"])
    frame = (theme_of(request), entries, shell["is_staff"])
    account = {
        "csrf_token": get_token(request),
        "path": request.path,
        "full_path": request.get_full_path(),
        "full_name": shell["full_name"] or account_name(user),
        "username": user.get_username(),
        "account": user.pk,
    }
    pieces = _drawn(version, get_language(), template, tuple(look.items()), tuple(own), frame)
    return HttpResponse(fill(pieces, {**account, **own}))


def draw_part(template: str, look: Mapping[str, Hashable], own: Values) -> SafeString:
    """Return a part of a page, drawn like `draw_page` without what stands round it."""
    version = content_read()
    if version is None:
        return render_to_string(template, {**look, **own})
    return fill(_drawn(version, get_language(), template, tuple(look.items()), tuple(own), None), own)


@lru_cache(maxsize=MOST_KEPT)
def _drawn(
    version: str,
    language: str | None,
    template: str,
    look: tuple[tuple[str, Hashable], ...],
    own: tuple[str, ...],
    frame: tuple[str, tuple[Any, ...], bool] | None,
) -> list[str]:
    """The pieces of a page or part. Version and language only tell one from another."""
    context: dict[str, Any] = {**dict(look), **marks(own)}
    if frame is not None:
        theme, entries, is_staff = frame
        context |= {
            "request": _AnyRequest(theme),
            "user": _AnyAccount(),
            "csrf_token": mark("csrf_token"),
            "full_name": mark("full_name"),
            "navigation": [dict(entry) for entry in entries],
            "is_staff": is_staff,
        }
    return split_marks(render_to_string(template, context))


class _AnyRequest:
    """What templates ask of a request, with marks for what is another with each."""

    path = mark("path")

    def __init__(self, theme: str) -> None:
        self.COOKIES = {"theme": theme}

    def get_full_path(self) -> str:
        return mark("full_path")


class _AnyAccount:
    """What templates ask of the account that is signed in, as marks."""

    is_authenticated = True
    pk = mark("account")

    def get_username(self) -> str:
        return mark("username")
