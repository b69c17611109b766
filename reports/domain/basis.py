"""What all cells stand on: the day, the tree, the cut scores, the position groups and the learned distributions."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from assessments.measurement import MIN_EVIDENCE
from competencies.api import current_standard, cuts_of
from competencies.models import Standard
from organisation.api import today
from organisation.models import Position
from reports.domain.distribution import Distribution
from reports.models import CompetencyDistribution, Snapshot

_TREE_DIGEST = """
    SELECT md5(coalesce(string_agg(unit_id || ':' || coalesce(parent_id, 0), ',' ORDER BY unit_id), ''))
    FROM organisation_unitversion WHERE valid @> %(day)s::date
"""
_PARENTS = """
    SELECT v.unit_id, p.unit_id FROM organisation_unitversion v
    LEFT JOIN organisation_unitversion p ON p.unit_id = v.parent_id AND p.valid @> %(day)s::date
    WHERE v.valid @> %(day)s::date ORDER BY v.unit_id
"""
_LINEAGE = """
    SELECT ({tree}) || (
        SELECT md5(coalesce(string_agg(id || ':' || in_force || ':' || applied_at, ',' ORDER BY id), ''))
        FROM organisation_reorganisation WHERE status = 'applied' AND in_force <= %(day)s::date)
"""
_HISTORY = """
    SELECT '{enough} ' || md5(coalesce(string_agg(
        concat_ws(':', id, extract(epoch FROM applied_at), extract(epoch FROM undone_at)), ',' ORDER BY id), ''))
    FROM organisation_reorganisation WHERE applied_at IS NOT NULL AND in_force <= {day}
"""


@dataclass(frozen=True, eq=False)
class Basis:
    """The day, the cut scores by competency, and a digest that differs when these or the groups of positions do,
    or when the evidence does that a result takes to be counted.

    parents: each unit in force and the unit above it, None for a root; a unit whose parent is not in force is one.
    """

    day: date
    cuts: Mapping[int, tuple[float, ...]]
    digest: str
    parents: Mapping[int, int | None]

    @property
    def tree(self) -> str:
        """A digest that differs when the tree of units does."""
        return _digest(sorted(self.parents.items()))


def read_basis() -> Basis:
    """Return the basis as it is now. Four queries."""
    day = today()
    try:
        cuts = cuts_of(current_standard())
    except Standard.DoesNotExist:
        cuts = {}
    groups = list(Position.objects.order_by("pk").values_list("pk", "group_id"))
    with connection.cursor() as cursor:
        cursor.execute(_PARENTS, {"day": day})
        parents = dict(cursor.fetchall())
    return Basis(day, cuts, _digest([day.isoformat(), groups, sorted(cuts.items()), MIN_EVIDENCE]), parents)


def _digest(said: Any) -> str:
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def structure_digest(day: date) -> str:
    """Return a digest of the day's tree of units and of the reorganisations that led to it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_LINEAGE.format(tree=_TREE_DIGEST), {"day": day})
        return str(cursor.fetchone()[0])


def history_digest(day: date) -> str:
    """Return a digest of what own cells of a past day stand on that may change later. One query.

    The reorganisations that were in force by then, applied late and undone ones as well, and the evidence that a
    result takes to be counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY.format(enough=MIN_EVIDENCE, day="%(day)s::date"), {"day": day})
        return str(cursor.fetchone()[0])


def kept_days() -> QuerySet[Any]:
    """Return the snapshots with `history_now`: what `history_digest` says of the day now."""
    history = _HISTORY.format(enough=MIN_EVIDENCE, day="reports_snapshot.day")
    return Snapshot.objects.annotate(history_now=RawSQL(history, []))  # noqa: S611 - constant SQL


def read_distributions() -> dict[int, Distribution]:
    """Return the learned distributions by competency. One query."""
    return {
        row.competency_id: Distribution(
            row.mu0,
            row.between_sd,
            row.within_sd,
            {int(group): effect for group, effect in row.group_effects.items()},
            row.people,
        )
        for row in CompetencyDistribution.objects.all()
    }
