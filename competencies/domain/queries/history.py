"""What the standard was on a past day."""

from datetime import datetime

from competencies.domain.standards import cuts_of
from competencies.models import Standard


def cuts_at(moment: datetime) -> dict[int, tuple[float, ...]]:
    """Return the cut scores by competency that were in force at a moment. Two queries.

    Those of the newest published framework of then; before any standard was in force, of the earliest one.
    """
    standards = Standard.objects.filter(in_force_from__isnull=False, framework__published_at__isnull=False)
    then = standards.filter(in_force_from__lte=moment).order_by("framework__published_at", "in_force_from", "pk").last()
    standard = then or standards.order_by("in_force_from", "pk").first()
    return cuts_of(standard) if standard else {}
