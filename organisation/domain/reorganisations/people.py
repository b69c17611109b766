"""Where people go in a reorganisation: one set of rows for the preview and for the doing."""

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pgtrigger
from django.db import connection

from organisation.domain.queries.units import today
from organisation.domain.reorganisations.planning import RecordedPlan

# Every posting that holds on the day or later in a unit whose people go, with the unit it goes to. A list or a position
# decides before the turn, and what nothing decides goes to the heir.
_GOING = """
    SELECT posting_id, person_id, from_id, lower_day, upper_day, to_id FROM (
        SELECT po.id AS posting_id, po.person_id, po.unit_id AS from_id, lower(po.valid) AS lower_day,
               upper(po.valid) AS upper_day, coalesce(one.to_id, post.to_id, turn.to_id, heir.to_id) AS to_id
        FROM (
            SELECT posting.*, pe.employee_code, pn.code AS position_code,
                   dense_rank() OVER (PARTITION BY posting.unit_id ORDER BY pe.employee_code COLLATE "C") - 1 AS place
            FROM organisation_posting posting
            JOIN organisation_person pe ON pe.id = posting.person_id
            JOIN organisation_position pn ON pn.id = posting.position_id
            WHERE posting.unit_id = ANY(%(from)s) AND coalesce(upper(posting.valid) > %(day)s, true)
        ) po
        JOIN unnest(%(from)s::bigint[], %(heirs)s::bigint[]) AS heir (from_id, to_id) ON heir.from_id = po.unit_id
        LEFT JOIN unnest(%(one_from)s::bigint[], %(one_key)s::text[], %(one_to)s::bigint[])
            AS one (from_id, key, to_id) ON one.from_id = po.unit_id AND one.key = po.employee_code
        LEFT JOIN unnest(%(post_from)s::bigint[], %(post_key)s::text[], %(post_to)s::bigint[])
            AS post (from_id, key, to_id) ON post.from_id = po.unit_id AND post.key = po.position_code
        LEFT JOIN unnest(%(turn_from)s::bigint[], %(turn_place)s::int[], %(turn_count)s::int[], %(turn_to)s::bigint[])
            AS turn (from_id, place, parts, to_id)
            ON turn.from_id = po.unit_id AND turn.place = po.place %% turn.parts
    ) going
    WHERE to_id <> from_id
"""
_RECORD = f"""
    INSERT INTO organisation_reorganisationmove
        (reorganisation_id, person_id, posting_id, new_posting_id, from_unit_id, to_unit_id, valid_to)
    SELECT %(reorganisation)s, person_id, posting_id,
           CASE WHEN lower_day < %(day)s OR lower_day IS NULL
                THEN nextval(pg_get_serial_sequence('organisation_posting', 'id')) END,
           from_id, to_id, upper_day
    FROM ({_GOING}) AS going
"""  # noqa: S608 - constant text
_END = """
    UPDATE organisation_posting po SET valid = daterange(lower(po.valid), %s)
    FROM organisation_reorganisationmove m
    WHERE m.reorganisation_id = %s AND m.posting_id = po.id AND m.new_posting_id IS NOT NULL
"""
_CARRY = """
    INSERT INTO organisation_posting (id, person_id, unit_id, position_id, kind, valid)
    SELECT m.new_posting_id, po.person_id, m.to_unit_id, po.position_id, po.kind, daterange(%s, m.valid_to)
    FROM organisation_reorganisationmove m JOIN organisation_posting po ON po.id = m.posting_id
    WHERE m.reorganisation_id = %s AND m.new_posting_id IS NOT NULL
"""
_RELOCATE = """
    UPDATE organisation_posting po SET unit_id = m.to_unit_id
    FROM organisation_reorganisationmove m
    WHERE m.reorganisation_id = %s AND m.posting_id = po.id AND m.new_posting_id IS NULL
"""
REMEMBER = tuple(
    f"""
    INSERT INTO organisation_postingevent
        (id, kind, person_id, position_id, unit_id, valid, pgh_created_at, pgh_label, pgh_obj_id)
    SELECT po.id, po.kind, po.person_id, po.position_id, po.unit_id, po.valid, now(), '{label}', po.id
    FROM organisation_reorganisationmove m JOIN organisation_posting po ON po.id = m.{column}
    WHERE m.reorganisation_id = %s
    """  # noqa: S608 - constant text
    for label, column in (("update", "posting_id"), ("insert", "new_posting_id"))
)
_COUNT = f"""
    SELECT from_id, to_id, count(DISTINCT person_id) FROM ({_GOING}) AS going
    WHERE coalesce(lower_day <= %(day)s, true) GROUP BY from_id, to_id
"""  # noqa: S608 - constant text
_LIST = f"""
    SELECT posting_id, to_id, count(*) OVER () FROM (
        SELECT DISTINCT ON (going.person_id) going.posting_id, going.person_id, going.to_id, pe.sort_key
        FROM ({_GOING}) AS going
        JOIN organisation_posting po ON po.id = going.posting_id JOIN organisation_person pe ON pe.id = going.person_id
        WHERE coalesce(going.lower_day <= %(day)s, true) AND EXISTS (
            SELECT 1 FROM organisation_posting home WHERE home.person_id = going.person_id AND home.kind = 'primary'
            AND home.valid @> %(today)s::date AND home.unit_id = ANY(%(homes)s)
        )
        ORDER BY going.person_id, po.kind, going.posting_id
    ) AS people ORDER BY sort_key, person_id OFFSET %(start)s LIMIT %(most)s
"""  # noqa: S608 - constant text


def move_people(recorded: RecordedPlan, keys: Mapping[str, int], reorganisation_pk: int, day: date) -> int:
    """Carry everybody over, in a few statements however many they are; return how many postings went.

    keys: primary keys of all units of the plan by code. No other transaction writes postings meanwhile.
    """
    parameters = {**_parameters(recorded, keys, day), "reorganisation": reorganisation_pk}
    wait_for_postings()
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, parameters)
        moved = cursor.rowcount
        with history_by_statement():
            for statement in (_END, _CARRY):
                cursor.execute(statement, [day, reorganisation_pk])
            for statement in (_RELOCATE, *REMEMBER):
                cursor.execute(statement, [reorganisation_pk])
    return moved


def wait_for_postings() -> None:
    """Be the only one to write postings until the transaction ends. Whoever changes units waits for them first."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE organisation_posting IN SHARE ROW EXCLUSIVE MODE")


def history_by_statement() -> AbstractContextManager[None]:
    """Let the caller write the history of postings in statements of its own: a trigger for each row takes minutes."""
    ignored: AbstractContextManager[None] = pgtrigger.ignore(
        "organisation.Posting:insert_insert", "organisation.Posting:update_update"
    )
    return ignored


def count_people_going(recorded: RecordedPlan, day: date) -> dict[tuple[str, str], int]:
    """Return how many people of that day would go from which unit to which, by code. One query."""
    keys, names = _stand_ins(recorded)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _parameters(recorded, keys, day))
        return {(names[start], names[end]): people for start, end, people in cursor.fetchall()}


def list_people_going(
    recorded: RecordedPlan, day: date, code: str, *, homes: Collection[int], start: int, most: int
) -> tuple[list[tuple[int, str]], int]:
    """Return the postings of people of that day who would leave a unit, each with the code of the unit they go to.

    Those alone whose home today is one of the units `homes`. In the order of names, `most` of them from the place
    `start` on; and how many there are in all, 0 past the end. One query.
    """
    keys, names = _stand_ins(recorded)
    parameters = {**_parameters(recorded, keys, day), "start": start, "most": most}
    parameters |= {"today": today(), "homes": list(homes)}
    heir = recorded.plan.heirs.get(code)
    parameters |= {"from": [keys[code]] if heir else [], "heirs": [keys[heir]] if heir else []}
    with connection.cursor() as cursor:
        cursor.execute(_LIST, parameters)
        rows = cursor.fetchall()
    return [(posting, names[end]) for posting, end, _count in rows], rows[0][2] if rows else 0


def _stand_ins(recorded: RecordedPlan) -> tuple[dict[str, int], dict[int, str]]:
    """Keys of all units of the plan by code, and codes by key. Units yet to be made get numbers below zero."""
    codes = dict(enumerate(sorted({*recorded.plan.touched, *recorded.pks}), start=1))
    keys = {code: recorded.pks.get(code, -number) for number, code in codes.items()}
    return keys, {key: code for code, key in keys.items()}


def _parameters(recorded: RecordedPlan, keys: Mapping[str, int], day: date) -> dict[str, Any]:
    plan = recorded.plan
    one: list[tuple[int, str, int]] = []
    post: list[tuple[int, str, int]] = []
    turn: list[tuple[int, int, int, int]] = []
    for code, split in plan.splits.items():
        if split.follow == "evenly":
            turn += [(keys[code], at, len(split.parts), keys[part]) for at, part in enumerate(split.parts)]
        elif split.follow != "main":
            rows = one if split.follow == "list" else post
            rows += [(keys[code], key, keys[part]) for key, part in split.assign.items()]
    columns: dict[tuple[str, ...], list[Any]] = {
        ("from", "heirs"): [(keys[code], keys[heir]) for code, heir in plan.heirs.items()],
        ("one_from", "one_key", "one_to"): one,
        ("post_from", "post_key", "post_to"): post,
        ("turn_from", "turn_place", "turn_count", "turn_to"): turn,
    }
    found: dict[str, Any] = {"day": day}
    for names, rows in columns.items():
        found |= {name: [row[at] for row in rows] for at, name in enumerate(names)}
    return found
