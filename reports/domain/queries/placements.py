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
        ON e.person_id = po.person_id AND e.competency_id = rq.competency_id AND e.evidence_count >= 1
"""
_KNOWN_THEN = """
    LEFT JOIN LATERAL (
        SELECT mean, se, evidence_count FROM competencies_estimaterevision r
        WHERE r.person_id = po.person_id AND r.competency_id = rq.competency_id AND r.at < %(end)s
        ORDER BY r.at DESC, r.id DESC LIMIT 1
    ) e ON e.evidence_count >= 1
"""
_ROWS = """
    SELECT po.unit_id, pn.group_id, rq.competency_id, po.person_id, rq.level, e.mean, e.se
    FROM organisation_posting po
    JOIN organisation_position pn ON pn.id = po.position_id
    JOIN competencies_roleprofile rp ON rp.position_id = po.position_id AND rp.valid @> %(day)s::date
    JOIN competencies_requirement rq ON rq.role_profile_id = rp.id
    {estimates}
    WHERE po.kind = 'primary' AND po.valid @> %(day)s::date AND {which}
    ORDER BY po.unit_id, rq.competency_id, po.person_id
"""


def placements_of_units(unit_pks: Collection[int], day: date, *, known_then: bool = False) -> Placements:
    """Return the people whose primary posting on the day is in these very units. One query.

    known_then: with the estimates as they were when the day ended, instead of those that stand.
    """
    return _read("po.unit_id = ANY(%(units)s)", day, known_then, {"units": list(unit_pks)})


def assessed_placements(competency_pk: int, day: date, *, known_then: bool = False) -> Placements:
    """Return everybody whose post requires the competency and who has an estimate in it. One query."""
    which = "rq.competency_id = %(competency)s AND e.mean IS NOT NULL"
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
    """Return the competencies that any role profile in force on the day asks for. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT rq.competency_id FROM competencies_requirement rq"
            " JOIN competencies_roleprofile rp ON rp.id = rq.role_profile_id WHERE rp.valid @> %s::date ORDER BY 1",
            [day],
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
    columns = list(zip(*rows, strict=True)) if rows else [()] * 7
    unit, group, competency, person, level = (np.array(column, dtype=np.int64) for column in columns[:5])
    mean, se = (np.array(column, dtype=np.float64) for column in columns[5:])  # None becomes nan
    return Placements(unit, group, competency, person, level, mean, se)
