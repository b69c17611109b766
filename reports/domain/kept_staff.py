"""The copy of what the cells count of each person: read instead of the estimates of a unit, written by folders alone.

What changes a person's row is a fold of the person, who is marked; a rebuild and the nightly comparison write all rows
from the estimates, wherever they differ.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
import psycopg
from django.db import connection

from reports.domain.distribution import Integers
from reports.domain.queries.arrays import copy_rows, fetch_columns, pack_rows
from reports.domain.staff import ROW, Staff, Touched

_KEPT = 'SELECT person_id, unit_id, "group", length(rows), rows FROM reports_foldedperson WHERE {which} = ANY(%(keys)s)'
# Whoever is counted elsewhere later brings no result from before that publishing may take for a new one.
_FORGET = """
    WITH gone AS (
        DELETE FROM reports_foldedperson f USING unnest(%s::bigint[], %s::bigint[]) AS gone (person_id, unit_id)
        WHERE (f.person_id, f.unit_id) = (gone.person_id, gone.unit_id)
        RETURNING f.person_id
    )
    INSERT INTO reports_movedperson (person_id, seen)
    SELECT id, extract(epoch FROM greatest(clock_timestamp(), (
        SELECT max(measured_at) FROM competencies_estimate e WHERE e.person_id = p.id)))::float8
    FROM organisation_person p WHERE id IN (SELECT person_id FROM gone)
    ON CONFLICT (person_id) DO UPDATE SET seen = greatest(reports_movedperson.seen, EXCLUDED.seen)
"""
_CHANGE = """
    UPDATE reports_foldedperson f SET "group" = now.position_group, rows = now.rows
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bytea[]) AS now (person_id, unit_id, position_group, rows)
    WHERE (f.person_id, f.unit_id) = (now.person_id, now.unit_id)
"""
_COLUMNS = 'person_id, unit_id, "group", rows'


def kept_staff(unit_pks: Sequence[int], link: psycopg.Connection[Any] | None = None) -> Staff:
    """Return whom the units' cells count, by a connection (None: the caller's). One query."""
    return _read("unit_id", unit_pks, link)


def keep_people(before: Staff, now: Staff) -> None:
    """Make what is kept of some people, or of all of some units, what it is now."""
    if before.equals(now):
        return
    old, new = before.by_place(), now.by_place() if before.person.size else {}
    gone = [place for place in old if place not in new]
    changed = [(*place, *said) for place, said in new.items() if place in old and old[place] != said]
    added = now.take(np.array([place not in old for place in new], np.bool_)) if new else now
    with connection.cursor() as cursor:
        for statement, rows in ((_FORGET, gone), (_CHANGE, changed)):
            if rows:
                cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])
    if added.person.size:
        copy_rows("reports_foldedperson", _COLUMNS, _packed(added))


def touched_by(before: Staff, now: Staff) -> Touched:
    """Return the cells that change when people are counted with what is known of them now, and were with what was."""
    old, new = before.by_place(), now.by_place()
    whole: list[tuple[int, bytes]] = []
    alike: list[tuple[int, bytes, bytes]] = []
    for place in old.keys() | new.keys():
        unit, was, said = place[1], old.get(place), new.get(place)
        if was and said and was[0] == said[0] and len(was[1]) == len(said[1]):
            alike.append((unit, was[1], said[1]))
        else:
            whole += [(unit, each[1]) for each in (was, said) if each]
    return Touched.of([_unpacked(whole), *_differing(alike)])


def _differing(people: Sequence[tuple[int, bytes, bytes]]) -> Iterator[tuple[Integers, np.ndarray]]:
    """Yield the rows that differ, as they were and as they are, of people who have as many as before."""
    unit, before = _unpacked([(unit, rows) for unit, rows, _now in people])
    _unit, after = _unpacked([(unit, rows) for unit, _before, rows in people])
    as_bytes = (each.view(np.uint8).reshape(-1, ROW.itemsize) for each in (before, after))
    differs = np.not_equal(*as_bytes).any(axis=1)
    yield unit[differs], before[differs]
    yield unit[differs], after[differs]


def _unpacked(people: Sequence[tuple[int, bytes]]) -> tuple[Integers, np.ndarray]:
    """Return the unit of each row, and the rows, of people one after the other."""
    sizes = [len(rows) // ROW.itemsize for _unit, rows in people]
    units = np.array([unit for unit, _rows in people], np.int64)
    return np.repeat(units, sizes), np.frombuffer(b"".join(rows for _unit, rows in people), ROW)


def _packed(staff: Staff) -> Iterator[bytes]:
    """Yield people of whom as much is required together."""
    for size in np.unique(staff.sizes):
        alike = staff.take(staff.sizes == size)
        count = alike.person.size
        rows = alike.rows.view(np.uint8).reshape(count, -1)
        yield pack_rows(count, [alike.person, alike.unit, alike.group, rows])


def kept_people(person_pks: Collection[int]) -> Staff:
    """Return the people where cells count them. One query."""
    return _read("person_id", list(person_pks), None)


def _read(which: str, keys: Sequence[int], link: psycopg.Connection[Any] | None) -> Staff:
    person, unit, group, size, packed = fetch_columns(
        _KEPT.format(which=which), {"keys": list(keys)}, "bbbby", link, part=1
    )
    found = Staff(person, unit, group, size // ROW.itemsize, packed.view(ROW))
    order = np.lexsort((person, unit))
    return found.in_order(order) if (order[1:] < order[:-1]).any() else found
