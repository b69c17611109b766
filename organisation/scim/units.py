"""Units as SCIM Groups: which ones a system sees, what it is shown of them, and what it may write."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.core.exceptions import ValidationError
from django.db.models import FilteredRelation, Q, QuerySet, TextField, Value
from django.db.models.functions import MD5, Cast, Coalesce, Concat, NullIf
from django.utils.timezone import make_aware
from scim2_models import ConflictException, InvalidValueException, Meta
from scim2_models.path import CompareOperator

from organisation.domain.hr_systems import scope_of
from organisation.domain.queries.units import today
from organisation.domain.queries.visible_units import units_below
from organisation.domain.units import change_unit, close_unit, create_unit
from organisation.importing.cells import parse_code, parse_text
from organisation.importing.faults import CellRefused
from organisation.models import ExternalId, HrSystem, Posting, Unit, UnitVersion
from organisation.scim.external_ids import write_external_id
from organisation.scim.filters import Column
from organisation.scim.resources import Group, Member, user_reference
from organisation.scim.versions import version_of


def _members() -> QuerySet[Posting]:
    return Posting.objects.filter(kind=Posting.Kind.PRIMARY, valid__contains=today())


@dataclass(frozen=True, slots=True)
class _MembersColumn(Column):
    """Which units have such a member."""

    def compare(self, operator: CompareOperator, value: Any) -> Q:
        condition = Column("person_id", "number").compare(operator, value)
        return Q(unit_id__in=_members().filter(condition).values("unit_id"))

    def present(self) -> Q:
        return Q(unit_id__in=_members().values("unit_id"))


COLUMNS = {
    "id": Column("unit_id", "number"),
    "externalid": Column("external_id", "exact"),
    "displayname": Column("name_vi"),
    "members.value": _MembersColumn(""),
    "meta.created": Column("unit__created_at", "time"),
}
ORDERS = {name: column.lookup for name, column in COLUMNS.items() if column.lookup} | {"displayname": "sort_key"}


def units_seen(system: HrSystem) -> QuerySet[UnitVersion]:
    """Return today's versions of the units in the system's subtree."""
    day = today()
    return (
        UnitVersion.objects.filter(valid__contains=day, unit_id__in=units_below(scope_of(system), day))
        .select_related("unit")
        .annotate(
            external=FilteredRelation("unit__external_ids", condition=Q(unit__external_ids__system=system)),
            external_id=NullIf(Coalesce("external__value", "unit__code"), Value("")),
        )
    )


def members_of(unit_pks: Iterable[int]) -> dict[int, list[Member]]:
    """Return who works in each unit today, in the order of their names. One query."""
    found: dict[int, list[Member]] = defaultdict(list)
    rows = _members().filter(unit_id__in=list(unit_pks)).order_by("person__sort_key", "person_id")
    for unit, person, name in rows.values_list("unit_id", "person_id", "person__full_name"):
        found[unit].append(Member(value=str(person), ref=user_reference(person), display=name))
    return found


def digests_of_members(unit_pks: Iterable[int]) -> dict[int, str]:
    """Return for each unit that has members what differs whenever they or their names do. One query."""
    who = StringAgg(
        Concat(Cast("person_id", TextField()), Value(" "), "person__full_name"), Value("\n"), order_by="person_id"
    )
    rows = _members().filter(unit_id__in=list(unit_pks)).order_by().values("unit_id").annotate(digest=MD5(who))
    return dict(rows.values_list("unit_id", "digest"))


def group_resource(version: Any, members: list[Member] | None, digest: str) -> Any:
    """Return a row of `units_seen` as a Group. Its entity tag follows the `digest` of its members, shown or not."""
    unit: Unit = version.unit
    resource: Any = Group(id=str(unit.pk), external_id=version.external_id, display_name=version.name_vi)
    since = make_aware(datetime.combine(version.valid.lower, time())) if version.valid.lower else unit.created_at
    resource.meta = Meta(
        resource_type="Group",
        created=unit.created_at,
        last_modified=max(unit.created_at, since),
        version=version_of(resource, digest),
    )
    resource.members = members or None
    return resource


def write_group(system: HrSystem, resource: Any, version: Any | None) -> Unit:
    """Make an office in the system's unit, or rename a unit that it sees, from today on.

    A new unit's code is the system's own name for it where that can be a code and is free.
    """
    try:
        name = parse_text(resource.display_name or "", 300)
    except CellRefused as refused:
        raise InvalidValueException(detail=f"displayName: {refused.reason}") from None
    if not name:
        raise InvalidValueException(detail="displayName is needed")
    if version is None:
        scope = scope_of(system)
        if not scope:
            raise ConflictException(detail="The unit that your scope began with has ended")
        unit = create_unit(
            _free_code(system, resource.external_id),
            name_vi=name,
            kind=UnitVersion.Kind.OFFICE,
            parent=Unit.objects.get(pk=scope[0]),
            valid_from=today(),
        )
    else:
        unit = version.unit
        if version.name_vi != name:
            try:
                change_unit(unit, from_day=today(), name_vi=name)
            except ValidationError as refused:
                raise ConflictException(detail=" ".join(refused.messages)) from None
    if resource.external_id or version is not None:
        write_external_id(system, resource.external_id, unit=unit)
    return unit


def remove_group(system: HrSystem, unit: Unit) -> None:
    """End the unit today; raises ConflictException while anybody or anything is in it, and for the system's own."""
    if unit.pk in scope_of(system):
        raise ConflictException(detail="The unit that your scope begins with cannot be removed")
    try:
        ExternalId.objects.filter(system=system, unit=unit).delete()
        close_unit(unit, today())
    except ValidationError as refused:
        raise ConflictException(detail=" ".join(refused.messages)) from None


def _free_code(system: HrSystem, wanted: str | None) -> str:
    try:
        code = parse_code(wanted or "")
    except CellRefused:
        code = ""
    if code and not Unit.objects.filter(code=code).exists():
        return code
    stem = f"{system.unit.code[:30]}-S"
    taken = set(Unit.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return next(code for number in range(1, len(taken) + 2) if (code := f"{stem}{number}") not in taken)
