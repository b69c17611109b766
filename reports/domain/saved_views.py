"""Pages that HR named and keeps: who may open them, and where they lead after reorganisations.

A view holds no figures. Whoever opens it reads the page that it leads to, as far as that page is shown to them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F, Q
from django.utils.translation import gettext as _

from organisation.api import can_see_people, can_see_unit, hr_scope, normalise_text, roles_of, today
from organisation.models import Reorganisation, Succession, Unit, UnitVersion, User
from reports.models import SavedView

FOR_EVERYBODY = ("kind", "sort")
FOR_THOSE_WHO_SEE_PEOPLE = ("competence", "structure", "group", "trend")
VALUE_LENGTH = 60
SHARED_SHOWN = 100
"""So many of the views that others share, at most, are listed; the newest."""

_WITHIN = """
    WITH RECURSIVE up (start, unit_id) AS (
        SELECT unit, unit FROM unnest(%(units)s::bigint[]) AS unit
        UNION
        SELECT up.start, v.parent_id FROM up
        JOIN organisation_unitversion v ON v.unit_id = up.unit_id AND v.valid @> %(day)s::date
    )
    SELECT DISTINCT start FROM up WHERE unit_id = ANY(%(scope)s)
"""


@dataclass(frozen=True)
class FoundView:
    """A view in an account's list. place: its unit today, None where nothing of it is in the scope any more."""

    view: SavedView
    place: UnitVersion | None
    is_own: bool


@dataclass(frozen=True)
class Destination:
    """Where a view leads an account. moved: another unit took the place of its own. dropped: parts were left out."""

    unit: Unit
    query: Mapping[str, str]
    moved: bool
    dropped: bool


def save_view(owner: User, unit: Unit, name: str, query: Mapping[str, str], *, share: bool = False) -> SavedView:
    """Keep a page under a name; of the query, what a unit's page can be asked. Raises ValidationError for the name."""
    name = normalise_text(name)
    if not name or len(name) > 100:
        raise ValidationError(_("Give the view a name of at most 100 characters."))
    asked = {key: query.get(key, "") for key in (*FOR_EVERYBODY, *FOR_THOSE_WHO_SEE_PEOPLE)}
    known = {key: value for key, value in asked.items() if 0 < len(value) <= VALUE_LENGTH and "\0" not in value}
    view, is_new = SavedView.objects.get_or_create(
        owner=owner, name=name, defaults={"unit": unit, "query": known, "is_shared": share}
    )
    if not is_new:
        raise ValidationError(_("You have a view called “%(name)s” already.") % {"name": name})
    return view


def views_for(user: User) -> list[FoundView]:
    """Return the account's own views, then those that others share of units in its scope. Ten queries at most,
    and two more for each reorganisation that units went through, one after the other.
    """
    views = SavedView.objects.filter(Q(owner=user) | Q(is_shared=True))
    places = places_of(set(views.values_list("unit", flat=True)))
    visible = _within_scope(user, set(filter(None, places.values())))
    here = [unit for unit, place in places.items() if place in visible]
    own = views.filter(owner=user).select_related("unit")
    others = views.exclude(owner=user).filter(unit__in=here).select_related("unit", "owner__person").order_by("-pk")
    versions = UnitVersion.objects.filter(unit__in=visible, valid__contains=today()).select_related("unit")
    by_unit = {version.unit_id: version for version in versions}
    return [
        FoundView(view, by_unit.get(places[view.unit_id] or 0), view.owner_id == user.pk)
        for view in [*own, *others[:SHARED_SHOWN]]
    ]


def find_view(user: User, pk: int) -> tuple[SavedView, Destination | None] | None:
    """Return the view and where it leads the account; None for one that is not there or not for this account.

    Its owner finds it, and when it is shared whoever answers for its unit. The destination is None where nothing of
    the unit is in the account's scope any more. A day of the past on which the unit was there leads to it as it was.
    """
    view = SavedView.objects.filter(Q(owner=user) | Q(is_shared=True), pk=pk).select_related("unit").first()
    if view is None:
        return None
    destination = _destination(user, view)
    return (view, destination) if destination or view.owner_id == user.pk else None


def share_view(view: SavedView, share: bool) -> None:
    """Share a view with HR of its unit, or end that."""
    view.is_shared = share
    view.save(update_fields=["is_shared"])


def delete_view(view: SavedView) -> None:
    """Forget a view."""
    view.delete()


def places_of(units: Collection[int]) -> dict[int, int | None]:
    """Return where each unit is today: itself while it is in force, else who took its place, None for nobody.

    Two queries, and two more for each reorganisation that units went through, one after the other.
    """
    heirs: dict[int, int | None] = {}
    fresh = set(units)
    while fresh:
        in_force = UnitVersion.objects.filter(unit__in=fresh, valid__contains=today()).values_list("unit", flat=True)
        ended = fresh - set(in_force)
        main = Succession.objects.filter(
            predecessor__in=ended, is_main=True, reorganisation__status=Reorganisation.Status.APPLIED
        ).exclude(successor=F("predecessor"))
        found = dict(main.order_by("reorganisation__in_force", "pk").values_list("predecessor", "successor"))
        heirs |= {unit: found.get(unit) for unit in ended}
        fresh = set(found.values()) - heirs.keys()

    def follow(unit: int | None) -> int | None:
        for _step in range(len(heirs) + 1):  # two units that each took the other's place would go round for ever
            if unit is None or unit not in heirs:
                return unit
            unit = heirs[unit]
        return None

    return {unit: follow(unit) for unit in units}


def _destination(user: User, view: SavedView) -> Destination | None:
    unit, query, day = view.unit, dict(view.query), _day(view.query.get("structure", ""))
    if day and can_see_unit(user, unit, day):
        moved = False
    else:
        place = places_of([unit.pk])[unit.pk]
        moved, day = place != unit.pk, today()
        if place is None or not can_see_unit(user, Unit(pk=place)):
            return None
        if moved:
            unit = Unit.objects.get(pk=place)
            query.pop("structure", None)
    allowed = FOR_EVERYBODY + (FOR_THOSE_WHO_SEE_PEOPLE if can_see_people(user, unit, day) else ())
    asked = {key: value for key, value in query.items() if key in allowed}
    return Destination(unit, asked, moved, dropped=len(asked) < len(query))


def _day(text: str) -> date | None:
    """Return a day of the past; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day < today() else None


def _within_scope(user: User, units: Collection[int]) -> set[int]:
    if "admin" in roles_of(user):
        return set(units)
    scope = [unit.pk for unit in hr_scope(user)]
    with connection.cursor() as cursor:
        cursor.execute(_WITHIN, {"units": list(units), "day": today(), "scope": scope})
        return {row[0] for row in cursor.fetchall()}
