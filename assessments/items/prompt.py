"""A prompt to write for an AI assistant, marked by a rubric beside what a machine can check.

Value: `{"text": "..."}`. Score: None, it needs marking. Checks that pass add to the rubric's points; personal data, or
anything that the content excludes, takes the whole score, for a good prompt that gives people's data away is no good
prompt.
"""

from dataclasses import dataclass
from typing import Any

from assessments.items.answer_fields import free_text, read_fields
from assessments.items.content import LOCALES, MAX_STEM, Text
from assessments.items.partial_credit import binned_score, highest_score
from assessments.items.prompt_checks import LONGEST, Check, Constraints, read_constraints
from assessments.items.question import Question, QuestionReading
from assessments.items.rubric import Rubric, read_rubric

KIND = "prompt"


@dataclass(frozen=True, slots=True)
class Prompt(Question):
    """example: a good prompt, which passes every check; shown after submission."""

    constraints: Constraints
    rubric: Rubric
    example: Text

    @property
    def points(self) -> int:
        return self.rubric.points + self.constraints.points

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `parse_content` reads back to an equal content."""
        return self.frame_to_dict() | {
            "constraints": self.constraints.to_dict(),
            "rubric": self.rubric.to_list(),
            "example": self.example.to_dict(),
        }


def parse_content(raw: Any) -> Prompt:
    """Read a content. Raises ContentError with everything found."""
    reading = QuestionReading()
    source, stem, rationale = reading.frame(raw, KIND, ("constraints", "rubric", "example"))
    constraints = read_constraints(reading, source.get("constraints"))
    rubric = read_rubric(reading, source.get("rubric"), stem)
    example = reading.text(source.get("example", {}), "example", MAX_STEM)
    if not reading.problems:
        for locale in LOCALES:
            for check in constraints.checks(example.at(locale)):
                if not check.passed:
                    reading.problem(f"example.{locale}", "fails_a_check", check.text.at(locale))
    reading.finish()
    return Prompt(KIND, stem, rationale, constraints, rubric, example)


def player_view(content: Prompt, locale: str, seed: int) -> dict[str, Any]:
    """The task, the length wanted, and by what it will be marked; the other checks are not told."""
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "characters": {"least": content.constraints.least, "most": content.constraints.most},
        "criteria": content.rubric.names(locale),
        "longest": LONGEST,
    }


def parse_response(content: Prompt, raw: Any) -> str:
    """Read an answer to the prompt as it was written. Raises ResponseError."""
    return free_text(read_fields(raw, ("text",))["text"], "text", LONGEST)


def score(content: Prompt, value: str) -> None:
    """None: a person marks it."""


def maximum(content: Prompt) -> int:
    """The points of rubric and checks, at most 4."""
    return highest_score(content.points)


def checks(content: Prompt, value: str) -> list[Check]:
    """What a machine found."""
    return list(content.constraints.checks(value))


def parse_marks(content: Prompt, raw: Any) -> dict[str, int]:
    """Read a marker's points by criterion. Raises MarksError."""
    return content.rubric.parse_marks(raw)


def mark_points(content: Prompt, value: str, marks: dict[str, int]) -> tuple[int, int]:
    """The points of all criteria and of the checks that passed, of how many; 0 after a serious breach."""
    found = checks(content, value)
    if any(check.serious and not check.passed for check in found):
        return 0, content.points
    passed = sum(check.passed and not check.serious for check in found)
    return sum(marks.values()) + passed, content.points


def score_marks(content: Prompt, value: str, marks: dict[str, int]) -> int:
    """The same, binned."""
    return binned_score(*mark_points(content, value, marks))


def marking_view(content: Prompt, locale: str, value: str) -> dict[str, Any]:
    """What a marker sees: the prompt, what the checks found, the rubric with its anchors, and the example."""
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "given": value,
        "checks": [check.shown(locale) for check in checks(content, value)],
        "rubric": content.rubric.shown(locale),
        "example": content.example.at(locale),
    }


def key(content: Prompt) -> dict[str, Any]:
    """A good prompt; what it earns, a marker says."""
    return {"text": content.example.vi}


def review_view(content: Prompt, locale: str, value: str | None) -> dict[str, Any]:
    """What the person sees after submission: their prompt, the checks, the rubric and the example."""
    view = marking_view(content, locale, value or "")
    if value is None:
        view |= {"given": None, "checks": []}
    return view | {"rationale": content.rationale.at(locale)}


SAMPLE: dict[str, Any] = {
    "kind": KIND,
    "stem": {
        "vi": "Bà Lê Thị Mai (căn cước 079185001234, điện thoại 0903 123 456) khiếu nại vì hồ sơ đăng ký kinh doanh "
        "trễ ba ngày. Hãy viết câu lệnh cho trợ lý AI công cộng soạn thư xin lỗi: nêu rõ văn phong, độ dài và nơi để "
        "trống thông tin cá nhân.",
        "en": "Ms Lê Thị Mai (identity number 079185001234, telephone 0903 123 456) complains that her business "
        "registration is three days late. Write a prompt for a public AI assistant that drafts a letter of apology: "
        "say which tone, how long, and where personal details are left blank.",
    },
    "constraints": {
        "characters": {"least": 80, "most": 1500},
        "include": [
            {
                "vi": "Nêu văn phong mong muốn",
                "en": "Says which tone is wanted",
                "phrases": {"vi": ["văn phong", "giọng văn", "lịch sự"], "en": ["tone", "polite", "style"]},
            },
            {
                "vi": "Nêu độ dài mong muốn",
                "en": "Says how long it should be",
                "phrases": {"vi": ["từ", "chữ", "câu", "trang"], "en": ["words", "sentences", "page"]},
            },
        ],
        "exclude": [
            {
                "vi": "Không nêu tên người dân",
                "en": "Does not name the citizen",
                "phrases": {"vi": ["Lê Thị Mai", "bà Mai", "chị Mai"], "en": ["Le Thi Mai", "Ms Mai"]},
            }
        ],
        "personal_data": ["citizen_id", "phone", "email"],
    },
    "rubric": [
        {
            "vi": "Bối cảnh và mục đích",
            "en": "Context and purpose",
            "levels": [
                {"vi": "Không nêu bối cảnh", "en": "Gives no context"},
                {"vi": "Nêu bối cảnh nhưng thiếu mục đích", "en": "Context, but no purpose"},
                {"vi": "Rõ bối cảnh, người nhận và mục đích", "en": "Clear context, reader and purpose"},
            ],
        },
        {
            "vi": "Yêu cầu về kết quả",
            "en": "What the result should be like",
            "levels": [
                {"vi": "Không nêu yêu cầu", "en": "States nothing"},
                {"vi": "Nêu một phần", "en": "States it in part"},
                {
                    "vi": "Nêu đủ: cấu trúc, văn phong, độ dài, chỗ để trống",
                    "en": "States all: structure, tone, length, blanks",
                },
            ],
        },
    ],
    "example": {
        "vi": "Bạn là chuyên viên bộ phận một cửa của phường. Hãy soạn thư xin lỗi người dân vì hồ sơ đăng ký kinh "
        "doanh trễ ba ngày, nêu hướng xử lý. Văn phong lịch sự, khoảng 150 từ, để trống [HỌ TÊN] và [MÃ HỒ SƠ].",
        "en": "You work at a ward's one-stop desk. Draft a letter of apology to a citizen whose business registration "
        "is three days late, and say what happens next. Polite tone, about 150 words, leave [NAME] and [FILE NUMBER] "
        "blank.",
    },
    "rationale": {
        "vi": "Câu lệnh tốt nói rõ bối cảnh và kết quả mong muốn, còn dữ liệu cá nhân thì để trống.",
        "en": "A good prompt says the context and the result wanted, and leaves personal data blank.",
    },
}
