"""A unit, the units above it and the units directly below each of them, as of a day."""

from dataclasses import dataclass, field, replace
from datetime import date

from django.db import connection

from organisation.api import UNITS_ABOVE, UnitNode, fetch_all_prepared, remember, statement_of, today

# Each unit is looked up by the index of its key: from joins, of which it knows too little, the planner would make scans
# of all units there are. OFFSET 0 keeps them apart.
_NEAR = statement_of(
    """
    {above}
    SELECT v.unit_id, u.code, v.name_vi, v.name_en, v.kind, v.parent_id, v.sort_key, (
        SELECT TRUE FROM organisation_unitversion
        WHERE parent_id = v.unit_id AND valid @> %(day)s::date LIMIT 1
    )
    FROM (
        SELECT version.* FROM up CROSS JOIN LATERAL (
            SELECT * FROM organisation_unitversion WHERE unit_id = up.unit_id AND valid @> %(day)s::date OFFSET 0
        ) AS version
        UNION ALL
        SELECT version.* FROM up CROSS JOIN LATERAL (
            SELECT * FROM organisation_unitversion WHERE parent_id = up.unit_id AND valid @> %(day)s::date OFFSET 0
        ) AS version WHERE up.unit_id <> ALL(%(known)s::bigint[])
    ) AS v CROSS JOIN LATERAL (SELECT code FROM organisation_unit WHERE id = v.unit_id OFFSET 0) AS u
    ORDER BY v.sort_key, u.code
    """,
    above=UNITS_ABOVE,
)
_BELOW = """
    WITH RECURSIVE down AS (
        SELECT unit_id, unit_id AS part FROM organisation_unitversion
        WHERE unit_id = %(unit)s AND valid @> %(day)s::date
        UNION
        SELECT v.unit_id, CASE down.part WHEN %(unit)s THEN v.unit_id ELSE down.part END
        FROM organisation_unitversion v JOIN down ON v.parent_id = down.unit_id
        WHERE v.valid @> %(day)s::date
    )
    SELECT unit_id, part FROM down
"""


class UnitNotInForce(LookupError):
    """The unit is not in force on the day."""


@dataclass(frozen=True)
class Surroundings:
    """The unit asked for and what is near it.

    chain: the units from the root down to it. below: the units directly below each of those, in Vietnamese order.
    leaves: primary keys of all these units that have nothing below them. Shared: nobody may change any of it.
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
    """Return the unit with what is above it and directly below; UnitNotInForce when it is not there.

    One query at most, and one more while the tree changes: none of what is known already where content is read.
    """
    known = _known_today(day) if day == today() else _Known()
    chain = known.chain(unit_pk)
    if not chain or any(node.pk not in known.below for node in chain):
        if not known.learn(unit_pk, day):
            known = _Known()
            known.learn(unit_pk, day)
        chain = known.chain(unit_pk)
    if not chain:
        raise UnitNotInForce(f"unit {unit_pk} is not in force on {day}")
    below = {node.pk: known.below[node.pk] for node in chain}
    found = Surroundings(chain, below, set())
    return replace(found, leaves=found.units & known.leaves)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read of a day's tree so far: nodes with all that is above them, families whole."""

    nodes: dict[int, UnitNode] = field(default_factory=dict)
    below: dict[int, list[UnitNode]] = field(default_factory=dict)
    leaves: set[int] = field(default_factory=set)

    def chain(self, unit: int) -> list[UnitNode]:
        """Return the units from the root down to this one; none where it is not known."""
        found: list[UnitNode] = []
        node = self.nodes.get(unit)
        while node is not None:
            found.append(node)
            node = self.nodes.get(node.parent_pk) if node.parent_pk else None
        return found[::-1]

    def learn(self, unit: int, day: date) -> bool:
        """Read the unit, what is above it, and of all these the units below that are not known. One query.

        Nothing is learned, and False returned, where it does not fit the families that are known: the tree has changed
        since these were read.
        """
        known = [pk for pk, below in list(self.below.items()) if below]
        rows = fetch_all_prepared(_NEAR, {"unit": unit, "day": day, "known": known})
        nodes = {row[0]: UnitNode(*row[:-1]) for row in rows}
        leaves = {row[0] for row in rows if not row[-1]}
        below: dict[int, list[UnitNode]] = {pk: [] for pk in leaves}
        parents, node = set[int](), nodes.get(unit)
        while node is not None:
            parents.add(node.pk)
            node = nodes.get(node.parent_pk) if node.parent_pk else None
        for pk in parents:
            family = self.below.get(nodes[pk].parent_pk or 0)
            if family is not None and all(each.pk != pk for each in family):
                return False
        for each in nodes.values():
            if each.parent_pk in parents and each.parent_pk not in self.below:
                below.setdefault(each.parent_pk, []).append(each)
        self.leaves.update(leaves)
        self.nodes.update(nodes)
        self.below.update(below)
        return True


@remember
def _known_today(day: date) -> _Known:
    """Nothing at first: pages fill it, of the version of content that it is remembered for, or of a newer one."""
    return _Known()


def units_below(unit_pk: int, day: date) -> list[int]:
    """Return the unit and every unit below it. One query."""
    return list(parts_below(unit_pk, day))


def parts_below(unit_pk: int, day: date) -> dict[int, int]:
    """Return the unit and every unit below it, each with the unit directly below that it is in. One query.

    The unit itself is in none but itself.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, {"unit": unit_pk, "day": day})
        return dict(cursor.fetchall())
