"""Where the people of one day stand in the structure of another day.

Reorganisations alone carry people between structures: a person who was transferred stays in the history of the unit
they worked in. Forward, whoever a reorganisation moved goes where it moved them, and everybody else of the unit
(those who had left before) goes to its main successor. Backward, whoever it moved goes back where they came from. A
person who joined a unit after a reorganisation made it of several stood in none of them and is counted nowhere.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from django.db import connection

from organisation.models import Reorganisation, Succession
from reports.domain.own_cells import Integers, Placements

NOWHERE = -1
"""Stands for the unit of somebody who has none in the structure."""

# Each person's way in a reorganisation: of primary postings alone, and of one that held on the day before later ones.
_MOVES = """
    SELECT DISTINCT ON (m.reorganisation_id, m.person_id, m.{at})
           m.reorganisation_id, m.person_id, m.from_unit_id, m.to_unit_id
    FROM organisation_reorganisationmove m LEFT JOIN organisation_posting po ON po.id = m.posting_id
    WHERE m.reorganisation_id = ANY(%(reorganisations)s) AND coalesce(po.kind, 'primary') = 'primary'
    ORDER BY m.reorganisation_id, m.person_id, m.{at}, m.new_posting_id IS NULL, m.posting_id
"""
# Who went elsewhere than to the main successor, and who stayed in a part that kept the unit's name.
_ASTRAY = """
    SELECT moves.* FROM ({moves}) AS moves
    JOIN organisation_succession main
        ON main.is_main AND main.reorganisation_id = moves.reorganisation_id
        AND main.predecessor_id = moves.from_unit_id AND main.successor_id <> moves.to_unit_id
    UNION ALL
    SELECT s.reorganisation_id, po.person_id, po.unit_id, po.unit_id
    FROM organisation_succession s
    JOIN organisation_reorganisation r ON r.id = s.reorganisation_id
    JOIN organisation_posting po ON po.unit_id = s.predecessor_id AND po.valid @> r.in_force AND po.kind = 'primary'
    WHERE s.successor_id = s.predecessor_id AND NOT s.is_main AND s.reorganisation_id = ANY(%(reorganisations)s)
"""


@dataclass
class Passage:
    """What one reorganisation did, in the direction asked for.

    usual: where a unit's people go. persons: (person, unit) -> where that person goes instead. parted: the units of
    which the way depends on the person.
    """

    usual: dict[int, int] = field(default_factory=dict)
    persons: dict[tuple[int, int], int] = field(default_factory=dict)
    parted: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Lineage:
    """The way from the units of one day to those of another, one reorganisation after the other."""

    passages: Sequence[Passage]

    def is_parted(self, unit: int) -> bool:
        """Say whether the unit's people may stand in different units, so that it takes each person to tell."""
        for passage in self.passages:
            if unit in passage.parted:
                return True
            unit = passage.usual.get(unit, unit)
        return False

    def unit_of(self, unit: int, person: int | None = None) -> int:
        """Return where the unit, or one person of it, stands; NOWHERE for somebody who stands in no unit."""
        for passage in self.passages:
            one = passage.persons.get((person, unit)) if person is not None else None
            unit = passage.usual.get(unit, unit) if one is None else one
        return unit

    def units_of(self, rows: Placements) -> Integers:
        """Return where the person of each row stands, shape (n,)."""
        pairs = zip(rows.unit.tolist(), rows.person.tolist(), strict=True)
        return np.array([self.unit_of(unit, person) for unit, person in pairs], dtype=np.int64)


def lineage(start: date, end: date) -> Lineage:
    """Return the way from the structure of one day to that of another, earlier or later. At most three queries."""
    first, last = sorted((start, end))
    applied = Reorganisation.objects.filter(
        status=Reorganisation.Status.APPLIED, in_force__gt=first, in_force__lte=last
    ).order_by("in_force", "applied_at", "pk")
    made = {pk: set(record["made"]) for pk, record in applied.values_list("pk", "record")}
    if not made:
        return Lineage([])
    passages = _forward(list(made)) if start <= end else _backward(made)
    return Lineage([passages[pk] for pk in (made if start <= end else reversed(list(made)))])


def _forward(pks: list[int]) -> dict[int, Passage]:
    passages: dict[int, Passage] = defaultdict(Passage)
    main = Succession.objects.filter(reorganisation__in=pks, is_main=True)
    for pk, predecessor, successor in main.values_list("reorganisation_id", "predecessor_id", "successor_id"):
        passages[pk].usual[predecessor] = successor
    for pk, person, unit, other in _rows(_ASTRAY.format(moves=_MOVES.format(at="from_unit_id")), pks):
        passages[pk].persons.setdefault((person, unit), other)
        passages[pk].parted.add(unit)
    return passages


def _backward(made: dict[int, set[int]]) -> dict[int, Passage]:
    passages: dict[int, Passage] = defaultdict(Passage)
    origins: dict[tuple[int, int], set[int]] = defaultdict(set)
    successions = Succession.objects.filter(reorganisation__in=list(made))
    for pk, predecessor, successor in successions.values_list("reorganisation_id", "predecessor_id", "successor_id"):
        origins[pk, successor].add(predecessor)
    for (pk, unit), before in origins.items():
        if unit in made[pk]:
            passages[pk].usual[unit] = min(before) if len(before) == 1 else NOWHERE
            passages[pk].parted |= {unit} if len(before) > 1 else set()
    for pk, person, unit, other in _rows(_MOVES.format(at="to_unit_id"), list(made)):
        if passages[pk].usual.get(other, other) != unit:
            passages[pk].persons[person, other] = unit
            passages[pk].parted.add(other)
    return passages


def _rows(statement: str, pks: list[int]) -> list[tuple[int, int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"reorganisations": pks})
        return cursor.fetchall()
