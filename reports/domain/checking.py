"""Comparing every cell with a full recomputation, putting right what differs, and saying so."""

import logging

from django.db import transaction
from django.utils import timezone

from organisation.models import Unit
from reports.domain.basis import read_basis, read_distributions
from reports.domain.cells import add_to_subtrees, count_cells, read_axes, sum_subtrees
from reports.domain.folding import fold_changed_people
from reports.domain.queries.placements import staff_of_units, units_of_cells, units_of_people
from reports.domain.turns import wait_for_turn
from reports.domain.unit_folding import fold_units
from reports.domain.values import CellKey
from reports.models import Cell, CellCheck, DirtyPerson, FoldedPerson

logger = logging.getLogger(__name__)

_UNITS_AT_A_TIME = 200
_EXAMPLES = 20


def check_cells() -> CellCheck:
    """Compare all cells with what people's estimates, posts and units say, heal what differs, and keep what was found.

    A change that is waiting to be folded is no fault. Folders may work in between: they wait for one batch of units at
    most.
    """
    fold_changed_people()
    cells, wrong = count_cells(), _heal_subtrees()
    units = units_of_cells()
    for start in range(0, len(units), _UNITS_AT_A_TIME):
        wrong += _heal_units(units[start : start + _UNITS_AT_A_TIME])
    check = CellCheck.objects.create(cells=cells, wrong=len(wrong), examples=_describe(wrong[:_EXAMPLES]))
    if wrong:
        logger.error("%d of %d cells were wrong and have been put right: %s", len(wrong), cells, check.examples)
    else:
        logger.info("all %d cells equal a full recomputation", cells)
    return check


def last_check() -> CellCheck | None:
    """Return what the latest comparison found."""
    return CellCheck.objects.first()


@transaction.atomic
def _heal_subtrees() -> list[tuple[str, CellKey]]:
    wait_for_turn()
    wrong = sum_subtrees(read_basis().parents, timezone.now())
    return [(Cell.Scope.SUBTREE.value, key) for key in wrong]


@transaction.atomic
def _heal_units(unit_pks: list[int]) -> list[tuple[str, CellKey]]:
    wait_for_turn()
    basis, now = read_basis(), timezone.now()
    staff = staff_of_units(unit_pks, basis.day)
    counted = list(FoldedPerson.objects.filter(unit__in=unit_pks).values_list("person_id", "unit_id"))
    folded = fold_units([unit_pks], basis, read_axes(), read_distributions(), now, lambda _part: staff)
    changes = [added for _table, added in folded]
    wrong = [key for each in changes for key in each.keys(each.changes)]
    if not wrong:
        return []
    add_to_subtrees(changes, unit_pks, basis.parents, now)
    waiting = set(DirtyPerson.objects.values_list("person_id", flat=True))
    meanwhile = units_of_people(waiting, basis.day) if waiting else set()
    meanwhile |= {unit for person, unit in counted if person in waiting}  # who left is still counted where they were
    return [(Cell.Scope.OWN.value, key) for key in wrong if key.unit not in meanwhile]


def _describe(wrong: list[tuple[str, CellKey]]) -> list[dict[str, str | int | None]]:
    codes = dict(Unit.objects.filter(pk__in={key.unit for _scope, key in wrong}).values_list("pk", "code"))
    return [
        {"unit": codes.get(key.unit, ""), "scope": scope, "competency": key.competency, "group": key.group}
        for scope, key in wrong
    ]
