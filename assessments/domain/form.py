"""What an attempt is measured by, frozen when it starts and kept as JSON in `Attempt.form`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from assessments.measurement import Blueprint, Limit, SelectionRule, StopRule


@dataclass(frozen=True, slots=True)
class FormCompetency:
    """A competency to measure.

    required: the level a decision is wanted about. cuts: its seven cut scores. start: mean and standard error of what
    the competency's own evidence said before, aged to the start; None when there was none.
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
class Neighbour:
    """A competency measured before that the sitting does not ask about, but that says something of those it does."""

    pk: int
    start: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Form:
    """competencies: in the order in which the sitting takes them up. rule: when it stops. excluded: items not to give.

    standards: the standards that the cuts are from. selection: how items are chosen, None for the default of that
    length. ineligible: items that sit out for exposure. neighbours, correlations: what the joint posterior starts from;
    the matrix, row by row, is over the competencies and then the neighbours, empty for independent ones. bank: digest
    of the bank at the start.
    """

    competencies: tuple[FormCompetency, ...]
    rule: StopRule
    excluded: frozenset[int]
    standards: tuple[int, ...]
    selection: SelectionRule | None = None
    ineligible: frozenset[int] = frozenset()
    neighbours: tuple[Neighbour, ...] = ()
    correlations: tuple[float, ...] = ()
    bank: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain data for `Attempt.form`."""
        return {
            "competencies": [asdict(each) for each in self.competencies],
            "rule": asdict(self.rule),
            "excluded": sorted(self.excluded),
            "standards": list(self.standards),
            "selection": asdict(self.selection) if self.selection else None,
            "ineligible": sorted(self.ineligible),
            "neighbours": [asdict(each) for each in self.neighbours],
            "correlations": list(self.correlations),
            "bank": self.bank,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Form":
        """Read what `to_dict` wrote, also before it knew of selection rules."""
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
        return cls(
            competencies,
            StopRule(**data["rule"]),
            frozenset(data["excluded"]),
            tuple(data["standards"]),
            selection=_selection(data["selection"]) if data.get("selection") else None,
            ineligible=frozenset(data.get("ineligible", ())),
            neighbours=tuple(Neighbour(each["pk"], tuple(each["start"])) for each in data.get("neighbours", ())),
            correlations=tuple(data.get("correlations", ())),
            bank=data.get("bank", ""),
        )


def _selection(data: Mapping[str, Any]) -> SelectionRule:
    blueprint = data["blueprint"]
    limits = tuple(Limit(**each) for each in blueprint["limits"]) if blueprint else ()
    return SelectionRule(**{**data, "blueprint": Blueprint(limits, blueprint["max_seconds"]) if blueprint else None})
