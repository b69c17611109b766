"""The gap of some of a unit's people: by age, gender, training done or position group.

Only for accounts that may see these very people by name: nothing here is suppressed. A person adds to these figures
what the person adds to the unit's cells, so the figures of those who are chosen and of those who are not add up to the
unit's, all but the part of the uncertainty that they have in common.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from organisation.api import today
from organisation.models import Posting, Unit
from reports.domain.basis import read_basis, read_distributions
from reports.domain.cells import read_axes
from reports.domain.distribution import Integers
from reports.domain.gap_report import named_competencies, named_unit, rows_by_need
from reports.domain.gaps import CompetencyGap, GapReport, GapTable, by_need
from reports.domain.kept_staff import kept_staff
from reports.domain.moments import PARTED_MOST, TooManyPeople
from reports.domain.own_cells import compute_parts
from reports.domain.people_filters import PeopleFilter, narrow_people
from reports.domain.queries.placements import count_people_of_units
from reports.domain.queries.structure import parts_below, surroundings
from reports.domain.values import SUMS

_UNITS_AT_A_TIME = 200


@dataclass(frozen=True)
class Narrowed:
    """The gaps of some of a unit's people. chosen, people: how many these are, of how many who are posted there."""

    report: GapReport
    chosen: int
    people: int


def narrowed_report(unit: Unit, wanted: PeopleFilter) -> Narrowed:
    """Return today's gaps of those of the unit's people whom the filter leaves, and of the units below.

    Looked at one by one: raises TooManyPeople where more than PARTED_MOST are posted there, and UnitNotInForce.
    """
    day = today()
    around = surroundings(unit.pk, day)
    parts = parts_below(unit.pk, day)
    people = count_people_of_units(parts, day)
    if people > PARTED_MOST:
        raise TooManyPeople
    postings = Posting.objects.filter(unit__in=parts, kind=Posting.Kind.PRIMARY, valid__contains=day)
    chosen = np.array(sorted(narrow_people(postings, wanted).values_list("person_id", flat=True)), np.int64)

    below = [named_unit(node) for node in around.below[unit.pk]]
    rows = {pk: row for row, pk in enumerate([*(each.pk for each in below), unit.pk])}
    axis = read_axes().competencies
    sums = np.zeros((len(rows), axis.size, SUMS), np.int64)
    _add_people(sums, {of: rows[part] for of, part in parts.items()}, axis, chosen)

    sums = np.concatenate([sums.sum(axis=0, keepdims=True), sums])
    asked = sums[0, :, 0] > 0
    competencies = axis[asked].tolist()
    name = named_unit(around.unit)
    table = GapTable(competencies, sums[:, asked], np.zeros((len(sums), len(competencies)), np.bool_))
    whole, *of_parts, own = table.rows([name, *below, name])
    report = GapReport(
        unit=name,
        trail=[named_unit(node) for node in around.chain[:-1]],
        folded_at=None,
        group=None,
        groups=[],
        competencies=by_need(
            CompetencyGap(each, whole.gap(each.pk)) for each in named_competencies(tuple(competencies))
        ),
        children=rows_by_need(of_parts),
        own=own if below else None,
        by_group=[],
        around=around,
    )
    return Narrowed(report, chosen.size, people)


def _add_people(sums: Integers, rows: dict[int, int], axis: Integers, chosen: Integers) -> None:
    """Add to the sums, shape (rows, competencies, SUMS), what the chosen people add to the cells of their units.

    rows: where each unit is counted. axis: competencies, ascending. chosen: people, ascending.
    """
    distributions, cuts = read_distributions(), read_basis().cuts
    for units in _some(sorted(rows)):
        for competency, placed in kept_staff(units).by_competency():
            column = np.searchsorted(axis, competency)
            is_chosen = np.isin(placed.person, chosen, kind="sort").astype(np.int64)
            for _competency, found in compute_parts(replace(placed, into=is_chosen), distributions, cuts):
                mine = found.into == 1
                at = np.array([rows[each] for each in found.unit[mine].tolist()], np.intp)
                np.add.at(sums, (at, column), found.sums[mine])


def _some(units: Sequence[int]) -> list[Sequence[int]]:
    return [units[start : start + _UNITS_AT_A_TIME] for start in range(0, len(units), _UNITS_AT_A_TIME)]
