"""What a training plan is asked and what it answers: value objects that are kept as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from reports.domain.gaps import Named


@dataclass(frozen=True, slots=True)
class Offer:
    """Places there are in a course, and what one of them takes: working hours and đồng."""

    seats: int
    hours: float
    cost: int


@dataclass(frozen=True, slots=True)
class Asked:
    """courses: by code. hours, budget: in all, None without a limit. weights: of position groups by code, else 1."""

    courses: Mapping[str, Offer]
    hours: float | None = None
    budget: int | None = None
    weights: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Asked":
        offers = {code: Offer(**offer) for code, offer in kept["courses"].items()}
        return cls(offers, kept["hours"], kept["budget"], kept["weights"])


@dataclass(frozen=True, slots=True)
class PlanLine:
    """Places of one course for one part of the unit.

    unit: the part; own: its own staff alone, else with everything below. group: of which position group, None for all.
    competency: what the places are given for. required, assessed: people of the part; share: of the assessed below.
    brought, low, high: people expected to reach the requirement in it, with a 95% interval. others: people expected to
    reach theirs in other competencies, by code. gain, gain_low, gain_high: levels; measured_on: people that the effect
    was measured on, 0 for the author's claim. level: that the course leads to.
    """

    unit: Named
    own: bool
    group: Named | None
    course: Named
    competency: Named
    seats: int
    required: int
    assessed: int
    share: float
    brought: float
    low: int
    high: int
    gain: float
    gain_low: float
    gain_high: float
    measured_on: int
    level: int
    others: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "PlanLine":
        named = {name: Named(**kept[name]) for name in ("unit", "course", "competency")}
        return cls(**{**kept, **named, "group": Named(**kept["group"]) if kept["group"] else None})


@dataclass(frozen=True, slots=True)
class PlanLimit:
    """A limit: kind (seats, hours or budget), of which course; how much the plan uses, and what `step` more brings.

    more: None where that cannot be told.
    """

    kind: str
    course: Named | None
    limit: float
    used: float
    step: float
    more: float | None

    @property
    def binds(self) -> bool:
        """Whether more of it would bring anybody else to their requirement."""
        return self.more is not None and self.more > 0

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "PlanLimit":
        return cls(**{**kept, "course": Named(**kept["course"]) if kept["course"] else None})


@dataclass(frozen=True, slots=True)
class PlanResult:
    """What a plan says.

    brought: people expected to reach a requirement, each competency counted. value: the same, weighted; possible: what
    no plan can exceed. left_out: parts of which no figure may be shown, or nobody was assessed. without_effect: courses
    that could not be planned, for nobody says what they do.
    """

    lines: Sequence[PlanLine]
    limits: Sequence[PlanLimit]
    brought: float
    value: float
    possible: float
    left_out: Sequence[Named] = ()
    without_effect: Sequence[Named] = ()

    @property
    def is_best(self) -> bool:
        """Whether it is proven that no plan is better."""
        return self.possible - self.value <= 1e-4 * max(1.0, self.value)

    @property
    def is_weighted(self) -> bool:
        """Whether people of some posts count more than others."""
        return abs(self.value - self.brought) > 1e-9

    @property
    def seats(self) -> int:
        return sum(line.seats for line in self.lines)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "PlanResult":
        return cls(
            **{
                **kept,
                "lines": [PlanLine.from_json(each) for each in kept["lines"]],
                "limits": [PlanLimit.from_json(each) for each in kept["limits"]],
                "left_out": [Named(**each) for each in kept["left_out"]],
                "without_effect": [Named(**each) for each in kept["without_effect"]],
            }
        )


def as_json(values: Asked | PlanResult) -> dict[str, Any]:
    """Return the values as they are kept."""
    return asdict(values)
