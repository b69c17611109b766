"""Cells as reports read them. Nothing here reads people."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from reports.domain.suppression import Count, Counted, Family, Grouped, Part
from reports.domain.values import SUMS, CellValues, values_of_sums
from reports.models import Cell, CellBlock

Values = Mapping[int, Mapping[int | None, CellValues]]
"""competency -> position group (None: all together) -> sums"""

_WHOLE = (CellBlock.Scope.SUBTREE, CellBlock.Scope.ALONE)
"""What is stored of a unit with everything below it."""


@dataclass(frozen=True)
class PageCells:
    """What one page shows. whole: the unit with everything below. own: its own staff. below: each unit below it."""

    whole: Values
    own: Values
    below: Mapping[int, Values]
    folded_at: datetime | None


def page_cells(unit: int, below: Collection[int], group: int | None) -> PageCells:
    """Return the cells of a unit (of every group) and those of its parts of one group (None: all). One query."""
    blocks = CellBlock.objects.filter(
        Q(unit=unit, scope__in=_WHOLE)
        | Q(unit=unit, scope=Cell.Scope.OWN, position_group=group)
        | Q(unit__in=below, scope__in=_WHOLE, position_group=group)
    )
    whole: dict[int, dict[int | None, CellValues]] = defaultdict(dict)
    own: dict[int, dict[int | None, CellValues]] = defaultdict(dict)
    parts: dict[int, dict[int, dict[int | None, CellValues]]] = defaultdict(lambda: defaultdict(dict))
    newest: datetime | None = None
    rows = blocks.values_list("unit_id", "scope", "position_group_id", "folded_at", "competencies", "sums")
    for of, scope, at, folded_at, competencies, sums in rows:
        tables = [parts[of]] if of != unit else [own] if scope == Cell.Scope.OWN else [whole]
        if of == unit and scope == CellBlock.Scope.ALONE and at == group:
            tables.append(own)
        for place, competency in enumerate(competencies):
            values = values_of_sums(sums[SUMS * place : SUMS * (place + 1)])
            for table in tables:
                table[competency][at] = values
        newest = folded_at if newest is None else max(newest, folded_at)
    return PageCells(whole, own, parts, newest)


@dataclass(frozen=True)
class CountTable:
    """How many people stand behind the cells of a chain of units and of their parts: unit -> competency."""

    subtree: Mapping[int, Mapping[int, Counted]]
    own: Mapping[int, Mapping[int, Counted]]

    def family(self, unit: int, below: Collection[int], competency: int, leaves: Collection[int]) -> Family:
        """Return the unit with its parts; a unit with nothing below it has none. leaves: units with nothing below."""

        def counted(part: int) -> Counted:
            found = self.subtree.get(part, {}).get(competency, Counted())
            return replace(found, is_single=part in leaves)

        parts: dict[Part, Counted] = {part: counted(part) for part in below}
        if parts:
            parts[None] = replace(self.own.get(unit, {}).get(competency, Counted()), is_single=True)
        return Family(unit, counted(unit), parts)


def count_people(
    chain: Collection[int], parts: Collection[int], competencies: Collection[int], *, by_group: bool
) -> CountTable:
    """Return the counts of the chain's units and of the units below them. One query.

    by_group: by position group as well; without it no group is known.
    """
    blocks = CellBlock.objects.filter(Q(unit__in=chain) | Q(unit__in=parts, scope__in=_WHOLE))
    if not by_group:
        blocks = blocks.filter(position_group=None)
    counts: dict[tuple[str, int, int], Count] = {}
    groups: dict[tuple[str, int, int], dict[int, Grouped]] = defaultdict(dict)
    fields = ("scope", "unit_id", "position_group_id", "competencies", "sums", "beside_groups", "beside")
    for scope, unit, group, held, sums, others, beside in blocks.values_list(*fields):
        for place, competency in enumerate(held):
            at, count = (scope, unit, competency), Count(*sums[SUMS * place : SUMS * place + 2])
            if group is None:
                counts[at] = count
            else:
                starts = range(2 * place, len(beside), 2 * len(held))
                pairs = (
                    (other, Count(*beside[start : start + 2])) for other, start in zip(others, starts, strict=True)
                )
                groups[at][group] = Grouped(count, {other: people for other, people in pairs if any(people)})
    tables: dict[str, dict[int, dict[int, Counted]]] = {scope: defaultdict(dict) for scope in Cell.Scope.values}
    for at, count in counts.items():
        scope, unit, competency = at
        if competency in competencies:
            counted = Counted(count, groups[at] if scope == Cell.Scope.SUBTREE else _all_beside(groups[at]))
            for table in Cell.Scope.values if scope == CellBlock.Scope.ALONE else (scope,):
                tables[table][unit][competency] = counted
    return CountTable(tables[Cell.Scope.SUBTREE], tables[Cell.Scope.OWN])


def _all_beside(groups: Mapping[int, Grouped]) -> dict[int, Grouped]:
    """Return the groups of one unit's own staff: everybody stands beside each other group that has people."""
    return {
        group: Grouped(
            each.count,
            {
                other: Count(each.count.required, each.count.assessed if beside.count.assessed else 0)
                for other, beside in groups.items()
                if other != group
            },
        )
        for group, each in groups.items()
    }
