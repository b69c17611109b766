"""Who may take an assessment, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.db import connection
from django.db.models import Count, Max, Q
from django.utils import timezone

from assessments.domain.refusals import AttemptRefused
from assessments.models import Accommodation, Assessment, Attempt
from organisation.api import columns_of, fetch_all_prepared, row_as, statement_of
from organisation.models import Person

# In the audience is who is named, and who holds a post in one of the units, or below, with one of the positions; where
# no unit (or no position) is given, every one will do. A unit that was merged or split is what became of it.
_IN_AUDIENCE = """
    WITH RECURSIVE posts AS (
        SELECT unit_id, position_id FROM organisation_posting WHERE person_id = %(person)s AND valid @> %(day)s::date
    ), up AS (
        SELECT posts.position_id, v.unit_id, v.parent_id FROM organisation_unitversion v
        JOIN posts ON v.unit_id = posts.unit_id WHERE v.valid @> %(day)s::date
        UNION
        SELECT up.position_id, v.unit_id, v.parent_id FROM organisation_unitversion v
        JOIN up ON v.unit_id = up.parent_id WHERE v.valid @> %(day)s::date
    ), heirs AS (
        SELECT assessment_id, unit_id FROM assessments_assessment_audience_units
        WHERE assessment_id = ANY(%(assessments)s)
        UNION
        SELECT heirs.assessment_id, s.successor_id FROM organisation_succession s
        JOIN heirs ON s.predecessor_id = heirs.unit_id WHERE s.carries_scope
    ), asked AS (
        SELECT a.id, ARRAY(SELECT unit_id FROM heirs u WHERE u.assessment_id = a.id) AS units,
               ARRAY(SELECT position_id FROM assessments_assessment_audience_positions p
                     WHERE p.assessment_id = a.id) AS positions
        FROM assessments_assessment a WHERE a.id = ANY(%(assessments)s)
    )
    SELECT id FROM asked
    WHERE EXISTS (SELECT 1 FROM assessments_assessment_audience_people n
                  WHERE n.assessment_id = asked.id AND n.person_id = %(person)s)
       OR (units || positions <> '{}' AND EXISTS (
               SELECT 1 FROM up WHERE (units = '{}' OR up.unit_id = ANY(units))
                                  AND (positions = '{}' OR up.position_id = ANY(positions))))
"""


@dataclass(frozen=True, slots=True)
class Admission:
    """On what terms a person is let in: the dates that hold for them, and what else they are granted.

    extra_percent: that each time is longer by. own_close: whether `closes_at` was granted to the person.
    """

    opens_at: datetime | None
    closes_at: datetime | None
    extra_percent: int = 0
    larger_text: bool = False
    own_close: bool = False

    def deadline(self, begun_at: datetime, minutes: int) -> datetime:
        """Return when a sitting of so many minutes ends.

        Extra time stretches what the common close leaves of them too; a close of the person's own is kept to.
        """
        ends_at = begun_at + timedelta(minutes=minutes)
        if self.closes_at and not self.own_close:
            ends_at = min(ends_at, self.closes_at)
        ends_at = begun_at + (ends_at - begun_at) * (100 + self.extra_percent) / 100
        return min(ends_at, self.closes_at) if self.closes_at and self.own_close else ends_at


def in_audience(person: Person, assessments: Iterable[Assessment]) -> set[int]:
    """Return the keys of those of the assessments that are for the person. At most one query."""
    found = list(assessments)
    everybody = {each.pk for each in found if each.for_everybody}
    limited = [each.pk for each in found if not each.for_everybody]
    if not limited:
        return everybody
    with connection.cursor() as cursor:
        cursor.execute(_IN_AUDIENCE, {"person": person.pk, "day": timezone.localdate(), "assessments": limited})
        return everybody | {row[0] for row in cursor.fetchall()}


def admission_of(person: Person, assessment: Assessment) -> Admission:
    """Return the terms that hold for the person, whether or not they may begin now. One query."""
    rows = fetch_all_prepared(_granted(), {"person": person.pk, "assessment": assessment.pk})
    return _admission(assessment, row_as(Accommodation, rows[0]) if rows else None)


@cache
def _granted() -> bytes:
    return statement_of(
        "SELECT {accommodation} FROM assessments_accommodation a "
        "WHERE person_id = %(person)s AND assessment_id = %(assessment)s",
        accommodation=columns_of(Accommodation, "a"),
    )


def _admission(assessment: Assessment, granted: Accommodation | None) -> Admission:
    if granted is None:
        return Admission(assessment.opens_at, assessment.closes_at)
    opens_at, closes_at = granted.opens_at or assessment.opens_at, granted.closes_at or assessment.closes_at
    own_close = granted.closes_at is not None
    return Admission(opens_at, closes_at, granted.extra_percent, granted.larger_text, own_close)


def offered_to(person: Person, assessments: Iterable[Assessment], now: datetime | None = None) -> list[Assessment]:
    """Return those of the assessments that the person may begin by audience and dates, in the order given.

    No query where nothing limits them, at most two otherwise.
    """
    now = now or timezone.now()
    found = [each for each in assessments if each.is_open]
    allowed = in_audience(person, found)
    dated = [each.pk for each in found if each.opens_at or each.closes_at]
    own = Accommodation.objects.filter(person=person, assessment__in=dated) if dated else []
    granted = {each.assessment_id: each for each in own}
    return [
        each
        for each in found
        if each.pk in allowed and _refusal_by_date(_admission(each, granted.get(each.pk)), now) is None
    ]


def admit(person: Person, assessment: Assessment, now: datetime) -> Admission:
    """Return the terms of a sitting that begins now.

    Raises AttemptRefused: not_open, not_in_audience, not_yet_open, closed, no_attempts_left, wait.
    """
    if not assessment.is_open:
        raise AttemptRefused("not_open")
    if assessment.pk not in in_audience(person, [assessment]):
        raise AttemptRefused("not_in_audience")
    admission = admission_of(person, assessment)
    refusal = _refusal_by_date(admission, now)
    if refusal is not None:
        raise refusal
    if assessment.max_attempts is not None or assessment.wait_hours:
        past = Attempt.objects.filter(person=person, assessment=assessment).aggregate(
            count=Count("pk"), last=Max("submitted_at")
        )
        if assessment.max_attempts is not None and past["count"] >= assessment.max_attempts:
            raise AttemptRefused("no_attempts_left")
        again = past["last"] + timedelta(hours=assessment.wait_hours) if past["last"] else now
        if again > now:
            raise AttemptRefused("wait", again)
    return admission


def may_sit_again(person: Person, assessment: Assessment, now: datetime) -> bool:
    """Whether the person sits the assessment now, or has attempts left before it closes for them. Two queries."""
    past = Attempt.objects.filter(person=person, assessment=assessment).aggregate(
        count=Count("pk"), under_way=Count("pk", filter=Q(status=Attempt.Status.OPEN))
    )
    if past["under_way"]:
        return True
    if assessment.max_attempts is not None and past["count"] >= assessment.max_attempts:
        return False
    closes_at = admission_of(person, assessment).closes_at
    return assessment.is_open if closes_at is None else now < closes_at


def _refusal_by_date(admission: Admission, now: datetime) -> AttemptRefused | None:
    if admission.opens_at is not None and now < admission.opens_at:
        return AttemptRefused("not_yet_open", admission.opens_at)
    if admission.closes_at is not None and now >= admission.closes_at:
        return AttemptRefused("closed", admission.closes_at)
    return None
