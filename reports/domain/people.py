"""The people behind a cell, for those who may see them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, FilteredRelation, Q, QuerySet, When

from assessments.measurement import MIN_EVIDENCE
from competencies.models import Competency, Estimate
from organisation.api import today
from organisation.models import Person, Posting, Unit, UnitVersion
from reports.domain.gaps import Named
from reports.domain.queries.structure import units_below

SURE = 0.1
"""Probability of being below at which a requirement counts as met without "likely", as on the person's own page."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person is against a requirement, and what may be said of it.

    required: level. level, band: what is reported of them, None where the evidence does not earn it. p_below:
    probability of being below the required level, None when they were not assessed.
    """

    required: int
    level: int | None
    band: int | None
    p_below: float | None

    @property
    def verdict(self) -> str:
        """`meets`, `likely_meets`, `likely_below`, `insufficient` (evidence) or `not_assessed`."""
        if self.p_below is None:
            return "not_assessed"
        if self.band is None:
            return "insufficient"
        if self.p_below > 0.5:
            return "likely_below"
        return "meets" if self.p_below <= SURE else "likely_meets"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonBehind(Standing):
    """A person of whom the competency is required. unit: where they are posted."""

    name: str
    employee_code: str
    unit: Named
    position: Named


def people_behind(unit: Unit, competency: Competency, *, assessed: bool | None = None) -> QuerySet[Any]:
    """Return the primary postings today, in the unit and below, of people of whom the competency is required.

    It is when their position requires it, except where an override of the person says otherwise, as on their own page.
    assessed: only those with enough evidence, or only those without. In the order of Vietnamese names, to be cut into
    pages and read with `describe_people`.
    """
    day = today()
    rows = (
        Posting.objects.filter(unit__in=units_below(unit.pk, day), kind=Posting.Kind.PRIMARY, valid__contains=day)
        .annotate(
            profile=FilteredRelation(
                "position__role_profiles", condition=Q(position__role_profiles__valid__contains=day)
            ),
            of_post=FilteredRelation(
                "profile__requirements", condition=Q(profile__requirements__competency=competency)
            ),
            own=FilteredRelation(
                "person__requirement_overrides",
                condition=Q(
                    person__requirement_overrides__competency=competency,
                    person__requirement_overrides__valid__contains=day,
                ),
            ),
            required_level=Case(When(own__isnull=False, then=F("own__level")), default=F("of_post__level")),
            estimate=FilteredRelation(
                "person__estimates",
                condition=Q(
                    person__estimates__competency=competency, person__estimates__evidence_count__gte=MIN_EVIDENCE
                ),
            ),
            level_probabilities=F("estimate__level_probabilities"),
            reported_level=F("estimate__level"),
            reported_band=F("estimate__band"),
        )
        .filter(required_level__isnull=False)
        .select_related("person", "position")
        .order_by("person__sort_key", "person_id")
    )
    return rows if assessed is None else rows.filter(estimate__isnull=not assessed)


def describe_people(postings: Iterable[Any]) -> list[PersonBehind]:
    """Return what may be said of the people of these postings, as `people_behind` gives them. One query more."""
    rows = list(postings)
    units = _unit_names({row.unit_id for row in rows})
    return [
        PersonBehind(
            name=row.person.full_name,
            employee_code=row.person.employee_code,
            unit=units[row.unit_id],
            position=Named(row.position.pk, row.position.code, row.position.name_vi, row.position.name_en),
            required=row.required_level,
            level=row.reported_level,
            band=row.reported_band,
            p_below=_p_below(row.level_probabilities, row.required_level),
        )
        for row in rows
    ]


def standings(person: Person, required: Mapping[int, int]) -> dict[int, Standing]:
    """Return where a person is against required levels, by competency. One query."""
    known = Estimate.objects.filter(person=person, competency__in=required, evidence_count__gte=MIN_EVIDENCE)
    found = {row.competency_id: row for row in known}
    return {
        competency: Standing(level, row.level, row.band, _p_below(row.level_probabilities, level))
        if (row := found.get(competency))
        else Standing(level, None, None, None)
        for competency, level in required.items()
    }


def _p_below(level_probabilities: list[float] | None, required: int) -> float | None:
    if level_probabilities is None:
        return None
    return min(1.0, max(0.0, sum(level_probabilities[: required - 1])))


def _unit_names(unit_pks: Collection[int]) -> dict[int, Named]:
    versions = UnitVersion.objects.filter(unit__in=unit_pks, valid__contains=today()).select_related("unit")
    return {row.unit_id: Named(row.unit_id, row.unit.code, row.name_vi, row.name_en, row.kind) for row in versions}
