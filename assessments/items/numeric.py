"""A number to work out, with a tolerance and, where it has them, units.

Value: `{"value": "1.234,5", "unit": unit id, "notation": "vi"}`. The unit may be written after the number instead, and
is needed when there are several. `notation` is needed only where the number could be read two ways: `1.234` without it
is refused. Score 0 or 1.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assessments.items.answer_fields import free_text, known_id, read_fields
from assessments.items.decimal_forms import LONGEST, NOTATIONS, NumberFormError, read_number, show_number
from assessments.items.presentation import shuffled
from assessments.items.problems import ResponseError
from assessments.items.question import Question, QuestionReading, shown
from assessments.items.target import FIELDS, Target, read_target
from assessments.items.units import LONGEST_UNIT, Unit, read_units, unit_named

KIND = "numeric"
_NUMBER_AND_UNIT = re.compile(r"\s*([+\-\u2212\u2013]?\s*[0-9](?:[0-9.,\s]*[0-9.,])?)\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Numeric(Question):
    """target: in the first unit. whole: a whole number is asked for, so that 1.234 and 1,234 can only mean 1234."""

    target: Target
    whole: bool
    units: tuple[Unit, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `parse_content` reads back to an equal content."""
        return self.frame_to_dict() | {
            **self.target.to_dict(),
            "whole": self.whole,
            "units": [unit.to_dict() for unit in self.units],
        }


@dataclass(frozen=True, slots=True)
class Quantity:
    """An answer: the number as it was read, its unit, and what was written."""

    number: Decimal
    unit: Unit | None
    written: str


def parse_content(raw: Any) -> Numeric:
    """Read a content. Raises ContentError with everything found."""
    reading = QuestionReading()
    source, stem, rationale = reading.frame(raw, KIND, (*FIELDS, "whole", "units"))
    target = read_target(reading, source)
    whole = reading.flag(source.get("whole", False), "whole")
    if whole and target.answer != target.answer.to_integral_value():
        reading.problem("answer", "not_whole", target.answer)
    units = read_units(reading, source.get("units", []), stem)
    reading.finish()
    return Numeric(KIND, stem, rationale, target, whole, units)


def player_view(content: Numeric, locale: str, seed: int) -> dict[str, Any]:
    """The question and its units, shuffled by the seed. whole: only whole numbers are taken."""
    units = shuffled([unit.option for unit in content.units], seed)
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "whole": content.whole,
        "units": [shown(unit, locale) for unit in units],
        "longest": LONGEST,
    }


def parse_response(content: Numeric, raw: Any) -> Quantity:
    """Read an answer. Raises ResponseError, also for a number that could be read two ways."""
    source = read_fields(raw, ("value",), ("unit", "notation"))
    written = free_text(source["value"], "value", LONGEST + LONGEST_UNIT)
    notation = source.get("notation")
    if notation is not None:
        known_id(notation, "notation", NOTATIONS, "unknown_notation")
    found = _NUMBER_AND_UNIT.fullmatch(written)
    if found is None:
        raise ResponseError("value", "not_a_number")
    try:
        number = read_number(found[1], notation=notation, whole=content.whole)
    except NumberFormError as error:
        raise ResponseError("value", error.reason) from None
    if content.whole and number != number.to_integral_value():
        raise ResponseError("value", "not_whole")
    return Quantity(number, _unit(content, source.get("unit"), found[2].strip()), written)


def _unit(content: Numeric, chosen: Any, written: str) -> Unit | None:
    """The unit chosen or written; the only one goes without saying."""
    by_id = {unit.option.id: unit for unit in content.units}
    named = unit_named(content.units, written) if written else None
    if written and named is None:
        raise ResponseError("value", "unknown_unit")
    if chosen is not None and chosen != "":
        unit = by_id[known_id(chosen, "unit", by_id, "unknown_unit")]
        if named is not None and named != unit:
            raise ResponseError("unit", "two_units")
        return unit
    if named is None and len(content.units) > 1:
        raise ResponseError("unit", "missing")
    return named or (content.units[0] if content.units else None)


def score(content: Numeric, value: Quantity) -> int:
    """1 within the tolerance, whatever unit of the right kind the answer is in."""
    factor = value.unit.factor if value.unit else Decimal(1)
    return int(factor is not None and content.target.takes(value.number * factor))


def maximum(content: Numeric) -> int:
    """The highest score."""
    return 1


def key(content: Numeric) -> dict[str, Any]:
    """An answer that earns the highest score."""
    unit = {"unit": content.units[0].option.id} if content.units else {}
    return {"value": show_number(content.target.answer, "en"), "notation": "en", **unit}


def review_view(content: Numeric, locale: str, value: Quantity | None) -> dict[str, Any]:
    """What the person sees after submission: the answer, how far off was still right, and how theirs was read."""
    given = None
    if value is not None:
        given = {
            "written": value.written,
            "number": show_number(value.number, locale),
            "unit": value.unit.option.text.at(locale) if value.unit else "",
        }
    return {
        "kind": KIND,
        "stem": content.stem.at(locale),
        "answer": show_number(content.target.answer, locale),
        "unit": content.units[0].option.text.at(locale) if content.units else "",
        "allowed": show_number(content.target.allowed, locale),
        "given": given,
        "correct": value is not None and score(content, value) == 1,
        "rationale": content.rationale.at(locale),
    }


SAMPLE: dict[str, Any] = {
    "kind": KIND,
    "stem": {
        "vi": "Theo biểu phí của phường trong ví dụ này, mỗi bản sao thu 2.500 đồng. Hôm nay bộ phận một cửa cấp 480 "
        "bản sao, trong đó 30 bản được miễn phí. Số phí phải nộp về ngân sách là bao nhiêu?",
        "en": "In this example the ward charges 2,500 dong for each certified copy. Today the one-stop desk issued 480 "
        "copies, 30 of them free of charge. How much goes to the budget?",
    },
    "answer": "1125000",
    "tolerance": {"absolute": "0"},
    "whole": False,
    "units": [
        {"vi": "đồng", "en": "dong", "aliases": ["đ", "VND", "VNĐ"], "factor": "1"},
        {"vi": "nghìn đồng", "en": "thousand dong", "aliases": ["ngàn đồng"], "factor": "1000"},
        {"vi": "triệu đồng", "en": "million dong", "aliases": ["triệu"], "factor": "1000000"},
        {"vi": "bản", "en": "copies", "aliases": [], "factor": None},
    ],
    "rationale": {
        "vi": "Trừ các trường hợp được miễn trước khi nhân với mức thu: (480 − 30) × 2.500 = 1.125.000 đồng.",
        "en": "Take away the exempt cases before multiplying: (480 − 30) × 2,500 = 1,125,000 dong.",
    },
}
