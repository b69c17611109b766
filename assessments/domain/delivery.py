"""Giving questions one by one: chosen by the answers so far, or in the order planned at the start."""

import hashlib
import json
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, LiteralString

from django.db import connection
from django.utils import timezone

from assessments.domain.adaptive import Given, choose_next
from assessments.domain.bank import keep_state, published_bank
from assessments.domain.form import Form
from assessments.domain.form_plan import PlannedSection, SectionStart, sections_of
from assessments.domain.refusals import AttemptRefused
from assessments.domain.responses import MAX_SEQUENCE
from assessments.domain.versions import GivenVersion, playable_version
from assessments.measurement import Choice, ItemParameters
from assessments.models import Attempt
from organisation.api import run_prepared

RACES = 8
"""How often a request that lost a question's place to another one looks again."""

ORDERS = 32
"""In how many orders the options of a question are given."""

GRACE = timedelta(seconds=5)
"""How much later than the limit of a question or section an answer may come: for the way through the network."""

_STATE = """
    SELECT a.status, p.position, p.version_id, p.competency_id, p.parameters, p.scored, r.score, r.sequence,
           p.answer_by, p.presented_at
    FROM assessments_attempt a
    LEFT JOIN assessments_presentation p ON p.attempt_id = a.id
    LEFT JOIN LATERAL (
        SELECT score, sequence FROM assessments_response
        WHERE attempt_id = a.id AND version_id = p.version_id AND status = 'accepted' ORDER BY sequence DESC LIMIT 1
    ) r ON true
    WHERE a.id = %s ORDER BY p.position
"""
# All questions of a form at once, in the order of its plan.
_PRESENT_ALL: LiteralString = """
    INSERT INTO assessments_presentation
        (attempt_id, position, version_id, competency_id, parameters, scored, reason, final, presented_at)
    SELECT %(attempt)s, item.position, item.version, item.competency, item.parameters, item.scored, item.reason, false,
           %(now)s
    FROM jsonb_to_recordset(%(items)s::jsonb) AS item
        (position smallint, version bigint, competency bigint, parameters jsonb, scored boolean, reason jsonb)
    ON CONFLICT DO NOTHING
"""
_PRESENT = """
    INSERT INTO assessments_presentation
        (attempt_id, position, version_id, competency_id, parameters, scored, reason, answer_by, final, presented_at)
    VALUES (%s, %s, %s, %s, %s::jsonb, %s, %s::jsonb, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class NextItem(GivenVersion):
    """A question given to a person.

    sequence: what the client counts its next answer as. answered: questions answered before this one; at_most: the
    sitting's limit. deadline: of this question, by the server's clock; limited_by: whose end that is. section: of a
    form in sections, and its number. parameters, competency_code: for the server's own use; `player_view` is what the
    person may see.
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
    section: PlannedSection | None = None
    section_number: int = 0
    limited_by: Literal["sitting", "section", "question"] = "sitting"


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
    answer_by: datetime | None = None
    presented_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Pick:
    """What is to be given next: a row of the presentations."""

    position: int
    version_pk: int
    competency_pk: int
    parameters: str
    scored: bool
    reason: str
    answer_by: datetime | None


def next_item(attempt: Attempt, *, now: datetime | None = None) -> NextItem | None:
    """Give the next question, or the one that still waits for an answer; None when the sitting is over.

    It is over when the stop rule says so, no question is left, its time has run out or it was submitted. A question
    whose own time is over gives way to the next. Two requests at once are given the same question. Two statements, a
    third every two seconds to look whether the bank has changed. Raises AttemptRefused for a simulation.
    """
    step = _step(attempt, now or timezone.now(), begins=True)
    assert not isinstance(step, SectionStart)
    return step


def next_step(attempt: Attempt, *, now: datetime | None = None) -> NextItem | SectionStart | None:
    """Return what `next_item` would, but a section that has something to say before it begins is announced first.

    `next_item` begins it.
    """
    return _step(attempt, now or timezone.now(), begins=False)


def waiting_item(attempt: Attempt, version_pk: int, *, now: datetime | None = None) -> NextItem | None:
    """Return the question of this version while it waits for its answer, else None. Gives nothing, starts no clock."""
    form, sections = _plan(attempt)
    status, rows = _state(attempt)
    now = now or timezone.now()
    if status != Attempt.Status.OPEN or now > attempt.deadline or not _waits(rows, now):
        return None
    return _next(attempt, form, sections, rows) if rows[-1].version_pk == version_pk else None


def _step(attempt: Attempt, now: datetime, *, begins: bool) -> NextItem | SectionStart | None:
    form, sections = _plan(attempt)
    for _ in range(RACES):
        status, rows = _state(attempt)
        if status != Attempt.Status.OPEN or now > attempt.deadline:
            return None
        if "one_page" in attempt.form:
            if not rows:
                give_all(attempt, sections, now)
                rows = given_rows(attempt)
            waiting = next((row for row in rows if row.sequence is None), None)
            if waiting is None:
                return None
            return _next(attempt, None, sections, [*(row for row in rows if row is not waiting), waiting])
        if _waits(rows, now):
            return _next(attempt, form, sections, rows)
        pick = _pick_adaptive(attempt, form, rows, now) if form else _pick_planned(attempt, sections, rows, now, begins)
        if not isinstance(pick, _Pick):
            return pick
        with connection.cursor() as cursor:
            cursor.execute(
                _PRESENT,
                [
                    *(attempt.pk, pick.position, pick.version_pk, pick.competency_pk, pick.parameters, pick.scored),
                    *(pick.reason, pick.answer_by, attempt.form.get("final", False), now),
                ],
            )
            inserted = cursor.fetchone() is not None
        if inserted:
            row = GivenRow(
                *(pick.position, pick.version_pk, pick.competency_pk, pick.parameters, pick.scored),
                *(None, None, pick.answer_by, now),
            )
            return _next(attempt, form, sections, [*rows, row])
    raise RuntimeError(f"attempt {attempt.pk}: no question could be given in {RACES} tries")


def give_all(attempt: Attempt, sections: tuple[PlannedSection, ...], now: datetime) -> bool:
    """Give every question of the form; False when another request did so at this moment: it gave the same."""
    planned = [(number, item) for number, section in enumerate(sections, 1) for item in section.items]
    items = [
        {
            "position": position,
            "version": item.version,
            "competency": item.competency,
            "parameters": item.parameters,
            "scored": item.scored,
            "reason": {"why": "plan", "section": number},
        }
        for position, (number, item) in enumerate(planned, 1)
    ]
    return run_prepared(_PRESENT_ALL, {"attempt": attempt.pk, "now": now, "items": json.dumps(items)}) == len(items)


def _plan(attempt: Attempt) -> tuple[Form | None, tuple[PlannedSection, ...]]:
    """The rules of an adaptive sitting, or else the sections of a planned one."""
    if "rule" not in attempt.form and "sections" not in attempt.form:
        raise AttemptRefused("not_adaptive")
    form = Form.from_dict(attempt.form) if "rule" in attempt.form else None
    return form, () if form is not None else sections_of(attempt.form)


def _waits(rows: list[GivenRow], now: datetime) -> bool:
    """Whether the question given last has time left and no answer."""
    return bool(rows) and rows[-1].sequence is None and (rows[-1].answer_by is None or now <= rows[-1].answer_by)


def _pick_adaptive(attempt: Attempt, form: Form, rows: list[GivenRow], now: datetime) -> _Pick | None:
    bank = published_bank()
    choice = choose_next(form, [given_of(row) for row in rows], bank, attempt.seed)
    if choice is None:
        return None
    if bank.digest != form.bank:
        keep_state(bank)
    entry = bank.entries[int(str(choice.item_id))]
    return _Pick(
        len(rows) + 1,
        entry.version_pk,
        entry.competency_pk,
        json.dumps(entry.parameters),
        not entry.pretest,
        _reason(choice, bank.digest),
        _answer_by(attempt, now),
    )


def _pick_planned(
    attempt: Attempt, sections: tuple[PlannedSection, ...], rows: list[GivenRow], now: datetime, begins: bool
) -> _Pick | SectionStart | None:
    """The next question of the plan; a position is a place in it, so what a section's time cut off stays left out."""
    last = rows[-1].position if rows else 0
    first = 1
    for number, section in enumerate(sections, 1):
        beyond = first + len(section.items)
        if last + 1 < beyond:
            position = max(first, last + 1)
            start = next((row.presented_at for row in rows if first <= row.position < beyond), None)
            if start is None and not begins and (len(sections) > 1 or section.seconds or section.instructions_vi):
                return SectionStart(number, len(sections), section, len(section.items))
            ends = (start or now) + timedelta(seconds=section.seconds) if section.seconds else None
            if ends is None or now <= ends:
                item = section.items[position - first]
                return _Pick(
                    position,
                    item.version,
                    item.competency,
                    json.dumps(item.parameters),
                    item.scored,
                    json.dumps({"why": "plan", "section": number}),
                    _answer_by(attempt, now, ends),
                )
        first = beyond
    return None


def _answer_by(attempt: Attempt, now: datetime, section_ends: datetime | None = None) -> datetime | None:
    """Until when the answer to a question given now may come; None when only the sitting's end limits it."""
    seconds = attempt.form.get("question_seconds")
    limits = [now + timedelta(seconds=seconds)] if seconds else []
    limits += [section_ends] if section_ends else []
    return min(limits) + GRACE if limits else None


def option_seed(attempt: Attempt, version_pk: int) -> int:
    """What the options of a question are shuffled by in this attempt: one of ORDERS, so that each can be kept drawn."""
    return hashlib.sha256(f"{attempt.seed}:{version_pk}".encode()).digest()[0] % ORDERS


def _state(attempt: Attempt) -> tuple[str, list[GivenRow]]:
    with connection.cursor() as cursor:
        cursor.execute(_STATE, [attempt.pk])
        found = cursor.fetchall()
    return found[0][0], [GivenRow(*row[1:]) for row in found if row[1] is not None]


def given_rows(attempt: Attempt) -> list[GivenRow]:
    """Return what the attempt gave, in order, each with the answer that counts. One query."""
    return _state(attempt)[1]


def given_of(row: GivenRow) -> Given:
    """Return a presentation as the choice of the next item sees it: 0 for one that was left behind unanswered."""
    item_pk = playable_version(row.version_pk).item_pk
    score = 0 if row.sequence is None else row.score
    return Given(item_pk, row.competency_pk, _parameters(row.parameters), score, row.scored)


@lru_cache(maxsize=16384)
def _parameters(raw: str) -> ItemParameters:
    return ItemParameters.from_dict(json.loads(raw))


def _next(attempt: Attempt, form: Form | None, sections: tuple[PlannedSection, ...], rows: list[GivenRow]) -> NextItem:
    row = rows[-1]
    starts = [1 + sum(len(each.items) for each in sections[:at]) for at in range(len(sections))]
    number = bisect_right(starts, row.position)
    return NextItem(
        position=row.position,
        version_id=row.version_pk,
        sequence=min(MAX_SEQUENCE, 1 + max((each.sequence or 0 for each in rows), default=0)),
        answered=sum(each.sequence is not None for each in rows[:-1]),
        at_most=form.rule.max_items if form else sum(len(each.items) for each in sections),
        deadline=min(attempt.deadline, row.answer_by - GRACE) if row.answer_by else attempt.deadline,
        limited_by=_limited_by(attempt, row),
        competency_code=next(each["code"] for each in attempt.form["competencies"] if each["pk"] == row.competency_pk),
        parameters=json.loads(row.parameters),
        seed=option_seed(attempt, row.version_pk),
        section=sections[number - 1] if number else None,
        section_number=number,
    )


def _limited_by(attempt: Attempt, row: GivenRow) -> Literal["sitting", "section", "question"]:
    if row.answer_by is None or row.presented_at is None or row.answer_by - GRACE >= attempt.deadline:
        return "sitting"
    seconds = timedelta(seconds=attempt.form.get("question_seconds", 0))
    return "question" if row.answer_by == row.presented_at + seconds + GRACE else "section"


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
