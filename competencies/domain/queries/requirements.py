"""What posts require of people."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import LiteralString

from django.db import connection

from competencies.models import Competency, Requirement
from organisation.api import fetch_all_prepared, remember, today
from organisation.models import Person, Position

_POSTINGS: LiteralString = """
    SELECT p.person_id, p.position_id, own.competency_id, own.level, own.reason
    FROM organisation_posting p
    LEFT JOIN competencies_requirementoverride own ON own.person_id = p.person_id AND own.valid @> %(day)s::date
    WHERE p.kind = 'primary' AND p.person_id = ANY(%(people)s::bigint[]) AND p.valid @> %(day)s::date
"""

_BY_UNIT = """
    SELECT u.code, sum(post.required)::bigint, sum(own.required)::bigint FROM organisation_unit u
    JOIN organisation_posting p ON p.unit_id = u.id AND p.valid @> %(day)s::date AND p.kind = 'primary'
    CROSS JOIN LATERAL (
        SELECT count(*) AS required FROM competencies_roleprofile rp
        JOIN competencies_requirement rq ON rq.role_profile_id = rp.id
        WHERE rp.position_id = p.position_id AND rp.valid @> %(day)s::date
    ) AS post
    CROSS JOIN LATERAL (
        SELECT count(*) AS required FROM competencies_requirementoverride ov
        WHERE ov.person_id = p.person_id AND ov.valid @> %(day)s::date
    ) AS own
    WHERE u.code = ANY(%(codes)s) GROUP BY u.code
"""


@dataclass(frozen=True, slots=True)
class RequirementOf:
    """The lowest level that is enough. `reason`: why it is asked of the person, where it is not the position's own."""

    competency: Competency
    level: int
    position: Position
    reason: str = ""


def requirements_of(person: Person, as_of: date | None = None) -> list[RequirementOf]:
    """Return what is required of the person on a date, in the framework's order. Two queries; four with overrides.

    It is what the primary posting's role profile asks for, except where an override of the person says otherwise.
    """
    return requirements_for([person.pk], as_of)[person.pk]


def requirements_for(person_pks: Iterable[int], as_of: date | None = None) -> dict[int, list[RequirementOf]]:
    """Return the same for many people, with an empty list for who has no posting. As many queries as for one."""
    day = as_of or today()
    wanted = list(person_pks)
    position_of: dict[int, int] = {}
    overridden: dict[int, dict[int, tuple[int | None, str]]] = defaultdict(dict)
    for person, position, competency, level, reason in _postings(wanted, day):
        position_of[person] = position
        if competency is not None:
            overridden[person][competency] = level, reason
    required: dict[int, list[RequirementOf]] = defaultdict(list)
    if position_of:
        for row in _profile_rows(tuple(sorted(set(position_of.values()))), day):
            post = row.role_profile.position
            required[post.pk].append(RequirementOf(row.competency, row.level, post))
    found = {pk: required.get(position_of.get(pk, 0), []) for pk in wanted}
    if overridden:
        posts = Position.objects.in_bulk({position_of[pk] for pk in overridden})
        named = {competency for own in overridden.values() for competency in own}
        competencies = Competency.objects.select_related("domain").in_bulk(named)
        for pk, own in overridden.items():
            kept = [row for row in found[pk] if row.competency.pk not in own]
            kept += [
                RequirementOf(competencies[competency], level, posts[position_of[pk]], reason)
                for competency, (level, reason) in own.items()
                if level is not None
            ]
            found[pk] = sorted(kept, key=_place_in_framework)
    return found


@remember
def _profile_rows(position_pks: tuple[int, ...], day: date) -> list[Requirement]:
    """What the role profiles of positions ask for on a day, in the framework's order."""
    rows = Requirement.objects.filter(role_profile__position__in=position_pks, role_profile__valid__contains=day)
    return list(
        rows.select_related("competency__domain", "role_profile__position").order_by(
            "competency__domain__order", "competency__order", "competency_id"
        )
    )


def _postings(person_pks: list[int], day: date) -> Iterable[tuple[int, int, int | None, int | None, str]]:
    """Return person, position and, once for each of the person's overrides, its competency, level and reason."""
    return fetch_all_prepared(_POSTINGS, {"people": person_pks, "day": day})


def _place_in_framework(row: RequirementOf) -> tuple[int, int, int]:
    return row.competency.domain.order, row.competency.order, row.competency.pk


def count_requirements(unit_codes: Collection[str], day: date) -> dict[str, tuple[int, int]]:
    """Return how many requirements the people posted in each of these very units have on the day: of their posts, one
    for each person and competency, and of their own. Units without anybody are left out. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BY_UNIT, {"codes": list(unit_codes), "day": day})
        return {code: (of_posts, own) for code, of_posts, own in cursor.fetchall()}
