"""The cells of one day, whose competence is asked for, summed over the structure of another day.

The own cells of the day are carried along the lineage of units and summed over the other day's tree: a unit as a whole
by its cells, a unit whose people went different ways person by person. What a person adds to a cell is settled on the
day itself, with the people of the unit they were posted in; the structure only says where it is counted. Where parts of
a former unit meet they have one variance together: all of them come from one uncertain mean.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection

from organisation.api import UnitTree, unit_tree
from reports.domain.basis import read_basis, read_distributions
from reports.domain.distribution import Distribution
from reports.domain.lineage import NOWHERE, Lineage, lineage
from reports.domain.own_cells import Parts, compute_parts
from reports.domain.queries.cells import Key
from reports.domain.queries.placements import count_people_of_units, placements_of_units
from reports.domain.values import COUNTS, MILLION, UNIT_VARIANCE, CellKey, CellValues, values_of_sums
from reports.models import CellSums, Snapshot, SnapshotCell

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
    SELECT above.unit_id, given.competency_id, sum(required)::int AS required, sum(assessed)::int AS assessed,
           sum(sum_below)::bigint AS sum_below, sum(sum_spread)::bigint AS sum_spread,
           sum(sum_unit_variance)::bigint AS sum_unit_variance, sum(sum_shortfall)::bigint AS sum_shortfall,
           ARRAY[sum(level_counts[1]), sum(level_counts[2]), sum(level_counts[3]), sum(level_counts[4]),
                 sum(level_counts[5]), sum(level_counts[6]), sum(level_counts[7]), sum(level_counts[8])]::bigint[]
               AS level_counts
    FROM given
    JOIN unnest(%(from)s::bigint[], %(to)s::bigint[]) AS above (from_id, unit_id) ON above.from_id = given.unit_id
    GROUP BY above.unit_id, given.competency_id
"""
_STORE = """
    INSERT INTO reports_snapshotcell (snapshot_id, unit_id, scope, competency_id, {columns})
    SELECT %(snapshot)s, abs(sums.unit_id), CASE WHEN sums.unit_id < 0 THEN 'staff' ELSE 'subtree' END,
           competency_id, {columns}
    FROM ({sums}) AS sums
"""


class TooManyPeople(Exception):
    """So many people went different ways that their history cannot be drawn while somebody waits."""


class PastCorrected(Exception):
    """The people of a unit whose way depends on the person are not those that its kept cells count."""


@dataclass(frozen=True, eq=False)
class Moment:
    """A day of which the own cells are stored, and what they stand on. snapshot: None for the cells of today."""

    day: date
    snapshot: Snapshot | None
    cuts: Mapping[int, Sequence[float]]
    distributions: Mapping[int, Distribution]

    def sums(self, structure_day: date, units: Collection[int]) -> dict[Key, dict[int, CellValues]]:
        """Return the sums of each unit with everything below it, and of its own staff, by competency.

        Under the day's structure. Of a unit without any below it its own staff are not said again. Raises
        TooManyPeople when more than PARTED_MOST people would have to be looked at, and PastCorrected.
        """
        statement, parameters = self._statement(structure_day, set(units), most=PARTED_MOST)
        found: dict[Key, dict[int, CellValues]] = {}
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            for unit, competency, required, assessed, below, spread, variance, shortfall, levels in cursor.fetchall():
                found.setdefault((abs(unit), unit < 0), {})[competency] = CellValues(
                    required, assessed, below, spread, variance, shortfall, tuple(levels)
                )
        return found

    def store_sums(self, structure_day: date) -> None:
        """Store the sums of every unit under the day's structure as the snapshot's subtree and staff cells.

        Raises PastCorrected.
        """
        assert self.snapshot is not None
        statement, parameters = self._statement(structure_day, None)
        self.snapshot.cells.exclude(scope="own").delete()
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
        inner = {node.parent_pk for node in tree.nodes.values()}
        parts, met = self._parts(parted, way, tree)
        # Rows beside the stored cells go by numbers below zero, as own staff do among what is asked for.
        given = [(-2 * key.unit, key.competency, values) for key, values in parts.items()]
        given += [(-2 * key.unit - 1, key.competency, values) for key, values in met.items()]
        stands = [(unit, way.unit_of(unit)) for unit in sorted(set(origins) - set(parted))]
        stands += [(-2 * unit, unit) for unit in sorted({key.unit for key in parts})]
        pairs = [(start, each) for start, end in stands for each in _up(end, tree)]
        pairs += [(start, -end) for start, end in stands if end in inner]
        pairs += [(-2 * unit - 1, unit) for unit in sorted({key.unit for key in met})]
        wanted = [(start, end) for start, end in pairs if units is None or abs(end) in units]
        return _SUM.format(columns=COLUMNS, cells=_THEN if self.snapshot else _NOW), {
            "snapshot": self.snapshot.pk if self.snapshot else None,
            "parts": json.dumps([_plain(*row) for row in given]),
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

    def _parts(
        self, units: Sequence[int], way: Lineage, tree: UnitTree
    ) -> tuple[dict[CellKey, CellValues], dict[CellKey, CellValues]]:
        """Return the cells of these units' people by where they stand, and what more a unit has where parts meet."""
        found: dict[CellKey, CellValues] = defaultdict(CellValues)
        met: dict[CellKey, CellValues] = defaultdict(CellValues)
        for start in range(0, len(units), _UNITS_AT_A_TIME):
            chosen = units[start : start + _UNITS_AT_A_TIME]
            rows = placements_of_units(chosen, self.day, known_then=self.snapshot is not None)
            rows = replace(rows, into=way.units_of(rows))
            wholes: dict[CellKey, CellValues] = defaultdict(CellValues)
            for competency, parts in compute_parts(rows, self.distributions, self.cuts):
                for of, unit, sums in zip(parts.unit.tolist(), parts.into.tolist(), parts.sums.tolist(), strict=True):
                    wholes[CellKey(of, competency, None)] += values_of_sums(sums)
                    if unit != NOWHERE:
                        found[CellKey(unit, competency, None)] += values_of_sums(sums)
                for unit, variance in _meeting(parts, tree):
                    met[CellKey(unit, competency, None)] += CellValues(unit_variance=variance)
            if self.snapshot and not _are_alike(wholes, self._kept_wholes(chosen)):
                raise PastCorrected(self.day)
        return found, met

    def _kept_wholes(self, units: Sequence[int]) -> dict[CellKey, CellValues]:
        """Return the kept cells of these units. One query."""
        kept = SnapshotCell.objects.filter(snapshot=self.snapshot, scope="own", unit__in=units)
        return {CellKey(row.unit_id, row.competency_id, None): snapshot_values(row) for row in kept}


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


def snapshot_values(row: CellSums) -> CellValues:
    """Return what a kept cell says."""
    return CellValues(
        row.required,
        row.assessed,
        row.sum_below,
        row.sum_spread,
        row.sum_unit_variance,
        row.sum_shortfall,
        tuple(row.level_counts),
    )


def distributions_as_json(learned: Mapping[int, Distribution]) -> dict[str, dict[str, Any]]:
    """Return the distributions as a snapshot keeps them."""
    return {str(competency): asdict(each) for competency, each in learned.items()}


def _distribution(kept: Mapping[str, Any]) -> Distribution:
    effects = {int(group): effect for group, effect in kept["group_effects"].items()}
    return Distribution(**{**kept, "group_effects": effects})


def _are_alike(found: Mapping[CellKey, CellValues], kept: Mapping[CellKey, CellValues]) -> bool:
    """Say whether two sets of cells count the same people, whatever their unit variance; last digits may differ."""
    if found.keys() != kept.keys():
        return False
    apart = [(found[key] - kept[key]).sums for key in found]
    return not any(any(each[:COUNTS]) or any(abs(value) > 1 for value in each[UNIT_VARIANCE + 1 :]) for each in apart)


def _up(unit: int, tree: UnitTree) -> list[int]:
    """Return the unit and those above it; a unit that is not in force on the day has none above."""
    return [unit, *(node.pk for node in tree.ancestors(unit))] if unit in tree.nodes else [unit]


def _meeting(parts: Parts, tree: UnitTree) -> Iterator[tuple[int, int]]:
    """Yield each unit in which several parts of one former unit meet, and what that adds to its unit variance.

    In millionths: the variance of the parts together without those of each part.
    """
    columns = (parts.unit, parts.into, parts.sums[:, UNIT_VARIANCE], parts.slope, parts.variance, parts.whole_variance)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for _unit, of_unit in groupby(rows, itemgetter(0)):
        each = list(of_unit)
        reached: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for _of, into, alone, slope, _variance, _whole in each if len(each) > 1 else ():
            for above in _up(into, tree):
                reached[above].append((alone, slope))
        for above, found in reached.items():
            if len(found) == len(each):
                yield above, each[0][-1] - sum(alone for alone, _slope in found)
            elif len(found) > 1:
                together = sum(slope for _alone, slope in found) ** 2 * each[0][-2]
                yield above, round(together * MILLION) - sum(alone for alone, _slope in found)


def _plain(number: int, competency: int, values: CellValues) -> dict[str, Any]:
    return {
        "unit_id": number,
        "competency_id": competency,
        "required": values.required,
        "assessed": values.assessed,
        "sum_below": values.below,
        "sum_spread": values.spread,
        "sum_unit_variance": values.unit_variance,
        "sum_shortfall": values.shortfall,
        "level_counts": values.levels,
    }
