"""Giving questions one by one."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils import timezone

from assessments.domain.adaptive import Given, choose_next
from assessments.domain.bank import keep_state, published_bank
from assessments.domain.form import Form
from assessments.domain.refusals import AttemptRefused
from assessments.domain.versions import PlayableVersion, playable_version
from assessments.measurement import Choice, ItemParameters
from assessments.models import Attempt

RACES = 8
"""How often a request that lost a question's place to another one looks again."""

_STATE = """
    SELECT a.status, p.position, p.version_id, p.competency_id, p.parameters, p.scored, r.score, r.sequence
    FROM assessments_attempt a
    LEFT JOIN assessments_presentation p ON p.attempt_id = a.id
    LEFT JOIN LATERAL (
        SELECT score, sequence FROM assessments_response
        WHERE attempt_id = a.id AND version_id = p.version_id AND status = 'accepted' ORDER BY sequence DESC LIMIT 1
    ) r ON true
    WHERE a.id = %s ORDER BY p.position
"""
_PRESENT = """
    INSERT INTO assessments_presentation
        (attempt_id, position, version_id, competency_id, parameters, scored, reason, presented_at)
    VALUES (%s, %s, %s, %s, %s::jsonb, %s, %s::jsonb, %s) ON CONFLICT DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class NextItem:
    """A question given to a person.

    sequence: what the client counts its next answer as. answered: questions answered before this one; at_most: the
    sitting's limit. parameters, competency_code: for the server's own use; `player_view` is what the person may see.
    """

    position: int
    version_id: int
    sequence: int
    answered: int
    at_most: int
    deadline: datetime
    competency_code: str
    parameters: dict[str, Any]
    seed: int

    @property
    def version(self) -> PlayableVersion:
        return playable_version(self.version_id)

    def player_view(self, locale: str) -> dict[str, Any]:
        """The question in `vi` or `en` without its key, its options in the attempt's own order."""
        return self.version.kind.player_view(self.version.content, locale, self.seed)


@dataclass(frozen=True, slots=True)
class GivenRow:
    """A presentation of the attempt with the score and sequence of its answer so far."""

    position: int
    version_pk: int
    competency_pk: int
    parameters: str
    scored: bool
    score: int | None
    sequence: int | None


def next_item(attempt: Attempt, *, now: datetime | None = None) -> NextItem | None:
    """Give the next question, or the one that still waits for an answer; None when the sitting is over.

    It is over when the stop rule says so, no question is left, its time has run out or it was submitted. Two requests
    at once are given the same question. Two statements, a third every two seconds to look
    whether the bank has changed. Raises AttemptRefused for a simulation.
    """
    now = now or timezone.now()
    if "rule" not in attempt.form:
        raise AttemptRefused("not_adaptive")
    form = Form.from_dict(attempt.form)
    for _ in range(RACES):
        status, rows = _state(attempt)
        if status != Attempt.Status.OPEN or now > attempt.deadline:
            return None
        if rows and rows[-1].sequence is None:
            return _next(attempt, form, rows)
        bank = published_bank()
        choice = choose_next(form, [given_of(row) for row in rows], bank, attempt.seed)
        if choice is None:
            return None
        if bank.digest != form.bank:
            keep_state(bank)
        entry = bank.entries[int(str(choice.item_id))]
        parameters = json.dumps(entry.parameters)
        position = len(rows) + 1
        with connection.cursor() as cursor:
            cursor.execute(
                _PRESENT,
                [
                    *(attempt.pk, position, entry.version_pk, entry.competency_pk, parameters, not entry.pretest),
                    *(_reason(choice, bank.digest), now),
                ],
            )
            inserted = cursor.fetchone() is not None
        if inserted:
            row = GivenRow(position, entry.version_pk, entry.competency_pk, parameters, not entry.pretest, None, None)
            return _next(attempt, form, [*rows, row])
    raise RuntimeError(f"attempt {attempt.pk}: no question could be given in {RACES} tries")


def option_seed(attempt: Attempt, version_pk: int) -> int:
    """What the options of a question are shuffled by in this attempt."""
    return int.from_bytes(hashlib.sha256(f"{attempt.seed}:{version_pk}".encode()).digest()[:7])


def _state(attempt: Attempt) -> tuple[str, list[GivenRow]]:
    with connection.cursor() as cursor:
        cursor.execute(_STATE, [attempt.pk])
        found = cursor.fetchall()
    return found[0][0], [GivenRow(*row[1:]) for row in found if row[1] is not None]


def given_rows(attempt: Attempt) -> list[GivenRow]:
    """Return what the attempt gave, in order, each with the answer that counts. One query."""
    return _state(attempt)[1]


def given_of(row: GivenRow) -> Given:
    """Return a presentation as the choice of the next item sees it."""
    item_pk = playable_version(row.version_pk).item_pk
    return Given(item_pk, row.competency_pk, _parameters(row.parameters), row.score, row.scored)


@lru_cache(maxsize=16384)
def _parameters(raw: str) -> ItemParameters:
    return ItemParameters.from_dict(json.loads(raw))


def _next(attempt: Attempt, form: Form, rows: list[GivenRow]) -> NextItem:
    row = rows[-1]
    code = next(each.code for each in form.competencies if each.pk == row.competency_pk)
    return NextItem(
        position=row.position,
        version_id=row.version_pk,
        sequence=1 + max((each.sequence or 0 for each in rows), default=0),
        answered=len(rows) - 1,
        at_most=form.rule.max_items,
        deadline=attempt.deadline,
        competency_code=code,
        parameters=json.loads(row.parameters),
        seed=option_seed(attempt, row.version_pk),
    )


def _reason(choice: Choice, bank: str) -> str:
    """Why the item was chosen, for whoever looks into a sitting later; bank: digest of what it was chosen from."""
    return json.dumps(
        {
            "why": choice.why,
            "information": round(choice.information, 4),
            "best_information": round(choice.best_information, 4),
            "candidates": choice.candidates,
            "relaxed": choice.relaxed,
            "bank": bank,
        }
    )
