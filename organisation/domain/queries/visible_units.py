"""Which units an account may see, and search among them."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from organisation.domain.access import hr_scope, roles_of
from organisation.domain.names import fold_text
from organisation.models import Posting, UnitVersion, User

_BELOW = """(
    WITH RECURSIVE below AS (
        SELECT unit_id FROM organisation_unitversion WHERE unit_id = ANY(%s) AND valid @> %s::date
        UNION
        SELECT v.unit_id FROM organisation_unitversion v JOIN below ON v.parent_id = below.unit_id
        WHERE v.valid @> %s::date
    )
    SELECT unit_id FROM below
)"""
_ABOVE = """(
    WITH RECURSIVE above AS (
        SELECT unit_id, parent_id FROM organisation_unitversion WHERE unit_id = ANY(%s) AND valid @> %s::date
        UNION
        SELECT v.unit_id, v.parent_id FROM organisation_unitversion v JOIN above ON v.unit_id = above.parent_id
        WHERE v.valid @> %s::date
    )
    SELECT unit_id FROM above
)"""

_PEOPLE_SEEN = """(
    WITH RECURSIVE above AS (
        SELECT unit_id AS asked, unit_id, parent_id FROM organisation_unitversion
        WHERE unit_id IN ({keys}) AND valid @> %s::date
        UNION
        SELECT above.asked, v.unit_id, v.parent_id FROM organisation_unitversion v
        JOIN above ON v.unit_id = above.parent_id
        WHERE v.valid @> %s::date
    )
    SELECT above.asked FROM above JOIN organisation_rolegrant g USING (unit_id)
    WHERE g.user_id = %s AND g.role = 'hr' AND g.sees_people
)"""


def people_seen_among(user: User, unit_keys: QuerySet[Any, Any], as_of: date) -> RawSQL:
    """Return a subquery of those keys whose unit's people the account may see on the day, as `can_see_people` says.

    unit_keys: the keys asked about, one column; the statement climbs from them, so it costs as much as there are.
    """
    keys, values = unit_keys.query.sql_with_params()
    return RawSQL(_PEOPLE_SEEN.format(keys=keys), (*values, as_of, as_of, user.pk))  # noqa: S611 - constant SQL, values are parameters


def units_below(tops: list[int], as_of: date) -> RawSQL:
    """Return a subquery of the keys of these units and of everything below them on the day."""
    return RawSQL(_BELOW, (tops, as_of, as_of))  # noqa: S611 - constant SQL, its values are parameters


def visible_units(user: User, as_of: date) -> QuerySet[UnitVersion]:
    """Return the units of that day which the account may see, each with `unit` and `parent` at hand.

    An administrator sees all, an HR officer their subtrees, everyone the unit they work in and those above it.
    The queryset is one query; finding out who asks takes four, whatever the organisation's size.
    """
    units = UnitVersion.objects.filter(valid__contains=as_of).select_related("unit", "parent")
    if "admin" in roles_of(user):
        return units
    tops = [unit.pk for unit in hr_scope(user)]
    own = list(
        Posting.objects.filter(person__user=user, valid__contains=as_of).values_list("unit_id", flat=True).distinct()
    )
    above = RawSQL(_ABOVE, (own, as_of, as_of))  # noqa: S611 - as above
    return units.filter(Q(unit_id__in=units_below(tops, as_of)) | Q(unit_id__in=above))


def search_units(units: QuerySet[UnitVersion], text: str) -> QuerySet[UnitVersion]:
    """Return those whose name in either language has every word of the text, diacritics aside, or whose code has it."""
    words = fold_text(text).split()
    if not words:
        return units
    by_name = Q()
    for word in words:
        by_name &= Q(search_key__contains=word)
    return units.filter(by_name | Q(unit__code__icontains=text.strip()))
