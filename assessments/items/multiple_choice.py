"""Two or more right options of three to twelve. Value: `{"choices": [ids]}`.

Scored all or nothing (0 or 1) unless the content says `scoring: plus_minus`: then each right option chosen adds a point
and each wrong one takes one away, never below 0, so that choosing everything does not pay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments.items.answers import only_field, option_ids
from assessments.items.content import Content, read_question
from assessments.items.partial_credit import binned_score, highest_score
from assessments.items.presentation import choice_review, question_view, shuffled
from assessments.items.problems import ContentError, ContentProblem, ResponseError

KIND = "multiple_choice"
FEWEST, MOST = 3, 12
ALL_OR_NOTHING = "all_or_nothing"
PLUS_MINUS = "plus_minus"


@dataclass(frozen=True, slots=True)
class MultipleChoice(Content):
    """A choice question with its scoring rule."""

    scoring: str = ALL_OR_NOTHING

    @property
    def right_ids(self) -> list[str]:
        return [option.id for option in self.options if option.correct]

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `parse_content` reads back to an equal content. The usual rule is not written."""
        rule = {} if self.scoring == ALL_OR_NOTHING else {"scoring": self.scoring}
        return Content.to_dict(self) | rule


def parse_content(raw: Any) -> MultipleChoice:
    """Read a content. Raises ContentError with everything found."""
    problems: list[ContentProblem] = []
    scoring: Any = ALL_OR_NOTHING
    if isinstance(raw, Mapping):
        scoring = raw.get("scoring", ALL_OR_NOTHING)
        raw = {name: value for name, value in raw.items() if name != "scoring"}
    if scoring not in (ALL_OR_NOTHING, PLUS_MINUS):
        problems.append(ContentProblem("scoring", "not_one_of", f"{ALL_OR_NOTHING}, {PLUS_MINUS}"))
    try:
        content = read_question(raw, KIND, FEWEST, MOST, keyed=True)
    except ContentError as error:
        raise ContentError([*error.problems, *problems]) from None
    if not 2 <= sum(option.correct for option in content.options) < len(content.options):
        problems.append(ContentProblem("options", "some_correct_options"))
    if problems:
        raise ContentError(problems)
    return MultipleChoice(content.kind, content.stem, content.options, content.rationale, scoring)


def player_view(content: MultipleChoice, locale: str, seed: int) -> dict[str, Any]:
    """What the person sees; options are shuffled by the seed, and a rule that takes points away is told."""
    view = question_view(content, locale, shuffled(content.options, seed))
    return view if content.scoring == ALL_OR_NOTHING else view | {"scoring": content.scoring}


def parse_response(content: MultipleChoice, raw: Any) -> tuple[str, ...]:
    """Read an answer to the ids chosen, at least one. Raises ResponseError."""
    chosen = option_ids(only_field(raw, "choices"), "choices", content)
    if not chosen:
        raise ResponseError("choices", "nothing_chosen")
    return chosen


def points(content: MultipleChoice, value: tuple[str, ...]) -> tuple[int, int]:
    """1 of 1 when exactly the right options are chosen; with plus_minus right less wrong ones, of how many."""
    right = set(content.right_ids)
    if content.scoring == ALL_OR_NOTHING:
        return int(set(value) == right), 1
    hits = len(right.intersection(value))
    return hits - (len(value) - hits), len(right)


def score(content: MultipleChoice, value: tuple[str, ...]) -> int:
    """1 when exactly the right options are chosen, else 0; with plus_minus right less wrong ones, binned."""
    return binned_score(*points(content, value))


def maximum(content: MultipleChoice) -> int:
    """The highest score: 1, or with plus_minus the number of right options, at most 4."""
    return 1 if content.scoring == ALL_OR_NOTHING else highest_score(len(content.right_ids))


def key(content: MultipleChoice) -> dict[str, Any]:
    """An answer that earns the highest score."""
    return {"choices": content.right_ids}


def review_view(content: MultipleChoice, locale: str, value: tuple[str, ...] | None) -> dict[str, Any]:
    """What the person sees after submission; value None when nothing was answered."""
    return choice_review(content, locale, value or ())


SAMPLE: dict[str, Any] = {
    "kind": KIND,
    "stem": {
        "vi": "Anh Nam muốn nhờ một trợ lý AI trên mạng soạn thư trả lời người dân. Những thông tin nào anh được đưa "
        "vào câu lệnh?",
        "en": "Mr Nam wants a public AI assistant to draft a reply to a citizen. What may he put into the prompt?",
    },
    "scoring": PLUS_MINUS,
    "options": [
        {
            "vi": "Tên thủ tục hành chính đã công khai",
            "en": "The name of the published procedure",
            "correct": True,
            "why": {"vi": "Đây là thông tin công khai.", "en": "This is public information."},
        },
        {
            "vi": "Số căn cước của người dân",
            "en": "The citizen's identity number",
            "correct": False,
            "why": {"vi": "Đây là dữ liệu cá nhân.", "en": "This is personal data."},
        },
        {
            "vi": "Thời hạn giải quyết đã niêm yết",
            "en": "The time limit on the notice board",
            "correct": True,
            "why": {"vi": "Thời hạn đã được niêm yết cho mọi người.", "en": "The time limit is posted for everyone."},
        },
        {
            "vi": "Ảnh chụp tờ khai đã ký",
            "en": "A photo of the signed form",
            "correct": False,
            "why": {"vi": "Ảnh chứa dữ liệu cá nhân và chữ ký.", "en": "It shows personal data and a signature."},
        },
    ],
    "rationale": {
        "vi": "Chỉ đưa vào công cụ AI công cộng những gì ai cũng được biết.",
        "en": "Give a public AI tool only what anyone may know.",
    },
}
