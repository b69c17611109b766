"""All questions of a sitting on one page: given at once, answered in any order until the sitting is handed in."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID, uuid5

from django.utils import timezone

from assessments.domain.delivery import give_all, option_seed
from assessments.domain.form_plan import PlannedSection, sections_of
from assessments.domain.refusals import AttemptNotFound, ResponseRefused
from assessments.domain.responses import COUNTS, MAX_SEQUENCE, checked_score, stored_json, submit_response
from assessments.domain.versions import GivenVersion, playable_versions
from assessments.models import Attempt
from organisation.api import fetch_all_prepared, fetch_prepared

_PAGE: LiteralString = """
    SELECT p.position, p.version_id, r.value, r.sequence, r.received_at, r.key
    FROM assessments_presentation p
    LEFT JOIN LATERAL (
        SELECT value, sequence, received_at, key FROM assessments_response
        WHERE attempt_id = %(attempt)s AND version_id = p.version_id AND status = 'accepted'
        ORDER BY sequence DESC LIMIT 1
    ) r ON true
    WHERE p.attempt_id = %(attempt)s ORDER BY p.position
"""
# As `submit_response` saves one answer, with the same lock. What conflicts with an answer saved before is left to it.
# An answer also gives way to every one saved above its base, which its writer has not seen, but for the writer's own.
_SAVE_OF: LiteralString = """
    WITH attempt AS MATERIALIZED (
        SELECT id, status, deadline, {counts} AS counts FROM assessments_attempt
        WHERE id = %(attempt)s AND person_id = %(person)s FOR SHARE
    ), saved AS (
        INSERT INTO assessments_response (attempt_id, key, sequence, version_id, value, status, score, received_at)
        SELECT %(attempt)s, given.key, %(sequence)s, given.version, given.value,
            CASE
                WHEN attempt.status <> 'open' OR %(now)s > attempt.deadline THEN 'late'
                WHEN EXISTS (SELECT 1 FROM assessments_response r
                             WHERE r.attempt_id = %(attempt)s AND r.version_id = given.version AND r.status = 'accepted'
                               AND (r.sequence >= %(sequence)s
                                    OR r.sequence > given.base AND r.key <> ALL (given.own))) THEN 'superseded'
                ELSE 'accepted'
            END,
            given.score, %(now)s::timestamptz
        FROM attempt, jsonb_to_recordset(%(answers)s::jsonb)
            AS given (key uuid, version bigint, value jsonb, score smallint, base bigint, own uuid[])
        WHERE attempt.counts AND EXISTS (SELECT 1 FROM assessments_presentation p
                      WHERE p.attempt_id = %(attempt)s AND p.version_id = given.version)
        ON CONFLICT DO NOTHING
        RETURNING version_id, status
    )
    SELECT EXISTS (SELECT 1 FROM attempt), (SELECT jsonb_object_agg(version_id, status) FROM saved)
"""
_SAVE = _SAVE_OF.format(counts=COUNTS)


@dataclass(frozen=True, slots=True)
class PageQuestion(GivenVersion):
    """A question of the page. section: of its form. value: the answer that counts so far, as it was given.

    sequence and key: those of that answer; 0 and None where there is none.
    """

    position: int
    version_id: int
    section: PlannedSection
    value: dict[str, Any] | None
    seed: int
    sequence: int
    key: UUID | None

    def is_saved_by(self, pages: Iterable[UUID]) -> bool:
        """Return whether one of the pages sent under these keys saved the answer that counts."""
        return self.key is not None and any(_key(page, self.version_id) == self.key for page in pages)


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """sequence: what the client counts its next answers as. saved_at: when one of them was saved last."""

    questions: tuple[PageQuestion, ...]
    sequence: int
    saved_at: datetime | None

    @property
    def answered(self) -> int:
        return sum(each.value is not None for each in self.questions)


def question_page(attempt: Attempt, *, now: datetime | None = None, also_over: bool = False) -> QuestionPage | None:
    """Return the questions of a sitting that is on one page, giving them first; None when the sitting is over.

    also_over: of one that is over, the questions that it was given, for answers that come too late; None without any.
    """
    now = now or timezone.now()
    is_over = attempt.status != Attempt.Status.OPEN or now > attempt.deadline
    if is_over and not also_over:
        return None
    plan = sections_of(attempt.form)
    sections = [section for section in plan for _ in section.items]
    rows = _rows(attempt)
    if is_over and not rows:
        return None
    if not rows:
        is_first = give_all(attempt, plan, now)
        items = enumerate((item for section in plan for item in section.items), 1)
        rows = [(at, item.version, None, None, None, None) for at, item in items] if is_first else _rows(attempt)
    playable_versions(row[1] for row in rows)
    values = json.loads("[" + ",".join(row[2] or "null" for row in rows) + "]")
    questions = tuple(
        PageQuestion(at, version, sections[at - 1], value, option_seed(attempt, version), sequence or 0, key)
        for (at, version, _text, sequence, _time, key), value in zip(rows, values, strict=True)
    )
    sequence = min(MAX_SEQUENCE, 1 + max((row[3] or 0 for row in rows), default=0))
    return QuestionPage(questions, sequence, max((row[4] for row in rows if row[4]), default=None))


def save_page(
    attempt_id: UUID,
    person_id: int,
    *,
    key: UUID,
    sequence: int,
    answers: Mapping[int, Any],
    bases: Mapping[int, int] | None = None,
    sent: Sequence[UUID] = (),
    now: datetime | None = None,
) -> tuple[dict[int, str], dict[int, ResponseRefused]]:
    """Save raw answers by version; return what became of each that was saved, and why others were not.

    key: made by the client, once per page sent; each answer's own is made of it. sequence: of all of them. bases: by
    version, the sequence of the answer that its writer last saw: one above it stands, unless it came by a page of
    `sent`, the keys of pages that the writer sent before and heard nothing of. One
    statement saves those that are in order; outside a transaction they are committed on return. Statuses are those of
    an `Acknowledgement`. Raises AttemptNotFound for another's attempt.
    """
    now = now or timezone.now()
    rows, faults = [], {}
    for version, raw in answers.items():
        try:
            score = checked_score(attempt_id, person_id, version, sequence, raw)
            stored_json(raw, "value")
        except ResponseRefused as refusal:
            faults[version] = refusal
        else:
            own = [str(_key(page, version)) for page in sent]
            base = (bases or {}).get(version)
            row = {"key": str(_key(key, version)), "version": version, "value": raw, "score": score}
            rows.append({**row, "base": base, "own": own})
    values: dict[str, Any] = {
        "attempt": attempt_id,
        "person": person_id,
        "sequence": sequence,
        "answers": json.dumps(rows),
        "now": now,
    }
    is_own, found = fetch_prepared(_SAVE, values)
    if not is_own:
        raise AttemptNotFound(str(attempt_id))
    saved = {int(version): status for version, status in json.loads(found or "{}").items()}
    for version in [row["version"] for row in rows if row["version"] not in saved]:
        try:
            again = submit_response(
                attempt_id,
                person_id,
                key=_key(key, version),
                sequence=sequence,
                version_id=version,
                raw_value=answers[version],
                now=now,
            )
            saved[version] = again.status
        except ResponseRefused as refusal:
            faults[version] = refusal
    return saved, faults


def _rows(attempt: Attempt) -> list[tuple[int, int, str | None, int | None, datetime | None, UUID | None]]:
    return fetch_all_prepared(_PAGE, {"attempt": attempt.pk})


def _key(page: UUID, version: int) -> UUID:
    return uuid5(page, str(version))
