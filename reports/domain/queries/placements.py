"""Who stood where on a day, what their post required and what is, or was then, known of them."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from reports.domain.own_cells import Placements

_KNOWN_NOW = """
    LEFT JOIN competencies_estimate e
        ON e.person_id = r.person_id AND e.competency_id = r.competency_id AND e.evidence_count >= 1
"""
_KNOWN_THEN = """
    LEFT JOIN LATERAL (
        SELECT mean, se, evidence_count, at AS measured_at FROM competencies_estimaterevision v
        WHERE v.person_id = r.person_id AND v.competency_id = r.competency_id AND v.at < %(end)s
        ORDER BY v.at DESC, v.id DESC LIMIT 1
    ) e ON e.evidence_count >= 1
"""
# What the post requires unless it was set otherwise for the person, and what was set beyond what the post requires.
_ROWS = """
    SELECT r.unit_id, r.group_id, r.competency_id, r.person_id, r.level, e.mean, e.se,
           extract(epoch FROM e.measured_at)::float8
    FROM (
        SELECT po.unit_id, pn.group_id, rq.competency_id, po.person_id, coalesce(ov.level, rq.level) AS level
        FROM organisation_posting po
        JOIN organisation_position pn ON pn.id = po.position_id
        JOIN competencies_roleprofile rp ON rp.position_id = po.position_id AND rp.valid @> %(day)s::date
        JOIN competencies_requirement rq ON rq.role_profile_id = rp.id
        LEFT JOIN competencies_requirementoverride ov
            ON ov.person_id = po.person_id AND ov.competency_id = rq.competency_id AND ov.valid @> %(day)s::date
        WHERE po.kind = 'primary' AND po.valid @> %(day)s::date AND (ov.id IS NULL OR ov.level IS NOT NULL)
        UNION ALL
        SELECT po.unit_id, pn.group_id, ov.competency_id, po.person_id, ov.level
        FROM competencies_requirementoverride ov
        JOIN organisation_posting po
            ON po.person_id = ov.person_id AND po.kind = 'primary' AND po.valid @> %(day)s::date
        JOIN organisation_position pn ON pn.id = po.position_id
        WHERE ov.valid @> %(day)s::date AND ov.level IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM competencies_roleprofile rp JOIN competencies_requirement rq ON rq.role_profile_id = rp.id
            WHERE rp.position_id = po.position_id AND rp.valid @> %(day)s::date
                AND rq.competency_id = ov.competency_id)
    ) r
    {estimates}
    WHERE {which}
    ORDER BY r.unit_id, r.competency_id, r.person_id
"""


def placements_of_units(unit_pks: Collection[int], day: date, *, known_then: bool = False) -> Placements:
    """Return the people whose primary posting on the day is in these very units. One query.

    known_then: with the estimates as they were when the day ended, instead of those that stand.
    """
    return _read("r.unit_id = ANY(%(units)s)", day, known_then, {"units": list(unit_pks)})


def assessed_placements(competency_pk: int, day: date, *, known_then: bool = False) -> Placements:
    """Return everybody whose post requires the competency and who has an estimate in it. One query."""
    which = "r.competency_id = %(competency)s AND e.mean IS NOT NULL"
    return _read(which, day, known_then, {"competency": competency_pk})


def units_of_people(person_pks: Collection[int], day: date) -> set[int]:
    """Return the units of the people's primary postings on the day. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT unit_id FROM organisation_posting"
            " WHERE kind = 'primary' AND valid @> %s::date AND person_id = ANY(%s)",
            [day, list(person_pks)],
        )
        return {row[0] for row in cursor.fetchall()}


def units_posted_in(day: date) -> list[int]:
    """Return the units in which somebody has a primary posting on the day, in the order of keys. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT unit_id FROM organisation_posting WHERE kind = 'primary' AND valid @> %s::date ORDER BY 1",
            [day],
        )
        return [row[0] for row in cursor.fetchall()]


def count_people_of_units(unit_pks: Collection[int], day: date) -> int:
    """Return how many people have a primary posting in these very units on the day. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM organisation_posting"
            " WHERE kind = 'primary' AND valid @> %s::date AND unit_id = ANY(%s)",
            [day, list(unit_pks)],
        )
        return int(cursor.fetchone()[0])


def units_with_people(day: date, at_a_time: int) -> Iterator[list[int]]:
    """Yield the units in which somebody has a primary posting on the day or is counted now, some at a time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unit_id FROM organisation_posting WHERE kind = 'primary' AND valid @> %s::date"
            " UNION SELECT unit_id FROM reports_foldedperson"
            " UNION SELECT unit_id FROM reports_cell WHERE scope = 'own' ORDER BY 1",
            [day],
        )
        units = [row[0] for row in cursor.fetchall()]
    for start in range(0, len(units), at_a_time):
        yield units[start : start + at_a_time]


def required_competencies(day: date) -> list[int]:
    """Return the competencies that are asked for on the day, by a role profile or of one person alone. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rq.competency_id FROM competencies_requirement rq"
            " JOIN competencies_roleprofile rp ON rp.id = rq.role_profile_id WHERE rp.valid @> %s::date"
            " UNION SELECT competency_id FROM competencies_requirementoverride WHERE valid @> %s::date ORDER BY 1",
            [day, day],
        )
        return [row[0] for row in cursor.fetchall()]


def end_of(day: date) -> datetime:
    """Return the moment the day ends in Vietnam."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def _read(which: str, day: date, known_then: bool, parameters: dict[str, Any]) -> Placements:
    statement = _ROWS.format(estimates=_KNOWN_THEN if known_then else _KNOWN_NOW, which=which)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"day": day, "end": end_of(day), **parameters})
        rows = cursor.fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [()] * 8
    unit, group, competency, person, level = (np.array(column, dtype=np.int64) for column in columns[:5])
    mean, se, at = (np.array(column, dtype=np.float64) for column in columns[5:])  # None becomes nan
    return Placements(unit, group, competency, person, level, mean, se, at=at)
