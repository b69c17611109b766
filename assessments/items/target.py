"""A number that is right, and how far off is still right."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assessments.items.question import QuestionReading, plain_number

FIELDS = ("answer", "tolerance")


@dataclass(frozen=True, slots=True)
class Target:
    """tolerance: in the answer's unit, or percent of the answer."""

    answer: Decimal
    tolerance: Decimal
    percent: bool

    @property
    def allowed(self) -> Decimal:
        """How far off a number may be, in the answer's unit."""
        return abs(self.answer) * self.tolerance / 100 if self.percent else self.tolerance

    def takes(self, number: Decimal) -> bool:
        """Whether a number is right."""
        return abs(number - self.answer) <= self.allowed

    def to_dict(self) -> dict[str, Any]:
        return {
            "answer": plain_number(self.answer),
            "tolerance": {"percent" if self.percent else "absolute": plain_number(self.tolerance)},
        }


def read_target(reading: QuestionReading, source: Mapping[str, Any], path: str = "") -> Target:
    """Read the FIELDS of a mapping at `path`. Without a tolerance only the very number is right."""
    prefix = f"{path}." if path else ""
    answer = reading.number(source.get("answer"), f"{prefix}answer")
    where = f"{prefix}tolerance"
    tolerance = reading.mapping(source.get("tolerance", {"absolute": 0}), where, ("absolute", "percent"))
    if len(tolerance) != 1:
        reading.problem(where, "one_of", "absolute, percent")
    name = "percent" if "percent" in tolerance else "absolute"
    amount = reading.number(tolerance.get(name, 0), f"{where}.{name}", least=Decimal(0))
    return Target(answer, amount, name == "percent")
