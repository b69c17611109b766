"""Rows of a file and what would become of them, kept in temporary tables so that memory does not grow with the file."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection

from organisation.domain.imports.plan import PersonChange, PostingChange
from organisation.domain.imports.state import KnownUnits
from organisation.domain.imports.unit_plan import UnitPlan
from organisation.domain.names import normalise_text, person_keys
from organisation.importing.staff_rows import StaffRow, StaffRows

_DROP = """
    DROP VIEW IF EXISTS pg_temp.import_person, pg_temp.import_posting;
    DROP TABLE IF EXISTS pg_temp.import_plan, pg_temp.import_row, pg_temp.import_plain, pg_temp.import_kept_person,
        pg_temp.import_kept_posting;
"""
_MAKE = """
    CREATE TEMP TABLE import_plan (key uuid);
    CREATE TEMP TABLE import_row (
        number int, unit_code text, employee_code text COLLATE "C", full_name text, sort_key text, search_key text,
        email text, gender text, birth_date date, position text, position_pk bigint, first_day date, last_day date,
        posting_kind text, faulty text
    );
    CREATE TEMP TABLE import_plain (LIKE import_row, is_known boolean);
    CREATE TEMP TABLE import_kept_person (
        pk bigint, employee_code text COLLATE "C", full_name text, sort_key text, search_key text, email text,
        gender text, birth_date date, was_changed_at timestamptz
    );
    CREATE TEMP TABLE import_kept_posting (
        pk bigint, employee_code text COLLATE "C", unit_code text, position_pk bigint, valid_from date, valid_to date,
        kind text, was_valid_to date
    );
    CREATE TEMP VIEW import_person AS
        SELECT NULL::bigint AS pk, employee_code, full_name, sort_key, search_key, email, gender, birth_date
        FROM import_plain WHERE NOT is_known
        UNION ALL
        SELECT pk, employee_code, full_name, sort_key, search_key, email, gender, birth_date FROM import_kept_person;
    CREATE TEMP VIEW import_posting AS
        SELECT NULL::bigint AS pk, employee_code, unit_code, position_pk, first_day AS valid_from,
            last_day + 1 AS valid_to, 'primary' AS kind
        FROM import_plain WHERE NOT is_known
        UNION ALL
        SELECT pk, employee_code, unit_code, position_pk, valid_from, valid_to, kind FROM import_kept_posting;
"""
# People with a single row that needs no second look, as it is: those who are new, and those who are all it says.
_FIND_PLAIN = """
    INSERT INTO import_plain
    SELECT r.*, p.id IS NOT NULL
    FROM import_row r
    LEFT JOIN (SELECT employee_code FROM import_row GROUP BY employee_code HAVING count(*) > 1) repeated
        ON repeated.employee_code = r.employee_code
    LEFT JOIN organisation_person p ON p.employee_code = r.employee_code
    LEFT JOIN unnest(%(ended)s::text[], %(ends)s::date[]) AS unit (code, ends) ON unit.code = r.unit_code
    WHERE repeated.employee_code IS NULL
        AND r.unit_code <> ALL(%(refused)s::text[]) AND r.employee_code <> ALL(%(kin)s::text[])
        AND (unit.ends IS NULL OR r.last_day < unit.ends)
        AND r.posting_kind = '' AND r.faulty = '' AND r.position_pk IS NOT NULL AND r.first_day IS NOT NULL
        AND (r.birth_date IS NULL OR r.birth_date <= %(day)s)
        AND CASE
            WHEN p.id IS NULL THEN r.full_name <> '' AND r.unit_code <> ALL(%(foreign)s::text[])
            ELSE r.full_name IN ('', p.full_name) AND r.email IN ('', p.email) AND r.gender IN ('', p.gender)
                AND (r.birth_date IS NULL OR r.birth_date = p.birth_date)
                AND EXISTS (
                    SELECT 1 FROM organisation_posting held JOIN organisation_unit u ON u.id = held.unit_id
                    WHERE held.person_id = p.id AND held.kind = 'primary' AND u.code = r.unit_code
                        AND held.position_id = r.position_pk AND held.valid = daterange(r.first_day, r.last_day + 1)
                )
                AND (%(scope)s::text[] IS NULL OR (
                    SELECT u.code = ANY(%(scope)s::text[])
                    FROM organisation_posting held JOIN organisation_unit u ON u.id = held.unit_id
                    WHERE held.person_id = p.id AND held.kind = 'primary'
                    ORDER BY held.valid @> %(day)s::date DESC, held.valid DESC LIMIT 1
                ))
        END
"""
# Codes that nobody has, but somebody in another case: in the database, or in an earlier row of the file.
_FIND_KIN = """
    WITH alike AS MATERIALIZED (
        SELECT r.employee_code AS code, p.employee_code AS other
        FROM import_row r JOIN organisation_person p ON upper(p.employee_code) = upper(r.employee_code)
        WHERE p.employee_code <> r.employee_code
        UNION ALL
        SELECT unnest(codes), codes[1]
        FROM (
            SELECT array_agg(r.employee_code ORDER BY r.number) AS codes
            FROM import_row r JOIN (
                SELECT upper(employee_code) AS code FROM import_row
                GROUP BY 1 HAVING min(employee_code) <> max(employee_code)
            ) twice ON twice.code = upper(r.employee_code)
            GROUP BY twice.code
        ) AS slips
    )
    SELECT code, other FROM alike
    WHERE code <> other AND NOT EXISTS (SELECT 1 FROM organisation_person own WHERE own.employee_code = code)
"""
_DIGEST = """
    SELECT concat(count(*), ' ', sum(hashtextextended(said, 0))) FROM (
        SELECT row(i.*, p.full_name, p.email, p.gender, p.birth_date)::text
        FROM (SELECT employee_code, full_name, email, gender, birth_date FROM import_kept_person) AS i
        LEFT JOIN organisation_person p USING (employee_code)
        UNION ALL
        SELECT row(i.*)::text FROM import_kept_posting i
    ) AS kept (said)
"""
_ROWS_AT_A_TIME = 10_000
_NULL = "\0"
_SORTING_MEMORY = "64MB"
_WRITTEN_WITH_PEOPLE, _WRITTEN_WITH_POSTINGS = 25, 65
"""Of the time that writing takes, in percent; keys are checked after that."""


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows each statement wrote."""

    people_created: int
    people_changed: int
    postings_created: int
    postings_changed: int


class Staging:
    """The temporary tables of the plan made last on this connection. Needs a transaction."""

    def __init__(self, key: UUID) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_DROP + _MAKE)
            cursor.execute("INSERT INTO import_plan VALUES (%s)", [key])

    @contextmanager
    def taking_rows(self) -> Iterator[Callable[[str | bytes], None]]:
        """Yield what takes the rows of people in, in any order, as `RowSink` writes them."""
        with connection.cursor() as cursor, cursor.copy("COPY import_row FROM STDIN") as copy:
            yield copy.write

    def settle_plain_rows(self, on: date, known: KnownUnits, units: UnitPlan) -> "Settled":
        """Decide on people with one row that needs no second look.

        A person who is not known, with all that is needed; and one who is already all that the row says.
        """
        values: dict[str, Any] = {
            "day": on,
            "scope": list(known.scope) if known.scope is not None else None,
            "refused": list(units.refused),
            "foreign": list(units.foreign),
            "ended": list(known.ends),
            "ends": list(known.ends.values()),
        }
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL work_mem = '{_SORTING_MEMORY}'; ANALYZE import_row (employee_code, unit_code)")
            cursor.execute(_FIND_KIN)
            kin = dict(cursor.fetchall())
            cursor.execute(_FIND_PLAIN, {**values, "kin": list(kin)})
            cursor.execute("ANALYZE import_plain (employee_code, unit_code, is_known)")
            cursor.execute("SELECT count(*), count(*) FILTER (WHERE is_known) FROM import_plain")
            settled, unchanged = cursor.fetchone()
        return Settled(created=settled - unchanged, unchanged=unchanged, kin=kin)

    def people(self) -> Iterator[list[StaffRow]]:
        """Yield the rows of each person not settled, in the order of the file, the people by their codes."""
        with connection.connection.cursor(name="import_rows") as cursor:
            cursor.itersize = _ROWS_AT_A_TIME
            cursor.execute(
                "SELECT number, unit_code, employee_code, full_name, email, gender, birth_date, position, first_day,"
                " last_day, posting_kind, faulty FROM import_row WHERE number NOT IN (SELECT number FROM import_plain)"
                " ORDER BY employee_code, number"
            )
            rows = (
                StaffRow(
                    number,
                    unit_code=unit,
                    employee_code=code,
                    full_name=name,
                    email=email,
                    gender=gender,
                    birth_date=born,
                    position=position,
                    first_day=first,
                    last_day=last,
                    posting_kind=kind,
                    faulty=frozenset(faulty.split()),
                )
                for number, unit, code, name, email, gender, born, position, first, last, kind, faulty in cursor
            )
            for _code, own in groupby(rows, key=attrgetter("employee_code")):
                yield list(own)

    def keep(self, people: Iterable[PersonChange], postings: Iterable[PostingChange]) -> None:
        """Keep what would be made or changed."""
        with connection.cursor() as cursor:
            with cursor.copy("COPY import_kept_person FROM STDIN") as copy:
                for each in people:
                    name = normalise_text(each.full_name)
                    values = name, *person_keys(name), each.email, each.gender, each.birth_date
                    copy.write_row((each.pk, each.employee_code, *values, each.was_changed_at))
            with cursor.copy("COPY import_kept_posting FROM STDIN") as copy:
                for posting in postings:
                    copy.write_row(astuple(posting))

    def digest(self) -> str:
        """Return what differs where other people or postings are kept, or something else is recorded of them."""
        with connection.cursor() as cursor:
            cursor.execute(_DIGEST)
            return str(cursor.fetchone()[0])


@dataclass(frozen=True, slots=True)
class Settled:
    """How many people with their posting would be made, and how many postings are as they were.

    kin: the codes of people to make that differ only in case from another, and that other.
    """

    created: int
    unchanged: int
    kin: dict[str, str]


class RowSink:
    """Rows of people on their way into the staging table, in COPY's text format.

    positions: the keys of positions by what files call them.
    """

    def __init__(self, write: Callable[[str], None], positions: dict[str, int]) -> None:
        self._write = write
        self._positions = _Texts(lambda name: str(positions.get(name.lower(), _NULL)))
        self._days = _Texts(lambda day: _NULL if day is None else day.isoformat())

    def add(self, rows: StaffRows) -> None:
        """Write those of the rows that say which person of which unit they are about."""
        names = rows.column("full_name")
        keys = [person_keys(name) for name in names]
        columns = (
            map(str, rows.numbers),
            rows.column("unit_code"),
            rows.column("employee_code"),
            names,
            [sort for sort, _search in keys],
            [search for _sort, search in keys],
            rows.column("email"),
            rows.column("gender"),
            map(self._days.__getitem__, rows.column("birth_date")),
            rows.column("position"),
            map(self._positions.__getitem__, rows.column("position")),
            map(self._days.__getitem__, rows.column("first_day")),
            map(self._days.__getitem__, rows.column("last_day")),
            rows.column("posting_kind"),
            [" ".join(rows.faulty.get(place, ())) for place in range(len(names))],
        )
        text = "".join(["\t".join(line) + "\n" for line in zip(*columns, strict=True) if line[1] and line[2]])
        # Cells hold no control characters; a backslash is COPY's own sign.
        self._write(text.replace("\\", "\\\\").replace(_NULL, "\\N"))


class _Texts(dict[Any, str]):
    """Values as texts, each made once."""

    def __init__(self, made: Callable[[Any], str]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, value: Any) -> str:
        self[value] = text = self._made(value)
        return text


def is_staged(key: UUID) -> bool:
    """Say whether what this plan would do is still at hand on this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.import_plan')")
        if cursor.fetchone() == (None,):
            return False
        cursor.execute("SELECT EXISTS (SELECT 1 FROM import_plan WHERE key = %s)", [key])
        return bool(cursor.fetchone()[0])


def write_staged(on_progress: Callable[[int], None]) -> tuple[Written, list[int]]:
    """Write the people and postings; return how many, and the keys of the people whose postings changed.

    What others changed since it was planned is left alone, and not counted. Ends come first: a posting that ends
    earlier makes room for a new one. on_progress hears about how much of the writing is done, in percent.
    """
    with connection.cursor() as cursor:

        def run(statement: str) -> int:
            cursor.execute(statement)
            return int(cursor.rowcount)

        run(f"SET LOCAL work_mem = '{_SORTING_MEMORY}'")
        run("ANALYZE import_kept_person, import_kept_posting")
        created = run(
            "INSERT INTO organisation_person"
            " (employee_code, full_name, sort_key, search_key, email, gender, birth_date)"
            " SELECT employee_code, full_name, sort_key, search_key, email, gender, birth_date"
            " FROM import_person WHERE pk IS NULL ORDER BY employee_code"
        )
        changed = run(
            "UPDATE organisation_person p SET full_name = i.full_name, sort_key = i.sort_key,"
            " search_key = i.search_key, email = i.email, gender = i.gender, birth_date = i.birth_date"
            " FROM import_kept_person i WHERE i.pk = p.id AND i.was_changed_at = p.changed_at"
        )
        moved = run(
            "UPDATE organisation_posting p SET valid = daterange(i.valid_from, i.valid_to)"
            " FROM import_kept_posting i JOIN organisation_unit u ON u.code = i.unit_code"
            " WHERE i.pk = p.id AND p.unit_id = u.id AND (p.position_id, p.kind) = (i.position_pk, i.kind)"
            " AND p.valid = daterange(i.valid_from, i.was_valid_to)"
        )
        on_progress(_WRITTEN_WITH_PEOPLE)
        # In order of persons, each posting would widen what all pages above it in the index of
        # one_primary_posting_at_a_time span. Runs of 64 neighbours in mixed order (40503 is 65536 / 1.618) find their
        # place among earlier ones in half the time.
        posted = run(
            "INSERT INTO organisation_posting (person_id, unit_id, position_id, kind, valid)"
            " SELECT p.id, u.id, i.position_pk, i.kind, daterange(i.valid_from, i.valid_to)"
            " FROM import_posting i JOIN organisation_person p USING (employee_code)"
            " JOIN organisation_unit u ON u.code = i.unit_code WHERE i.pk IS NULL"
            " ORDER BY p.id / 64 * 40503 & 65535, p.id"
        )
        on_progress(_WRITTEN_WITH_POSTINGS)
        cursor.execute(
            "SELECT p.id FROM organisation_person p"
            " WHERE p.employee_code IN (SELECT employee_code FROM import_posting) ORDER BY p.id"
        )
        people = [row[0] for row in cursor.fetchall()]
        run(_DROP)
    return Written(created, changed, posted, moved), people
