"""Two or more right options of four to eight. Value: `{"choices": [ids]}`. Score 1 for exactly these, else 0."""

from typing import Any

from assessments.items.answers import only_field, option_ids
from assessments.items.content import Content, read_question
from assessments.items.presentation import choice_review, question_view, shuffled
from assessments.items.problems import ContentError, ContentProblem, ResponseError

KIND = "multiple_choice"


def parse_content(raw: Any) -> Content:
    """Read a content. Raises ContentError with everything found."""
    content = read_question(raw, KIND, 4, 8, keyed=True)
    if not 2 <= sum(option.correct for option in content.options) < len(content.options):
        raise ContentError([ContentProblem("options", "some_correct_options")])
    return content


def player_view(content: Content, locale: str, seed: int) -> dict[str, Any]:
    """What the person sees; options are shuffled by the seed."""
    return question_view(content, locale, shuffled(content.options, seed))


def parse_response(content: Content, raw: Any) -> tuple[str, ...]:
    """Read an answer to the ids chosen, at least one. Raises ResponseError."""
    chosen = option_ids(only_field(raw, "choices"), "choices", content)
    if not chosen:
        raise ResponseError("choices", "nothing_chosen")
    return chosen


def score(content: Content, value: tuple[str, ...]) -> int:
    """1 when exactly the right options are chosen, else 0."""
    return int(set(value) == {option.id for option in content.options if option.correct})


def maximum(content: Content) -> int:
    """The highest score."""
    return 1


def key(content: Content) -> dict[str, Any]:
    """An answer that earns the highest score."""
    return {"choices": [option.id for option in content.options if option.correct]}


def review_view(content: Content, locale: str, value: tuple[str, ...] | None) -> dict[str, Any]:
    """What the person sees after submission; value None when nothing was answered."""
    return choice_review(content, locale, value or ())
