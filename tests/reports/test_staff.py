"""People as cells count them: put in order piece by piece, and read piece by piece, they are the same."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from threading import Event

import numpy as np
import pytest
from django.db import connection

from reports.domain.queries.arrays import copy_rows, fetch_columns, open_link, pack_rows
from reports.domain.staff import ROW, Staff, Touched
from reports.domain.unit_folding import in_parts

SERIES = """
    SELECT n, mod(n, 7), n / 3.0::float8, decode(repeat(to_hex(mod(n, 16) + 16), mod(n, 3)), 'hex')
    FROM generate_series(1, {}) n
"""


def people(count):
    """People of five units with one to nine competencies each, some of which nothing is known of."""
    dice = np.random.default_rng(count)
    sizes = dice.integers(1, 10, count)
    rows = np.empty(sizes.sum(), ROW)
    rows["competency"] = np.concatenate([[], *(np.sort(dice.choice(12, size, replace=False)) for size in sizes)])
    rows["level"], rows["mean"] = dice.integers(1, 9, rows.size), dice.normal(size=rows.size)
    rows["se"] = np.where(dice.random(rows.size) < 0.2, np.nan, 0.5)
    return Staff(np.arange(count), np.sort(dice.integers(0, 5, count)), dice.integers(0, 3, count), sizes, rows)


@pytest.mark.parametrize("count", [0, 1, 40])
@pytest.mark.parametrize("first", [0, 1 << 16])
def test_competencies_one_at_a_time_are_those_of_all_placements(count, first):
    staff = people(count)
    staff.rows["competency"] += first
    expected, found = list(staff.placements().by_competency()), list(staff.by_competency())
    assert [competency for competency, _rows in found] == [competency for competency, _rows in expected]
    assert [competency for competency, _rows in found] == np.unique(staff.rows["competency"]).tolist()
    for (_competency, mine), (_same, theirs) in zip(found, expected, strict=True):
        for name in {each.name for each in fields(mine)} - {"into", "at"}:
            assert getattr(mine, name).tobytes() == getattr(theirs, name).tobytes(), name


@pytest.mark.django_db
@pytest.mark.parametrize("count", [0, 50])
def test_columns_that_come_in_parts_are_those_that_come_whole(count):
    whole, parts = (fetch_columns(SERIES.format(count), {}, "bbfy", part=part) for part in (None, 1))
    assert [column.dtype for column in parts] == [column.dtype for column in whole]
    order, sizes = np.argsort(parts[0]), parts[0] % 3
    assert [column[order].tobytes() for column in parts[:3]] == [column.tobytes() for column in whole[:3]]
    starts = np.cumsum(sizes) - sizes
    joined = b"".join(
        parts[3][start : start + size].tobytes() for start, size in zip(starts[order], sizes[order], strict=True)
    )
    assert joined == whole[3].tobytes()


@pytest.mark.django_db
def test_a_thread_reads_by_the_connection_that_another_copies_by():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE copied (number bigint) ON COMMIT DROP")
    link, begun = open_link(), Event()

    def rows():
        yield pack_rows(2, [np.array([1, 2])])
        begun.set()
        time.sleep(0.3)
        yield pack_rows(1, [np.array([3])])

    def read():
        assert begun.wait(10)
        return fetch_columns("SELECT number FROM copied", {}, "b", link)[0].tolist()

    with ThreadPoolExecutor(1) as worker:
        reading = worker.submit(read)
        copy_rows("copied", "number", rows())
        assert sorted(reading.result()) == [1, 2, 3]


def test_parts_are_closed_by_how_many_changed():
    assert in_parts(range(250)) == [list(range(120)), list(range(120, 240)), list(range(240, 250))]
    assert in_parts([5, 3, 9, 4], {3: 100, 9: 30, 4: 300}) == [[3, 5], [9], [4]]


def test_cells_that_changed_people_concern_stand_where_they_belong():
    rows = np.zeros(4, ROW)
    rows["competency"] = [7, 9, 7, 8]
    touched = Touched.of([(np.array([30, 30, 10]), rows[:3]), (np.array([20]), rows[3:])])
    wanted = touched.among([10, 20, 30], np.array([7, 8, 9]))
    assert wanted.tolist() == [[True, False, False], [False, True, False], [True, False, True]]
    assert touched.among([20], np.array([7, 8])).tolist() == [[False, True]]
    assert not Touched.of([]).among([20], np.array([7, 8])).any()


@pytest.mark.parametrize("count", [1, 40])
def test_chosen_competencies_of_units_are_those_rows_of_all(count):
    staff, axis = people(count), np.arange(12)
    wanted = np.random.default_rng(count).random((5, 12)) < 0.4
    found = dict(staff.by_competency((axis, wanted)))
    for competency, rows in staff.by_competency():
        mine = rows.select(wanted[rows.unit, competency])
        chosen = found.pop(competency, rows.select(slice(0)))
        assert chosen.person.tolist() == mine.person.tolist()
        assert chosen.mean.tobytes() == mine.mean.tobytes()
    assert not found
