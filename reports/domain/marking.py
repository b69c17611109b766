"""Marking people whose cells must be folded again, and waking a folder."""

import logging
from collections.abc import Iterable
from typing import LiteralString

from celery import current_app
from django.core.cache import cache
from django.db import connection, transaction
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from organisation.api import run_prepared, today

logger = logging.getLogger(__name__)

FOLD_TASK = "reports.tasks.fold_changed_people"
_WOKEN = "reports-folder-is-woken"
_WOKEN_SECONDS = 5

_MARK_PEOPLE: LiteralString = """
    INSERT INTO reports_dirtyperson (person_id, marked_at)
    SELECT person_id, now() FROM unnest(%(people)s::bigint[]) AS person_id
"""
_MARK_POSITIONS = """
    INSERT INTO reports_dirtyperson (person_id, marked_at)
    SELECT person_id, now() FROM organisation_posting
    WHERE kind = 'primary' AND valid @> %s::date AND position_id = ANY(%s)
    ORDER BY unit_id, person_id
"""
_MARK_UNITS = """
    INSERT INTO reports_dirtyperson (person_id, marked_at)
    SELECT person_id, now() FROM (
        SELECT person_id, unit_id FROM organisation_posting
        WHERE kind = 'primary' AND valid @> %(day)s::date AND unit_id = ANY(%(units)s)
        UNION
        SELECT person_id, unit_id FROM reports_foldedperson WHERE unit_id = ANY(%(units)s)
    ) people
    GROUP BY person_id ORDER BY min(unit_id), person_id
"""


def mark_people(person_ids: Iterable[int]) -> None:
    """Note in the caller's transaction that these people changed, and wake a folder once it has committed."""
    people = sorted(set(person_ids))
    if people:
        run_prepared(_MARK_PEOPLE, {"people": people})
        transaction.on_commit(wake_folder)


def mark_positions(position_ids: Iterable[int]) -> None:
    """Mark everybody who holds one of the positions today, as `mark_people` does."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_POSITIONS, [today(), list(position_ids)])
    transaction.on_commit(wake_folder)


def mark_units(unit_ids: Iterable[int]) -> None:
    """Mark everybody who works in one of the units today or is counted there, as `mark_people` does."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_UNITS, {"day": today(), "units": list(unit_ids)})
    transaction.on_commit(wake_folder)


def wake_folder() -> None:
    """Send a folder to work unless one is on its way, which will find all marks made before it arrives.

    What goes wrong here costs only the wait for the next sweep, so it never reaches the caller.
    """
    try:
        if cache.add(_WOKEN, 1, timeout=_WOKEN_SECONDS):
            current_app.send_task(FOLD_TASK, retry=False)
    except (BrokerError, RedisError, OSError):
        logger.warning("no folder could be woken; the next sweep finds the marks", exc_info=True)


def note_folder_arrived() -> None:
    """Say, before marks are looked for, that the next mark needs a folder of its own."""
    try:
        cache.delete(_WOKEN)
    except RedisError:
        logger.warning("the cache does not answer; wakes may be late by seconds", exc_info=True)
