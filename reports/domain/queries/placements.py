"""Who stood where on a day, what their post required and what is, or was then, known of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from assessments.measurement import MIN_EVIDENCE
from reports.domain.distribution import Floats, Integers
from reports.domain.own_cells import Placements
from reports.domain.queries.arrays import fetch_columns
from reports.domain.staff import ROW, Staff

_POSTED = "po.kind = 'primary' AND po.valid @> %(day)s::date"
_OF_UNITS = "po.unit_id = ANY(%(units)s::bigint[])"
_OF_PEOPLE = "po.person_id = ANY(%(people)s::bigint[])"
_OF_ALL = "true"
_DRAWN_OF = 65536
_DRAW = f"hashint8(po.person_id) & {_DRAWN_OF - 1}"
_OF_SAMPLE = f"{_DRAW} < %(share)s::float8 * {_DRAWN_OF}"
_COUNT = "SELECT count(*) FROM organisation_posting po WHERE {posted}"
_PEOPLE = """
    SELECT po.person_id, po.unit_id, pn.group_id, po.position_id, {draw}
    FROM organisation_posting po JOIN organisation_position pn ON pn.id = po.position_id
    WHERE {posted} AND {which}
"""
_REQUIRED = """
    SELECT rp.position_id, rq.competency_id, rq.level
    FROM competencies_requirement rq JOIN competencies_roleprofile rp ON rp.id = rq.role_profile_id
    WHERE rp.valid @> %(day)s::date
"""
# What is required of one person instead of what the post requires: 0 for nothing.
_OVERRIDDEN = """
    SELECT ov.person_id, ov.competency_id, coalesce(ov.level, 0)
    FROM competencies_requirementoverride ov JOIN organisation_posting po ON po.person_id = ov.person_id
    WHERE ov.valid @> %(day)s::date AND {posted} AND {which}
"""
_KNOWN_NOW = """
    SELECT e.person_id, e.competency_id, e.mean, e.se{moment}
    FROM organisation_posting po JOIN competencies_estimate e ON e.person_id = po.person_id
    WHERE e.evidence_count >= {enough} AND {posted} AND {which}
"""
_KNOWN_THEN = """
    SELECT person_id, competency_id, mean, se{moment} FROM (
        SELECT DISTINCT ON (v.person_id, v.competency_id)
               v.person_id, v.competency_id, v.mean, v.se, v.evidence_count, v.at AS measured_at
        FROM organisation_posting po JOIN competencies_estimaterevision v ON v.person_id = po.person_id
        WHERE v.at < %(end)s AND {posted} AND {which}
        ORDER BY v.person_id, v.competency_id, v.at DESC, v.id DESC
    ) e WHERE evidence_count >= {enough}
"""


def placements_of_units(
    unit_pks: Collection[int], day: date, *, known_then: bool = False, moments: bool = False
) -> Placements:
    """Return the people whose primary posting on the day is in these very units. Four queries.

    known_then: with the estimates as they were when the day ended, instead of those that stand. moments: with the
    dates of their latest evidence.
    """
    return _read(_OF_UNITS, day, {"units": list(unit_pks)}, known_then=known_then, moments=moments).placements()


def staff_of_units(unit_pks: Sequence[int], day: date) -> Staff:
    """Return the people whose primary posting on the day is in these very units. Four queries."""
    return _read(_OF_UNITS, day, {"units": list(unit_pks)})


def staff_of_people(person_pks: Collection[int], day: date) -> Staff:
    """Return these people where their primary postings on the day are, if they have one. Four queries."""
    return _read(_OF_PEOPLE, day, {"people": list(person_pks)})


def sampled_placements(day: date, most: int) -> Placements:
    """Return about `most` of the people with a primary posting on a day that is over, everybody when there are fewer.

    With the estimates as they were when it ended. Who is drawn does not change from day to day. Five queries.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(posted=_POSTED), {"day": day})
        people = cursor.fetchone()[0]
    return _read(_OF_SAMPLE, day, {"share": most / max(most, people)}, known_then=True).placements()


def read_people(day: date) -> tuple["People", "Asked"]:
    """Return everybody with a primary posting on the day, and what is required. Three queries."""
    people, *asked = _read_posted(_OF_ALL, {"day": day})
    return People(*people), Asked(*asked)


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


def units_of_cells() -> list[int]:
    """Return every unit that there is or that has cells of its own, ascending. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM organisation_unit"
            " UNION SELECT unit_id FROM reports_cellblock WHERE scope <> 'subtree' ORDER BY 1"
        )
        return [row[0] for row in cursor.fetchall()]


def end_of(day: date) -> datetime:
    """Return the moment the day ends in Vietnam."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


@dataclass(frozen=True, eq=False)
class People:
    """Who stands where: primary keys, shape (n,) each. draw: a number of each person's, 0 to 65535, to draw by."""

    person: Integers
    unit: Integers
    group: Integers
    position: Integers
    draw: Integers

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.intp] | slice) -> "People":
        """Return some of them."""
        return People(*(getattr(self, each.name)[chosen] for each in fields(self)))

    def drawn(self, most: int) -> NDArray[np.bool_]:
        """Say who is of a sample of about `most`, of everybody when there are fewer, shape (n,)."""
        return self.draw < _DRAWN_OF * most / max(most, self.draw.size)


@dataclass(frozen=True, eq=False)
class Asked:
    """What positions require, and people instead: (position or person, competency, level), three columns each."""

    required: Sequence[Integers]
    overridden: Sequence[Integers]

    def staff(self, people: People, of: Integers, what: Integers, numbers: Sequence[Floats]) -> Staff:
        """Return the people with what is required of them and what is known.

        of: places of people, shape (m,). what: competencies of which something is known of each, shape (m,). numbers:
        mean, se and, where it was asked for, the date, shape (m,) each.
        """
        person, required, overridden = people.person, self.required, self.overridden
        positions, position_at = np.unique(people.position, return_inverse=True)
        competencies = np.unique(np.concatenate([required[1], overridden[1]]))
        by_position = np.zeros((positions.size, competencies.size), np.int64)
        held = np.isin(required[0], positions)
        at = np.searchsorted(positions, required[0][held]), np.searchsorted(competencies, required[1][held])
        by_position[at] = required[2][held]
        levels = by_position[position_at]
        instead = np.isin(overridden[0], person)
        who, which, level = (column[instead] for column in overridden)
        levels[find_places(who, person, np.argsort(person)), np.searchsorted(competencies, which)] = level

        place = np.searchsorted(competencies, what)
        asked = np.append(competencies, 0)[place] == what
        there = of[asked], place[asked]
        tables = [np.full(levels.shape, np.nan) for _ in numbers]
        for table, values in zip(tables, numbers, strict=True):
            table[there] = values[asked]
        is_required = levels > 0
        sizes = np.count_nonzero(is_required, axis=1)
        rows = np.empty(sizes.sum(), ROW)
        rows["competency"] = np.broadcast_to(competencies, levels.shape)[is_required]
        rows["level"] = levels[is_required]
        rows["mean"], rows["se"], *moment_of = (table[is_required] for table in tables)
        known = people.take(np.flatnonzero(sizes))
        return Staff(known.person, known.unit, known.group, sizes[sizes > 0], rows, *moment_of)


def find_places(values: Integers, within: Integers, order: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return where each of the values stands in an array that `order` sorts."""
    return order[np.searchsorted(within, values, sorter=order)]


def _read(
    which: str,
    day: date,
    parameters: dict[str, Any],
    *,
    known_then: bool = False,
    moments: bool = False,
) -> Staff:
    parameters = {"day": day, "end": end_of(day), **parameters}
    moment = ", extract(epoch FROM measured_at)" if moments else ""
    known = (_KNOWN_THEN if known_then else _KNOWN_NOW).format(
        posted=_POSTED, which=which, moment=moment, enough=MIN_EVIDENCE
    )
    people, required, overridden = _read_posted(which, parameters)
    of, what, *numbers = fetch_columns(known, parameters, "bbfff" if moments else "bbff")
    found = People(*people).take(np.lexsort((people[0], people[1])))
    # A person's estimates mostly come one after the other: each person is looked up about once.
    run = np.flatnonzero(np.diff(of, prepend=-1))
    at = find_places(of[run], found.person, np.argsort(found.person))
    return Asked(required, overridden).staff(found, np.repeat(at, np.diff(run, append=of.size)), what, numbers)


def _read_posted(which: str, parameters: dict[str, Any]) -> list[list[NDArray[Any]]]:
    """The columns of people, of what positions require, and of what is required of people instead."""
    return [
        fetch_columns(statement.format(posted=_POSTED, which=which, draw=_DRAW), parameters, kinds)
        for statement, kinds in ((_PEOPLE, "bbbbb"), (_REQUIRED, "bbb"), (_OVERRIDDEN, "bbb"))
    ]
