"""Certificates: awarded for a passed attempt, withdrawn when a correction fails it, checked by anyone by number."""

import secrets
from datetime import datetime
from typing import Any, LiteralString

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from assessments.domain.points import points_of
from assessments.domain.queries.results import CompetencyResult, attempt_result
from assessments.measurement import MIN_EVIDENCE
from assessments.models import Assessment, Attempt, Certificate
from organisation.api import fetch_prepared, record_audit
from organisation.models import Person

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letters that are read as digits."""
LENGTH = 12
"""Characters, of 5 bits each: 60 bits cannot be guessed."""


# The same question as `settle_certificates` asks, without the forms of attempts: nearly always there is none.
_MAY_CERTIFY: LiteralString = """
    SELECT EXISTS (
        SELECT 1 FROM assessments_attempt a JOIN assessments_assessment s ON s.id = a.assessment_id
        WHERE a.person_id = %(person)s AND a.status = 'submitted' AND a.submitted_at >= %(since)s
            AND (s.certifies OR EXISTS (SELECT 1 FROM assessments_certificate c
                                        WHERE c.attempt_id = a.id AND c.withdrawn_at IS NULL)))
"""


def settle_certificates(attempt: Attempt, now: datetime, reason: str = "") -> None:
    """Award and withdraw certificates by what stands now, of a submitted attempt and of the person's later ones.

    Later ones rest on its evidence too. A certificate that no longer passes is kept, marked as withdrawn, and the
    person is told; one that passes again is a new one. reason: of a correction, for the audit trail; none for a
    submission, whose result the person is shown at once. Inside the caller's transaction.
    """
    if not fetch_prepared(_MAY_CERTIFY, {"person": attempt.person_id, "since": attempt.submitted_at})[0]:
        return
    in_force = Certificate.objects.filter(attempt=OuterRef("pk"), withdrawn_at=None)
    touched = Attempt.objects.filter(
        Q(assessment__certifies=True) | Exists(in_force),
        person=attempt.person_id,
        status=Attempt.Status.SUBMITTED,
        submitted_at__gte=attempt.submitted_at,
    )
    found = list(touched.select_related("assessment", "person"))
    if found:
        Person.objects.select_for_update(no_key=True).only("pk").get(pk=attempt.person_id)
    for each in found:
        _settle(each, now, reason)


def _settle(attempt: Attempt, now: datetime, reason: str) -> None:
    held = Certificate.objects.filter(attempt=attempt, withdrawn_at=None).first()
    reached = what_was_reached(attempt)
    if held is not None and reached is None:
        Certificate.objects.filter(pk=held.pk).update(withdrawn_at=now, told_at=None)
        record_audit(actor=None, action="withdrawn", target=f"certificate {held.number}", detail={"reason": reason})
    if held is None and reached is not None and attempt.assessment.certifies:
        Certificate.objects.create(
            attempt=attempt,
            number=new_number(),
            person_name=attempt.person.full_name,
            assessment_name_vi=attempt.assessment.name_vi,
            assessment_name_en=attempt.assessment.name_en,
            reached=reached,
            awarded_at=now,
            told_at=None if reason else now,
        )


def certificate_news(person: Person, now: datetime | None = None) -> list[Certificate]:
    """Return what became of the person's certificates since they were last told, once: withdrawn or awarded later."""
    with transaction.atomic():
        untold = Certificate.objects.filter(attempt__person=person, told_at=None)
        news = list(untold.select_for_update(of=("self",)).order_by("pk"))
        Certificate.objects.filter(pk__in=[each.pk for each in news]).update(told_at=now or timezone.now())
    return news


def what_was_reached(attempt: Attempt) -> dict[str, Any] | None:
    """Return what a certificate says of a submitted attempt by what stands now, None when its pass rule is not met.

    A form is passed by its share of points; an adaptive quiz or a simulation when each competency that it is about and
    that has a required level is reached with the probability at which its questions stop, by as many observables of the
    competency itself as a level needs: what is known beforehand never decides alone. Evidence of other sittings counts.
    """
    assessment, form = attempt.assessment, attempt.form
    if assessment.mode in (Assessment.Mode.FIXED, Assessment.Mode.DRAW):
        points = points_of(attempt)
        pass_share = form.get("pass_share", assessment.pass_share)
        if points.share is None or pass_share is None or points.share < pass_share:
            return None
        return {"points": {"earned": points.earned_shown, "maximum": points.maximum, "share": round(points.share, 4)}}
    rows = attempt_result(attempt, corrected=True).competencies
    required = [row for row in rows if row.required]
    error_rate = form.get("rule", {}).get("error_rate", assessment.error_rate)
    if not any(row.asked for row in required) or not all(_is_reached(row, error_rate) for row in required):
        return None
    return {
        "competencies": [
            {
                "code": row.competency.code,
                "name_vi": row.competency.name_vi,
                "name_en": row.competency.name_en,
                "level": row.required,
            }
            for row in required
        ]
    }


def _is_reached(row: CompetencyResult, error_rate: float) -> bool:
    return row.evidence_count >= MIN_EVIDENCE and row.p_below is not None and row.p_below <= error_rate


def find_certificate(text: str) -> Certificate | None:
    """Return the certificate with this number, however it was typed: small letters, spaces, O for 0, I or L for 1."""
    plain = "".join(text.upper().split()).replace("-", "").translate(str.maketrans("OIL", "011"))
    return Certificate.objects.filter(number=_grouped(plain)).first() if len(plain) == LENGTH else None


def new_number() -> str:
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def _grouped(plain: str) -> str:
    return "-".join(plain[at : at + 4] for at in range(0, LENGTH, 4))
