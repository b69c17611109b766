"""The cells of one day, whose competence is asked for, summed over the structure of another day.

The own cells of the day are carried along the lineage of units and summed over the other day's tree: a unit as a whole
by its cells, a unit whose people went different ways person by person. What a person adds to a cell is settled on the
day itself, with the people of the unit they were posted in; the structure only says where it is counted.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.db import connection

from organisation.api import UnitTree, unit_tree
from reports.domain.basis import read_basis, read_distributions
from reports.domain.distribution import Distribution
from reports.domain.lineage import NOWHERE, Lineage, lineage
from reports.domain.own_cells import compute_own_cells
from reports.domain.queries.placements import count_people_of_units, placements_of_units
from reports.domain.values import EMPTY, CellKey, CellValues
from reports.models import Snapshot

PARTED_MOST = 60_000
"""So many people, at most, are looked at one by one while somebody waits."""
_UNITS_AT_A_TIME = 200
COLUMNS = "required, assessed, sum_below, sum_spread, sum_unit_variance, sum_shortfall, level_counts"
_NOW = "reports_cell WHERE scope = 'own' AND position_group_id IS NULL"
_THEN = "reports_snapshotcell WHERE scope = 'own' AND snapshot_id = %(snapshot)s"
_ORIGINS = "SELECT DISTINCT unit_id FROM {cells}"
_SUM = """
    WITH given AS (
        SELECT unit_id, competency_id, {columns} FROM {cells}
        UNION ALL
        SELECT unit_id, competency_id, {columns} FROM jsonb_to_recordset(%(parts)s::jsonb) AS part (
            unit_id bigint, competency_id bigint, required int, assessed int, sum_below bigint, sum_spread bigint,
            sum_unit_variance bigint, sum_shortfall bigint, level_counts bigint[])
    )
    SELECT above.unit_id, given.competency_id, sum(required)::int, sum(assessed)::int, sum(sum_below)::bigint,
           sum(sum_spread)::bigint, sum(sum_unit_variance)::bigint, sum(sum_shortfall)::bigint,
           ARRAY[sum(level_counts[1]), sum(level_counts[2]), sum(level_counts[3]), sum(level_counts[4]),
                 sum(level_counts[5]), sum(level_counts[6]), sum(level_counts[7]), sum(level_counts[8])]::bigint[]
    FROM given
    JOIN unnest(%(from)s::bigint[], %(to)s::bigint[]) AS above (from_id, unit_id) ON above.from_id = given.unit_id
    GROUP BY above.unit_id, given.competency_id
"""
_STORE = """
    INSERT INTO reports_snapshotcell (snapshot_id, scope, unit_id, competency_id, {columns})
    SELECT %(snapshot)s, 'subtree', sums.* FROM ({sums}) AS sums
"""


class TooManyPeople(Exception):
    """So many people went different ways that their history cannot be drawn while somebody waits."""


@dataclass(frozen=True, eq=False)
class Moment:
    """A day of which the own cells are stored, and what they stand on. snapshot: None for the cells of today."""

    day: date
    snapshot: Snapshot | None
    cuts: Mapping[int, Sequence[float]]
    distributions: Mapping[int, Distribution]

    def sums(self, structure_day: date, units: Collection[int]) -> dict[int, dict[int, CellValues]]:
        """Return unit -> competency -> sums of the unit and everything below it, under the day's structure.

        Raises TooManyPeople when more than PARTED_MOST people would have to be looked at.
        """
        statement, parameters = self._statement(structure_day, set(units), most=PARTED_MOST)
        found: dict[int, dict[int, CellValues]] = {}
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            for unit, competency, required, assessed, below, spread, variance, shortfall, levels in cursor.fetchall():
                found.setdefault(unit, {})[competency] = CellValues(
                    required, assessed, below, spread, variance, shortfall, tuple(levels)
                )
        return found

    def store_sums(self, structure_day: date) -> None:
        """Store the sums of every unit under the day's structure as the snapshot's subtree cells."""
        assert self.snapshot is not None
        statement, parameters = self._statement(structure_day, None)
        self.snapshot.cells.filter(scope="subtree").delete()
        with connection.cursor() as cursor:
            cursor.execute(_STORE.format(columns=COLUMNS, sums=statement), parameters)

    def _statement(
        self, structure_day: date, units: Collection[int] | None, most: int | None = None
    ) -> tuple[str, dict[str, Any]]:
        way, tree = lineage(self.day, structure_day), unit_tree(structure_day)
        origins = self._origins()
        parted = [unit for unit in origins if way.is_parted(unit)]
        if most is not None and parted and count_people_of_units(parted, self.day) > most:
            raise TooManyPeople
        parts = self._parts(parted, way)
        # A part goes by its unit's key below zero: the unit may have people of its own who were no part of anything.
        pairs = [(unit, way.unit_of(unit)) for unit in sorted(set(origins) - set(parted))]
        pairs += [(-unit, unit) for unit in sorted({key.unit for key in parts})]
        wanted = [(start, each) for start, end in pairs for each in _up(end, tree) if units is None or each in units]
        return _SUM.format(columns=COLUMNS, cells=_THEN if self.snapshot else _NOW), {
            "snapshot": self.snapshot.pk if self.snapshot else None,
            "parts": json.dumps([_plain(key, values) for key, values in parts.items()]),
            "from": [start for start, _end in wanted],
            "to": [end for _start, end in wanted],
        }

    def _origins(self) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                _ORIGINS.format(cells=_THEN if self.snapshot else _NOW),
                {"snapshot": self.snapshot.pk if self.snapshot else None},
            )
            return [row[0] for row in cursor.fetchall()]

    def _parts(self, units: Sequence[int], way: Lineage) -> dict[CellKey, CellValues]:
        """Return the cells of these units' people by where each of them stands."""
        found: dict[CellKey, CellValues] = {}
        for start in range(0, len(units), _UNITS_AT_A_TIME):
            chosen = units[start : start + _UNITS_AT_A_TIME]
            rows = placements_of_units(chosen, self.day, known_then=self.snapshot is not None)
            rows = replace(rows, into=way.units_of(rows))
            for key, values in compute_own_cells(rows, self.distributions, self.cuts).items():
                found[key] = found.get(key, EMPTY) + values
        return {key: values for key, values in found.items() if key.unit != NOWHERE}


def moment_of(snapshot: Snapshot | None) -> Moment:
    """Return the day of a snapshot, or today for None."""
    if snapshot is None:
        basis = read_basis()
        return Moment(basis.day, None, basis.cuts, read_distributions())
    return Moment(
        snapshot.day,
        snapshot,
        {int(competency): cuts for competency, cuts in snapshot.cuts.items()},
        {int(competency): _distribution(each) for competency, each in snapshot.distributions.items()},
    )


def distributions_as_json(learned: Mapping[int, Distribution]) -> dict[str, dict[str, Any]]:
    """Return the distributions as a snapshot keeps them."""
    return {str(competency): asdict(each) for competency, each in learned.items()}


def _distribution(kept: Mapping[str, Any]) -> Distribution:
    effects = {int(group): effect for group, effect in kept["group_effects"].items()}
    return Distribution(**{**kept, "group_effects": effects})


def _up(unit: int, tree: UnitTree) -> list[int]:
    """Return the unit and those above it; a unit that is not in force on the day has none above."""
    return [unit, *(node.pk for node in tree.ancestors(unit))] if unit in tree.nodes else [unit]


def _plain(key: CellKey, values: CellValues) -> dict[str, Any]:
    return {
        "unit_id": -key.unit,
        "competency_id": key.competency,
        "required": values.required,
        "assessed": values.assessed,
        "sum_below": values.below,
        "sum_spread": values.spread,
        "sum_unit_variance": values.unit_variance,
        "sum_shortfall": values.shortfall,
        "level_counts": values.levels,
    }
