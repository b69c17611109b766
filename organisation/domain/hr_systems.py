"""HR systems: give one a token for a subtree of units, take it back, find who presents it, see what it changed."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models.fields.json import KT
from django.utils import timezone

from organisation.domain.access import record_audit, token_digest
from organisation.domain.queries.successors import successors_of
from organisation.models import AuditEvent, HrSystem, Unit, User

TOKEN_DAYS = 365
_SECONDS_BETWEEN_NOTES = 60


@transaction.atomic
def admit_hr_system(
    name: str,
    unit: Unit,
    *,
    days: int = TOKEN_DAYS,
    is_new: bool = False,
    actor: User | None = None,
    address: str | None = None,
) -> str:
    """Let an HR system keep the unit and all below it up to date, and return its token, which cannot be read again.

    A system of that name gets a new token, unit and term in place of the old ones, which end at once;
    for one that is_new that is an IntegrityError.
    """
    token = secrets.token_urlsafe(32)
    values = {
        "unit": unit,
        "digest": token_digest(token),
        "expires_at": timezone.now() + timedelta(days=days),
        "revoked_at": None,
    }
    if is_new:
        HrSystem.objects.create(name=name, **values)
    else:
        HrSystem.objects.update_or_create(name=name, defaults=values)
    detail = {"unit": unit.code, "days": days}
    record_audit(actor=actor, action="hr_system_admitted", target=name, address=address, detail=detail)
    return token


@transaction.atomic
def revoke_hr_system(name: str, *, actor: User | None = None, address: str | None = None) -> bool:
    """Take the system's token back at once; say whether there was one to take."""
    revoked = HrSystem.objects.filter(name=name, revoked_at=None).update(revoked_at=timezone.now())
    if revoked:
        record_audit(actor=actor, action="hr_system_revoked", target=name, address=address)
    return bool(revoked)


def hr_system_of(token: str) -> HrSystem | None:
    """Return the system that the token was given to, unless it was revoked or its term is over; note that it asked."""
    now = timezone.now()
    valid = HrSystem.objects.filter(revoked_at=None, expires_at__gt=now).select_related("unit")
    system = valid.filter(digest=token_digest(token)).first()
    if system and (not system.last_used_at or (now - system.last_used_at).total_seconds() >= _SECONDS_BETWEEN_NOTES):
        HrSystem.objects.filter(pk=system.pk).update(last_used_at=now)
    return system


def changes_of(system: HrSystem, most: int) -> Sequence[AuditEvent]:
    """Return what the system wrote last, the latest first."""
    events = AuditEvent.objects.alias(system=KT("detail__system")).filter(action__startswith="scim_")
    return list(events.filter(system=system.name).order_by("-pk")[:most])


def scope_of(system: HrSystem) -> list[int]:
    """Return the units that a system's subtrees begin with today: its own, or what became of it. One query."""
    return successors_of([system.unit_id])
