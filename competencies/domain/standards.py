"""Which cut scores are in force."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import LiteralString

from django.utils import timezone

from competencies.models import Competency, CutScore, Framework, Standard
from organisation.api import fetch_all_prepared

PROVISIONAL_CUTS = (-2.25, -1.5, -0.75, 0.0, 0.75, 1.5, 2.25)
"""Equally spaced on the scale on which the reference population is N(0, 1), until a panel has sat."""


def set_provisional_standard(framework: Framework) -> Standard:
    """Put equally spaced cut scores in force for every competency of the framework."""
    standard = Standard.objects.create(framework=framework, method=Standard.Method.PROVISIONAL)
    CutScore.objects.bulk_create(
        CutScore(standard=standard, competency=competency, cuts=list(PROVISIONAL_CUTS))
        for competency in Competency.objects.filter(domain__framework=framework)
    )
    standard.in_force_from = timezone.now()
    standard.save(update_fields=["in_force_from"])
    return standard


def current_standard(framework: Framework | None = None) -> Standard:
    """Return the newest standard in force, of the newest published framework unless one is given. One query.

    Standard.DoesNotExist when there is none.
    """
    standards = Standard.objects.filter(in_force_from__lte=timezone.now(), framework__published_at__isnull=False)
    if framework is not None:
        standards = standards.filter(framework=framework)
    newest = standards.order_by("-framework__published_at", "-framework_id", "-in_force_from", "-pk").first()
    if newest is None:
        raise Standard.DoesNotExist("no standard is in force")
    return newest


def cuts_of(standard: Standard) -> dict[int, tuple[float, ...]]:
    """Return the seven cut scores of each competency by the competency's primary key. One query."""
    rows = CutScore.objects.filter(standard=standard).values_list("competency_id", "cuts")
    return {competency: tuple(cuts) for competency, cuts in rows}


_CUTS: LiteralString = """
    SELECT DISTINCT ON (c.competency_id) c.competency_id, c.standard_id, c.cuts
    FROM competencies_cutscore c JOIN competencies_standard s ON s.id = c.standard_id
    WHERE c.competency_id = ANY(%(competencies)s::bigint[]) AND s.in_force_from <= %(now)s
    ORDER BY c.competency_id, s.in_force_from DESC, c.standard_id DESC
"""


@dataclass(frozen=True, slots=True)
class CutsInForce:
    """The seven cut scores a competency is read by today, and the standard they belong to."""

    standard_pk: int
    cuts: tuple[float, ...]


def cuts_in_force(competency_pks: Collection[int]) -> dict[int, CutsInForce]:
    """Return each competency's cut scores of the newest standard in force that has any for it. One query."""
    rows = fetch_all_prepared(_CUTS, {"competencies": list(competency_pks), "now": timezone.now()})
    return {competency: CutsInForce(standard, tuple(cuts)) for competency, standard, cuts in rows}
