"""One right option of two to ten. Value: `{"choice": id}`. Score 0 or 1."""

from typing import Any

from assessments.items.answers import only_field, option_ids
from assessments.items.content import Content, read_question
from assessments.items.presentation import choice_review, question_view, shuffled
from assessments.items.problems import ContentError, ContentProblem

KIND = "single_choice"
FEWEST, MOST = 2, 10


def parse_content(raw: Any) -> Content:
    """Read a content. Raises ContentError with everything found."""
    content = read_question(raw, KIND, FEWEST, MOST, keyed=True)
    if sum(option.correct for option in content.options) != 1:
        raise ContentError([ContentProblem("options", "one_correct_option")])
    return content


def player_view(content: Content, locale: str, seed: int) -> dict[str, Any]:
    """What the person sees; options are shuffled by the seed."""
    return question_view(content, locale, shuffled(content.options, seed))


def parse_response(content: Content, raw: Any) -> tuple[str, ...]:
    """Read an answer to the id chosen. Raises ResponseError."""
    return option_ids([only_field(raw, "choice")], "choice", content)


def score(content: Content, value: tuple[str, ...]) -> int:
    """1 for the right option, else 0."""
    return int(content.by_id[value[0]].correct)


def maximum(content: Content) -> int:
    """The highest score."""
    return 1


def key(content: Content) -> dict[str, Any]:
    """An answer that earns the highest score."""
    return {"choice": next(option.id for option in content.options if option.correct)}


def review_view(content: Content, locale: str, value: tuple[str, ...] | None) -> dict[str, Any]:
    """What the person sees after submission; value None when nothing was answered."""
    return choice_review(content, locale, value or ())


SAMPLE: dict[str, Any] = {
    "kind": KIND,
    "stem": {
        "vi": "Trợ lý AI tóm tắt một nghị định và nêu một thời hạn mà bạn không nhớ. Trước khi dùng, bạn làm gì?",
        "en": "An AI assistant sums up a decree and states a time limit that is new to you. What do you do first?",
    },
    "options": [
        {
            "vi": "Đối chiếu thời hạn với văn bản gốc trên cơ sở dữ liệu văn bản pháp luật",
            "en": "Check the time limit against the original in the legal database",
            "correct": True,
            "why": {"vi": "Văn bản gốc là căn cứ duy nhất.", "en": "The original is the only authority."},
        },
        {
            "vi": "Hỏi lại trợ lý xem thời hạn đó có chắc chắn đúng không",
            "en": "Ask the assistant again whether it is sure of the time limit",
            "correct": False,
            "why": {"vi": "Trợ lý có thể khẳng định lại điều sai.", "en": "It may well confirm what is wrong."},
        },
        {
            "vi": "Dùng bản tóm tắt và ghi chú rằng do AI soạn",
            "en": "Use the summary with a note that AI has written it",
            "correct": False,
            "why": {"vi": "Ghi chú không làm nội dung đúng hơn.", "en": "A note makes nothing more correct."},
        },
    ],
    "rationale": {
        "vi": "Điều gì dùng để quyết định thì phải kiểm chứng ở nguồn gốc.",
        "en": "Whatever a decision rests on is verified at its source.",
    },
}
