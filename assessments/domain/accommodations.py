"""What single people are granted: more time, larger text, dates of their own; with a reason, on record."""

from datetime import datetime
from typing import Any

from django.db import transaction

from assessments.domain.delivery_rules import RulesRefused
from assessments.models import Accommodation, Assessment
from organisation.api import record_audit
from organisation.models import Person, User

GRANTS = ("extra_percent", "larger_text", "opens_at", "closes_at", "reason")


@transaction.atomic
def grant_accommodation(
    assessment: Assessment,
    person: Person,
    actor: User,
    *,
    reason: str,
    extra_percent: int = 0,
    larger_text: bool = False,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> Accommodation:
    """Grant a person conditions of their own, or change those granted; a sitting that has begun keeps its times.

    extra_percent: 0 to 300, that every time is longer by. Raises RulesRefused: reason (none given), extra_percent
    (nothing is granted, or too much), closes_at (before it opens, by the dates that then hold for the person),
    employee_code (nobody grants themselves anything).
    """
    if person.user_id == actor.pk:
        raise RulesRefused("employee_code", "oneself")
    if not reason.strip():
        raise RulesRefused("reason", "none")
    if not 0 <= extra_percent <= 300 or not (extra_percent or larger_text or opens_at or closes_at):
        raise RulesRefused("extra_percent", str(extra_percent))
    opens, closes = opens_at or assessment.opens_at, closes_at or assessment.closes_at
    if (opens_at or closes_at) and opens and closes and closes <= opens:
        raise RulesRefused("closes_at", "before it opens")
    before = Accommodation.objects.select_for_update().filter(assessment=assessment, person=person).first()
    values = {
        "extra_percent": extra_percent,
        "larger_text": larger_text,
        "opens_at": opens_at,
        "closes_at": closes_at,
        "reason": reason.strip(),
    }
    granted, _created = Accommodation.objects.update_or_create(
        assessment=assessment, person=person, defaults={**values, "granted_by": actor}
    )
    _record(actor, "changed" if before else "granted", granted, before=_words(before) if before else None)
    return granted


@transaction.atomic
def withdraw_accommodation(accommodation: Accommodation, actor: User) -> None:
    """Take back what was granted; a sitting that has begun keeps its times."""
    _record(actor, "withdrawn", accommodation, before=None)
    accommodation.delete()


def _record(actor: User, action: str, granted: Accommodation, *, before: dict[str, Any] | None) -> None:
    record_audit(
        actor=actor,
        action=action,
        target=f"accommodation in assessment {granted.assessment.code} of {granted.person.employee_code}",
        detail={"granted": _words(granted), "before": before},
    )


def _words(granted: Accommodation) -> dict[str, Any]:
    return {name: str(getattr(granted, name)) for name in GRANTS}
