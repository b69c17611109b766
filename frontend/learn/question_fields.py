"""Questions of one page: their fields named apart from each other's, drawn once for everybody, and read back."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from assessments.api import PageQuestion, playable_version
from frontend.templatetags.questions import player_template

_FIELD = re.compile(r"q([0-9]{1,18})-(.+)", re.DOTALL)
"""What `prefix_of` begins with, and the rest."""
_TAG = re.compile(r"<[a-z][^>]*>")
_NAMES = re.compile(r'\b(id|for|name|aria-describedby|aria-labelledby)="([^"]*)"')


def prefix_of(version_pk: int) -> str:
    """Return what the names of a question's fields begin with."""
    return f"q{version_pk}-"


def fields_by_version(post: QueryDict) -> dict[int, QueryDict]:
    """Return the posted fields of each question under the names that they have on a page of its own."""
    found: dict[int, QueryDict] = {}
    for name, values in post.lists():
        parts = _FIELD.fullmatch(name)
        if parts:
            found.setdefault(int(parts[1]), QueryDict(mutable=True)).setlist(parts[2], values)
    return found


def posted_value(value: Mapping[str, Any]) -> QueryDict:
    """Return the fields that a raw answer would be posted by: `read_answer` turned round."""
    found = QueryDict(mutable=True)
    for name, given in value.items():
        if isinstance(given, Mapping):
            found.update({f"{name}-{part}": str(each) for part, each in given.items()})
        elif isinstance(given, list):
            found.setlist(name, [str(each) for each in given])
        else:
            found[name] = str(given).lower() if isinstance(given, bool) else str(given)
    return found


def draw_question(
    question: PageQuestion, locale: str, given: QueryDict | None, *, two_ways: bool = False
) -> SafeString:
    """Return the fields of a question as HTML in the language of the request, `locale`, filled with what was given.

    Unfilled ones are kept in memory, for a version never changes.

    two_ways: ask how the writer means a number that could be read two ways.
    """
    if given is None:
        return _blank(question.version_id, question.seed, locale)
    view = question.player_view(locale)
    if view["kind"] == "ordering":
        places = {step: place for place, step in enumerate(given.getlist("order"))}
        view["options"] = sorted(view["options"], key=lambda option: places.get(option["id"], len(places)))
    return _draw(question.version_id, view, given, two_ways)


@lru_cache(maxsize=4096)
def _blank(version_pk: int, seed: int, locale: str) -> SafeString:
    version = playable_version(version_pk)
    return _draw(version_pk, version.kind.player_view(version.content, locale, seed), None, two_ways=False)


def _draw(version_pk: int, view: dict[str, Any], given: QueryDict | None, two_ways: bool) -> SafeString:
    context = {"question": view, "given": given, "two_ways": two_ways}
    html = render_to_string(player_template(view["kind"]), context)
    return SafeString(_TAG.sub(lambda tag: _named_apart(tag[0], prefix_of(version_pk)), html))


def _named_apart(tag: str, prefix: str) -> str:
    """The tag with every name and id of its own question; no attribute's text holds quotation marks unescaped."""
    return _NAMES.sub(
        lambda found: f'{found[1]}="{" ".join(prefix + name for name in found[2].split(" ") if name)}"', tag
    )
