"""A sitting as it goes on: who has begun, answers, has been lost sight of, or has finished."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from assessments.models import Assessment

State = Literal["working", "lost", "time_over", "finished"]

LOST_AFTER = timedelta(seconds=90)
"""Without an answer, a page or a sign of life for so long, a person counts as lost. Pages send one every 30 seconds."""
SHOWN_FOR = timedelta(hours=24)
"""Finished sittings stay on the page so long."""
MOST = 1000
"""Sittings and people told of at a time."""

# The questions of a form are counted in its plan; an adaptive sitting knows the most it may ask.
_LIVE = """
    SELECT a.id, p.employee_code, p.full_name, a.status, a.started_at, a.deadline, a.submitted_at,
           coalesce((SELECT sum(jsonb_array_length(s -> 'items'))
                     FROM jsonb_array_elements(a.form -> 'sections') AS s),
                    (a.form #>> '{rule,max_items}')::bigint) AS questions,
           (SELECT count(DISTINCT r.version_id) FROM assessments_response r
            WHERE r.attempt_id = a.id AND r.status = 'accepted') AS answered,
           greatest(a.started_at,
                    (SELECT max(r.received_at) FROM assessments_response r WHERE r.attempt_id = a.id),
                    (SELECT max(g.presented_at) FROM assessments_presentation g WHERE g.attempt_id = a.id)) AS contact
    FROM assessments_attempt a JOIN organisation_person p ON p.id = a.person_id
    WHERE a.assessment_id = %(assessment)s AND (a.status = 'open' OR a.submitted_at > %(since)s)
    ORDER BY p.sort_key, a.started_at LIMIT %(most)s + 1
"""
_WAITING = """
    WITH RECURSIVE heirs AS (
        SELECT unit_id FROM assessments_assessment_audience_units WHERE assessment_id = %(assessment)s
        UNION
        SELECT s.successor_id FROM organisation_succession s
        JOIN heirs ON s.predecessor_id = heirs.unit_id WHERE s.carries_scope
    ), down AS (
        SELECT unit_id FROM heirs
        UNION
        SELECT v.unit_id FROM organisation_unitversion v JOIN down ON v.parent_id = down.unit_id
        WHERE v.valid @> %(day)s::date
    ), positions AS (
        SELECT position_id FROM assessments_assessment_audience_positions WHERE assessment_id = %(assessment)s
    ), invited AS (
        SELECT person_id FROM assessments_assessment_audience_people WHERE assessment_id = %(assessment)s
        UNION
        SELECT person_id FROM organisation_posting o
        WHERE o.valid @> %(day)s::date AND (EXISTS (SELECT 1 FROM down) OR EXISTS (SELECT 1 FROM positions))
          AND (NOT EXISTS (SELECT 1 FROM down) OR o.unit_id IN (SELECT unit_id FROM down))
          AND (NOT EXISTS (SELECT 1 FROM positions) OR o.position_id IN (SELECT position_id FROM positions))
    )
    SELECT p.employee_code, p.full_name, count(*) OVER () FROM organisation_person p
    WHERE p.id IN (SELECT person_id FROM invited)
      AND NOT EXISTS (SELECT 1 FROM assessments_attempt a
                      WHERE a.assessment_id = %(assessment)s AND a.person_id = p.id)
    ORDER BY p.sort_key LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class LiveSitting:
    """questions: of the whole sitting (at most, of an adaptive one), None of a simulation. seconds_left: from 0."""

    attempt_id: UUID
    employee_code: str
    full_name: str
    state: State
    started_at: datetime
    submitted_at: datetime | None
    contact_at: datetime
    answered: int
    questions: int | None
    seconds_left: int


@dataclass(frozen=True, slots=True)
class LiveProgress:
    """The first MOST sittings by name; is_cut: there are more.

    waiting: staff code and name of those invited who have never begun (at most MOST), and how many they are.
    """

    sittings: tuple[LiveSitting, ...]
    is_cut: bool
    waiting: tuple[tuple[str, str], ...]
    waiting_count: int

    def count(self, *states: State) -> int:
        return sum(each.state in states for each in self.sittings)


def live_progress(assessment: Assessment, now: datetime | None = None) -> LiveProgress:
    """Return how the sittings of an assessment stand. Two queries and one look into the cache, however many people.

    Who has not begun is known only of an assessment with an audience.
    """
    now = now or timezone.now()
    values: dict[str, Any] = {
        "assessment": assessment.pk,
        "since": now - SHOWN_FOR,
        "most": MOST,
        "day": timezone.localdate(now),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LIVE, values)
        rows = cursor.fetchall()
        waiting = []
        if not assessment.for_everybody:
            cursor.execute(_WAITING, values)
            waiting = cursor.fetchall()
    seen = cache.get_many([_name(row[0]) for row in rows[:MOST]])
    return LiveProgress(
        tuple(_sitting(row, seen.get(_name(row[0])), now) for row in rows[:MOST]),
        len(rows) > MOST,
        tuple((code, name) for code, name, _count in waiting),
        waiting[0][2] if waiting else 0,
    )


def note_contact(attempt_id: UUID, now: datetime | None = None) -> None:
    """Keep that a page of the sitting is open on somebody's device. In the cache alone: it matters for minutes."""
    cache.set(_name(attempt_id), now or timezone.now(), timeout=3600)


def _name(attempt_id: UUID) -> str:
    return f"contact:{attempt_id}"


def _sitting(row: Sequence[Any], seen: datetime | None, now: datetime) -> LiveSitting:
    attempt_id, code, name, status, started_at, deadline, submitted_at, questions, answered, contact = row
    contact_at = max(contact, seen) if seen else contact
    state: State = "working"
    if status != "open":
        state = "finished"
    elif now > deadline:
        state = "time_over"
    elif now - contact_at > LOST_AFTER:
        state = "lost"
    left = 0 if state == "finished" else max(0, int((deadline - now).total_seconds()))
    return LiveSitting(
        *(attempt_id, code, name, state, started_at, submitted_at, contact_at, answered),
        int(questions) if questions is not None else None,
        left,
    )
