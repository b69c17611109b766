"""Three to twelve steps to put in order. Value: `{"order": [ids]}`. Score 1 for the right order, else 0."""

from typing import Any

from assessments.items.answers import only_field, option_ids
from assessments.items.content import Content, read_question
from assessments.items.presentation import question_view, shuffled
from assessments.items.problems import ResponseError

KIND = "ordering"
FEWEST, MOST = 3, 12


def parse_content(raw: Any) -> Content:
    """Read a content whose options stand in the right order. Raises ContentError with everything found."""
    return read_question(raw, KIND, FEWEST, MOST, keyed=False)


def player_view(content: Content, locale: str, seed: int) -> dict[str, Any]:
    """What the person sees; steps are shuffled by the seed, and never stand in the right order by chance."""
    order = shuffled(content.options, seed)
    if tuple(order) == content.options:
        order = [*order[1:], order[0]]
    return question_view(content, locale, order)


def parse_response(content: Content, raw: Any) -> tuple[str, ...]:
    """Read an answer to all ids in the order given. Raises ResponseError."""
    order = option_ids(only_field(raw, "order"), "order", content)
    if len(order) < len(content.options):
        raise ResponseError("order", "incomplete")
    return order


def score(content: Content, value: tuple[str, ...]) -> int:
    """1 when every step stands in its place, else 0."""
    return int(value == tuple(option.id for option in content.options))


def maximum(content: Content) -> int:
    """The highest score."""
    return 1


def key(content: Content) -> dict[str, Any]:
    """An answer that earns the highest score."""
    return {"order": [option.id for option in content.options]}


def review_view(content: Content, locale: str, value: tuple[str, ...] | None) -> dict[str, Any]:
    """What the person sees after submission: steps in the right order, each with the place (from 1) it was given."""
    given = {each: place for place, each in enumerate(value or (), start=1)}
    return {
        "kind": content.kind,
        "stem": content.stem.at(locale),
        "options": [
            {
                "id": option.id,
                "text": option.text.at(locale),
                "place": place,
                "given": given.get(option.id),
                "correct": given.get(option.id) == place,
            }
            for place, option in enumerate(content.options, start=1)
        ],
        "rationale": content.rationale.at(locale),
    }


SAMPLE: dict[str, Any] = {
    "kind": KIND,
    "stem": {
        "vi": "Sắp xếp các bước dùng trợ lý AI để soạn công văn trả lời.",
        "en": "Put the steps of drafting an official reply with an AI assistant in order.",
    },
    "options": [
        {"vi": "Loại bỏ dữ liệu cá nhân khỏi nội dung", "en": "Remove personal data from the text"},
        {"vi": "Viết câu lệnh nêu bối cảnh và yêu cầu", "en": "Write a prompt with the context and the request"},
        {"vi": "Kiểm chứng bản thảo với văn bản gốc", "en": "Verify the draft against the original documents"},
        {"vi": "Trình lãnh đạo ký", "en": "Submit it for signature"},
    ],
    "rationale": {
        "vi": "Bảo vệ dữ liệu trước khi đưa vào, kiểm chứng trước khi đưa ra.",
        "en": "Protect data before it goes in; verify before anything goes out.",
    },
}
