"""A small world to report on: a framework in force, posts that require it, people with estimates."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import numpy as np
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from assessments.measurement import Posterior
from competencies.models import (
    Competency,
    CutScore,
    Estimate,
    EstimateRevision,
    Framework,
    Requirement,
    RoleProfile,
    Standard,
)
from competencies.signals import estimate_changed
from organisation.models import Person, Position, Unit
from tests.factories.competencies import make_framework
from tests.factories.organisation import PersonFactory, PositionFactory, PostingFactory

START = date(2020, 1, 1)


def make_competencies(count: int) -> list[Competency]:
    """Return the competencies of a new published framework with the provisional standard in force."""
    framework = make_framework(*(f"1.{n}" for n in range(1, count + 1)))
    return list(Competency.objects.filter(domain__framework=framework))


def require(position: Position, levels: Mapping[Competency, int], valid_from: date = START) -> RoleProfile:
    """Give the position a role profile with these levels."""
    profile = RoleProfile.objects.create(position=position, valid=DateRange(valid_from, None))
    Requirement.objects.bulk_create(
        Requirement(role_profile=profile, competency=competency, level=level) for competency, level in levels.items()
    )
    return profile


def make_position(levels: Mapping[Competency, int], **kwargs: Any) -> Position:
    """Return a position that requires these levels since 2020."""
    position: Position = PositionFactory(**kwargs)
    require(position, levels)
    return position


def set_estimate(
    person: Person, competency: Competency, mean: float, se: float = 0.5, evidence_count: int = 6, *, tell: bool = True
) -> Estimate:
    """Write the person's estimate as the measurement engine would, and tell of it unless told not to."""
    cut = CutScore.objects.select_related("standard").filter(competency=competency).latest("pk")
    estimate, _ = Estimate.objects.update_or_create(
        person=person,
        competency=competency,
        defaults={
            "standard": cut.standard,
            "mean": mean,
            "se": se,
            "level_probabilities": Posterior.from_normal(mean, se).level_probabilities(cut.cuts).tolist(),
            "evidence_count": evidence_count,
            "measured_at": timezone.now(),
        },
    )
    if tell:
        estimate_changed.send(sender=Estimate, person_ids=[person.pk])
    return estimate


def revise(
    person: Person, competency: Competency, mean: float, at: datetime, se: float = 0.5, evidence_count: int = 6
) -> EstimateRevision:
    """Write what an estimate became at a moment, as the measurement engine notes it."""
    cut = CutScore.objects.filter(competency=competency).latest("pk")
    return EstimateRevision.objects.create(
        person=person,
        competency=competency,
        standard_id=cut.standard_id,
        mean=mean,
        se=se,
        evidence_count=evidence_count,
        reason="test",
        at=at,
    )


def noon(day: date) -> datetime:
    """Return noon of the day in Vietnam."""
    return timezone.make_aware(datetime.combine(day, time(12)))


def set_standard(framework: Framework, cuts: Sequence[float]) -> Standard:
    """Put a new standard in force with these cuts for every competency."""
    standard = Standard.objects.create(framework=framework, method=Standard.Method.ANGOFF)
    CutScore.objects.bulk_create(
        CutScore(standard=standard, competency=competency, cuts=list(cuts))
        for competency in Competency.objects.filter(domain__framework=framework)
    )
    standard.in_force_from = timezone.now()
    standard.save()
    return standard


def place(unit: Unit, position: Position, count: int = 1) -> list[Person]:
    """Return new people with a primary posting in the unit since 2020."""
    people: list[Person] = PersonFactory.create_batch(count)
    for person in people:
        PostingFactory(person=person, unit=unit, position=position)
    return people


def staff(
    unit: Unit, position: Position, competency: Competency, count: int, assessed: int | None = None, mean: float = 0.0
) -> list[Person]:
    """Place people in the unit, of whom the first `assessed` (all unless given) have estimates round `mean`."""
    people = place(unit, position, count)
    rng = np.random.default_rng(list(unit.code.encode()))  # a primary key is another in every run
    for person in people[: count if assessed is None else assessed]:
        set_estimate(person, competency, mean + float(rng.normal(0, 0.8)), tell=False)
    return people


def spread_staff(unit: Unit, position: Position, competency: Competency, count: int, mean: float) -> list[Person]:
    """Place people in the unit, all assessed, whose estimates lie evenly within one of `mean`."""
    people = place(unit, position, count)
    for person, at in zip(people, np.linspace(mean - 1, mean + 1, count).tolist(), strict=True):
        set_estimate(person, competency, at, tell=False)
    return people
