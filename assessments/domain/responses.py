"""Saving answers: nothing acknowledged is ever lost, nothing saved is ever changed."""

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from django.db import connection
from django.utils import timezone

from assessments.domain.refusals import AttemptNotFound, ResponseRefused
from assessments.domain.uploads import check_claims
from assessments.domain.versions import playable_version
from assessments.items.problems import ResponseError
from assessments.models import ItemVersion
from organisation.api import fetch_prepared

MAX_SEQUENCE = 2**31 - 1
SEQUENCES_AT_ONCE, SEQUENCES_PER_SECOND = 1_000, 1_000
"""How far a client may have counted when a sitting begins, and how much further with each second of it.

More than any client can have made, and soon past whatever one counted wrongly: no number closes a sitting to the next.
"""
MAX_VALUE = 60_000
"""Characters of JSON that an answer or an action may have."""
RACES = 8
"""How often an answer that lost its sequence to another one is tried again; the second try settles it."""

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")

COUNTS: LiteralString = f"""
    %(sequence)s <= {SEQUENCES_AT_ONCE}
        + {SEQUENCES_PER_SECOND} * greatest(0, extract(epoch FROM %(now)s::timestamptz - started_at))
"""
"""Of an attempt's row: whether a client can have counted so far by now, as `check_sequence` says."""

# FOR SHARE waits for a submission that is under way and then sees its outcome, so that an answer is either scored
# or late. A newer question given (on pages of one question each), or a newer answer to the same one, makes an answer
# superseded.
_SAVE_OF = """
    WITH attempt AS MATERIALIZED (
        SELECT id, status, deadline, form ? 'one_page' AS one_page, {counts} AS counts FROM assessments_attempt
        WHERE id = %(attempt)s AND person_id = ({person}) {only} FOR SHARE
    ), given AS (
        SELECT p.position FROM assessments_presentation p JOIN attempt ON p.attempt_id = attempt.id
        WHERE p.version_id = %(version)s
    ), saved AS (
        INSERT INTO assessments_response (attempt_id, key, sequence, version_id, value, status, score, received_at)
        SELECT attempt.id, %(key)s, %(sequence)s, %(version)s, %(value)s::jsonb,
            CASE
                WHEN attempt.status <> 'open' OR %(now)s > attempt.deadline THEN 'late'
                WHEN NOT attempt.one_page
                     AND EXISTS (SELECT 1 FROM assessments_presentation p
                                 WHERE p.attempt_id = attempt.id AND p.position > given.position)
                  OR EXISTS (SELECT 1 FROM assessments_response r
                             WHERE r.attempt_id = %(attempt)s AND r.version_id = %(version)s AND r.status = 'accepted'
                               AND r.sequence >= %(sequence)s) THEN 'superseded'
                ELSE 'accepted'
            END,
            %(score)s::smallint, %(now)s::timestamptz
        FROM attempt, given WHERE attempt.counts
        ON CONFLICT DO NOTHING
        RETURNING id, status
    )
    SELECT (SELECT counts FROM attempt), EXISTS (SELECT 1 FROM given), saved.id, saved.status
    FROM (SELECT 1) AS one LEFT JOIN saved ON true
"""
_SAVE = _SAVE_OF.format(person="%(person)s", only="", counts=COUNTS)
SAVE_BY_TOKEN = _SAVE_OF.format(
    counts=COUNTS,
    person="""
        SELECT person.id FROM organisation_accesstoken token
        JOIN organisation_user account ON account.id = token.user_id AND account.is_active
        JOIN organisation_person person ON person.user_id = account.id
        WHERE token.digest = %(digest)s AND token.expires_at > %(now)s
    """,
    only="""AND NOT (form ? 'room') AND NOT EXISTS (SELECT 1 FROM assessments_invigilation room
                            WHERE room.assessment_id = assessments_attempt.assessment_id)""",
)
_SAVED_BEFORE = """
    SELECT id, status, sequence, received_at, version_id, value FROM assessments_response
    WHERE attempt_id = %s AND key = %s
"""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What became of an answer that is saved.

    status: `accepted` counts; `superseded` is kept but a newer answer or question stands; `late` came after the end and
    is kept but not scored. repeated: this very answer had been saved before; all else is as it was then.
    """

    status: str
    response_id: int
    sequence: int
    received_at: datetime
    repeated: bool = False


def submit_response(
    attempt_id: UUID,
    person_id: int,
    *,
    key: UUID,
    sequence: int,
    version_id: int,
    raw_value: Any,
    now: datetime | None = None,
) -> Acknowledgement:
    """Save an answer. One statement checks owner, question, deadline and sequence and inserts; then it is acknowledged.

    key: made by the client, once per answer; the same answer again is acknowledged as it was the first time. sequence:
    counted by the client in the attempt; the highest wins. Outside a transaction the answer is committed on return.
    Raises AttemptNotFound for another's attempt, ResponseRefused (nothing is saved) for a question that was not given,
    a value that does not fit it, a sequence beyond what a client can have counted, or a key that another answer had.
    """
    now = now or timezone.now()
    score = checked_score(attempt_id, person_id, version_id, sequence, raw_value)
    values: dict[str, Any] = {
        "attempt": attempt_id,
        "person": person_id,
        "version": version_id,
        "key": key,
        "sequence": sequence,
        "value": stored_json(raw_value, "value"),
        "score": score,
        "now": now,
    }
    for _ in range(RACES):
        with connection.cursor() as cursor:
            cursor.execute(_SAVE, values)
            counts, was_given, response_id, status = cursor.fetchone()
        if response_id is not None:
            return Acknowledgement(status, response_id, sequence, now)
        if counts is None:
            raise AttemptNotFound(str(attempt_id))
        if not counts:
            raise ResponseRefused("sequence", "sequence_range")
        if not was_given:
            raise ResponseRefused("version", "not_given")
        before = saved_before(attempt_id, key, version_id, raw_value)
        if before is not None:
            return before
        # Another answer took the same sequence at this moment: it is committed now, and this one is superseded.
    raise RuntimeError(f"attempt {attempt_id}: an answer could not be saved in {RACES} tries")


def submit_response_by_token(
    attempt_id: UUID, digest: str, *, key: UUID, sequence: int, version_id: int, raw_value: Any
) -> Acknowledgement | None:
    """Save a new answer of whoever holds an access token, in one round trip to the database; committed on return.

    digest: SHA-256 of the token. None says that nothing was saved and `submit_response` must judge: the token or the
    attempt is not valid, the answer does not fit, its key was used before, or the sitting is supervised. Outside a
    transaction only.
    """
    try:
        check_sequence(sequence)
        version = playable_version(version_id)
        value = version.kind.parse_response(version.content, raw_value)
        check_claims(None, value)
        score = version.kind.score(version.content, value)
        text = stored_json(raw_value, "value")
    except (ItemVersion.DoesNotExist, ResponseError, ResponseRefused):
        return None
    now = timezone.now()
    values = {
        "attempt": attempt_id,
        "digest": digest,
        "version": version_id,
        "key": key,
        "sequence": sequence,
        "value": text,
        "score": score,
        "now": now,
    }
    row = fetch_prepared(SAVE_BY_TOKEN, values)
    return None if row[2] is None else Acknowledgement(row[3], row[2], sequence, now)


def stored_json(value: Any, field: str) -> str:
    """Return a value as the JSON it is stored as.

    Raises ResponseRefused for one that is too large or holds what PostgreSQL's jsonb cannot: NaN, NUL, half characters.
    """
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        text.encode()
    except (TypeError, ValueError):
        raise ResponseRefused(field, "control_character") from None
    if len(text) > MAX_VALUE:
        raise ResponseRefused(field, "too_large")
    if _NUL.search(text):
        raise ResponseRefused(field, "control_character")
    return text


def saved_before(attempt_id: UUID, key: UUID, version_id: int, value: Any) -> Acknowledgement | None:
    """Return the acknowledgement of an answer saved under the key, or None. Raises ResponseRefused: key_reused."""
    with connection.cursor() as cursor:
        cursor.execute(_SAVED_BEFORE, [attempt_id, key])
        row = cursor.fetchone()
    if row is None:
        return None
    response_id, status, sequence, received_at, saved_version, saved_value = row
    if saved_version != version_id or json.loads(saved_value) != value:
        raise ResponseRefused("key", "key_reused")
    return replace(Acknowledgement(status, response_id, sequence, received_at), repeated=True)


def make_response_partitions() -> int:
    """Make the partitions of this quarter's answers and of the next two where they are missing; return how many.

    Answers for which there was none lie in the default partition and move. Raises OperationalError when others hold
    the table for longer than a second; then nothing has changed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT make_response_partitions()")
        made: int = cursor.fetchone()[0]
    return made


def check_sequence(sequence: int, since_start: timedelta | None = None) -> None:
    """Raise ResponseRefused for a sequence that no client can have counted to, so long after the sitting began."""
    most = MAX_SEQUENCE
    if since_start is not None:
        most = min(most, SEQUENCES_AT_ONCE + int(SEQUENCES_PER_SECOND * max(0.0, since_start.total_seconds())))
    if not 1 <= sequence <= most:
        raise ResponseRefused("sequence", "sequence_range")


def checked_score(attempt_id: UUID, person_id: int, version_id: int, sequence: int, raw_value: Any) -> int | None:
    """Return the score of a well-formed answer, None when people mark it.

    Its owner alone is told what is wrong with it: ResponseRefused, else AttemptNotFound.
    """
    check_sequence(sequence)
    try:
        version = playable_version(version_id)
        value = version.kind.parse_response(version.content, raw_value)
        check_claims(person_id, value)
        return version.kind.score(version.content, value)
    except (ItemVersion.DoesNotExist, ResponseError) as error:
        _require_given(attempt_id, person_id, version_id)
        if isinstance(error, ResponseError):
            field = f"value.{error.field}" if error.field else "value"
            raise ResponseRefused(field, error.reason) from None
        raise ResponseRefused("version", "not_given") from None


def _require_given(attempt_id: UUID, person_id: int, version_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT 1 FROM assessments_presentation p WHERE p.attempt_id = a.id AND p.version_id = %s)
            FROM assessments_attempt a WHERE a.id = %s AND a.person_id = %s
            """,
            [version_id, attempt_id, person_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise AttemptNotFound(str(attempt_id))
    if not row[0]:
        raise ResponseRefused("version", "not_given")
