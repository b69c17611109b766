"""Files of questions in the background. PostgreSQL's row is the truth; Celery only wakes who works on it."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from assessments.domain.exchange import known_digests, make_drafts, outcome_digest
from assessments.domain.tags import tag_items
from assessments.items.exchange.outcomes import REFUSED, ExchangeError, Outcome, storable
from assessments.items.exchange.reading import ReadFile, read_file
from assessments.models import ItemVersion, QuestionImport
from competencies.models import Competency
from organisation import api as organisation
from organisation.models import User

TASK = "assessments.tasks.run_question_import"
SMALL = 100
"""Up to so many questions are written at once: nobody waits for a worker over half a second."""
KEPT_DAYS = 180
"""How long a report can be looked at."""
STALLED_AFTER = timedelta(minutes=1)
"""An import that has not moved for so long may have lost its worker or its message; waking it in vain is harmless."""
_LOCK = 0x717374  # "qst", the first of two keys
KNOWN = "known"

Status = QuestionImport.Status

logger = logging.getLogger(__name__)


def start_question_import(
    user: User, key: UUID, name: str, *, count: int, competency: Competency, level: int, tag: str
) -> QuestionImport:
    """Have the questions of a kept file made into drafts, once however often this is asked.

    count: how many questions the dry run found; a few are written before this returns.
    """
    job, is_new = QuestionImport.objects.get_or_create(
        key=key, defaults={"user": user, "name": name[:200], "competency": competency, "level": level, "tag": tag}
    )
    if is_new and count <= SMALL:
        run_question_import(job.pk)
        job.refresh_from_db()
    elif is_new:
        _wake_worker(job.pk)
    return job


def question_import_of(user: User, key: UUID) -> QuestionImport | None:
    """Return the account's own import of a file; None when it is not theirs or there is none."""
    return QuestionImport.objects.filter(user=user, key=key).select_related("competency").first()


def question_imports_of(user: User, most: int = 10) -> Sequence[QuestionImport]:
    """Return the account's latest imports."""
    return list(QuestionImport.objects.filter(user=user).defer("report")[:most])


def outcome_statuses(outcomes: Sequence[Outcome], level: int) -> list[str]:
    """Return what becomes of each question: comes, approximated, refused, or known for one that is there already."""
    known = known_digests()
    found = []
    for outcome in outcomes:
        status = outcome.status
        if status != REFUSED:
            digest = outcome_digest(outcome, level)
            status = KNOWN if digest in known else status
            known.add(digest)
        found.append(status)
    return found


def run_question_import(pk: int) -> None:
    """Make the drafts, as the row says. Safe to call at any time, in any number: one works, once.

    Drafts, tags and the report commit together. A database out of reach is for the sweep to try again; what nobody
    foresaw marks the import failed.
    """
    try:
        with transaction.atomic():
            done = _run_in_turn(pk)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("question import %s failed", pk)
        _fail(pk, "unforeseen")
        return
    if done is not None:
        organisation.drop_upload(done.user, done.key)


def wake_stalled_question_imports(now: datetime | None = None) -> int:
    """Wake a worker for every import that has not moved for too long; return how many."""
    stalled = QuestionImport.objects.filter(status=Status.QUEUED, moved_at__lt=(now or timezone.now()) - STALLED_AFTER)
    keys = list(stalled.values_list("pk", flat=True))
    for pk in keys:
        _wake_worker(pk)
    return len(keys)


def drop_old_question_imports() -> None:
    """Forget reports that are older than KEPT_DAYS; the drafts stay."""
    QuestionImport.objects.filter(created_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).delete()


def _run_in_turn(pk: int) -> QuestionImport | None:
    """Do the work unless another worker is at it; return the import when it is done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s::int)", [_LOCK, pk])
        if cursor.fetchone() != (True,):
            return None
    waiting = QuestionImport.objects.select_related("user", "competency").filter(status=Status.QUEUED)
    job = waiting.filter(pk=pk).first()
    if job is None:
        return None
    kept = organisation.open_upload(job.user, job.key)
    if kept is None:
        _fail(pk, "gone")
        return None
    with kept[0] as file:
        data = file.read()
    try:
        found = read_file(data)
    except ExchangeError as error:
        _fail(pk, error.reason, error.detail)
        return None
    statuses = outcome_statuses(found.outcomes, job.level)
    with _News(job.pk, len(found.outcomes)) as news:
        drafts = make_drafts(
            found.outcomes, competency=job.competency, level=job.level, actor=job.user, on_progress=news.tell
        )
    tag_items([draft.item.code for draft in drafts if draft is not None], job.tag)
    report = report_of(found, statuses, drafts)
    state = {"status": Status.DONE, "percent": 100, "report": report, "moved_at": timezone.now()}
    if not QuestionImport.objects.filter(pk=pk, status=Status.QUEUED).update(**state):
        transaction.set_rollback(True)  # its user is gone
        return None
    return job


def report_of(found: ReadFile, statuses: Sequence[str], drafts: Sequence[ItemVersion | None]) -> dict[str, Any]:
    """Return what became of each question, as QuestionImport keeps it."""
    rows = []
    for number, (outcome, status, draft) in enumerate(zip(found.outcomes, statuses, drafts, strict=True), start=1):
        notes = [[note.reason, storable(note.detail)] for note in outcome.notes]
        code = draft.item.code if draft else ""
        if draft and outcome.competency and draft.item.code.rpartition("-")[0] != outcome.competency:
            notes.append(["unknown_competency", storable(outcome.competency)])
        rows.append([outcome.row or number, storable(outcome.label), outcome.kind, status, notes, code])
    return {"format": found.format, "is_table": any(each.row for each in found.outcomes), "rows": rows}


def _fail(pk: int, reason: str, detail: str = "") -> None:
    QuestionImport.objects.filter(pk=pk, status=Status.QUEUED).update(
        status=Status.FAILED, report={"fault": [reason, storable(detail)]}, moved_at=timezone.now()
    )


def _wake_worker(pk: int) -> None:
    """Let a worker take the import up, once the caller's transaction has committed."""
    transaction.on_commit(lambda: current_app.send_task(TASK, [pk], retry=False), robust=True)


class _News:
    """Tells how far the work is, on a connection of its own: what its own writes is seen at its end.

    A file of few questions is over before anybody looks, and tells nothing.
    """

    def __init__(self, pk: int, questions: int) -> None:
        self._pk, self._questions = pk, questions
        self._connection = connection.copy() if questions > SMALL else None

    def __enter__(self) -> "_News":
        return self

    def __exit__(self, *error: object) -> None:
        if self._connection is not None:
            self._connection.close()

    def tell(self, done: int) -> None:
        """Note how many questions are written."""
        if self._connection is None:
            return
        with self._connection.cursor() as cursor:
            cursor.execute(
                "UPDATE assessments_questionimport SET percent = %s, moved_at = now() WHERE id = %s",
                [min(99, done * 100 // self._questions), self._pk],
            )
