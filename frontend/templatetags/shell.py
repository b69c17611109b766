"""The head of every page: ``{% load shell %}``."""

from functools import lru_cache

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from frontend.design.theme import theme_of
from frontend.design.words import account_name
from frontend.drawing import fill, marks, split_marks

register = template.Library()

OWN = ("csrf_token", "path", "name", "username", "account")
"""What is another's on nearly every page. It is put in where the kept head has its marks."""


@register.simple_tag(takes_context=True)
def page_header(context: Context) -> SafeString:
    """Return the head of the page. All but what is the account's own is drawn once for all who see the same."""
    request, user = context.get("request"), context.get("user")
    is_signed_in = user is not None and user.is_authenticated
    entries = tuple((each["label"], each["url"], each["current"]) for each in context.get("navigation") or ())
    pieces = _head(get_language(), theme_of(request) if request is not None else "auto", entries, is_signed_in)
    own = {"csrf_token": context.get("csrf_token", ""), "path": request.get_full_path() if request else ""}
    if user is not None and is_signed_in:
        own |= {
            "name": context.get("full_name") or account_name(user),
            "username": user.get_username(),
            "account": user.pk,
        }
    return fill(pieces, own)


@lru_cache(maxsize=256)
def _head(
    language: str | None, theme: str, entries: tuple[tuple[str, str, bool], ...], is_signed_in: bool
) -> list[str]:
    """The pieces of the head; `language` is the request's, which the template asks for itself."""
    context = {"marks": marks(OWN), "theme": theme, "navigation": entries, "is_signed_in": is_signed_in}
    return split_marks(render_to_string("components/header.html", context))
