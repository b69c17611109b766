"""Certificates: awarded once for a passed attempt, and checked by anyone who has the number."""

import secrets
from datetime import datetime
from typing import Any

from django.utils import timezone

from assessments.domain.points import points_of
from assessments.domain.queries.results import attempt_result
from assessments.models import Assessment, Attempt, Certificate

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letters that are read as digits."""
LENGTH = 12
"""Characters, of 5 bits each: 60 bits cannot be guessed."""


def award_certificate(attempt: Attempt, now: datetime | None = None) -> Certificate | None:
    """Award the certificate of a submitted attempt that passed, once; None when it did not, or is not marked yet.

    Reads `attempt.assessment` and `attempt.person`. May be called again after marking or a regrade.
    """
    if not attempt.assessment.certifies or attempt.status != Attempt.Status.SUBMITTED:
        return None
    reached = what_was_reached(attempt)
    if reached is None:
        return None
    awarded, _created = Certificate.objects.get_or_create(
        attempt=attempt,
        defaults={
            "number": new_number(),
            "person_name": attempt.person.full_name,
            "assessment_name_vi": attempt.assessment.name_vi,
            "assessment_name_en": attempt.assessment.name_en,
            "reached": reached,
            "awarded_at": now or timezone.now(),
        },
    )
    return awarded


def what_was_reached(attempt: Attempt) -> dict[str, Any] | None:
    """Return what a certificate says of a submitted attempt, None when the pass rule is not met.

    A form is passed by its share of points; an adaptive quiz or a simulation when each competency that it asked about
    and that has a required level is reached with the probability at which its questions stop.
    """
    assessment = attempt.assessment
    if assessment.mode in (Assessment.Mode.FIXED, Assessment.Mode.DRAW):
        points = points_of(attempt)
        if points.share is None or assessment.pass_share is None or points.share < assessment.pass_share:
            return None
        return {"points": {"earned": points.earned, "maximum": points.maximum, "share": round(points.share, 4)}}
    asked = [row for row in attempt_result(attempt).competencies if row.asked and row.required]
    if not asked or any(row.p_below is None or row.p_below > assessment.error_rate for row in asked):
        return None
    return {
        "competencies": [
            {
                "code": row.competency.code,
                "name_vi": row.competency.name_vi,
                "name_en": row.competency.name_en,
                "level": row.required,
            }
            for row in asked
        ]
    }


def find_certificate(text: str) -> Certificate | None:
    """Return the certificate with this number, however it was typed: small letters, spaces, O for 0, I or L for 1."""
    plain = "".join(text.upper().split()).replace("-", "").translate(str.maketrans("OIL", "011"))
    return Certificate.objects.filter(number=_grouped(plain)).first() if len(plain) == LENGTH else None


def new_number() -> str:
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def _grouped(plain: str) -> str:
    return "-".join(plain[at : at + 4] for at in range(0, LENGTH, 4))
