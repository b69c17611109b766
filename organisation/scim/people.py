"""People as SCIM Users: which ones a system sees, what it is shown of them, and what it may write."""

from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from django.apps import apps
from django.db import IntegrityError
from django.db.models import Case, CharField, F, FilteredRelation, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from scim2_models import InvalidValueException, Meta, UniquenessException

from organisation.domain.hr_systems import scope_of
from organisation.domain.imports.messages import message_of
from organisation.domain.imports.state import load_positions, load_units
from organisation.domain.names import normalise_text
from organisation.domain.people import code_in_use, create_person, rename_person
from organisation.domain.posting_changes import move_home
from organisation.domain.postings import leave
from organisation.domain.queries.units import today
from organisation.domain.queries.visible_units import units_below
from organisation.importing.cells import parse_code, parse_email, parse_text
from organisation.importing.faults import CellRefused, Fault
from organisation.models import ExternalId, HrSystem, Person, Position, Posting, Unit, User
from organisation.scim.external_ids import write_external_id
from organisation.scim.filters import Column
from organisation.scim.postings import PostingsToWrite, describe_postings
from organisation.scim.resources import (
    Email,
    EnterpriseUser,
    FurtherPostings,
    Manager,
    Name,
    ThangUser,
    UnitOfUser,
    group_reference,
    user_reference,
)
from organisation.scim.versions import version_of

COLUMNS = {
    "id": Column("person_id", "number"),
    "externalid": Column("external__value", "exact"),
    "username": Column("person__employee_code", "exact"),
    "displayname": Column("person__full_name"),
    "name.formatted": Column("person__full_name"),
    "title": Column("position__code", "exact"),
    "active": Column("is_active", "boolean"),
    "emails.value": Column("person__email"),
    "emails.type": Column("email_type"),
    "groups.value": Column("unit_id", "number"),
    "department": Column("unit__code", "exact"),
    "manager.value": Column("person__manager_id", "number"),
    "meta.created": Column("person__created_at", "time"),
    "meta.lastmodified": Column("person__changed_at", "time"),
}
ORDERS = {name: column.lookup for name, column in COLUMNS.items()} | {"displayname": "person__sort_key"}


def postings_seen(system: HrSystem) -> QuerySet[Posting]:
    """Return today's primary postings in the system's subtree: one for each person it sees."""
    day = today()
    return (
        Posting.objects.filter(
            kind=Posting.Kind.PRIMARY, valid__contains=day, unit_id__in=units_below(scope_of(system), day)
        )
        .select_related("person__user", "position", "unit")
        .annotate(
            external=FilteredRelation("person__external_ids", condition=Q(person__external_ids__system=system)),
            external_id=F("external__value"),
            is_active=Coalesce("person__user__is_active", Value(False)),
            email_type=Case(When(~Q(person__email=""), then=Value("work")), output_field=CharField()),
        )
    )


def user_resource(posting: Any, further: Collection[Posting]) -> Any:
    """Return a row of `postings_seen` as a User, with the person's `further_postings`."""
    person: Person = posting.person
    first, *rest = person.full_name.split(" ")
    resource = ThangUser(
        id=str(person.pk),
        external_id=posting.external_id or None,
        user_name=person.employee_code,
        display_name=person.full_name,
        name=Name(
            formatted=person.full_name,
            family_name=first if rest else None,
            middle_name=" ".join(rest[:-1]) or None,
            given_name=rest[-1] if rest else first,
        ),
        title=posting.position.code,
        active=posting.is_active,
        emails=[Email(value=person.email, type=Email.Type.work)] if person.email else None,
        groups=[
            UnitOfUser(
                value=str(posting.unit_id),
                ref=group_reference(posting.unit_id),
                display=posting.unit.code,
            )
        ],
    )
    resource[EnterpriseUser] = EnterpriseUser(
        department=posting.unit.code,
        manager=Manager(value=str(person.manager_id), ref=user_reference(person.manager_id))
        if person.manager_id
        else None,
    )
    if further:
        resource[FurtherPostings] = describe_postings(further)
    resource.meta = Meta(
        resource_type="User",
        created=person.created_at,
        last_modified=person.changed_at,
        version=version_of(resource),
    )
    return resource


def write_user(system: HrSystem, resource: Any, person: Person | None) -> Person:
    """Make the person, or give one that the system sees what the resource says. Moves take effect today.

    Raises InvalidValueException for a value that cannot be, UniquenessException for an employee code in use.
    """
    day = today()
    code = _checked("userName", parse_code, resource.user_name)
    full_name = _checked("displayName", lambda text: parse_text(text, 200), resource.display_name)
    emails = [each for each in resource.emails or [] if each.value]
    emails.sort(key=lambda each: each.type != Email.Type.work)
    email = _checked("emails.value", parse_email, emails[0].value) if emails else ""
    positions = load_positions()
    position = _position(resource.title, positions)
    work: EnterpriseUser = resource[EnterpriseUser]
    unit = _unit(system, work.department, day)
    manager = _manager(system, work.manager, person)
    person = person or _person_to_hire(system, code, full_name)
    if person.employee_code != code:
        _refuse_taken(code_in_use(code, besides=person))
    _write_account(person, code, email, is_active=resource.active)
    if person.full_name != full_name:
        rename_person(person, full_name)
    person.employee_code, person.email, person.manager = code, email, manager
    person.save(update_fields=["employee_code", "email", "manager", "user"])
    write_external_id(system, resource.external_id, person=person)
    further = PostingsToWrite(system, person, resource[FurtherPostings], positions)
    further.end_what_is_over()
    held = person.postings.filter(kind=Posting.Kind.PRIMARY, valid__contains=day).first()
    if held is None or (held.unit_id, held.position_id) != (unit.pk, position.pk):
        move_home(person, unit, position, day=day)
    further.begin_what_is_new()
    return person


def remove_user(system: HrSystem, person: Person) -> None:
    """End the person's access and primary posting today. What was recorded of them stays.

    A posting that follows elsewhere stays, and so does the account of somebody with a role.
    """
    day = today()
    own = Unit.objects.filter(pk__in=units_below(scope_of(system), day)).values_list("pk", flat=True)
    leave(person, day=day, units=list(own))
    is_expected = person.postings.filter(valid__startswith__gt=day).exists()
    if person.user and not is_expected and not person.user.role_grants.exists():
        person.user.is_active = False
        person.user.save(update_fields=["is_active"])
    ExternalId.objects.filter(system=system, person=person).delete()


def _checked(name: str, parse: Callable[[str], str], value: str | None) -> str:
    try:
        text = parse(value or "")
    except CellRefused as refused:
        reason = message_of(Fault(0, name, refused.reason, refused.values))
        raise InvalidValueException(detail=f"{name}: {reason}") from None
    if not text:
        raise InvalidValueException(detail=f"{name} is needed")
    return text


def _position(title: str | None, positions: dict[str, int]) -> Position:
    pk = positions.get(normalise_text(title or "").lower())
    if pk is None:
        raise InvalidValueException(detail=f"title: there is no position {title!r}; give a position's code or name")
    return Position.objects.get(pk=pk)


def _unit(system: HrSystem, code: str | None, day: date) -> Unit:
    seen = Unit.objects.filter(pk__in=units_below(scope_of(system), day))
    unit = seen.filter(code=code).first() if code and "\0" not in code else None
    if unit is None:
        raise InvalidValueException(detail=f"department: there is no unit {code!r} in your scope; give a unit's code")
    return unit


def _manager(system: HrSystem, manager: Manager | None, person: Person | None) -> Person | None:
    if manager is None or not manager.value:
        return None
    if person is not None and str(person.manager_id) == manager.value:
        return person.manager  # who has left the scope meanwhile may stay
    is_number = manager.value.isdecimal() and len(manager.value) < 19
    seen = postings_seen(system).filter(person_id=manager.value).first() if is_number else None
    if seen is None or seen.person == person:
        raise InvalidValueException(detail=f"manager: there is no other User {manager.value!r} in your scope")
    return seen.person


def _person_to_hire(system: HrSystem, code: str, full_name: str) -> Person:
    """Return a new person, or the one of that code whom this scope had let go, of a unit that has ended too."""
    known = Person.objects.select_for_update(of=("self",), no_key=True).filter(employee_code=code).first()
    if known is None:
        _refuse_taken(code_in_use(code))
        return create_person(code, full_name)
    day = today()
    last: Any = known.postings.filter(kind=Posting.Kind.PRIMARY).order_by("-valid__startswith").first()
    is_over = last is None or (last.valid.upper is not None and last.valid.upper <= day)
    if last is None:
        # Who was let go on the day they came has no posting left, but a history of it.
        events = apps.get_model("organisation", "PostingEvent").objects.filter(person_id=known.pk)
        last = events.filter(kind=Posting.Kind.PRIMARY).order_by("-pgh_id").first()
    own = load_units(Unit.objects.filter(pk__in=scope_of(system)), day).scope or ()
    _refuse_taken(not is_over or last is None or last.unit.code not in own)
    return known


def refuse_code_in_use(error: IntegrityError) -> None:
    """Raise UniquenessException where the database refused a code, or an account's name, that was free a moment ago."""
    _refuse_taken("employee_code" in str(error) or "username" in str(error))


def _refuse_taken(is_taken: bool) -> None:
    if is_taken:
        raise UniquenessException(detail="userName: this employee code is in use, if in another case")


def _write_account(person: Person, code: str, email: str, *, is_active: bool) -> None:
    """Give the person an account once they may sign in, and keep its name, address and state as the resource says.

    The address and the state of an account with a role are left alone: whoever sets them could have its password sent
    to them, or lock an administrator out.
    """
    account = person.user
    if account is None and not is_active:
        return
    if account is None or account.username == person.employee_code != code:
        _refuse_taken(User.objects.filter(username=code).exists())
    if account is None:
        account = User(username=code)
        account.set_unusable_password()
    elif account.username == person.employee_code:
        account.username = code
    if account.pk is None or not account.role_grants.exists():
        account.email, account.is_active = email, is_active
    account.save()
    person.user = account
