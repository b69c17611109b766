"""Everybody with what is known of them, from one pass over the estimates however these lie in their table.

A unit's people have their estimates all over the table: to look them up unit by unit takes three times as long. A
nation is more than a process should hold, so what is read is laid down in a file without a name, part by part.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date
from tempfile import TemporaryFile
from threading import Lock
from typing import Any, BinaryIO

import numpy as np
import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from numpy.typing import NDArray

from assessments.measurement import MIN_EVIDENCE
from reports.domain.distribution import Floats, Integers
from reports.domain.own_cells import Placements
from reports.domain.queries.arrays import OF_PAGES, open_link, stream_columns
from reports.domain.queries.placements import find_places, read_people
from reports.domain.staff import Staff

_KNOWN = """
    SELECT person_id << 32 | competency_id, mean, se FROM competencies_estimate
    WHERE evidence_count >= {enough} AND {of_pages}
"""
_PAGES = "SELECT pg_relation_size('competencies_estimate') / current_setting('block_size')::int"
_PAGES_AT_A_TIME = 1024
"""So many that neither side asks for memory anew each time."""
_AT_ONCE = 2
_IS_UNCHANGED = "SELECT pg_current_xact_id_if_assigned() IS NULL"
_NOTED = np.dtype([("at", "<i4"), ("competency", "<i4"), ("mean", "<f8"), ("se", "<f8")])


class Everybody:
    """The people with a primary posting on a day, in parts by units, with their estimates.

    sample: how many of them, about, are drawn to learn from. file: where the estimates go.
    """

    def __init__(self, parts: Sequence[Sequence[int]], day: date, sample: int, file: BinaryIO) -> None:
        people, self._asked = read_people(day)
        units = np.array([unit for part in parts for unit in part], np.int64)
        part_of = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        people = people.take(np.isin(people.unit, units))
        part = part_of[find_places(people.unit, units, np.argsort(units))]
        order = np.lexsort((people.person, people.unit, part))
        self._people, self._part = people.take(order), part[order]
        self._starts = np.searchsorted(self._part, np.arange(len(parts) + 1)).tolist()
        self._numbers = {part[0]: number for number, part in enumerate(parts)}
        self._at = np.append(np.argsort(self._people.person), 0)
        self._persons = np.append(np.sort(self._people.person), -1)
        self._is_drawn = self._people.drawn(sample)
        self._of_drawn: list[NDArray[Any]] = []
        self._pieces: list[list[tuple[int, int]]] = [[] for _ in parts]
        self._file, self._size, self._lock = file.fileno(), 0, Lock()

    def note(self, of: Integers, mean: Floats, se: Floats) -> None:
        """Lay down estimates in any order, shape (n,) each; threads may do so side by side.

        of: whose and of which competency, the one's number shifted by 32 bits and the other's.
        """
        person = of >> 32
        # A person's estimates mostly come one after the other: each person is looked up about once.
        run = np.flatnonzero(np.diff(person, prepend=-1))
        sizes = np.diff(run, append=person.size)
        found = np.searchsorted(self._persons[:-1], person[run])
        counted = np.flatnonzero(self._persons[found] == person[run])
        order = counted[np.argsort(self._part[self._at[found[counted]]], kind="stable")]
        at, run, sizes = self._at[found[order]], run[order], sizes[order]
        ends = np.cumsum(sizes)
        rows = np.arange(sizes.sum()) + np.repeat(run - (ends - sizes), sizes)
        noted = np.empty(rows.size, _NOTED)
        noted["at"] = np.repeat(at, sizes)
        for name, column in (("competency", of & 0xFFFFFFFF), ("mean", mean), ("se", se)):
            noted[name] = column[rows]
        with self._lock:
            start, self._size = self._size, self._size + noted.nbytes
            self._of_drawn.append(noted[np.repeat(self._is_drawn[at], sizes)])
            first = np.flatnonzero(np.diff(self._part[at], prepend=-1))
            begins = np.append(ends[first] - sizes[first], rows.size).tolist()
            for part, begin, end in zip(self._part[at[first]].tolist(), begins, begins[1:], strict=False):
                self._pieces[part].append((start + begin * _NOTED.itemsize, (end - begin) * _NOTED.itemsize))
        os.pwrite(self._file, noted.data, start)

    def staff_of(self, part: Sequence[int]) -> Staff:
        """Return the people of one of the parts."""
        number = self._numbers[part[0]]
        read = [os.pread(self._file, size, start) for start, size in self._pieces[number]]
        noted = np.frombuffer(b"".join(read), _NOTED)
        chosen = slice(*self._starts[number : number + 2])
        return self._staff(chosen, noted["at"] - self._starts[number], noted)

    def sample(self) -> Placements:
        """Return those who were drawn."""
        noted = np.concatenate([*self._of_drawn, np.empty(0, _NOTED)])
        drawn = np.flatnonzero(self._is_drawn)
        return self._staff(drawn, np.searchsorted(drawn, noted["at"]), noted).placements()

    def _staff(self, chosen: NDArray[np.intp] | slice, at: NDArray[Any], noted: NDArray[Any]) -> Staff:
        numbers = [noted["mean"], noted["se"]]
        return self._asked.staff(self._people.take(chosen), at, noted["competency"].astype(np.int64), numbers)


def may_read_apart() -> bool:
    """Say whether another connection sees all that this transaction does, for it has written nothing so far."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_UNCHANGED)
        return bool(cursor.fetchone()[0])


@contextmanager
def read_everybody(parts: Sequence[Sequence[int]], day: date, *, sample: int, apart: bool) -> Iterator[Everybody]:
    """Read the people of all units as of one moment after this call.

    parts: the units, ascending in each part. sample: see `Everybody`. apart: by connections of their own, side by side;
    else by the caller's, which may have to see what its transaction wrote.
    """
    with TemporaryFile() as file:
        found = Everybody(parts, day, sample, file)
        with _links(apart) as links, ThreadPoolExecutor(_AT_ONCE) as workers:
            with connection.cursor() as cursor:
                cursor.execute(_PAGES)
                firsts = range(0, int(cursor.fetchone()[0]) + 1, _PAGES_AT_A_TIME)
            pages = list(zip(firsts, [*firsts[1:], None], strict=True))

            known = _KNOWN.format(enough=MIN_EVIDENCE, of_pages=OF_PAGES)

            def read(at: int) -> None:
                mine = pages[at :: len(links)]
                for columns in stream_columns(known, "bff", mine, links[at]):
                    found.note(*columns)

            list(workers.map(read, range(len(links))))
        yield found


@contextmanager
def _links(apart: bool) -> Iterator[list[psycopg.Connection[Any]]]:
    """The caller's connection, or others of which all see the database as it is at one moment."""
    if not apart:
        yield [open_link()]
        return
    links: list[psycopg.Connection[Any]] = []
    with ExitStack() as stack:
        for _ in range(_AT_ONCE):
            made = connections.create_connection(DEFAULT_DB_ALIAS)
            stack.callback(made.close)
            made.ensure_connection()
            link: psycopg.Connection[Any] = made.connection
            link.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            links.append(link)
        row = links[0].execute("SELECT pg_export_snapshot()").fetchone()
        assert row
        for link in links[1:]:
            link.execute(psycopg.sql.SQL("SET TRANSACTION SNAPSHOT {}").format(row[0]))
        yield links
