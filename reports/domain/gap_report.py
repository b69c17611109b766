"""The gap report of a unit, read from cells alone, with what must not be shown left out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from competencies.models import Competency
from organisation.api import UnitNode, today
from organisation.models import PositionGroup, Unit
from reports.domain.as_of import AsOf, past_cells
from reports.domain.gaps import SUPPRESSED, CompetencyGap, Days, Gap, GapReport, GapRow, Named, by_need, describe_gaps
from reports.domain.published import published_cells
from reports.domain.queries.cells import CountTable, Values, count_people, page_cells
from reports.domain.queries.structure import Surroundings, surroundings
from reports.domain.suppression import Hidden, Part, hide_along
from reports.domain.values import CellValues


def gap_report(
    unit: Unit,
    *,
    children: bool = True,
    position_group: PositionGroup | None = None,
    days: AsOf | None = None,
    published: bool = False,
) -> GapReport:
    """Return the gaps of a unit with everything below it. Six queries for those of today, whatever the size.

    children: the units directly below as well. position_group: narrow every figure to one group; not for other days
    than today. published: the figures for readers who may not see people, without position groups and of today alone;
    what is not published of the units below counts as suppressed. Raises UnitNotInForce when the unit is not in force
    on the day of the structure, TooManyPeople as `past_cells` does, and ValueError for published figures of other days
    or of a group.
    """
    around = surroundings(unit.pk, days.structure if days else today())
    below = around.below[unit.pk]
    at = position_group.pk if position_group else None
    by_group = not (days or published) and (bool(position_group) or not below)
    if published:
        if days or position_group:
            raise ValueError("neither other days nor position groups are published")
        cells, counts = published_cells(around)
    elif days:
        cells, counts = past_cells(around, days)
    else:
        cells = page_cells(unit.pk, [node.pk for node in below], at)
        counts = _count(around, cells.whole, by_group=by_group)
    competencies = _competencies(cells.whole)
    groups = _groups({group for values in cells.whole.values() for group in values if group})
    hidden = hide_in(around, counts, [each.pk for each in competencies])

    name = _named_unit(around.unit)
    whole, own, *rest = _describe(
        [
            _line_of_whole(name, cells.whole, at, hidden),
            _line_of_part(name, None, cells.own, at, hidden),
            *(_line_of_part(_named_unit(each), each.pk, cells.below.get(each.pk, {}), at, hidden) for each in below),
            *(_line_of_whole(each, cells.whole, each.pk, hidden) for each in groups if by_group),
        ]
    )
    children_rows = rest[: len(below)]
    if published:
        unknown = {each.pk: SUPPRESSED for each in competencies}
        children_rows = [GapRow(row.of, {**unknown, **row.gaps}) for row in children_rows]
    return GapReport(
        unit=name,
        trail=[_named_unit(node) for node in around.chain[:-1]],
        folded_at=cells.folded_at,
        group=_named(position_group) if position_group else None,
        groups=groups,
        competencies=by_need(CompetencyGap(each, whole.gap(each.pk)) for each in competencies if each.pk in whole.gaps),
        children=_by_need(children_rows) if children else [],
        own=own if below and children else None,
        by_group=_by_need(rest[len(below) :]) if not (below or position_group or published) else [],
        days=Days(days.competence, days.structure) if days else None,
        published=published,
        around=around,
    )


def _by_need(rows: Iterable[GapRow]) -> list[GapRow]:
    return sorted(rows, key=lambda row: -row.need)


@dataclass(frozen=True)
class _Line:
    """A row before suppression: sums by competency, and the competencies whose figures must not be shown."""

    of: Named
    sums: Mapping[int, CellValues]
    hidden: Collection[int]


def _line_of_whole(of: Named, cells: Values, group: int | None, hidden: Mapping[int, Hidden]) -> _Line:
    return _Line(
        of,
        {competency: by_group[group] for competency, by_group in cells.items() if group in by_group},
        {competency for competency, each in hidden.items() if each.whole or group in each.groups},
    )


def _line_of_part(of: Named, part: Part, cells: Values, group: int | None, hidden: Mapping[int, Hidden]) -> _Line:
    return _Line(
        of,
        {competency: by_group[group] for competency, by_group in cells.items() if group in by_group},
        {
            competency
            for competency, each in hidden.items()
            if part in each.parts or group in each.part_groups.get(part, ())
        },
    )


def _describe(lines: Sequence[_Line]) -> list[GapRow]:
    """Turn lines into rows; all intervals are computed at once."""
    shown = [
        (place, competency)
        for place, line in enumerate(lines)
        for competency in line.sums
        if competency not in line.hidden
    ]
    gaps: list[dict[int, Gap]] = [
        {competency: SUPPRESSED for competency in line.sums if competency in line.hidden} for line in lines
    ]
    described = describe_gaps([lines[place].sums[competency] for place, competency in shown])
    for (place, competency), gap in zip(shown, described, strict=True):
        gaps[place][competency] = gap
    return [GapRow(line.of, found) for line, found in zip(lines, gaps, strict=True)]


def _count(around: Surroundings, competencies: Collection[int], *, by_group: bool) -> CountTable:
    below = [node.pk for nodes in around.below.values() for node in nodes]
    return count_people(around.below, below, competencies, by_group=by_group)


def hide_in(around: Surroundings, counts: CountTable, competencies: Collection[int]) -> dict[int, Hidden]:
    """Decide for each competency what the page of the last unit of the chain must hide."""
    below = {unit: [node.pk for node in nodes] for unit, nodes in around.below.items()}
    return {
        competency: hide_along(
            [counts.family(node.pk, below[node.pk], competency, around.leaves) for node in around.chain]
        )
        for competency in competencies
    }


def _competencies(pks: Iterable[int]) -> list[Named]:
    rows = Competency.objects.filter(pk__in=list(pks)).order_by("domain__order", "order", "pk")
    return [Named(row.pk, row.code, row.name_vi, row.name_en) for row in rows]


def _groups(pks: Iterable[int]) -> list[Named]:
    return [_named(row) for row in PositionGroup.objects.filter(pk__in=list(pks))]


def _named(group: PositionGroup) -> Named:
    return Named(group.pk, group.code, group.name_vi, group.name_en)


def _named_unit(node: UnitNode) -> Named:
    return Named(node.pk, node.code, node.name_vi, node.name_en, node.kind, node.sort_key)
