"""The competencies that measurement pages list and let choose from."""

from dataclasses import dataclass

from assessments.models import ItemParameterSet, ItemVersion
from competencies.api import current_framework
from competencies.models import Competency, Framework


def measured_competencies() -> list[Competency]:
    """Return the competencies of the framework in force that items in use measure, in its order. Two queries."""
    try:
        framework = current_framework()
    except Framework.DoesNotExist:
        return []
    in_use = ItemParameterSet.objects.filter(version__status=ItemVersion.Status.PUBLISHED).values("competency")
    found = Competency.objects.filter(domain__framework=framework, pk__in=in_use)
    return list(found.order_by("domain__order", "order"))


@dataclass(slots=True)
class ItemCounts:
    """Items in use that measure a competency, and how many of them data have calibrated."""

    items: int = 0
    calibrated: int = 0


def count_items() -> dict[int, ItemCounts]:
    """Return the counts by competency. One query."""
    newest = (
        ItemParameterSet.objects.filter(version__status=ItemVersion.Status.PUBLISHED)
        .order_by("version_id", "competency_id", "-pk")
        .distinct("version_id", "competency_id")
    )
    counts: dict[int, ItemCounts] = {}
    for competency, calibrated in newest.values_list("competency_id", "calibrated"):
        row = counts.setdefault(competency, ItemCounts())
        row.items += 1
        row.calibrated += calibrated
    return counts


def competency_choices(competencies: list[Competency]) -> list[tuple[str, str]]:
    """Return code and name of each for a choice."""
    return [(each.code, f"{each.code} {each.name}") for each in competencies]
