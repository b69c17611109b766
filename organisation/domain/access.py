"""Roles, scopes and tokens: deny unless allowed."""

import hashlib
import secrets
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from organisation.domain.queries.units import is_within
from organisation.models import AccessToken, AuditEvent, Person, RoleGrant, Unit, User

TOKEN_DAYS = 90


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
    return list(Unit.objects.filter(role_grants__user=user, role_grants__role=RoleGrant.Role.HR).order_by("code"))


def import_scope(user: User | AnonymousUser) -> list[Unit] | None:
    """Return the units whose subtrees the account may import into as HR; None for an admin, who may everywhere."""
    return None if "admin" in roles_of(user) else hr_scope(user)


def can_see_unit(user: User | AnonymousUser, unit: Unit, as_of: date | None = None) -> bool:
    """Say whether the account may read reports of the unit: an admin, or HR of the unit or of one above it."""
    if "admin" in roles_of(user):
        return True
    scope = {scope_unit.pk for scope_unit in hr_scope(user)}
    return bool(scope) and is_within(unit.pk, scope, as_of)


def can_see_people(user: User | AnonymousUser, unit: Unit, as_of: date | None = None) -> bool:
    """Say whether the account may open the people behind the unit's cells."""
    if not user.is_authenticated or not user.is_active:
        return False
    granted = set(
        RoleGrant.objects.filter(user=user, role=RoleGrant.Role.HR, sees_people=True).values_list("unit_id", flat=True)
    )
    return bool(granted) and is_within(unit.pk, granted, as_of)


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
