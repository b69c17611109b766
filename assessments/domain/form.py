"""What an attempt is measured by, frozen when it starts and kept as JSON in `Attempt.form`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from assessments.measurement import StopRule


@dataclass(frozen=True, slots=True)
class FormCompetency:
    """A competency to measure.

    required: the level a decision is wanted about. cuts: its seven cut scores. start: mean and standard error of what
    was known before, None when nothing was.
    """

    pk: int
    code: str
    required: int
    cuts: tuple[float, ...]
    start: tuple[float, float] | None

    @property
    def required_cut(self) -> float | None:
        """The cut score of the required level; None for level 1, which everybody reaches."""
        return self.cuts[self.required - 2] if self.required > 1 else None


@dataclass(frozen=True, slots=True)
class Form:
    """competencies: in the order in which the sitting takes them up. rule: when it stops. excluded: items not to give.

    standards: the standards that the cuts are from.
    """

    competencies: tuple[FormCompetency, ...]
    rule: StopRule
    excluded: frozenset[int]
    standards: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data for `Attempt.form`."""
        return {
            "competencies": [asdict(each) for each in self.competencies],
            "rule": asdict(self.rule),
            "excluded": sorted(self.excluded),
            "standards": list(self.standards),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Form":
        """Read what `to_dict` wrote."""
        competencies = tuple(
            FormCompetency(
                each["pk"],
                each["code"],
                each["required"],
                tuple(each["cuts"]),
                tuple(each["start"]) if each["start"] else None,
            )
            for each in data["competencies"]
        )
        rule = StopRule(**data["rule"])
        return cls(competencies, rule, frozenset(data["excluded"]), tuple(data["standards"]))
