"""The tree of units as of a date."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from psycopg import sql

from organisation.domain.statements import fetch_prepared, statement_of
from organisation.models import UnitVersion

UNITS_ABOVE = sql.SQL("""
    WITH RECURSIVE up AS (
        SELECT v.unit_id, v.parent_id FROM organisation_unitversion v
        WHERE v.unit_id = %(unit)s AND v.valid @> %(day)s::date
        UNION
        SELECT v.unit_id, v.parent_id FROM organisation_unitversion v
        JOIN up ON v.unit_id = up.parent_id WHERE v.valid @> %(day)s::date
    )
""")
"""How a statement begins that asks of `up`: the unit `unit` and all above it on `day`, each with its parent."""

_IS_WITHIN = statement_of("{above} SELECT EXISTS (SELECT 1 FROM up WHERE unit_id = ANY(%(scope)s))", above=UNITS_ABOVE)


def today() -> date:
    """Return the date in Vietnam."""
    return timezone.localdate()


@dataclass(frozen=True, slots=True)
class UnitNode:
    """A unit as it was on a date."""

    pk: int
    code: str
    name_vi: str
    name_en: str
    kind: str
    parent_pk: int | None
    sort_key: str


class UnitTree:
    """All units in force on one date. Lookups are by primary key; children come in Vietnamese order."""

    def __init__(self, nodes: Iterable[UnitNode]) -> None:
        self.nodes = {node.pk: node for node in nodes}
        self._children: dict[int | None, list[int]] = defaultdict(list)
        for node in sorted(self.nodes.values(), key=lambda each: (each.sort_key, each.code)):
            parent = node.parent_pk if node.parent_pk in self.nodes else None
            self._children[parent].append(node.pk)

    def roots(self) -> list[UnitNode]:
        return [self.nodes[pk] for pk in self._children[None]]

    def children(self, pk: int) -> list[UnitNode]:
        return [self.nodes[child] for child in self._children.get(pk, [])]

    def ancestors(self, pk: int) -> list[UnitNode]:
        """Return the units above, nearest last: root first."""
        chain: list[UnitNode] = []
        parent = self.nodes[pk].parent_pk
        while parent is not None and parent in self.nodes:
            chain.append(self.nodes[parent])
            parent = self.nodes[parent].parent_pk
        return chain[::-1]

    def subtree(self, pk: int) -> list[int]:
        """Return the unit and everything below it, parents before children."""
        found = [pk]
        for each in found:
            found.extend(self._children.get(each, []))
        return found


def unit_tree(as_of: date | None = None) -> UnitTree:
    """Return the tree as of a date, today when none is given. One query."""
    rows = UnitVersion.objects.filter(valid__contains=as_of or today()).values_list(
        "unit_id", "unit__code", "name_vi", "name_en", "kind", "parent_id", "sort_key"
    )
    return UnitTree(UnitNode(*row) for row in rows)


def units_inside(tree: UnitTree, scope_pk: int, as_of: date) -> set[int]:
    """Return which units of the tree of that day lie in the scope's unit or below it, on that day and today too.

    A unit that only begins after today need not be there yet. One query unless the day is today.
    """
    then = set(tree.subtree(scope_pk)) if scope_pk in tree.nodes else set[int]()
    if as_of == today():
        return then
    now = unit_tree()
    inside = set(now.subtree(scope_pk)) if scope_pk in now.nodes else set[int]()
    return {pk for pk in then if pk in inside or (as_of > today() and pk not in now.nodes)}


def is_within(unit_pk: int, scope: Iterable[int], as_of: date | None = None) -> bool:
    """Say whether the unit is one of the scope's units or lies below one as of a date. One query."""
    return bool(fetch_prepared(_IS_WITHIN, {"unit": unit_pk, "day": as_of or today(), "scope": list(scope)})[0])
