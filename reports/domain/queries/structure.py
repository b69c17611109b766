"""A unit, the units above it and the units directly below each of them, as of a day."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from organisation.api import UNITS_ABOVE, UnitNode, fetch_all_prepared, statement_of

_NEAR = statement_of(
    """
    {above}, near AS (
        SELECT v.id FROM organisation_unitversion v JOIN up ON up.unit_id = v.unit_id WHERE v.valid @> %(day)s::date
        UNION
        SELECT v.id FROM organisation_unitversion v JOIN up ON up.unit_id = v.parent_id WHERE v.valid @> %(day)s::date
    )
    SELECT v.unit_id, u.code, v.name_vi, v.name_en, v.kind, v.parent_id, v.sort_key, EXISTS (
        SELECT 1 FROM organisation_unitversion below
        WHERE below.parent_id = v.unit_id AND below.valid @> %(day)s::date
    )
    FROM near JOIN organisation_unitversion v USING (id) JOIN organisation_unit u ON u.id = v.unit_id
    ORDER BY v.sort_key, u.code
    """,
    above=UNITS_ABOVE,
)
_BELOW = """
    WITH RECURSIVE down AS (
        SELECT unit_id FROM organisation_unitversion WHERE unit_id = %(unit)s AND valid @> %(day)s::date
        UNION
        SELECT v.unit_id FROM organisation_unitversion v JOIN down ON v.parent_id = down.unit_id
        WHERE v.valid @> %(day)s::date
    )
    SELECT unit_id FROM down
"""


class UnitNotInForce(LookupError):
    """The unit is not in force on the day."""


@dataclass(frozen=True)
class Surroundings:
    """The unit asked for and what is near it.

    chain: the units from the root down to it. below: the units directly below each of those, in Vietnamese order.
    leaves: primary keys of all these units that have nothing below them.
    """

    chain: list[UnitNode]
    below: dict[int, list[UnitNode]]
    leaves: set[int]

    @property
    def unit(self) -> UnitNode:
        return self.chain[-1]

    @property
    def units(self) -> set[int]:
        """Primary keys of all these units."""
        return {node.pk for nodes in self.below.values() for node in nodes} | {node.pk for node in self.chain}


def surroundings(unit_pk: int, day: date) -> Surroundings:
    """Return the unit with what is above it and directly below. One query; UnitNotInForce when it is not there."""
    rows = fetch_all_prepared(_NEAR, {"unit": unit_pk, "day": day})
    nodes = {row[0]: UnitNode(*row[:-1]) for row in rows}
    if unit_pk not in nodes:
        raise UnitNotInForce(f"unit {unit_pk} is not in force on {day}")
    chain = [nodes[unit_pk]]
    while chain[0].parent_pk in nodes:
        chain.insert(0, nodes[chain[0].parent_pk])
    below: dict[int, list[UnitNode]] = {node.pk: [] for node in chain}
    for node in nodes.values():
        if node.parent_pk in below:
            below[node.parent_pk].append(node)
    return Surroundings(chain, below, {row[0] for row in rows if not row[-1]})


def units_below(unit_pk: int, day: date) -> list[int]:
    """Return the unit and every unit below it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, {"unit": unit_pk, "day": day})
        return [row[0] for row in cursor.fetchall()]
