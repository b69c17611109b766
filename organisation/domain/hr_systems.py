"""HR systems: give one a token for a subtree of units, take it back, find who presents it."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from organisation.domain.access import record_audit, token_digest
from organisation.domain.queries.successors import successors_of
from organisation.models import HrSystem, Unit

TOKEN_DAYS = 365


@transaction.atomic
def admit_hr_system(name: str, unit: Unit, *, days: int = TOKEN_DAYS) -> str:
    """Let an HR system keep the unit and all below it up to date, and return its token, which cannot be read again.

    A system of that name gets a new token, unit and term in place of the old ones.
    """
    token = secrets.token_urlsafe(32)
    HrSystem.objects.update_or_create(
        name=name,
        defaults={
            "unit": unit,
            "digest": token_digest(token),
            "expires_at": timezone.now() + timedelta(days=days),
            "revoked_at": None,
        },
    )
    record_audit(actor=None, action="hr_system_admitted", target=name, detail={"unit": unit.code, "days": days})
    return token


@transaction.atomic
def revoke_hr_system(name: str) -> bool:
    """Take the system's token back at once; say whether there was one to take."""
    revoked = HrSystem.objects.filter(name=name, revoked_at=None).update(revoked_at=timezone.now())
    if revoked:
        record_audit(actor=None, action="hr_system_revoked", target=name)
    return bool(revoked)


def hr_system_of(token: str) -> HrSystem | None:
    """Return the system that the token was given to, unless it was revoked or its term is over."""
    valid = HrSystem.objects.filter(revoked_at=None, expires_at__gt=timezone.now()).select_related("unit")
    return valid.filter(digest=token_digest(token)).first()


def scope_of(system: HrSystem) -> list[int]:
    """Return the units that a system's subtrees begin with today: its own, or what became of it. One query."""
    return successors_of([system.unit_id])
