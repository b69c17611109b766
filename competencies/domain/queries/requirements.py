"""What posts require of people."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from competencies.models import Competency, Requirement
from organisation.api import today
from organisation.models import Person, Position, Posting


@dataclass(frozen=True, slots=True)
class RequirementOf:
    """The lowest level that the person's position asks for in a competency."""

    competency: Competency
    level: int
    position: Position


def requirements_of(person: Person, as_of: date | None = None) -> list[RequirementOf]:
    """Return what the person's primary posting requires on a date, in the framework's order. Two queries at most."""
    return requirements_for([person.pk], as_of)[person.pk]


def requirements_for(person_pks: Iterable[int], as_of: date | None = None) -> dict[int, list[RequirementOf]]:
    """Return the same for many people, with an empty list for who has no posting or no profile. Two queries at most."""
    day = as_of or today()
    wanted = list(person_pks)
    position_of = dict(
        Posting.objects.filter(person__in=wanted, kind=Posting.Kind.PRIMARY, valid__contains=day).values_list(
            "person_id", "position_id"
        )
    )
    required: dict[int, list[RequirementOf]] = defaultdict(list)
    if position_of:
        rows = (
            Requirement.objects.filter(
                role_profile__position__in=set(position_of.values()), role_profile__valid__contains=day
            )
            .select_related("competency", "role_profile__position")
            .order_by("competency__domain__order", "competency__order", "competency_id")
        )
        for row in rows:
            position = row.role_profile.position
            required[position.pk].append(RequirementOf(row.competency, row.level, position))
    return {pk: required.get(position_of.get(pk, 0), []) for pk in wanted}
