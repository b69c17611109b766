"""Ending an attempt: scores become evidence, once."""

import json
import logging
from datetime import datetime, timedelta
from functools import cache
from typing import LiteralString

from django.db import transaction
from django.utils import timezone

from assessments.domain.certificates import settle_certificates
from assessments.domain.exposure import count_sitting
from assessments.domain.marking_rules import open_marking
from assessments.domain.queries.corrected_keys import corrected_keys, score_stored
from assessments.domain.queries.published import assessment_of
from assessments.domain.queries.results import Result, attempt_result
from assessments.domain.queries.void import void_versions
from assessments.domain.simulation_log import simulation_scores
from assessments.domain.versions import playable_version
from assessments.models import Assessment, Attempt
from competencies.api import ObservableScore, record_evidence
from organisation.api import columns_of, fetch_all_prepared, fetch_prepared, row_as, run_prepared, statement_of
from organisation.models import Person

SOURCE_KIND = "attempt"
CLOSE_AFTER = timedelta(seconds=5)
"""The sweep leaves an attempt alone so long after its deadline, for whoever submits at the last moment."""

logger = logging.getLogger(__name__)

# The accepted answer with the highest sequence of each question, read with the parameters frozen when it was given.
_SCORES: LiteralString = """
    SELECT p.competency_id, p.version_id, r.score, p.parameters, v.status = 'retired'
    FROM assessments_presentation p
    JOIN assessments_itemversion v ON v.id = p.version_id
    CROSS JOIN LATERAL (
        SELECT score FROM assessments_response
        WHERE attempt_id = %(attempt)s AND version_id = p.version_id AND status = 'accepted'
        ORDER BY sequence DESC LIMIT 1
    ) r
    WHERE p.attempt_id = %(attempt)s AND p.scored ORDER BY p.position
"""


_SUBMIT: LiteralString = """
    UPDATE assessments_attempt SET status = %(status)s, submitted_at = %(now)s WHERE id = %(attempt)s
"""


def submit_attempt(attempt: Attempt, *, now: datetime | None = None) -> Result:
    """End the attempt as `hand_in` does, and return its result: the same to any number of requests at once."""
    hand_in(attempt, now=now)
    return attempt_result(attempt)


def hand_in(attempt: Attempt, *, now: datetime | None = None) -> None:
    """End the attempt, record its evidence and bring the estimates up to date.

    All in one transaction that holds the attempt's row, so that any number of requests at once submit it once. What was
    not answered is not scored.
    """
    now = now or timezone.now()
    with transaction.atomic():
        locked = _locked(attempt)
        if locked.status == Attempt.Status.OPEN:
            observables, is_marked_by_people = _observables(locked)
            record_evidence(
                locked.person,
                source_kind=SOURCE_KIND,
                source_id=str(locked.pk),
                observed_at=min(now, locked.deadline),
                observables=observables,
                scoring_version=locked.scoring_version,
            )
            locked.status, locked.submitted_at = Attempt.Status.SUBMITTED, now
            run_prepared(_SUBMIT, {"status": locked.status, "now": now, "attempt": locked.pk})
            if locked.assessment.mode == Assessment.Mode.ADAPTIVE:
                count_sitting(locked)
            if is_marked_by_people:
                open_marking(locked, now)
            settle_certificates(locked, now)
    attempt.status, attempt.submitted_at = locked.status, locked.submitted_at


def _locked(attempt: Attempt) -> Attempt:
    """The attempt as it is now, held until the transaction ends, with its assessment and its person."""
    row = fetch_prepared(_lock(), {"attempt": attempt.pk})
    width = len(Attempt._meta.concrete_fields)
    locked = row_as(Attempt, row[:width])
    locked.person, locked.assessment = row_as(Person, row[width:]), assessment_of(locked.assessment_id)
    return locked


@cache
def _lock() -> bytes:
    return statement_of(
        "SELECT {attempt}, {person} FROM assessments_attempt a JOIN organisation_person p ON p.id = a.person_id "
        "WHERE a.id = %(attempt)s FOR NO KEY UPDATE OF a",
        attempt=columns_of(Attempt, "a"),
        person=columns_of(Person, "p"),
    )


def close_expired(now: datetime | None = None, limit: int = 500) -> int:
    """Submit attempts whose time is over with what they have; return how many. One that fails stops no other."""
    now = now or timezone.now()
    expired = Attempt.objects.filter(status=Attempt.Status.OPEN, deadline__lt=now - CLOSE_AFTER).order_by("deadline")
    closed = 0
    for attempt in expired[:limit]:
        try:
            hand_in(attempt, now=now)
            closed += 1
        except Exception:
            logger.exception("attempt %s could not be closed", attempt.pk)
    return closed


def _observables(attempt: Attempt) -> tuple[list[ObservableScore], bool]:
    """What was scored, by the corrections in force, and whether people mark something besides.

    Only a retired version can be void or have a corrected key, so that nobody asks about others.
    """
    if attempt.assessment.mode == Assessment.Mode.SIMULATION:
        return simulation_scores(attempt), False
    rows = fetch_all_prepared(_SCORES, {"attempt": attempt.pk})
    retired = [version_pk for _competency, version_pk, _score, _parameters, is_retired in rows if is_retired]
    void = void_versions(retired) if retired else ()
    keys = corrected_keys() if retired else {}
    observables = []
    for competency_pk, version_pk, score, parameters, _is_retired in rows:
        if score is not None and version_pk not in void:
            version = playable_version(version_pk)
            maximum = version.kind.maximum(version.content)
            if version_pk in keys:
                score, maximum = score_stored(attempt.pk, version_pk, keys[version_pk].key) or (score, maximum)
            observables.append(
                ObservableScore(competency_pk, version.item_code, score, maximum, json.loads(parameters))
            )
    return observables, any(score is None for _competency, _version, score, *_rest in rows)
