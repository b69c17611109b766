"""Questions under review as HTML: what machines scored is drawn once for all who answered alike."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from assessments.api import AnswerUnderReview, answers_under_review, playable_version
from assessments.domain.marking_progress import AnswerMarks
from assessments.items.registry import MARKED_TYPES
from assessments.models import Attempt


def draw_reviews(attempt: Attempt, locale: str, marks: Mapping[int, AnswerMarks]) -> list[SafeString]:
    """Draw the questions of a submitted quiz in order, in the language of the request, which is `locale`.

    marks: by position, of the answers that people mark.
    """
    rows = []
    for answer in answers_under_review(attempt):
        is_marked = answer.position in marks or playable_version(answer.version_id).kind.KIND in MARKED_TYPES
        if answer.is_void or not is_marked:
            rows.append(_draw_scored(answer, locale))
        else:
            rows.append(_draw(with_marks(answer.review(locale), marks.get(answer.position))))
    return rows


@lru_cache(maxsize=1024)
def _draw_scored(answer: AnswerUnderReview, locale: str) -> SafeString:
    return _draw(answer.review(locale))


def _draw(review: dict[str, Any]) -> SafeString:
    return render_to_string("learn/review_row.html", {"review": review})


def with_marks(review: dict[str, Any], earned: AnswerMarks | None) -> dict[str, Any]:
    """A question that people mark, with their marks or waiting for them."""
    if earned is None or earned.score is None:
        is_waiting = review["kind"] in MARKED_TYPES and bool(review["given"])
        return review | {"marks": None, "waiting": is_waiting}
    return review | {"marks": earned, "waiting": False, "score": earned.score, "maximum": earned.maximum}
