"""What is known of a person beside what the post requires."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from competencies.domain.ageing import SD_PER_YEAR
from competencies.domain.correlation import correlations_in_force
from competencies.domain.estimation import EstimateValues, Observation, PersonEvidence, estimate_values
from competencies.domain.queries.evidence import EvidenceRow, counted_evidence
from competencies.domain.queries.requirements import requirements_of
from competencies.domain.standards import cuts_in_force
from competencies.models import Competency, Estimate, band_of_level
from organisation.models import Person, Position


@dataclass(frozen=True, slots=True)
class EstimateOf:
    """One competency of a person.

    required: the lowest level that is enough for the post, None where it asks for none. estimate: None when nothing was
    ever measured. status: `level`, `band`, `insufficient` or `not_assessed`. p_below: probability of being below the
    required level, None without a requirement or an estimate. cuts: the seven cut scores in force.
    """

    competency: Competency
    required: int | None
    position: Position | None
    estimate: Estimate | None
    cuts: tuple[float, ...]

    @property
    def status(self) -> str:
        if self.estimate is None:
            return "not_assessed"
        return "level" if self.estimate.level else "band" if self.estimate.band else "insufficient"

    @property
    def level(self) -> int | None:
        return self.estimate.level if self.estimate else None

    @property
    def band(self) -> int | None:
        return self.estimate.band if self.estimate else None

    @property
    def borrowed(self) -> float:
        """Part of what is known that other competencies lend, 0 to 1."""
        return self.estimate.borrowed if self.estimate else 0.0

    def is_too_old(self, at: datetime) -> bool:
        """Whether too little of the evidence is recent, so that it is time to measure again."""
        return bool(self.estimate and self.estimate.measure_again_from and self.estimate.measure_again_from <= at)

    @property
    def required_band(self) -> int | None:
        return band_of_level(self.required) if self.required else None

    @property
    def p_below(self) -> float | None:
        if self.estimate is None or self.required is None:
            return None
        return min(1.0, max(0.0, sum(self.estimate.level_probabilities[: self.required - 1])))


def estimates_of(person: Person, as_of: date | None = None) -> list[EstimateOf]:
    """Return what is required of the person and what else is known, in the framework's order. Four queries at most.

    as_of: the date of the post. The estimates are those that stand, aged to when each was last made; a nightly task
    makes those anew that have widened since.
    """
    required = {each.competency.pk: each for each in requirements_of(person, as_of)}
    known = {
        estimate.competency_id: estimate
        for estimate in Estimate.objects.filter(person=person).select_related("competency__domain")
    }
    if not required and not known:
        return []
    competencies = {pk: each.competency for pk, each in required.items()}
    competencies |= {pk: estimate.competency for pk, estimate in known.items()}
    standards = cuts_in_force(competencies)
    rows = []
    for pk, competency in sorted(competencies.items(), key=lambda pair: (pair[1].order, pair[0])):
        requirement = required.get(pk)
        rows.append(
            EstimateOf(
                competency=competency,
                required=requirement.level if requirement else None,
                position=requirement.position if requirement else None,
                estimate=known.get(pk),
                cuts=standards[pk].cuts,
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class EstimateAt:
    """What was known at a moment from evidence alone, and the evidence it came from."""

    values: EstimateValues
    evidence: Sequence[EvidenceRow]


def estimates_at(
    person_pk: int, cuts: Mapping[int, Sequence[float]], at: datetime, *, scored_by: datetime | None = None
) -> dict[int, EstimateAt]:
    """Return what the person's evidence up to a moment says, by competency of `cuts`. Three queries at most.

    Evidence in all competencies counts, aged to that moment, under the correlations in force then. Competencies without
    evidence of their own are left out. scored_by: as of `counted_evidence`.
    """
    evidence = counted_evidence(person_pk, until=at, scored_by=scored_by)
    values = estimate_values(person_evidence(evidence, at), cuts) if evidence.keys() & cuts.keys() else {}
    return {pk: EstimateAt(each, evidence[pk]) for pk, each in values.items()}


def person_evidence(evidence: Mapping[int, Sequence[EvidenceRow]], as_of: datetime) -> PersonEvidence:
    """Return counted evidence as the measurement model takes it. Two queries at most."""
    return PersonEvidence(
        observations={
            pk: [Observation(row.parameters, row.score, row.observed_at, row.is_void) for row in rows]
            for pk, rows in sorted(evidence.items())
        },
        correlations=correlations_in_force(evidence, as_of),
        as_of=as_of,
        sd_per_year=SD_PER_YEAR,
    )
