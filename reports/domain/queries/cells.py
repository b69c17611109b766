"""Cells as reports read them. Nothing here reads people."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from reports.domain.suppression import Count, Counted, Family, Grouped, Part
from reports.domain.values import CellValues
from reports.models import Cell

Values = Mapping[int, Mapping[int | None, CellValues]]
"""competency -> position group (None: all together) -> sums"""


_PAGE_FIELDS = (
    "unit_id",
    "scope",
    "competency_id",
    "position_group_id",
    "folded_at",
    "required",
    "assessed",
    "sum_below",
    "sum_spread",
    "sum_unit_variance",
    "sum_shortfall",
    "level_counts",
)


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
    rows = cells.values_list(*_PAGE_FIELDS)
    for (
        of,
        scope,
        competency,
        at,
        folded_at,
        required,
        assessed,
        below_sum,
        spread,
        variance,
        shortfall,
        levels,
    ) in rows:
        table = parts[of] if of != unit else own if scope == Cell.Scope.OWN else whole
        table[competency][at] = CellValues(required, assessed, below_sum, spread, variance, shortfall, tuple(levels))
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
    cells = Cell.objects.filter(
        Q(unit__in=chain) | Q(unit__in=parts, scope=Cell.Scope.SUBTREE), competency__in=competencies
    )
    if not by_group:
        cells = cells.filter(position_group=None)
    counts: dict[tuple[str, int, int], Count] = {}
    groups: dict[tuple[str, int, int], dict[int, Grouped]] = defaultdict(dict)
    fields = ["scope", "unit_id", "competency_id", "required", "assessed", "position_group_id"]
    for scope, unit, competency, required, assessed, group, *beside in cells.values_list(
        *fields, *(["beside"] if by_group else [])
    ):
        at = (scope, unit, competency)
        if group is None:
            counts[at] = Count(required, assessed)
        else:
            neighbours = {int(other): Count(*people) for other, people in beside[0].items()}
            groups[at][group] = Grouped(Count(required, assessed), neighbours)
    tables: dict[str, dict[int, dict[int, Counted]]] = {scope: defaultdict(dict) for scope in Cell.Scope.values}
    for (scope, unit, competency), count in counts.items():
        tables[scope][unit][competency] = Counted(count, groups[scope, unit, competency])
    return CountTable(tables[Cell.Scope.SUBTREE], tables[Cell.Scope.OWN])
