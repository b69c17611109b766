"""Two to eight prompts, each with its own partner among the options, which may hold up to four spare ones.

Value: `{"pairs": {prompt id: option id}}`; a prompt may be left out. Each right pair is a point, binned to at most 4.
"""

from dataclasses import dataclass
from typing import Any

from assessments.items.answer_fields import assigned_ids, read_fields
from assessments.items.content import LOCALES, Option, Text
from assessments.items.partial_credit import binned_score, highest_score
from assessments.items.presentation import shuffled
from assessments.items.question import Question, QuestionReading, opaque_id, shown, with_id

KIND = "matching"
FEWEST, MOST, MOST_SPARE = 2, 12, 8


@dataclass(frozen=True, slots=True)
class Matching(Question):
    """pairs: a prompt and its partner. spare: options without a prompt."""

    pairs: tuple[tuple[Option, Option], ...]
    spare: tuple[Option, ...]

    @property
    def options(self) -> tuple[Option, ...]:
        return (*(partner for _, partner in self.pairs), *self.spare)

    @property
    def right(self) -> dict[str, str]:
        return {prompt.id: partner.id for prompt, partner in self.pairs}

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `parse_content` reads back to an equal content."""
        return self.frame_to_dict() | {
            "pairs": [{"prompt": with_id(prompt), "match": with_id(partner)} for prompt, partner in self.pairs],
            "spare": [with_id(option) for option in self.spare],
        }


def parse_content(raw: Any) -> Matching:
    """Read a content. Raises ContentError with everything found."""
    reading = QuestionReading()
    source, stem, rationale = reading.frame(raw, KIND, ("pairs", "spare"))
    pairs: list[tuple[Text, Text]] = []
    for place, entry in enumerate(reading.entries(source.get("pairs"), "pairs", FEWEST, MOST)):
        path = f"pairs[{place}]"
        sides = reading.mapping(entry, path, ("prompt", "match"))
        _, prompt = reading.part(sides.get("prompt", {}), f"{path}.prompt")
        _, match = reading.part(sides.get("match", {}), f"{path}.match")
        pairs.append((prompt, match))
    spare = reading.options_of(source.get("spare", []), "spare", stem, "match", 0, MOST_SPARE)
    _check_different(reading, pairs, spare)
    reading.finish()
    return Matching(
        KIND,
        stem,
        rationale,
        tuple(
            (
                Option(opaque_id(stem, "prompt", prompt.vi, prompt.en), prompt),
                Option(opaque_id(stem, "match", match.vi, match.en), match),
            )
            for prompt, match in pairs
        ),
        spare,
    )


def _check_different(reading: QuestionReading, pairs: list[tuple[Text, Text]], spare: tuple[Option, ...]) -> None:
    for locale in LOCALES:
        for side, name in ((0, "prompt"), (1, "match")):
            texts = [pair[side].at(locale) for pair in pairs]
            for place, text in enumerate(texts):
                if text and text in texts[:place]:
                    reading.problem(f"pairs[{place}].{name}.{locale}", "repeated")
        matches = {match.at(locale) for _, match in pairs}
        for place, option in enumerate(spare):
            if option.text.at(locale) in matches - {""}:
                reading.problem(f"spare[{place}].{locale}", "repeated")


def player_view(content: Matching, locale: str, seed: int) -> dict[str, Any]:
    """Prompts and options, each shuffled by the seed on its own."""
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "prompts": [shown(prompt, locale) for prompt in shuffled([pair[0] for pair in content.pairs], seed)],
        "options": [shown(option, locale) for option in shuffled(content.options, seed)],
    }


def parse_response(content: Matching, raw: Any) -> dict[str, str]:
    """Read an answer to the option chosen for each answered prompt. Raises ResponseError."""
    options = {option.id for option in content.options}
    return assigned_ids(read_fields(raw, ("pairs",))["pairs"], "pairs", content.right, options)


def points(content: Matching, value: dict[str, str]) -> tuple[int, int]:
    """Right pairs, of how many."""
    return sum(content.right[prompt] == option for prompt, option in value.items()), len(content.pairs)


def score(content: Matching, value: dict[str, str]) -> int:
    """Right pairs, binned."""
    return binned_score(*points(content, value))


def maximum(content: Matching) -> int:
    """The number of pairs, at most 4."""
    return highest_score(len(content.pairs))


def key(content: Matching) -> dict[str, Any]:
    """An answer that earns the highest score."""
    return {"pairs": content.right}


def review_view(content: Matching, locale: str, value: dict[str, str] | None) -> dict[str, Any]:
    """What the person sees after submission: each prompt with its match and with what was given, None for nothing."""
    given = value or {}
    texts = {option.id: option.text.at(locale) for option in content.options}
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "prompts": [
            {
                **shown(prompt, locale),
                "match": partner.text.at(locale),
                "given": texts.get(given.get(prompt.id, "")),
                "correct": given.get(prompt.id) == partner.id,
            }
            for prompt, partner in content.pairs
        ],
        "rationale": content.rationale.at(locale),
    }


SAMPLE: dict[str, Any] = {
    "kind": KIND,
    "stem": {
        "vi": "Ghép mỗi công việc với công cụ phù hợp nhất ở cơ quan.",
        "en": "Match each task with the office tool that fits it best.",
    },
    "pairs": [
        {
            "prompt": {"vi": "Trình ký và phát hành công văn", "en": "Sign and issue an official letter"},
            "match": {"vi": "Hệ thống quản lý văn bản", "en": "Document management system"},
        },
        {
            "prompt": {"vi": "Nhận hồ sơ trực tuyến của người dân", "en": "Receive a citizen's online application"},
            "match": {"vi": "Cổng Dịch vụ công quốc gia", "en": "National Public Service Portal"},
        },
        {
            "prompt": {"vi": "Xác thực danh tính người nộp hồ sơ", "en": "Verify an applicant's identity"},
            "match": {"vi": "VNeID", "en": "VNeID"},
        },
    ],
    "spare": [{"vi": "Nhóm Zalo của phòng", "en": "The team's Zalo group"}],
    "rationale": {
        "vi": "Việc công đi trên hệ thống công: có dấu vết, có bảo mật, tìm lại được.",
        "en": "Official work runs on official systems: traceable, protected, easy to find again.",
    },
}
