"""Folding changed people into the cells of their units and of every unit above.

Folding is idempotent. The table of marks is the truth; a task only wakes a folder.
"""

from collections import Counter
from collections.abc import Collection

import numpy as np
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from reports.domain import turns
from reports.domain.basis import Basis, read_basis, read_distributions
from reports.domain.cells import add_to_subtrees, read_axes, sum_subtrees, units_above
from reports.domain.kept_staff import keep_people, kept_people, touched_by
from reports.domain.queries.placements import staff_of_people
from reports.domain.rebuilding import have_outgrown_distributions, rebuild_in_turn
from reports.domain.unit_folding import fold_units, in_parts
from reports.models import CellBasis, DirtyPerson

_CLAIM = """
    DELETE FROM reports_dirtyperson WHERE id IN (
        SELECT id FROM reports_dirtyperson ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING person_id
"""


def fold_changed_people(limit: int = 20_000) -> int:
    """Fold every marked person, `limit` marks to a transaction, and return how many marks were folded.

    Returns early when another folder is still at work after three seconds: that one takes what is left. When the basis
    of the cells is not what it was (a new day or standard), or the distributions were learned from far fewer estimates
    than there are, all cells are made anew. When only the tree of units is not, the sums of those units are whose
    subtrees changed.
    """
    folded = 0
    while True:
        marks = _fold_some(limit)
        folded += marks
        # Whoever is marked from now on wakes a folder; but who was marked meanwhile may have woken one that went home.
        if not marks or (marks < limit and not _has_waited()):
            return folded


def _has_waited() -> bool:
    """Say whether somebody's mark is as old as that the folder it woke may have given up waiting for its turn."""
    return DirtyPerson.objects.filter(marked_at__lte=Now() - turns.MOST_WAIT).exists()


@transaction.atomic
def _fold_some(limit: int) -> int:
    if not turns.take_turn():
        return 0
    basis = read_basis()
    stands_on = CellBasis.objects.defer("parents").filter(digest=basis.digest).first()
    if stands_on is None:
        return rebuild_in_turn(basis, refit=True)
    if stands_on.tree != basis.tree:
        _follow_tree(stands_on, basis)
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


def _follow_tree(stands_on: CellBasis, basis: Basis) -> None:
    """Sum anew the subtrees that were, or are now, of units that changed places."""
    old = {int(unit): parent for unit, parent in stands_on.parents.items()}
    new, nowhere = basis.parents, object()
    moved = [unit for unit in old.keys() | new.keys() if old.get(unit, nowhere) != new.get(unit, nowhere)]
    touched = {each for tree in (old, new) for unit in moved for each in units_above(unit, tree)}
    sum_subtrees(new, timezone.now(), touched)
    CellBasis.objects.update(tree=basis.tree, parents=basis.parents)


def _fold_people(person_pks: Collection[int], basis: Basis) -> None:
    now = timezone.now()
    staff = staff_of_people(person_pks, basis.day)
    kept = kept_people(person_pks)
    keep_people(kept, staff)
    touched = touched_by(kept, staff)
    units = np.unique(touched.unit).tolist()
    parts = in_parts(units, Counter(staff.unit.tolist()))
    folded = fold_units(parts, basis, read_axes(), read_distributions(), now, touched=touched)
    assessed = add_to_subtrees((added for _table, added in folded), units, basis.parents, now)
    CellBasis.objects.update(estimates=F("estimates") + assessed)
