"""What all cells stand on: the day, the tree, the cut scores, the position groups and the learned distributions."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection

from competencies.api import current_standard, cuts_of
from competencies.models import Standard
from organisation.api import today
from reports.domain.distribution import Distribution
from reports.models import CellBasis, CompetencyDistribution

_TREE = """
    SELECT md5(coalesce(string_agg(unit_id || ':' || coalesce(parent_id, 0), ',' ORDER BY unit_id), ''))
    FROM organisation_unitversion WHERE valid @> %(day)s::date
"""
_STRUCTURE = """
    SELECT ({tree}),
           (SELECT md5(coalesce(string_agg(id || ':' || group_id, ',' ORDER BY id), '')) FROM organisation_position)
"""
_LINEAGE = """
    SELECT ({tree}) || (
        SELECT md5(coalesce(string_agg(id || ':' || in_force || ':' || applied_at, ',' ORDER BY id), ''))
        FROM organisation_reorganisation WHERE status = 'applied' AND in_force <= %(day)s::date)
"""


@dataclass(frozen=True, eq=False)
class Basis:
    """The day, the cut scores by competency, and a digest that differs when any of the basis does."""

    day: date
    cuts: Mapping[int, tuple[float, ...]]
    digest: str

    def holds(self) -> bool:
        """Say whether the stored cells stand on this basis. One query."""
        return CellBasis.objects.filter(digest=self.digest).exists()


def read_basis() -> Basis:
    """Return the basis as it is now. Three queries."""
    day = today()
    try:
        cuts = cuts_of(current_standard())
    except Standard.DoesNotExist:
        cuts = {}
    with connection.cursor() as cursor:
        cursor.execute(_STRUCTURE.format(tree=_TREE), {"day": day})
        structure = cursor.fetchone()
    said = json.dumps([day.isoformat(), *structure, sorted(cuts.items())])
    return Basis(day, cuts, hashlib.sha256(said.encode()).hexdigest())


def structure_digest(day: date) -> str:
    """Return a digest of the day's tree of units and of the reorganisations that led to it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_LINEAGE.format(tree=_TREE), {"day": day})
        return str(cursor.fetchone()[0])


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
