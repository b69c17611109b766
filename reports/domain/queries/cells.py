"""Cells as reports read them. Nothing here reads people."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from reports.domain.cells import values_of
from reports.domain.suppression import Count, Counted, Family, Grouped, Part
from reports.domain.values import CellValues
from reports.models import Cell

Values = Mapping[int, Mapping[int | None, CellValues]]
"""competency -> position group (None: all together) -> sums"""


@dataclass(frozen=True)
class PageCells:
    """What one page shows. whole: the unit with everything below. own: its own staff. below: each unit below it."""

    whole: Values
    own: Values
    below: Mapping[int, Values]
    folded_at: datetime | None


def page_cells(unit: int, below: Collection[int], group: int | None) -> PageCells:
    """Return the cells of a unit (of every group) and those of its parts of one group (None: all). One query."""
    cells = Cell.objects.filter(
        Q(unit=unit, scope=Cell.Scope.SUBTREE)
        | Q(unit=unit, scope=Cell.Scope.OWN, position_group=group)
        | Q(unit__in=below, scope=Cell.Scope.SUBTREE, position_group=group)
    )
    whole: dict[int, dict[int | None, CellValues]] = defaultdict(dict)
    own: dict[int, dict[int | None, CellValues]] = defaultdict(dict)
    parts: dict[int, dict[int, dict[int | None, CellValues]]] = defaultdict(lambda: defaultdict(dict))
    newest: datetime | None = None
    for cell in cells:
        values = values_of(cell)
        table = parts[cell.unit_id] if cell.unit_id != unit else own if cell.scope == Cell.Scope.OWN else whole
        table[cell.competency_id][cell.position_group_id] = values
        newest = cell.folded_at if newest is None else max(newest, cell.folded_at)
    return PageCells(whole, own, parts, newest)


@dataclass(frozen=True)
class CountTable:
    """How many people stand behind the cells of a chain of units and of their parts: unit -> competency."""

    subtree: Mapping[int, Mapping[int, Counted]]
    own: Mapping[int, Mapping[int, Counted]]

    def family(self, unit: int, below: Collection[int], competency: int) -> Family:
        """Return the unit with its parts; a unit with nothing below it has none."""
        parts: dict[Part, Counted] = {part: self._find(self.subtree, part, competency) for part in below}
        if parts:
            parts[None] = self._find(self.own, unit, competency)
        return Family(unit, self._find(self.subtree, unit, competency), parts)

    @staticmethod
    def _find(table: Mapping[int, Mapping[int, Counted]], unit: int, competency: int) -> Counted:
        return table.get(unit, {}).get(competency, Counted())


def count_people(
    chain: Collection[int], parts: Collection[int], competencies: Collection[int], *, by_group: bool
) -> CountTable:
    """Return the counts of the chain's units and of the units below them. One query.

    by_group: by position group as well; without it no group is known.
    """
    cells = Cell.objects.filter(
        Q(unit__in=chain) | Q(unit__in=parts, scope=Cell.Scope.SUBTREE), competency__in=competencies
    )
    if not by_group:
        cells = cells.filter(position_group=None)
    counts: dict[tuple[str, int, int], Count] = {}
    groups: dict[tuple[str, int, int], dict[int, Grouped]] = defaultdict(dict)
    for scope, unit, competency, group, required, assessed, beside in cells.values_list(
        "scope", "unit_id", "competency_id", "position_group_id", "required", "assessed", "beside"
    ):
        at = (scope, unit, competency)
        if group is None:
            counts[at] = Count(required, assessed)
        else:
            neighbours = {int(other): Count(*people) for other, people in beside.items()}
            groups[at][group] = Grouped(Count(required, assessed), neighbours)
    tables: dict[str, dict[int, dict[int, Counted]]] = {scope: defaultdict(dict) for scope in Cell.Scope.values}
    for (scope, unit, competency), count in counts.items():
        tables[scope][unit][competency] = Counted(count, groups[scope, unit, competency])
    return CountTable(tables[Cell.Scope.SUBTREE], tables[Cell.Scope.OWN])
