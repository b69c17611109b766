"""Folding changed people into the cells of their units and of every unit above.

Folding is idempotent. The table of marks is the truth; a task only wakes a folder.
"""

from collections.abc import Collection

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from reports.domain.basis import Basis, read_basis, read_distributions
from reports.domain.cells import add_to_subtrees
from reports.domain.queries.placements import units_of_people
from reports.domain.rebuilding import have_outgrown_distributions, rebuild_in_turn
from reports.domain.turns import take_turn
from reports.domain.unit_folding import fold_units
from reports.models import CellBasis, FoldedPerson

_CLAIM = """
    DELETE FROM reports_dirtyperson WHERE id IN (
        SELECT id FROM reports_dirtyperson ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING person_id
"""


def fold_changed_people(limit: int = 1000) -> int:
    """Fold every marked person, `limit` marks to a transaction, and return how many marks were folded.

    Returns early when another folder is still at work after three seconds: it takes what is left. When the basis of
    the cells is not what it was (a new day, tree or standard), or the distributions were learned from far fewer
    estimates than there are, all cells are made anew.
    """
    folded = 0
    while marks := _fold_some(limit):
        folded += marks
    return folded


@transaction.atomic
def _fold_some(limit: int) -> int:
    if not take_turn():
        return 0
    basis = read_basis()
    if not basis.holds():
        return rebuild_in_turn(basis, refit=True)
    people = _claim(limit)
    if people:
        _fold_people(people, basis)
        if have_outgrown_distributions():
            rebuild_in_turn(basis, refit=True)
    return len(people)


def _claim(limit: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [limit])
        return [row[0] for row in cursor.fetchall()]


def _fold_people(person_pks: Collection[int], basis: Basis) -> None:
    now = timezone.now()
    left = set(FoldedPerson.objects.filter(person__in=person_pks).values_list("unit_id", flat=True))
    units = sorted(left | units_of_people(person_pks, basis.day))
    changes = fold_units(units, basis, read_distributions(), now)
    add_to_subtrees(changes, basis.day, now)
    grown = sum(change.assessed for key, change in changes.items() if key.group is None)
    CellBasis.objects.update(estimates=F("estimates") + grown)
