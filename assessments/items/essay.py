"""A longer text that people mark by a rubric. Value: `{"text": "..."}`. Score: None, it needs marking.

How long a text should be is told and shown to the marker; a text of another length is still taken, so that no answer is
lost for its length.
"""

from dataclasses import dataclass
from typing import Any

from assessments.items.answer_fields import free_text, read_fields
from assessments.items.content import MAX_STEM, Text
from assessments.items.partial_credit import binned_score, highest_score
from assessments.items.question import Question, QuestionReading
from assessments.items.rubric import Rubric, read_rubric

KIND = "essay"
LONGEST = 20_000
MOST_WORDS = 3000


@dataclass(frozen=True, slots=True)
class Essay(Question):
    """least, most: words between blanks, in Vietnamese syllables. example: a good answer, shown after submission."""

    least: int
    most: int
    rubric: Rubric
    example: Text

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `parse_content` reads back to an equal content."""
        return self.frame_to_dict() | {
            "words": {"least": self.least, "most": self.most},
            "rubric": self.rubric.to_list(),
            "example": self.example.to_dict(),
        }


def count_words(text: str) -> int:
    """Words between blanks; in Vietnamese these are syllables, as word processors count them."""
    return len(text.split())


def parse_content(raw: Any) -> Essay:
    """Read a content. Raises ContentError with everything found."""
    reading = QuestionReading()
    source, stem, rationale = reading.frame(raw, KIND, ("words", "rubric", "example"))
    least, most = reading.bounds(source.get("words", {}), "words", 0, MOST_WORDS)
    rubric = read_rubric(reading, source.get("rubric"), stem)
    example = reading.text(source.get("example", {}), "example", MAX_STEM)
    reading.finish()
    return Essay(KIND, stem, rationale, least, most, rubric, example)


def player_view(content: Essay, locale: str, seed: int) -> dict[str, Any]:
    """The task, how long the text should be, and by what it will be marked, without the levels."""
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "words": {"least": content.least, "most": content.most},
        "criteria": content.rubric.names(locale),
        "longest": LONGEST,
    }


def parse_response(content: Essay, raw: Any) -> str:
    """Read an answer to the text as it was written. Raises ResponseError."""
    return free_text(read_fields(raw, ("text",))["text"], "text", LONGEST)


def score(content: Essay, value: str) -> None:
    """None: a person marks it."""


def maximum(content: Essay) -> int:
    """The points of the rubric, at most 4."""
    return highest_score(content.rubric.points)


def parse_marks(content: Essay, raw: Any) -> dict[str, int]:
    """Read a marker's points by criterion. Raises MarksError."""
    return content.rubric.parse_marks(raw)


def mark_points(content: Essay, value: str, marks: dict[str, int]) -> tuple[int, int]:
    """The points of all criteria, of how many."""
    return sum(marks.values()), content.rubric.points


def score_marks(content: Essay, value: str, marks: dict[str, int]) -> int:
    """The points of all criteria, binned."""
    return binned_score(*mark_points(content, value, marks))


def marking_view(content: Essay, locale: str, value: str) -> dict[str, Any]:
    """What a marker sees: the answer, its length, the rubric with its anchors, and the example."""
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "given": value,
        "words": {"least": content.least, "most": content.most, "given": count_words(value)},
        "rubric": content.rubric.shown(locale),
        "example": content.example.at(locale),
    }


def key(content: Essay) -> dict[str, Any]:
    """A good answer; what it earns, a marker says."""
    return {"text": content.example.vi}


def review_view(content: Essay, locale: str, value: str | None) -> dict[str, Any]:
    """What the person sees after submission: what they wrote, the rubric and the example."""
    return marking_view(content, locale, value or "") | {"given": value, "rationale": content.rationale.at(locale)}


SAMPLE: dict[str, Any] = {
    "kind": KIND,
    "stem": {
        "vi": "Phường của bạn muốn dùng trợ lý AI để trả lời câu hỏi của người dân trên trang thông tin điện tử. Hãy "
        "viết đoạn đề xuất gửi Chủ tịch UBND phường: lợi ích, rủi ro và cách kiểm soát.",
        "en": "Your ward wants an AI assistant to answer citizens' questions on its web site. Write a proposal to the "
        "chair of the ward: benefits, risks and how they will be controlled.",
    },
    "words": {"least": 120, "most": 300},
    "rubric": [
        {
            "vi": "Lợi ích gắn với công việc của phường",
            "en": "Benefits tied to the ward's own work",
            "levels": [
                {"vi": "Không nêu hoặc nêu chung chung", "en": "None, or only in general"},
                {"vi": "Nêu được lợi ích cụ thể", "en": "Names concrete benefits"},
                {"vi": "Lợi ích cụ thể, có cách đo", "en": "Concrete benefits and how to measure them"},
            ],
        },
        {
            "vi": "Rủi ro và biện pháp kiểm soát",
            "en": "Risks and controls",
            "levels": [
                {"vi": "Không nêu rủi ro", "en": "Names no risk"},
                {"vi": "Nêu rủi ro nhưng chưa có biện pháp", "en": "Names risks without controls"},
                {
                    "vi": "Mỗi rủi ro có biện pháp và người chịu trách nhiệm",
                    "en": "Each risk has a control and someone who answers for it",
                    "anchor": {
                        "vi": "Câu trả lời sai thủ tục: cán bộ một cửa duyệt mẫu câu trả lời hằng tuần.",
                        "en": "Wrong answers on procedures: the desk officer reviews a sample every week.",
                    },
                },
            ],
        },
    ],
    "example": {
        "vi": "Kính gửi Chủ tịch UBND phường. Trợ lý AI giúp người dân tra cứu thủ tục ngoài giờ hành chính và giảm "
        "cuộc gọi lặp lại; đề nghị đo bằng số cuộc gọi mỗi tuần. Rủi ro chính là trả lời sai và thu thập dữ liệu cá "
        "nhân: trợ lý chỉ dùng thủ tục đã công bố, không hỏi thông tin cá nhân, và cán bộ một cửa kiểm tra mẫu câu trả "
        "lời hằng tuần.",
        "en": "To the chair of the ward. An AI assistant lets citizens look up procedures out of hours and cuts "
        "repeated calls; we propose to measure calls per week. The main risks are wrong answers and personal data: the "
        "assistant uses published procedures only, asks for no personal details, and the desk officer checks a sample "
        "every week.",
    },
    "rationale": {
        "vi": "Một đề xuất tốt nêu lợi ích đo được và ai kiểm soát rủi ro nào.",
        "en": "A good proposal names measurable benefits and who controls which risk.",
    },
}
