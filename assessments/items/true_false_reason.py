"""A statement to judge true or false, and the reason for it, one of two to ten; or no reasons at all.

Value: `{"answer": true, "reason": id}`. Score 0 for a wrong judgement, 1 for a right one with a wrong reason, 2 for
both: a two-tier item (Treagust, 1988), in which a judgement that was only guessed earns little. Without reasons the
value is `{"answer": true}`, the score 0 or 1.
"""

from dataclasses import dataclass
from typing import Any

from assessments.items.answer_fields import known_id, read_fields
from assessments.items.content import Content
from assessments.items.presentation import choice_review, question_view, shuffled
from assessments.items.problems import ContentError, ContentProblem, ResponseError
from assessments.items.question import QuestionReading

KIND = "true_false_reason"
FEWEST, MOST = 2, 10
"""Reasons, where there are any."""


@dataclass(frozen=True, slots=True)
class TrueFalseReason(Content):
    """A statement, whether it is true, and reasons as options; a plain judgement has none."""

    answer: bool = True

    @property
    def reason_id(self) -> str:
        return next(option.id for option in self.options if option.correct)

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `parse_content` reads back to an equal content."""
        return Content.to_dict(self) | {"answer": self.answer}


@dataclass(frozen=True, slots=True)
class Judgement:
    """An answer: true or false, and the id of the reason; "" where there are none to choose from."""

    answer: bool
    reason: str = ""


def parse_content(raw: Any) -> TrueFalseReason:
    """Read a content. Raises ContentError with everything found."""
    reading = QuestionReading()
    source, stem, rationale = reading.frame(raw, KIND, ("answer", "options"))
    answer = reading.flag(source.get("answer"), "answer")
    has_reasons = source.get("options", []) != []
    options = reading.options(source["options"], stem, FEWEST, MOST, keyed=True) if has_reasons else ()
    reading.finish()
    if has_reasons and sum(option.correct for option in options) != 1:
        raise ContentError([ContentProblem("options", "one_correct_option")])
    return TrueFalseReason(KIND, stem, options, rationale, answer)


def player_view(content: TrueFalseReason, locale: str, seed: int) -> dict[str, Any]:
    """The statement, and the reasons as options shuffled by the seed."""
    return question_view(content, locale, shuffled(content.options, seed))


def parse_response(content: TrueFalseReason, raw: Any) -> Judgement:
    """Read a whole answer. Raises ResponseError."""
    source = read_fields(raw, ("answer", "reason") if content.options else ("answer",))
    if not isinstance(source["answer"], bool):
        raise ResponseError("answer", "not_true_or_false")
    reason = known_id(source["reason"], "reason", content.by_id) if content.options else ""
    return Judgement(source["answer"], reason)


def score(content: TrueFalseReason, value: Judgement) -> int:
    """0, 1 for the right judgement, 2 with the right reason."""
    if value.answer != content.answer:
        return 0
    return 2 if content.options and value.reason == content.reason_id else 1


def maximum(content: TrueFalseReason) -> int:
    """The highest score: 2, or 1 where no reason is asked for."""
    return 2 if content.options else 1


def key(content: TrueFalseReason) -> dict[str, Any]:
    """An answer that earns the highest score."""
    return {"answer": content.answer} | ({"reason": content.reason_id} if content.options else {})


def review_view(content: TrueFalseReason, locale: str, value: Judgement | None) -> dict[str, Any]:
    """What the person sees after submission: `answer` is right, `given` is theirs, reasons as in a choice question."""
    view = choice_review(content, locale, (value.reason,) if value else ())
    return view | {"answer": content.answer, "given": value.answer if value else None}


SAMPLE: dict[str, Any] = {
    "kind": KIND,
    "stem": {
        "vi": "Một trợ lý AI nêu số hiệu và ngày ban hành của một nghị định, nên có thể trích dẫn ngay vào tờ trình.",
        "en": "An AI assistant gives the number and date of a decree, so it can be cited in a submission right away.",
    },
    "answer": False,
    "options": [
        {
            "vi": "Công cụ AI có thể tạo ra số hiệu văn bản không tồn tại",
            "en": "An AI tool can produce a document number that does not exist",
            "correct": True,
            "why": {
                "vi": "Phải đối chiếu với cơ sở dữ liệu văn bản pháp luật trước khi trích dẫn.",
                "en": "Check it against the legal database before citing it.",
            },
        },
        {
            "vi": "Công cụ AI không được phép nói về văn bản pháp luật",
            "en": "An AI tool is not allowed to speak of legal documents",
            "correct": False,
            "why": {"vi": "Không có quy định nào như vậy.", "en": "There is no such rule."},
        },
        {
            "vi": "Số hiệu và ngày ban hành cụ thể chứng tỏ công cụ đã tra cứu",
            "en": "A precise number and date show that the tool has looked it up",
            "correct": False,
            "why": {
                "vi": "Chi tiết cụ thể không chứng minh được nguồn.",
                "en": "Precise details do not prove a source.",
            },
        },
        {
            "vi": "Tờ trình không cần nêu căn cứ pháp lý",
            "en": "A submission needs no legal basis",
            "correct": False,
            "why": {"vi": "Tờ trình phải nêu căn cứ.", "en": "A submission must state its basis."},
        },
    ],
    "rationale": {
        "vi": "Nội dung do AI đưa ra nghe càng chắc chắn càng cần được kiểm chứng.",
        "en": "The surer an AI reply sounds, the more it needs to be verified.",
    },
}
