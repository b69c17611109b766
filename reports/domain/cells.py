"""Reading and writing rows of cells."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import connection

from reports.domain.values import EMPTY, CellKey, CellValues
from reports.models import Cell

_SUMS = (
    "required",
    "assessed",
    "sum_below",
    "sum_spread",
    "sum_unit_variance",
    "sum_shortfall",
    "level_counts",
    "beside",
)

# A subtree is the sum of the own cells of the unit and of everything below it. A unit whose parent is not in force on
# the day is a root, as in the tree of units.
ABOVE = """
    WITH RECURSIVE tree AS (
        SELECT v.unit_id, p.unit_id AS parent_id
        FROM organisation_unitversion v
        LEFT JOIN organisation_unitversion p ON p.unit_id = v.parent_id AND p.valid @> %(day)s::date
        WHERE v.valid @> %(day)s::date
    ), above (unit_id, ancestor_id) AS (
        SELECT DISTINCT unit_id, unit_id FROM {cells} WHERE scope = 'own'
        UNION
        SELECT above.unit_id, tree.parent_id FROM above JOIN tree ON tree.unit_id = above.ancestor_id
        WHERE tree.parent_id IS NOT NULL
    )
"""
_ABOVE_CELLS = ABOVE.format(cells="reports_cell")
_SUBTREES = """
    , sums AS (
        SELECT above.ancestor_id AS unit_id, c.competency_id, c.position_group_id, sum(c.required) AS required,
               sum(c.assessed) AS assessed, sum(c.sum_below) AS below, sum(c.sum_spread) AS spread,
               sum(c.sum_unit_variance) AS unit_variance, sum(c.sum_shortfall) AS shortfall,
               ARRAY[sum(c.level_counts[1]), sum(c.level_counts[2]), sum(c.level_counts[3]), sum(c.level_counts[4]),
                     sum(c.level_counts[5]), sum(c.level_counts[6]), sum(c.level_counts[7]), sum(c.level_counts[8])]
                   ::bigint[] AS levels
        FROM reports_cell c JOIN above USING (unit_id)
        WHERE c.scope = 'own'
        GROUP BY above.ancestor_id, c.competency_id, c.position_group_id
    ), neighbours AS (
        SELECT above.ancestor_id AS unit_id, c.competency_id, c.position_group_id, each.key AS other,
               sum((each.value ->> 0)::bigint) AS required, sum((each.value ->> 1)::bigint) AS assessed
        FROM reports_cell c JOIN above USING (unit_id) CROSS JOIN LATERAL jsonb_each(c.beside) AS each
        WHERE c.scope = 'own'
        GROUP BY above.ancestor_id, c.competency_id, c.position_group_id, each.key
    ), beside AS (
        SELECT unit_id, competency_id, position_group_id,
               jsonb_object_agg(other, jsonb_build_array(required, assessed)) AS beside
        FROM neighbours GROUP BY unit_id, competency_id, position_group_id
    ), subtrees AS (
        SELECT sums.*, coalesce(beside.beside, '{}') AS beside
        FROM sums LEFT JOIN beside
            ON (beside.unit_id, beside.competency_id) = (sums.unit_id, sums.competency_id)
            AND beside.position_group_id = sums.position_group_id
    )
"""
_SUM_SUBTREES = """
    INSERT INTO reports_cell (unit_id, scope, competency_id, position_group_id, required, assessed, sum_below,
                              sum_spread, sum_unit_variance, sum_shortfall, level_counts, beside, folded_at)
    SELECT unit_id, 'subtree', competency_id, position_group_id, required, assessed, below, spread, unit_variance,
           shortfall, levels, beside, %(now)s
    FROM subtrees
"""
_WRONG_SUBTREES = """
    SELECT coalesce(s.unit_id, c.unit_id), coalesce(s.competency_id, c.competency_id),
           coalesce(s.position_group_id, c.position_group_id)
    FROM subtrees s
    FULL JOIN (SELECT * FROM reports_cell WHERE scope = 'subtree') c
        ON (c.unit_id, c.competency_id) = (s.unit_id, s.competency_id)
        AND coalesce(c.position_group_id, 0) = coalesce(s.position_group_id, 0)
    WHERE (s.required, s.assessed, s.below, s.spread, s.unit_variance, s.shortfall, s.levels, s.beside)
        IS DISTINCT FROM
        (c.required, c.assessed, c.sum_below, c.sum_spread, c.sum_unit_variance, c.sum_shortfall, c.level_counts,
         c.beside)
    ORDER BY 1, 2, 3
"""

_ANCESTORS = """
    WITH RECURSIVE above (unit_id, ancestor_id) AS (
        SELECT unit, unit FROM unnest(%(units)s::bigint[]) AS unit
        UNION
        SELECT above.unit_id, p.unit_id
        FROM above
        JOIN organisation_unitversion v ON v.unit_id = above.ancestor_id AND v.valid @> %(day)s::date
        JOIN organisation_unitversion p ON p.unit_id = v.parent_id AND p.valid @> %(day)s::date
    )
    SELECT unit_id, array_agg(ancestor_id) FROM above GROUP BY unit_id
"""


def read_cells(
    unit_pks: Collection[int], scope: str, competency_pks: Collection[int] | None = None
) -> dict[CellKey, CellValues]:
    """Return the stored cells of the units, of all competencies unless some are named. One query."""
    cells = Cell.objects.filter(unit__in=unit_pks, scope=scope)
    if competency_pks is not None:
        cells = cells.filter(competency__in=competency_pks)
    return {
        CellKey(cell.unit_id, cell.competency_id, cell.position_group_id): values_of(cell)
        for cell in cells.iterator(chunk_size=5000)
    }


def values_of(cell: Cell) -> CellValues:
    """Return what a stored cell says."""
    return CellValues(
        required=cell.required,
        assessed=cell.assessed,
        below=cell.sum_below,
        spread=cell.sum_spread,
        unit_variance=cell.sum_unit_variance,
        shortfall=cell.sum_shortfall,
        levels=tuple(cell.level_counts),
        beside=tuple(sorted((int(group), *counts) for group, counts in cell.beside.items())),
    )


def write_cells(scope: str, cells: Mapping[CellKey, CellValues], now: datetime) -> None:
    """Store the cells as given; a cell of nobody is removed."""
    kept = [
        Cell(
            unit_id=key.unit,
            scope=scope,
            competency_id=key.competency,
            position_group_id=key.group,
            required=values.required,
            assessed=values.assessed,
            sum_below=values.below,
            sum_spread=values.spread,
            sum_unit_variance=values.unit_variance,
            sum_shortfall=values.shortfall,
            level_counts=list(values.levels),
            beside={str(group): [required, assessed] for group, required, assessed in values.beside},
            folded_at=now,
        )
        for key, values in sorted(cells.items(), key=lambda item: (*item[0][:2], item[0].group or 0))
        if values.required
    ]
    Cell.objects.bulk_create(
        kept,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["unit", "scope", "competency", "position_group"],
        update_fields=[*_SUMS, "folded_at"],
    )
    _remove(scope, [key for key, values in cells.items() if not values.required])


def _remove(scope: str, keys: Collection[CellKey]) -> None:
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM reports_cell c"
            " USING unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS gone (unit, competency, position_group)"
            " WHERE c.scope = %s AND c.unit_id = gone.unit AND c.competency_id = gone.competency"
            " AND c.position_group_id IS NOT DISTINCT FROM gone.position_group",
            [*(list(column) for column in zip(*keys, strict=True)), scope],
        )


def add_to_subtrees(changes: Mapping[CellKey, CellValues], day: date, now: datetime) -> None:
    """Add the changes of own cells to the subtree cells of their units and of every unit above them on the day."""
    if not changes:
        return
    above = _ancestors({key.unit for key in changes}, day)
    sums: dict[CellKey, CellValues] = {}
    for key, change in changes.items():
        for ancestor in above[key.unit]:
            at = key._replace(unit=ancestor)
            sums[at] = sums.get(at, EMPTY) + change
    sums = {key: change for key, change in sums.items() if change != EMPTY}
    stored = read_cells({key.unit for key in sums}, Cell.Scope.SUBTREE, {key.competency for key in sums})
    write_cells(Cell.Scope.SUBTREE, {key: stored.get(key, EMPTY) + change for key, change in sums.items()}, now)


def sum_subtrees(day: date, now: datetime) -> None:
    """Make every subtree cell anew from the own cells and the tree of the day."""
    Cell.objects.filter(scope=Cell.Scope.SUBTREE).delete()
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE_CELLS + _SUBTREES + _SUM_SUBTREES, {"day": day, "now": now})


def wrong_subtrees(day: date) -> list[CellKey]:
    """Return the subtree cells that are not the sum of the stored own cells over the tree of the day. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE_CELLS + _SUBTREES + _WRONG_SUBTREES, {"day": day})
        return [CellKey(*row) for row in cursor.fetchall()]


def _ancestors(unit_pks: Collection[int], day: date) -> dict[int, list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(_ANCESTORS, {"units": list(unit_pks), "day": day})
        return dict(cursor.fetchall())
