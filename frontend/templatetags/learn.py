"""What the learner's pages say in templates: ``{% load learn %}``."""

from itertools import groupby
from textwrap import shorten
from uuid import uuid4

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from frontend.design.words import minutes

register = template.Library()

QUOTE = ">"
EXCERPT = 140


@register.simple_tag
def new_key() -> str:
    """Return an idempotency key for one form: what is sent twice under it is saved once."""
    return str(uuid4())


@register.filter
def duration(seconds: int) -> str:
    """Return a time in words to the second: "1 minute 15 seconds", "20 minutes"."""
    whole, rest = divmod(int(seconds), 60)
    parts = [minutes(whole)] if whole else []
    if rest or not whole:
        parts.append(ngettext("%(count)d second", "%(count)d seconds", rest) % {"count": rest})
    return " ".join(parts)


@register.filter
def excerpt(text: str, length: int = EXCERPT) -> str:
    """Return the beginning of an item's text in one line of whole words, its quotation marks left out."""
    words = " ".join(line.strip().removeprefix(QUOTE) for line in text.splitlines())
    return shorten(words, length, placeholder="…")


@register.filter
def plain_text(text: str) -> SafeString:
    """Return an item's text as HTML: every line a paragraph, lines that begin with ">" a quotation; all escaped.

    Nothing in the text becomes a link or any other element.
    """
    lines = [line.strip() for line in text.splitlines()]
    parts = []
    for quoted, group in groupby((line for line in lines if line), lambda line: line.startswith(QUOTE)):
        said = [line.removeprefix(QUOTE).strip() if quoted else line for line in group]
        paragraphs = format_html_join("", "<p>{}</p>", ((line,) for line in said if line))
        parts.append(format_html("<blockquote>{}</blockquote>", paragraphs) if quoted else paragraphs)
    return format_html_join("", "{}", ((part,) for part in parts))
