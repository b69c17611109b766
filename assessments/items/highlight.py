"""Find the problems in a text: an invented fact, personal data, a biased phrase and the like.

The text is cut into four to forty segments. Value: `{"marks": {segment id: problem}}`, at least one mark. Each problem
marked as what it is adds a point, each mark on a sound segment takes one away, never below 0, binned to at most 4;
a problem that is marked as another one gives nothing and takes nothing.
"""

from dataclasses import dataclass
from typing import Any

from assessments.items.answer_fields import assigned_ids, read_fields
from assessments.items.content import Option, Text
from assessments.items.partial_credit import binned_score, highest_score
from assessments.items.question import Question, QuestionReading, opaque_id, shown, with_id

KIND = "highlight"
FEWEST, MOST = 4, 40
PROBLEMS: dict[str, Text] = {
    "hallucination": Text("Thông tin không có thật (ảo giác)", "Invented fact (hallucination)"),
    "personal_data": Text("Dữ liệu cá nhân", "Personal data"),
    "biased_phrase": Text("Cách diễn đạt thiên kiến", "Biased phrase"),
    "unsupported_claim": Text("Khẳng định không có căn cứ", "Claim without support"),
    "outdated_information": Text("Thông tin đã hết hiệu lực", "Outdated information"),
    "classified_information": Text("Thông tin mật", "Classified information"),
    "wrong_calculation": Text("Tính toán sai", "Wrong calculation"),
    "unsuitable_tone": Text("Văn phong không phù hợp", "Unsuitable tone"),
}
"""What may be wrong with a segment, and how it is called."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the text with its `why`. problem: a key of PROBLEMS; None for a sound one."""

    option: Option
    problem: str | None


@dataclass(frozen=True, slots=True)
class Highlight(Question):
    """segments: in the order of the text. offered: the problems that a mark may name."""

    segments: tuple[Segment, ...]
    offered: tuple[str, ...]

    @property
    def wanted(self) -> dict[str, str]:
        return {segment.option.id: segment.problem for segment in self.segments if segment.problem is not None}

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `parse_content` reads back to an equal content."""
        segments = []
        for segment in self.segments:
            data: dict[str, Any] = with_id(segment.option)
            if segment.problem is not None:
                data["problem"] = segment.problem
            if segment.option.why is not None:
                data["why"] = segment.option.why.to_dict()
            segments.append(data)
        return self.frame_to_dict() | {"offered": list(self.offered), "segments": segments}


def parse_content(raw: Any) -> Highlight:
    """Read a content. Raises ContentError with everything found."""
    reading = QuestionReading()
    source, stem, rationale = reading.frame(raw, KIND, ("offered", "segments"))
    offered: list[str] = []
    for place, problem in enumerate(reading.entries(source.get("offered"), "offered", 1, len(PROBLEMS))):
        word = reading.word(problem, f"offered[{place}]", PROBLEMS)
        if word in offered:
            reading.problem(f"offered[{place}]", "repeated", word)
        offered.append(word)
    segments = []
    for place, entry in enumerate(reading.entries(source.get("segments"), "segments", FEWEST, MOST)):
        path = f"segments[{place}]"
        found, text = reading.part(entry, path, ("problem", "why"))
        given = found.get("problem")
        kind = None if given is None else reading.word(given, f"{path}.problem", offered)
        why = reading.optional_text(found.get("why"), f"{path}.why")
        if kind is not None and why is None:
            reading.problem(f"{path}.why", "missing")
        # The order of the text is shown, so the place may be told; it keeps two equal segments apart.
        option = Option(opaque_id(stem, "segment", str(place), text.vi, text.en), text, why=why)
        segments.append(Segment(option, kind))
    wrong = sum(segment.problem is not None for segment in segments)
    if segments and wrong == 0:
        reading.problem("segments", "no_problem")
    elif wrong > len(segments) - wrong:
        reading.problem("segments", "too_few_sound")
    reading.finish()
    return Highlight(KIND, stem, rationale, tuple(segments), tuple(offered))


def player_view(content: Highlight, locale: str, seed: int) -> dict[str, Any]:
    """The segments in the order of the text, and the problems to look for as options."""
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "options": [{"id": problem, "text": PROBLEMS[problem].at(locale)} for problem in content.offered],
        "segments": [shown(segment.option, locale) for segment in content.segments],
    }


def parse_response(content: Highlight, raw: Any) -> dict[str, str]:
    """Read an answer to the problem named for each marked segment. Raises ResponseError."""
    segments = [segment.option.id for segment in content.segments]
    return assigned_ids(read_fields(raw, ("marks",))["marks"], "marks", segments, content.offered)


def points(content: Highlight, value: dict[str, str]) -> tuple[int, int]:
    """Problems found and named, less marks on sound segments, of how many."""
    wanted = content.wanted
    hits = sum(wanted.get(segment) == problem for segment, problem in value.items())
    return hits - sum(segment not in wanted for segment in value), len(wanted)


def score(content: Highlight, value: dict[str, str]) -> int:
    """Problems found and named, less marks on sound segments, binned."""
    return binned_score(*points(content, value))


def maximum(content: Highlight) -> int:
    """The number of problems, at most 4."""
    return highest_score(len(content.wanted))


def key(content: Highlight) -> dict[str, Any]:
    """An answer that earns the highest score."""
    return {"marks": content.wanted}


def review_view(content: Highlight, locale: str, value: dict[str, str] | None) -> dict[str, Any]:
    """What the person sees after submission: each segment with its problem and the one marked (None), and why."""
    given = value or {}
    words: dict[str | None, str] = {problem: PROBLEMS[problem].at(locale) for problem in content.offered}
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "segments": [
            {
                **shown(segment.option, locale),
                "problem": words.get(segment.problem),
                "given": words.get(given.get(segment.option.id)),
                "correct": given.get(segment.option.id) == segment.problem,
                "why": segment.option.why.at(locale) if segment.option.why else "",
            }
            for segment in content.segments
        ],
        "rationale": content.rationale.at(locale),
    }


SAMPLE: dict[str, Any] = {
    "kind": KIND,
    "stem": {
        "vi": "Trợ lý AI soạn thông báo dưới đây để dán tại bộ phận một cửa. Số hiệu của thông báo thật là 15/TB-UBND. "
        "Hãy đánh dấu những chỗ phải sửa và cho biết đó là lỗi gì.",
        "en": "An AI assistant drafted this notice for the one-stop desk. The real notice is number 15/TB-UBND. Mark "
        "what has to be corrected, and say what is wrong with it.",
    },
    "offered": ["hallucination", "personal_data", "biased_phrase"],
    "segments": [
        {
            "vi": "Từ thứ Hai tuần sau, bộ phận một cửa nhận hồ sơ từ 7 giờ 30.",
            "en": "From next Monday the one-stop desk takes applications from 7:30.",
        },
        {
            "vi": "Thông báo này căn cứ Công văn số 999/CV-AI của Bộ Trí tuệ nhân tạo.",
            "en": "This notice rests on Letter 999/CV-AI of the Ministry of Artificial Intelligence.",
            "problem": "hallucination",
            "why": {"vi": "Không có cơ quan và công văn này.", "en": "There is no such ministry and no such letter."},
        },
        {
            "vi": "Người dân có thể lấy số trực tuyến trên Cổng Dịch vụ công.",
            "en": "Citizens may take a queue number online on the public service portal.",
        },
        {
            "vi": "Như trường hợp của bà Lê Thị Mai, căn cước số 079185001234, đã được giải quyết hôm qua.",
            "en": "As in the case of Ms Lê Thị Mai, identity number 079185001234, settled yesterday.",
            "problem": "personal_data",
            "why": {
                "vi": "Không nêu tên và số căn cước của người dân trên thông báo.",
                "en": "A notice never gives a citizen's name and identity number.",
            },
        },
        {
            "vi": "Người cao tuổi thường chậm hiểu nên đề nghị đi cùng con cháu.",
            "en": "Elderly people are slow to understand and should bring their children.",
            "problem": "biased_phrase",
            "why": {
                "vi": "Quy kết cho cả một nhóm người; nên viết: có cán bộ hỗ trợ người cần giúp đỡ.",
                "en": "It judges a whole group; write instead that staff will help whoever needs it.",
            },
        },
        {
            "vi": "Mọi thắc mắc xin liên hệ số điện thoại của bộ phận một cửa.",
            "en": "For any question please call the one-stop desk.",
        },
    ],
    "rationale": {
        "vi": "Đọc lại từng câu do AI soạn: có thật không, có lộ dữ liệu cá nhân không, có công bằng không.",
        "en": "Reread every sentence that AI drafted: is it true, does it expose personal data, is it fair?",
    },
}
