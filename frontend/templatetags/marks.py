"""What the templates of marks need: ``{% load marks %}``."""

from typing import Any

from django import template

from assessments.models import Mark

register = template.Library()


@register.filter
def levels_of(mark: Mark, rubric: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Return each criterion's words with the level that a mark gives it."""
    return [(each["text"], each["levels"][mark.points[each["id"]]]) for each in rubric]
