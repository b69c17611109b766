"""Who stands where today, what their post requires and what is known of them."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

import numpy as np
from django.db import connection

from reports.domain.own_cells import Placements

_ROWS = """
    SELECT po.unit_id, pn.group_id, rq.competency_id, po.person_id, rq.level, e.mean, e.se
    FROM organisation_posting po
    JOIN organisation_position pn ON pn.id = po.position_id
    JOIN competencies_roleprofile rp ON rp.position_id = po.position_id AND rp.valid @> %(day)s::date
    JOIN competencies_requirement rq ON rq.role_profile_id = rp.id
    LEFT JOIN competencies_estimate e
        ON e.person_id = po.person_id AND e.competency_id = rq.competency_id AND e.evidence_count >= 1
    WHERE po.kind = 'primary' AND po.valid @> %(day)s::date AND {which}
    ORDER BY po.unit_id, rq.competency_id, po.person_id
"""


def placements_of_units(unit_pks: Collection[int], day: date) -> Placements:
    """Return the people whose primary posting on the day is in these very units. One query."""
    return _read(_ROWS.format(which="po.unit_id = ANY(%(units)s)"), {"day": day, "units": list(unit_pks)})


def assessed_placements(competency_pk: int, day: date) -> Placements:
    """Return everybody whose post requires the competency and who has an estimate in it. One query."""
    which = "rq.competency_id = %(competency)s AND e.id IS NOT NULL"
    return _read(_ROWS.format(which=which), {"day": day, "competency": competency_pk})


def units_of_people(person_pks: Collection[int], day: date) -> set[int]:
    """Return the units of the people's primary postings on the day. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT unit_id FROM organisation_posting"
            " WHERE kind = 'primary' AND valid @> %s::date AND person_id = ANY(%s)",
            [day, list(person_pks)],
        )
        return {row[0] for row in cursor.fetchall()}


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


def _read(statement: str, parameters: dict[str, Any]) -> Placements:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [()] * 7
    unit, group, competency, person, level = (np.array(column, dtype=np.int64) for column in columns[:5])
    mean, se = (np.array(column, dtype=np.float64) for column in columns[5:])  # None becomes nan
    return Placements(unit, group, competency, person, level, mean, se)
