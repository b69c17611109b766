"""People and units by name, with or without diacritics, as far as an HR account sees them."""

from datetime import date
from functools import reduce
from operator import and_

from django.db.models import Q, QuerySet

from organisation.domain.access import hr_scope, roles_of
from organisation.domain.names import fold_text
from organisation.domain.queries.visible_units import search_units, units_below
from organisation.models import Posting, RoleGrant, UnitVersion, User


def find_people(user: User, text: str, as_of: date) -> QuerySet[Posting]:
    """Return the primary postings of that day whose person's name has every word of the text, or whose code is it.

    Only in units whose people the account may see. In the order of Vietnamese names, with person, unit and position.
    An index over the names' letters answers, whatever the number of people; nothing is found for an empty text.
    """
    words = fold_text(text).split()
    if not words or not user.is_active:
        return Posting.objects.none()
    granted = RoleGrant.objects.filter(user=user, role=RoleGrant.Role.HR, sees_people=True)
    by_name = reduce(and_, (Q(person__search_key__contains=word) for word in words))
    return (
        Posting.objects.filter(by_name | Q(person__employee_code=text.strip()))
        .filter(
            kind=Posting.Kind.PRIMARY,
            valid__contains=as_of,
            unit_id__in=units_below(list(granted.values_list("unit_id", flat=True)), as_of),
        )
        .select_related("person", "position", "unit")
        .order_by("person__sort_key", "person_id")
    )


def find_units(user: User, text: str, as_of: date) -> QuerySet[UnitVersion]:
    """Return the units of that day that the account answers for and that the text means, in Vietnamese order."""
    if not text.strip():
        return UnitVersion.objects.none()
    units = UnitVersion.objects.filter(valid__contains=as_of).select_related("unit")
    if "admin" not in roles_of(user):
        units = units.filter(unit_id__in=units_below([unit.pk for unit in hr_scope(user)], as_of))
    return search_units(units, text).order_by("sort_key", "unit__code")
