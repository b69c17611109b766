"""The gap report of a unit, read from cells alone, with what must not be shown left out."""

from collections.abc import Iterable, Sequence

import numpy as np

from organisation.api import UnitNode, fetch_all_prepared, remember, today
from organisation.models import PositionGroup, Unit
from reports.domain.as_of import AsOf, past_cells
from reports.domain.gaps import CompetencyGap, Days, GapReport, GapRow, GapTable, Named, by_need
from reports.domain.published import published_cells
from reports.domain.queries.cells import CountTable, PageCells, read_cells
from reports.domain.queries.structure import Surroundings, surroundings
from reports.domain.suppression import Hidden, Mask, hide_along

_COMPETENCIES = """
    SELECT c.id, c.code, c.name_vi, c.name_en
    FROM competencies_competency c JOIN competencies_domain d ON d.id = c.domain_id
    WHERE c.id = ANY(%(pks)s::bigint[]) ORDER BY d."order", c."order", c.id
"""
_GROUPS = """
    SELECT id, code, name_vi, name_en FROM organisation_positiongroup
    WHERE id = ANY(%(pks)s::bigint[]) ORDER BY "order", code
"""


def gap_report(
    unit: Unit,
    *,
    children: bool = True,
    position_group: PositionGroup | None = None,
    days: AsOf | None = None,
    published: bool = False,
) -> GapReport:
    """Return the gaps of a unit with everything below it. Four queries for those of today, whatever the size; one where
    content is remembered.

    children: the units directly below as well. position_group: narrow every figure to one group; not for other days
    than today. published: the figures for readers who may not see people, without position groups and of today alone;
    what is not published of the units below counts as suppressed. Raises UnitNotInForce when the unit is not in force
    on the day of the structure, TooManyPeople and DayBeingMade as `past_cells` does, and ValueError for published
    figures of other days or of a group.
    """
    around = surroundings(unit.pk, days.structure if days else today())
    below = around.below[unit.pk]
    at = position_group.pk if position_group else None
    if published:
        if days or position_group:
            raise ValueError("neither other days nor position groups are published")
        cells, counts = published_cells(around)
    elif days:
        cells, counts = past_cells(around, days)
    else:
        cells, counts = read_cells(around, at, by_group=bool(position_group) or not below)
    competencies = named_competencies(tuple(cells.competencies))
    groups = _groups(tuple(cells.groups))
    hidden = _hidden_rows(hide_in(around, counts), counts.groups, at, cells)
    hidden &= cells.sums[..., 0] > 0
    if published:  # what is not published of a unit below may be hidden or not there: nobody is told which
        hidden[1 : len(below) + 1] |= cells.sums[1 : len(below) + 1, :, 0] == 0
    name = named_unit(around.unit)
    of_group = {} if below or position_group or published or days else {each.pk: each for each in groups}
    parts = [*map(named_unit, below), name] if below else []
    whole, *rows = GapTable(cells.competencies, cells.sums, hidden).rows(
        [name, *parts, *(of_group[pk] for pk in cells.groups if of_group)]
    )
    return GapReport(
        unit=name,
        trail=[named_unit(node) for node in around.chain[:-1]],
        folded_at=cells.folded_at,
        group=_named(position_group) if position_group else None,
        groups=groups,
        competencies=by_need(CompetencyGap(each, whole.gap(each.pk)) for each in competencies if each.pk in whole.gaps),
        children=rows_by_need(rows[: len(below)]) if children else [],
        own=rows[len(below)] if below and children else None,
        by_group=rows_by_need(rows[len(parts) :]),
        days=Days(days.competence, days.structure) if days else None,
        published=published,
        around=around,
    )


def rows_by_need(rows: Iterable[GapRow]) -> list[GapRow]:
    """Return the rows with the greatest need first."""
    return sorted(rows, key=lambda row: -row.need)


def hide_in(around: Surroundings, counts: CountTable) -> Hidden:
    """Decide for each competency what the page of the last unit of the chain must hide."""
    return hide_along(counts.root(around), [counts.family(node.pk, around) for node in around.chain])


def _hidden_rows(hidden: Hidden, groups: Sequence[int], group: int | None, cells: PageCells) -> Mask:
    """Return which cells of the page must be hidden, shape (rows, competencies), whether somebody is there or not.

    groups: primary keys, in the order of `hidden`. group: the one that the page is narrowed to.
    """
    whole, parts = hidden.whole, hidden.parts
    if group in groups:
        at = groups.index(group)
        whole, parts = whole | hidden.groups[at], parts | hidden.part_groups[:, at]
    rest = [whole | hidden.groups[groups.index(each)] for each in cells.groups[: len(cells.sums) - 1 - len(parts)]]
    return np.stack([whole, *parts, *rest])


@remember
def named_competencies(pks: tuple[int, ...]) -> list[Named]:
    """Return the competencies with these primary keys in the order of their framework. One query."""
    return [Named(*row) for row in fetch_all_prepared(_COMPETENCIES, {"pks": list(pks)})]


@remember
def _groups(pks: tuple[int, ...]) -> list[Named]:
    return [Named(*row) for row in fetch_all_prepared(_GROUPS, {"pks": list(pks)})]


def _named(group: PositionGroup) -> Named:
    return Named(group.pk, group.code, group.name_vi, group.name_en)


def named_unit(node: UnitNode) -> Named:
    """Return a unit of the tree by its names."""
    return Named(node.pk, node.code, node.name_vi, node.name_en, node.kind, node.sort_key)
