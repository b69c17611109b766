"""A few words to write, compared with accepted wordings. Value: `{"text": "..."}`. Score 0 or 1.

Composed or decomposed letters, blanks, the place of a tone mark (hòa, hoà) and punctuation at the ends never matter;
capitals, diacritics and slips of the keyboard matter as the content says.
"""

from dataclasses import dataclass
from typing import Any

from assessments.items.accepted_text import FIELDS, LONGEST, AcceptedText, read_accepted
from assessments.items.answer_fields import free_text, read_fields
from assessments.items.question import Question, QuestionReading

KIND = "short_text"


@dataclass(frozen=True, slots=True)
class ShortText(Question):
    """A question whose answer is a few words."""

    answer: AcceptedText

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `parse_content` reads back to an equal content."""
        return self.frame_to_dict() | self.answer.to_dict()


def parse_content(raw: Any) -> ShortText:
    """Read a content. Raises ContentError with everything found."""
    reading = QuestionReading()
    source, stem, rationale = reading.frame(raw, KIND, FIELDS)
    answer = read_accepted(reading, source)
    reading.finish()
    return ShortText(KIND, stem, rationale, answer)


def player_view(content: ShortText, locale: str, seed: int) -> dict[str, Any]:
    """The question, and how many characters an answer may have."""
    return {"kind": KIND, "stem": content.stem.at(locale), "longest": LONGEST}


def parse_response(content: ShortText, raw: Any) -> str:
    """Read an answer to the text as it was written. Raises ResponseError."""
    return free_text(read_fields(raw, ("text",))["text"], "text", LONGEST)


def score(content: ShortText, value: str) -> int:
    """1 for a text that is accepted."""
    return int(content.answer.takes(value))


def maximum(content: ShortText) -> int:
    """The highest score."""
    return 1


def key(content: ShortText) -> dict[str, Any]:
    """An answer that earns the highest score."""
    return {"text": content.answer.accepted[0][0]}


def review_view(content: ShortText, locale: str, value: str | None) -> dict[str, Any]:
    """What the person sees after submission: the accepted wordings in their language, and what they wrote."""
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "accepted": content.answer.shown(locale),
        "given": value,
        "correct": value is not None and content.answer.takes(value),
        "rationale": content.rationale.at(locale),
    }


SAMPLE: dict[str, Any] = {
    "kind": KIND,
    "stem": {
        "vi": "Một trợ lý AI trích dẫn một thông tư không có thật bằng giọng văn rất chắc chắn. Trong lĩnh vực AI, "
        "hiện tượng này được gọi là gì?",
        "en": "An AI assistant cites a circular that does not exist, in a very confident tone. What is this called in "
        "the field of AI?",
    },
    "accepted": {
        "vi": ["ảo giác", "ảo giác AI", "hiện tượng ảo giác"],
        "en": ["hallucination", "AI hallucination", "hallucinating"],
    },
    "rejected": {"vi": ["ảo ảnh"], "en": []},
    "case": "any",
    "diacritics": "any",
    "edits": 1,
    "rationale": {
        "vi": "Ảo giác là nội dung nghe hợp lý nhưng không có căn cứ; phải kiểm chứng trước khi dùng.",
        "en": "A hallucination sounds plausible but has no basis; verify before use.",
    },
}
