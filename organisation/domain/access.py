"""Roles, scopes and tokens: deny unless allowed."""

import hashlib
import secrets
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from organisation.domain.names import person_sort_key
from organisation.domain.queries.units import UNITS_ABOVE, today, unit_tree
from organisation.domain.statements import columns_of, fetch_all_prepared, fetch_prepared, row_as, statement_of
from organisation.models import AccessToken, AuditEvent, Person, RoleGrant, Unit, UnitVersion, User

TOKEN_DAYS = 90
_ANSWERS_FOR = statement_of(
    """
    {above}
    SELECT EXISTS (
        SELECT 1 FROM organisation_rolegrant g JOIN up ON up.unit_id = g.unit_id
        WHERE g.user_id = %(user)s AND g.role = 'hr' AND (g.sees_people OR NOT %(with_people)s)
    )
    """,
    above=UNITS_ABOVE,
)

_ACCOUNTS = statement_of(
    """
    {above}
    SELECT DISTINCT g.user_id FROM organisation_rolegrant g JOIN up ON up.unit_id = g.unit_id WHERE g.role = 'hr'
    """,
    above=UNITS_ABOVE,
)


def roles_of(user: User | AnonymousUser) -> set[str]:
    """Return the roles of an account: any of learner, trainer, hr, admin. A learner is who has a person record."""
    if not user.is_authenticated or not user.is_active:
        return set()
    if user.known_roles is None:
        roles = set(RoleGrant.objects.filter(user=user).values_list("role", flat=True))
        if Person.objects.filter(user=user).exists():
            roles.add("learner")
        user.known_roles = roles
    return user.known_roles


def hr_scope(user: User | AnonymousUser) -> list[Unit]:
    """Return the units whose subtrees the account answers for as HR, in code order."""
    if not user.is_authenticated or not user.is_active:
        return []
    return [row_as(Unit, row) for row in fetch_all_prepared(_scope(), {"user": user.pk})]


@cache
def _scope() -> bytes:
    return statement_of(
        "SELECT {unit} FROM organisation_unit u JOIN organisation_rolegrant g ON g.unit_id = u.id "
        "WHERE g.user_id = %(user)s AND g.role = 'hr' ORDER BY u.code",
        unit=columns_of(Unit, "u"),
    )


def import_scope(user: User | AnonymousUser) -> list[Unit] | None:
    """Return the units whose subtrees the account may import into as HR; None for an admin, who may everywhere."""
    return None if "admin" in roles_of(user) else hr_scope(user)


def answers_for_all(user: User | AnonymousUser) -> bool:
    """Say whether the account may write what holds in every unit: an admin, or HR of all units at the top today."""
    if "admin" in roles_of(user):
        return True
    tops = set(UnitVersion.objects.filter(parent=None, valid__contains=today()).values_list("unit_id", flat=True))
    return bool(tops) and tops <= {unit.pk for unit in hr_scope(user)}


def can_see_unit(user: User | AnonymousUser, unit: Unit, as_of: date | None = None) -> bool:
    """Say whether the account may read reports of the unit: an admin, or HR of the unit or of one above it."""
    if "admin" in roles_of(user):
        return True
    return _answers_for(user, unit, as_of, with_people=False)


def can_see_people(user: User | AnonymousUser, unit: Unit, as_of: date | None = None) -> bool:
    """Say whether the account may open the people behind the unit's cells."""
    return _answers_for(user, unit, as_of, with_people=True)


def units_of_people_seen(user: User) -> set[int]:
    """Return the keys of all units whose people the account may open today. Two queries."""
    tree = unit_tree()
    scopes = RoleGrant.objects.filter(user=user, role=RoleGrant.Role.HR, sees_people=True).values_list(
        "unit", flat=True
    )
    return {pk for scope in scopes if scope in tree.nodes for pk in tree.subtree(scope)} if user.is_active else set()


def _answers_for(user: User | AnonymousUser, unit: Unit, as_of: date | None, *, with_people: bool) -> bool:
    if not user.is_authenticated or not user.is_active:
        return False
    values = {"user": user.pk, "unit": unit.pk, "day": as_of or today(), "with_people": with_people}
    return bool(fetch_prepared(_ANSWERS_FOR, values)[0])


def accounts_answering_for(unit: Unit) -> list[User]:
    """Return the active accounts that are HR of the unit or of one above it today, in the Vietnamese order of names."""
    found = [row[0] for row in fetch_all_prepared(_ACCOUNTS, {"unit": unit.pk, "day": today()})]
    accounts = User.objects.filter(pk__in=found, is_active=True).select_related("person")
    return sorted(accounts, key=lambda each: (person_sort_key(each.shown_name), each.pk))


def administrators() -> list[User]:
    """Return the active accounts that are administrators. One query."""
    grants = RoleGrant.objects.filter(role=RoleGrant.Role.ADMIN)
    return list(User.objects.filter(pk__in=grants.values("user"), is_active=True).select_related("person"))


def issue_token(user: User, name: str, days: int = TOKEN_DAYS) -> str:
    """Make a bearer token and return it; it cannot be read again, for only its digest is kept."""
    token = secrets.token_urlsafe(32)
    AccessToken.objects.create(
        user=user, name=name, digest=token_digest(token), expires_at=timezone.now() + timedelta(days=days)
    )
    return token


def token_digest(token: str) -> str:
    """Return the SHA-256 digest that a token is known by."""
    return hashlib.sha256(token.encode()).hexdigest()


def record_audit(
    *,
    actor: User | None,
    action: str,
    target: str = "",
    address: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append an audit event. `action` is a short past participle: refused, published, imported."""
    AuditEvent.objects.create(actor=actor, action=action, target=target[:200], address=address, detail=detail or {})
