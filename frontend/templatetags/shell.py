"""The head of every page: ``{% load shell %}``."""

from functools import lru_cache

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from frontend.design.theme import theme_of
from frontend.design.words import account_name

register = template.Library()

OWN = ("csrf_token", "path", "name", "username", "account")
"""What is another's on nearly every page. It is put in where the kept head has its marks."""
_MARKS = {each: f"mark-of-{each}" for each in OWN}


@register.simple_tag(takes_context=True)
def page_header(context: Context) -> SafeString:
    """Return the head of the page. All but what is the account's own is drawn once for all who see the same."""
    request, user = context.get("request"), context.get("user")
    is_signed_in = user is not None and user.is_authenticated
    entries = tuple((each["label"], each["url"], each["current"]) for each in context.get("navigation") or ())
    html = _head(get_language(), theme_of(request) if request is not None else "auto", entries, is_signed_in)
    own = {"csrf_token": context.get("csrf_token") or "", "path": request.get_full_path() if request else ""}
    if user is not None and is_signed_in:
        own |= {
            "name": context.get("full_name") or account_name(user),
            "username": user.get_username(),
            "account": user.pk,
        }
    for name, mark in _MARKS.items():
        html = html.replace(mark, escape(own.get(name, "")))
    return SafeString(html)


@lru_cache(maxsize=256)
def _head(language: str | None, theme: str, entries: tuple[tuple[str, str, bool], ...], is_signed_in: bool) -> str:
    """The head with marks; `language` is the request's, which the template asks for itself."""
    return render_to_string(
        "components/header.html",
        {"marks": _MARKS, "theme": theme, "navigation": entries, "is_signed_in": is_signed_in},
    )
