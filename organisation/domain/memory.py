"""What everybody reads and hardly anybody changes, remembered by a process for as long as it has not changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection

P = ParamSpec("P")
R = TypeVar("R")

MOST_KEPT = 4096
"""Answers that one function remembers; when there are more it begins anew."""


class Reading:
    """A stretch of work that changes no content. version: of all content, asked for at most once, when first needed."""

    def __init__(self, ask: Callable[[], str]) -> None:
        self._ask = ask
        self._version: str | None = None

    @property
    def version(self) -> str:
        if self._version is None:
            self._version = self._ask()
        return self._version

    def note(self, version: str) -> None:
        """Take a version that was read on the way; one that is known already stays."""
        self._version = self._version or version


_reading: ContextVar[Reading | None] = ContextVar("reading", default=None)


@contextmanager
def reading_content(ask_version: Callable[[], str]) -> Iterator[None]:
    """Let the functions of `remember` answer from memory while the content's version is what `ask_version` returns.

    Whatever happens within it must change no content: it would go on reading what was. Inside a transaction nothing is
    remembered, for it may see what is never committed.
    """
    if connection.in_atomic_block:
        yield
        return
    token = _reading.set(Reading(ask_version))
    try:
        yield
    finally:
        _reading.reset(token)


def content_read() -> str | None:
    """Return the version of the content that is being read; None where nothing may be remembered."""
    reading = _reading.get()
    return reading.version if reading is not None else None


def note_content_version(version: str) -> None:
    """Say of which version content is at this moment, so that nobody needs to ask; nothing where none is read."""
    reading = _reading.get()
    if reading is not None:
        reading.note(version)


def remember(function: Callable[P, R]) -> Callable[P, R]:
    """Remember what a function of content returns, by its arguments, while content is read (`reading_content`).

    Outside of that it is called each time. Its result is shared and must not be changed, and depend on nothing but its
    arguments and content: not on the time, the language or a person. The version is read before the function is called,
    so what is remembered is of that version or a newer one, never of an older.
    """
    kept: tuple[str, dict[Any, R]] = ("", {})

    @wraps(function)
    def recalled(*args: P.args, **kwargs: P.kwargs) -> R:
        nonlocal kept
        reading = _reading.get()
        if reading is None:
            return function(*args, **kwargs)
        version, answers = kept
        if version != reading.version or len(answers) >= MOST_KEPT:
            version, answers = kept = reading.version, {}
        key = (args, tuple(kwargs.items())) if kwargs else args
        if key not in answers:
            answers[key] = function(*args, **kwargs)
        return answers[key]

    return recalled
