"""A text with one to twenty gaps to fill, each by choosing, by writing or by a number.

The text marks a gap `[[name]]`, once in each language and in whatever order the language needs. Value:
`{"gaps": {gap id: option id, or text}, "notation": "vi"}`; a gap may be left out, and `notation` is needed only where a
number could be read two ways. Each right gap is a point, binned to at most 4.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assessments.items.accepted_text import FIELDS, LONGEST, AcceptedText, read_accepted
from assessments.items.answer_fields import answered_parts, free_text, known_id, read_fields
from assessments.items.content import LOCALES, MAX_STEM, Option, Text
from assessments.items.decimal_forms import LONGEST as LONGEST_NUMBER
from assessments.items.decimal_forms import NOTATIONS, NumberFormError, read_number, show_number
from assessments.items.partial_credit import binned_score, highest_score
from assessments.items.presentation import shuffled
from assessments.items.problems import ResponseError
from assessments.items.question import Question, QuestionReading, opaque_id, plain_number, shown, with_id
from assessments.items.target import FIELDS as NUMBER_FIELDS
from assessments.items.target import Target, read_target

KIND = "cloze"
MOST_GAPS = 20
FEWEST_OPTIONS, MOST_OPTIONS = 2, 12
_MARK = re.compile(r"\[\[([^\[\]]{0,40})\]\]")


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap: options of which one is correct, or an accepted text, or a number."""

    id: str
    options: tuple[Option, ...] = ()
    accepted: AcceptedText | None = None
    target: Target | None = None

    def filled_rightly(self, answer: str) -> bool:
        """Whether the answer, an option's id, a text or a plain number, is right."""
        if self.accepted is not None:
            return self.accepted.takes(answer)
        if self.target is not None:
            return self.target.takes(Decimal(answer))
        return answer == next(option.id for option in self.options if option.correct)

    def right(self, locale: str) -> list[str]:
        """What is right, in words."""
        if self.accepted is not None:
            return self.accepted.shown(locale)
        if self.target is not None:
            off = f" ± {show_number(self.target.allowed, locale)}" if self.target.allowed else ""
            return [show_number(self.target.answer, locale) + off]
        return [option.text.at(locale) for option in self.options if option.correct]

    def said(self, answer: str, locale: str) -> str:
        """What a person filled in, in words."""
        if self.target is not None:
            return show_number(Decimal(answer), locale)
        return next((option.text.at(locale) for option in self.options if option.id == answer), answer)

    def key(self) -> str:
        if self.accepted is not None:
            return self.accepted.accepted[0][0]
        if self.target is not None:
            return plain_number(self.target.answer)
        return next(option.id for option in self.options if option.correct)

    def to_dict(self) -> dict[str, Any]:
        if self.accepted is not None:
            return self.accepted.to_dict()
        if self.target is not None:
            return self.target.to_dict()
        return {"options": [with_id(option) | {"correct": option.correct} for option in self.options]}


@dataclass(frozen=True, slots=True)
class Cloze(Question):
    """text: with its marks. gaps: by the author's names."""

    text: Text
    gaps: dict[str, Gap]

    @property
    def by_id(self) -> dict[str, Gap]:
        return {gap.id: gap for gap in self.gaps.values()}

    def parts(self, locale: str) -> list[str | Gap]:
        """The text cut into what stands between the gaps and the gaps."""
        pieces = _MARK.split(self.text.at(locale))
        return [self.gaps[piece] if place % 2 else piece for place, piece in enumerate(pieces) if place % 2 or piece]

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `parse_content` reads back to an equal content."""
        gaps = {name: gap.to_dict() for name, gap in self.gaps.items()}
        return self.frame_to_dict() | {"text": self.text.to_dict(), "gaps": gaps}


def parse_content(raw: Any) -> Cloze:
    """Read a content. Raises ContentError with everything found."""
    reading = QuestionReading()
    source, stem, rationale = reading.frame(raw, KIND, ("text", "gaps"))
    text = reading.text(source.get("text", {}), "text", MAX_STEM)
    gaps: dict[str, Gap] = {}
    raw_gaps = source.get("gaps")
    if not isinstance(raw_gaps, Mapping):
        reading.problem("gaps", "not_a_mapping")
        raw_gaps = {}
    elif not 1 <= len(raw_gaps) <= MOST_GAPS:
        reading.problem("gaps", "wrong_number", f"1..{MOST_GAPS}")
    for raw_name, entry in list(raw_gaps.items())[: MOST_GAPS + 1]:
        name = reading.name(raw_name, "gaps")
        gaps[name] = _read_gap(reading, entry, f"gaps.{name}", name, stem, text)
    for locale in LOCALES:
        marks = _MARK.findall(text.at(locale))
        for name in sorted(set(marks) | set(gaps)):
            if name not in gaps:
                reading.problem(f"text.{locale}", "unknown_gap", name)
            elif marks.count(name) != 1:
                reading.problem(f"text.{locale}", "gap_not_once", name)
    reading.finish()
    return Cloze(KIND, stem, rationale, text, gaps)


def _read_gap(reading: QuestionReading, entry: Any, path: str, name: str, stem: Text, text: Text) -> Gap:
    gap_id = opaque_id(stem, "gap", text.vi, name)
    if isinstance(entry, Mapping) and "options" in entry:
        source = reading.mapping(entry, path, ("options",))
        role = f"gap {name}"
        where = f"{path}.options"
        options = reading.options_of(source.get("options"), where, stem, role, FEWEST_OPTIONS, MOST_OPTIONS, keyed=True)
        if options and sum(option.correct for option in options) != 1:
            reading.problem(where, "one_correct_option")
        return Gap(gap_id, options)
    if isinstance(entry, Mapping) and "answer" in entry:
        return Gap(gap_id, target=read_target(reading, reading.mapping(entry, path, NUMBER_FIELDS), path))
    return Gap(gap_id, accepted=read_accepted(reading, reading.mapping(entry, path, FIELDS), path))


def player_view(content: Cloze, locale: str, seed: int) -> dict[str, Any]:
    """The text in parts: `{"text"}`, `{"gap", "options"}` shuffled by the seed, or `{"gap", "longest"}` to write in;
    `numeric` beside them says that a number is asked for.
    """
    parts: list[dict[str, Any]] = []
    for part in content.parts(locale):
        if isinstance(part, str):
            parts.append({"text": part})
        elif part.options:
            parts.append({"gap": part.id, "options": [shown(each, locale) for each in shuffled(part.options, seed)]})
        elif part.target is not None:
            parts.append({"gap": part.id, "longest": LONGEST_NUMBER, "numeric": True})
        else:
            parts.append({"gap": part.id, "longest": LONGEST})
    return {"kind": KIND, "stem": content.stem.at(locale), "parts": parts}


def parse_response(content: Cloze, raw: Any) -> dict[str, str]:
    """Read an answer to what fills each gap that is filled, numbers as plain ones.

    Raises ResponseError, also for a number that could be read two ways.
    """
    gaps = content.by_id
    source = read_fields(raw, ("gaps",), ("notation",))
    notation = source.get("notation")
    if notation is not None:
        known_id(notation, "notation", NOTATIONS, "unknown_notation")
    found = {}
    for gap_id, answer in answered_parts(source["gaps"], "gaps", gaps).items():
        gap, field = gaps[gap_id], f"gaps.{gap_id}"
        if gap.options:
            found[gap_id] = known_id(answer, field, {option.id for option in gap.options})
        elif gap.target is not None:
            found[gap_id] = _number(free_text(answer, field, LONGEST_NUMBER), field, notation)
        else:
            found[gap_id] = free_text(answer, field, LONGEST)
    return found


def _number(text: str, field: str, notation: str | None) -> str:
    try:
        return plain_number(read_number(text, notation=notation))
    except NumberFormError as error:
        raise ResponseError(field, error.reason) from None


def points(content: Cloze, value: dict[str, str]) -> tuple[int, int]:
    """Gaps filled rightly, of how many."""
    gaps = content.by_id
    return sum(gaps[gap_id].filled_rightly(answer) for gap_id, answer in value.items()), len(gaps)


def score(content: Cloze, value: dict[str, str]) -> int:
    """Gaps filled rightly, binned."""
    return binned_score(*points(content, value))


def maximum(content: Cloze) -> int:
    """The number of gaps, at most 4."""
    return highest_score(len(content.gaps))


def key(content: Cloze) -> dict[str, Any]:
    """An answer that earns the highest score."""
    notation = {"notation": "en"} if any(gap.target for gap in content.gaps.values()) else {}
    return {"gaps": {gap.id: gap.key() for gap in content.gaps.values()}, **notation}


def review_view(content: Cloze, locale: str, value: dict[str, str] | None) -> dict[str, Any]:
    """What the person sees after submission: the parts, each gap with what is right in words and what was given."""
    given = value or {}
    parts: list[dict[str, Any]] = []
    for part in content.parts(locale):
        if isinstance(part, str):
            parts.append({"text": part})
            continue
        answer = given.get(part.id)
        parts.append(
            {
                "gap": part.id,
                "right": part.right(locale),
                "given": part.said(answer, locale) if answer is not None else None,
                "correct": answer is not None and part.filled_rightly(answer),
            }
        )
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "parts": parts,
        "rationale": content.rationale.at(locale),
    }


SAMPLE: dict[str, Any] = {
    "kind": KIND,
    "stem": {
        "vi": "Hoàn thành đoạn hướng dẫn dùng trợ lý AI của phòng.",
        "en": "Complete the team's guidance on using an AI assistant.",
    },
    "text": {
        "vi": "Trước khi đưa văn bản vào công cụ AI công cộng, cán bộ phải [[remove]] dữ liệu cá nhân. Nội dung do AI "
        "soạn phải được [[verify]] với nguồn chính thức, và [[signer]] chịu trách nhiệm về văn bản.",
        "en": "Before a text goes into a public AI tool, the officer must [[remove]] personal data. Whatever AI has "
        "drafted must be [[verify]] against an official source, and [[signer]] answers for the document.",
    },
    "gaps": {
        "remove": {
            "options": [
                {"vi": "loại bỏ", "en": "remove", "correct": True},
                {"vi": "in đậm", "en": "put in bold", "correct": False},
                {"vi": "dịch", "en": "translate", "correct": False},
            ]
        },
        "verify": {
            "accepted": {"vi": ["kiểm chứng", "đối chiếu", "kiểm tra"], "en": ["verified", "checked"]},
            "case": "any",
            "diacritics": "any",
            "edits": 1,
        },
        "signer": {
            "options": [
                {"vi": "nhà cung cấp công cụ", "en": "the tool's provider", "correct": False},
                {"vi": "người ký văn bản", "en": "whoever signs it", "correct": True},
                {"vi": "không ai", "en": "nobody", "correct": False},
            ]
        },
    },
    "rationale": {
        "vi": "AI chỉ hỗ trợ; trách nhiệm về nội dung luôn thuộc về con người.",
        "en": "AI only assists; the responsibility for the content stays with people.",
    },
}
