"""What was wrong with a content or an answer, as plain pairs."""

from typing import Any

import pytest

from assessments.items.problems import ContentError, ResponseError
from assessments.items.registry import item_type


def problems_of(raw: Any, kind: str) -> list[tuple[str, str]]:
    """Path and reason of every problem of a content that is refused."""
    with pytest.raises(ContentError) as caught:
        item_type(kind).parse_content(raw)
    return [(each.path, each.reason) for each in caught.value.problems]


def refusal_of(content: Any, answer: Any) -> tuple[str, str]:
    """Field and reason for which an answer is refused."""
    with pytest.raises(ResponseError) as caught:
        item_type(content.kind).parse_response(content, answer)
    return caught.value.field, caught.value.reason


def earned(content: Any, answer: Any) -> int | None:
    """The score of a raw answer."""
    module = item_type(content.kind)
    return module.score(content, module.parse_response(content, answer))
