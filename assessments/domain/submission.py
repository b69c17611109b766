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
    SELECT p.competency_id, p.version_id, r.score, p.parameters, r.sequence IS NOT NULL, p.scored, p.answer_by,
           v.status = 'retired'
    FROM assessments_presentation p
    JOIN assessments_itemversion v ON v.id = p.version_id
    LEFT JOIN LATERAL (
        SELECT score, sequence FROM assessments_response
        WHERE attempt_id = %(attempt)s AND version_id = p.version_id AND status = 'accepted'
        ORDER BY sequence DESC LIMIT 1
    ) r ON true
    WHERE p.attempt_id = %(attempt)s ORDER BY p.position
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

    All in one transaction that holds the attempt's row, so that any number of requests at once submit it once. A
    question that was left behind without an answer scores 0 (`_is_left_behind`); one that was never given, and every
    one of a sitting in which nothing was answered, is not scored.
    """
    now = now or timezone.now()
    with transaction.atomic():
        locked = _locked(attempt)
        if locked.status == Attempt.Status.OPEN:
            observables, is_marked_by_people = _observables(locked, now)
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


def _observables(attempt: Attempt, now: datetime) -> tuple[list[ObservableScore], bool]:
    """What was scored, by the corrections in force, and whether people mark something besides.

    Only a retired version can be void or have a corrected key, so that nobody asks about others.
    """
    if attempt.assessment.mode == Assessment.Mode.SIMULATION:
        return simulation_scores(attempt), False
    rows = fetch_all_prepared(_SCORES, {"attempt": attempt.pk})
    if not any(answered for _competency, _version, _score, _parameters, answered, *_rest in rows):
        return [], False
    retired = [version_pk for _competency, version_pk, *_rest, is_retired in rows if is_retired]
    void = void_versions(retired) if retired else ()
    keys = corrected_keys() if retired else {}
    observables, is_marked_by_people = [], False
    for place, (competency_pk, version_pk, score, parameters, answered, scored, answer_by, _) in enumerate(rows, 1):
        if not scored or version_pk in void:
            continue
        if not answered and _is_left_behind(attempt, place == len(rows), answer_by, now):
            score = 0
        is_marked_by_people |= answered and score is None
        if score is not None:
            version = playable_version(version_pk)
            maximum = version.kind.maximum(version.content)
            if answered and version_pk in keys:
                score, maximum = score_stored(attempt.pk, version_pk, keys[version_pk].key) or (score, maximum)
            observables.append(
                ObservableScore(competency_pk, version.item_code, score, maximum, json.loads(parameters))
            )
    return observables, is_marked_by_people


def _is_left_behind(attempt: Attempt, is_last: bool, answer_by: datetime | None, now: datetime) -> bool:
    """Whether a question without an answer counts as a wrong one: else leaving out the hard ones would raise a level.

    All of a form on one page were there to be answered, whoever ends it. Of questions given one by one, those that
    were followed by another or whose own time was over; the one at which the sitting ended is not counted.
    """
    return "one_page" in attempt.form or not is_last or (answer_by is not None and now > answer_by)
