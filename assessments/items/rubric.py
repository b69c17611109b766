"""Rubrics: what a marker looks at, and what each level of it looks like."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments.items.content import Option, Text
from assessments.items.question import QuestionReading, opaque_id, shown, with_id

MOST_CRITERIA = 6
FEWEST_LEVELS, MOST_LEVELS = 2, 6


class MarksError(ValueError):
    """Marks that do not fit the rubric. field: `marks` or `marks.<criterion id>`. reason: a fixed word."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"{field}: {reason}")


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a criterion in words. anchor: an answer, or a piece of one, that stands at this level."""

    text: Text
    anchor: Text | None

    def shown(self, locale: str, points: int) -> dict[str, Any]:
        return {"points": points, "text": self.text.at(locale), "anchor": self.anchor.at(locale) if self.anchor else ""}

    def to_dict(self) -> dict[str, Any]:
        return self.text.to_dict() | ({"anchor": self.anchor.to_dict()} if self.anchor else {})


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion, whose name people see beforehand, and its levels from the lowest, which earns 0, to the highest."""

    option: Option
    levels: tuple[Level, ...]

    def to_dict(self) -> dict[str, Any]:
        return with_id(self.option) | {"levels": [level.to_dict() for level in self.levels]}


@dataclass(frozen=True, slots=True)
class Rubric:
    """The criteria in the order in which they are marked."""

    criteria: tuple[Criterion, ...]

    @property
    def points(self) -> int:
        """The points of an answer at the highest level of everything."""
        return sum(len(criterion.levels) - 1 for criterion in self.criteria)

    def names(self, locale: str) -> list[dict[str, str]]:
        """What the person may know while answering: what will be looked at."""
        return [shown(criterion.option, locale) for criterion in self.criteria]

    def shown(self, locale: str) -> list[dict[str, Any]]:
        """The whole rubric: for markers, and for the person after submission."""
        return [
            {
                **shown(criterion.option, locale),
                "levels": [level.shown(locale, points) for points, level in enumerate(criterion.levels)],
            }
            for criterion in self.criteria
        ]

    def parse_marks(self, raw: Any) -> dict[str, int]:
        """Read `{criterion id: points}` for every criterion. Raises MarksError."""
        if not isinstance(raw, Mapping):
            raise MarksError("marks", "not_a_mapping")
        marks = {}
        for criterion in self.criteria:
            points = raw.get(criterion.option.id)
            field = f"marks.{criterion.option.id}"
            if points is None:
                raise MarksError(field, "missing")
            if isinstance(points, bool) or not isinstance(points, int) or not 0 <= points < len(criterion.levels):
                raise MarksError(field, "not_in_range")
            marks[criterion.option.id] = points
        if len(raw) > len(marks):
            raise MarksError("marks", "unknown_criterion")
        return marks

    def to_list(self) -> list[dict[str, Any]]:
        return [criterion.to_dict() for criterion in self.criteria]


def read_rubric(reading: QuestionReading, raw: Any, stem: Text) -> Rubric:
    """Read the list `rubric`."""
    criteria = []
    for place, entry in enumerate(reading.entries(raw, "rubric", 1, MOST_CRITERIA)):
        path = f"rubric[{place}]"
        source, name = reading.part(entry, path, ("levels",))
        levels = []
        for number, level in enumerate(
            reading.entries(source.get("levels"), f"{path}.levels", FEWEST_LEVELS, MOST_LEVELS)
        ):
            where = f"{path}.levels[{number}]"
            found, text = reading.part(level, where, ("anchor",))
            levels.append(Level(text, reading.optional_text(found.get("anchor"), f"{where}.anchor", 4000)))
        reading.different([level.text for level in levels], f"{path}.levels")
        criteria.append(Criterion(Option(opaque_id(stem, "criterion", name.vi, name.en), name), tuple(levels)))
    reading.different([criterion.option.text for criterion in criteria], "rubric")
    return Rubric(tuple(criteria))
