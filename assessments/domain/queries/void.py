"""Which versions of questions count for nobody."""

from collections.abc import Collection

from django.db.models import QuerySet

from assessments.models import Regrade
from assessments.models.regrading import PREVIEWS
from organisation.api import remember


def is_void(version_pk: int) -> bool:
    """Say whether a version counts for nobody, or is about to."""
    return voiding_regrades().filter(corrections__contains=[{"version_pk": version_pk, "void": True}]).exists()


def void_versions(version_pks: Collection[int]) -> frozenset[int]:
    """Return those of the versions that count for nobody, or are about to. One query."""
    return all_void() & set(version_pks)


@remember
def all_void() -> frozenset[int]:
    """Return all versions that count for nobody, or are about to."""
    corrections = (each for several in voiding_regrades().values_list("corrections", flat=True) for each in several)
    return frozenset(each["version_pk"] for each in corrections if each.get("void"))


def voiding_regrades() -> QuerySet[Regrade]:
    """Return the regrades that made versions void, or are at it."""
    return standing_regrades().filter(corrections__contains=[{"void": True}])


def standing_regrades() -> QuerySet[Regrade]:
    """Return the regrades that somebody let happen: they are done, or are about to be."""
    return Regrade.objects.exclude(status__in=[Regrade.Status.FAILED, *PREVIEWS])
