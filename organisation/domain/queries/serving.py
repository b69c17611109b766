"""Who works in a unit by a secondary posting or a secondment."""

from collections.abc import Collection
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet

from organisation.domain.queries.visible_units import people_seen_among, units_below
from organisation.models import Posting, Unit, User


def find_serving(unit: Unit, as_of: date) -> QuerySet[Posting]:
    """Return the secondary postings and secondments in the unit and below that hold on the day or are to come.

    In the order of Vietnamese names, with person and position.
    """
    return (
        Posting.objects.filter(unit__in=units_below([unit.pk], as_of), valid__overlap=DateRange(as_of, None))
        .exclude(kind=Posting.Kind.PRIMARY)
        .select_related("person", "position")
        .order_by("person__sort_key", "person_id", "valid", "pk")
    )


def homes_seen(user: User, person_pks: Collection[int], as_of: date) -> dict[int, int]:
    """Return the unit in which each of these people belongs on the day, or will next, by keys.

    Of those alone for whom the account answers: it may see that unit's people. Two queries.
    """
    if not person_pks:
        return {}
    primary = Posting.objects.filter(
        person__in=person_pks, kind=Posting.Kind.PRIMARY, valid__overlap=DateRange(as_of, None)
    )
    homes = dict(primary.order_by("-valid").values_list("person_id", "unit_id"))
    among = people_seen_among(user, primary.values("unit_id"), as_of)
    seen = set(Unit.objects.filter(pk__in=among).values_list("pk", flat=True))
    return {person: unit for person, unit in homes.items() if unit in seen}
