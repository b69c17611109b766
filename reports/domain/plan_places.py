"""Where the units of plans are today: a plan goes on in what its unit became.

Whoever sees the people of all that took the unit's place may open it, so nobody reads of a part that is not theirs.
"""

from collections.abc import Sequence

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.db.models.expressions import RawSQL

from organisation.api import (
    can_see_people,
    is_within,
    origins_of_undone,
    successors_of,
    today,
    units_of_people_seen,
)
from organisation.models import Succession, Unit, UnitVersion, User
from reports.domain.saved_views import places_of
from reports.models import TrainingPlan

_BEFORE = """(
    WITH RECURSIVE before AS (
        SELECT %s::bigint AS unit_id
        UNION
        SELECT s.predecessor_id FROM organisation_succession s JOIN before ON s.successor_id = before.unit_id
        WHERE s.is_main AND NOT EXISTS (
            SELECT 1 FROM organisation_unitversion v WHERE v.unit_id = s.predecessor_id AND v.valid @> %s::date)
    )
    SELECT unit_id FROM before
)"""


def units_now(unit_pk: int) -> list[Unit]:
    """Return the unit while it is in force, else all that took its place, the main one first; none where nobody did.

    One query for a unit in force.
    """
    here = UnitVersion.objects.filter(unit=unit_pk, valid__contains=today()).select_related("unit").first()
    if here is not None:
        return [here.unit]
    found = successors_of([unit_pk]) or [pk for pk in places_of([unit_pk]).values() if pk is not None]
    units = Unit.objects.in_bulk(found)
    return [units[pk] for pk in found]


def units_left_by(unit_pk: int) -> list[Unit]:
    """Return whose officers answer for what a unit left that nothing took the place of.

    What it was made of, where a reorganisation that made it was undone; else the unit above it, or what that became.
    """
    if found := origins_of_undone(unit_pk):
        units = Unit.objects.in_bulk(found)
        return [units[pk] for pk in found]
    last = UnitVersion.objects.filter(unit=unit_pk).order_by("valid").last()
    return units_now(last.parent_id) if last and last.parent_id else []


def owns_plan(user: User, plan: TrainingPlan) -> bool:
    """Say whether the account made the plan or asked to enrol by it, and still sees the people of some unit."""
    is_own = plan.author_id == user.pk or plan.requests.filter(asked_by=user).exists()
    return is_own and bool(units_of_people_seen(user))


def sees_people_of_all(user: User, units: Sequence[Unit]) -> bool:
    """Say whether the account sees the people of each of these units, of which there must be one."""
    return bool(units) and all(can_see_people(user, unit) for unit in units)


def is_of_plan(unit: Unit, plan: TrainingPlan) -> bool:
    """Say whether the unit lies today in the plan's unit or in what took its place. One query while it does."""
    if unit.pk == plan.unit_id or is_within(unit.pk, [plan.unit_id]):
        return True
    return is_within(unit.pk, [each.pk for each in units_now(plan.unit_id)])


def plans_of(unit: Unit, user: User) -> list[TrainingPlan]:
    """Return the plans of a unit in force and those that it took over, the latest first, that the account may open.

    And those of units that nothing took the place of, where the account owns them or the unit answers for them.
    """
    before = RawSQL(_BEFORE, [unit.pk, today()])  # noqa: S611 - constant SQL, its values are parameters
    here = UnitVersion.objects.filter(unit=OuterRef("unit"), valid__contains=today())
    left = ~Exists(here) & ~Exists(Succession.objects.filter(predecessor=OuterRef("unit")))
    plans = TrainingPlan.objects.filter(Q(unit__in=before) | left).select_related("author__person")
    found = list(plans.annotate(is_left=ExpressionWrapper(left, BooleanField())))
    taken_over = {plan.unit_id for plan in found if not plan.is_left} - {unit.pk}
    hidden = {pk for pk in taken_over if not sees_people_of_all(user, units_now(pk))}
    return [plan for plan in found if (_is_left_to(plan, unit, user) if plan.is_left else plan.unit_id not in hidden)]


def _is_left_to(plan: TrainingPlan, unit: Unit, user: User) -> bool:
    units = units_left_by(plan.unit_id)
    return owns_plan(user, plan) or (unit in units and sees_people_of_all(user, units))
