"""What the templates of questions need: ``{% load questions %}``."""

from typing import Any

from django import template
from django.http import QueryDict
from django.template.context import Context
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from assessments.items.registry import ITEM_TYPES
from frontend.learn.wording import KIND_NAMES, RESULT_FAULTS
from frontend.templatetags.learn import plain_text

register = template.Library()

SAMPLES = "samples/"


@register.simple_tag(takes_context=True)
def given(context: Context, name: str, part: str = "") -> str:
    """Return what was posted as field ``name``, or ``name-part``; an empty string for nothing."""
    posted = context.get("given")
    return posted.get(f"{name}-{part}" if part else name, "") if isinstance(posted, QueryDict) else ""


@register.simple_tag(takes_context=True)
def all_given(context: Context, name: str) -> list[str]:
    """Return every value posted as field ``name``."""
    posted = context.get("given")
    return posted.getlist(name) if isinstance(posted, QueryDict) else []


@register.filter
def player_template(kind: str) -> str:
    """Return the template of a question to answer."""
    return _template(kind, "learn/questions/{}.html")


@register.filter
def review_template(kind: str) -> str:
    """Return the template of a question under review."""
    return _template(kind, "learn/questions/review/{}.html")


def _template(kind: str, pattern: str) -> str:
    if kind not in ITEM_TYPES:
        raise template.TemplateSyntaxError(f"no item type is called {kind!r}")
    return pattern.format(kind)


@register.filter
def kind_name(kind: str) -> str:
    """Return the name of an item type, or of a simulation, in the page's language."""
    return str(KIND_NAMES[kind])


@register.simple_tag
def stem(question: dict[str, Any]) -> SafeString:
    """Return what a question to answer asks, with the media beside it."""
    asked = format_html('<div class="question__stem" id="stem">{}</div>', plain_text(question["stem"]))
    if "media" not in question:
        return asked
    return asked + render_to_string("learn/questions/media.html", {"media": question["media"]})


@register.filter
def picture_url(file: str) -> str:
    """Return the address of a picture that a content names."""
    return static(f"item_media/{file}") if file.startswith(SAMPLES) else reverse("learn:picture", args=[file])


@register.filter
def recording_url(file: str) -> str:
    """Return the address of a sound, a film or captions that a content names."""
    return static(f"item_media/{file}") if file.startswith(SAMPLES) else reverse("learn:recording", args=[file])


@register.filter
def svg_shape(shape: dict[str, list[int]]) -> SafeString:
    """Return a region's shape as attributes of its SVG element, whose name ``svg_element`` gives."""
    kind, numbers = next(iter(shape.items()))
    if kind == "polygon":
        points = " ".join(f"{x},{y}" for x, y in zip(numbers[::2], numbers[1::2], strict=True))
        return format_html_join(" ", '{}="{}"', [("points", points)])
    names = ("x", "y", "width", "height") if kind == "rectangle" else ("cx", "cy", "r")
    return format_html_join(" ", '{}="{}"', zip(names, numbers, strict=True))


@register.filter
def svg_element(shape: dict[str, list[int]]) -> str:
    """Return the SVG element of a shape: rect, circle or polygon."""
    return {"rectangle": "rect"}.get(next(iter(shape)), next(iter(shape)))


@register.filter
def svg_corner(shape: dict[str, list[int]]) -> tuple[int, int]:
    """Return where a region's number stands in the picture: its left upper corner, a circle's centre."""
    kind, numbers = next(iter(shape.items()))
    if kind == "polygon":
        return min(numbers[::2]), min(numbers[1::2])
    return numbers[0], numbers[1]


@register.filter
def picture_dot(width: int) -> int:
    """Return the size of the numbers on a picture so wide, in its own pixels."""
    return max(11, width // 30)


@register.simple_tag
def number_gaps(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the parts of a text with gaps, each gap with its ``number`` from 1."""
    number = 0
    numbered = []
    for part in parts:
        number += "gap" in part
        numbered.append({**part, "number": number} if "gap" in part else part)
    return numbered


@register.simple_tag
def any_given(parts: list[dict[str, Any]]) -> bool:
    """Return whether any part of a reviewed question was answered."""
    return any(part.get("given") is not None for part in parts)


@register.filter
def formula_result(result: str | None) -> str:
    """Return what a cell came to: its number, or why it has none."""
    return str(RESULT_FAULTS.get(result or "", result or ""))


@register.filter
def file_endings(types: list[str]) -> str:
    """Return file types as the attribute ``accept`` takes them."""
    return ",".join(f".{each}" for each in types)


@register.filter
def file_size(size: Any) -> str:
    """Return a size in bytes in words."""
    return filesizeformat(size)
