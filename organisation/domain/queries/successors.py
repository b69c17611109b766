"""What became of units: who answered for one answers for those that took its place."""

from collections.abc import Iterable
from datetime import date

from django.db import connection

from organisation.domain.queries.units import today

_SUCCESSORS = """
    WITH RECURSIVE heirs AS (
        SELECT unnest(%s::bigint[]) AS unit_id, true AS is_main
        UNION
        SELECT s.successor_id, heirs.is_main AND s.is_main FROM organisation_succession s
        JOIN heirs ON s.predecessor_id = heirs.unit_id WHERE s.carries_scope
    )
    SELECT unit_id FROM heirs JOIN organisation_unitversion v USING (unit_id) WHERE v.valid @> %s::date
    GROUP BY unit_id ORDER BY bool_or(is_main) DESC, unit_id
"""


def successors_of(unit_pks: Iterable[int], as_of: date | None = None) -> list[int]:
    """Return these units and what became of them, as far as they are in force on a date (today), main ones first.

    As the scopes of HR officers go: a merged unit is the one it became part of, a split one all its parts, and a
    dissolved one has no heir. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SUCCESSORS, [list(unit_pks), as_of or today()])
        return [row[0] for row in cursor.fetchall()]
