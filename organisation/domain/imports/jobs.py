"""Files worked on in the background. PostgreSQL's row is the truth; Celery only wakes who works on it."""

import logging
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, BinaryIO
from uuid import UUID

import pghistory
from celery import current_app
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from organisation.domain.access import import_scope
from organisation.domain.imports.apply import ImportRefused, apply_import
from organisation.domain.imports.check import plan_import
from organisation.domain.imports.plan import ImportPlan
from organisation.domain.imports.uploads import (
    MAX_AGE_SECONDS,
    drop_upload,
    is_kept,
    keep_upload,
    open_upload,
    reading_of,
)
from organisation.domain.reorganisations.reform_work import work_on_reform, work_on_units
from organisation.importing.faults import Fault
from organisation.models import ColumnMapping, StaffImport, User

TASK = "organisation.tasks.run_staff_import"
SMALL_BYTES = 64 * 1024
"""A file up to this size is checked and applied at once: nobody waits for a worker over a few hundred rows."""
STALLED_AFTER = timedelta(minutes=1)
"""An import that has not moved for so long may have lost its worker or its message; waking it in vain is harmless."""
_SECONDS_BETWEEN_NEWS = 1.0
_READING, _RECALLING = 20, 5
"""Of the time that checking once more and writing take, what reading the file takes, and taking what is kept of it
instead, in percent."""
_LOCK = 0x696D70  # "imp", the first of two keys

_WORK_ON_TABLES = {str(StaffImport.Kind.UNITS): work_on_units, str(StaffImport.Kind.REFORM): work_on_reform}

Status = StaffImport.Status
ACTIVE = (Status.QUEUED, Status.CHECKING, Status.APPLYING)

logger = logging.getLogger(__name__)


def start_import(
    user: User,
    chunks: Iterable[bytes],
    name: str,
    *,
    kind: str = StaffImport.Kind.STAFF,
    details: Mapping[str, Any] | None = None,
) -> StaffImport:
    """Keep the file and have it checked, a staff file's foreign columns read as the user's files were before.

    details: of the reform's table, as `reform_work` reads them.
    """
    known = ColumnMapping.objects.filter(user=user, kind=kind).first()
    job = StaffImport.objects.create(
        key=keep_upload(user, chunks, name),
        user=user,
        name=name[:200],
        kind=kind,
        details=details or {},
        columns=known.columns if known else {},
    )
    _go_on(job)
    return job


def find_import(key: UUID) -> StaffImport | None:
    """Return the import of a kept file; None when there is none, or its file's hour is over before a decision."""
    job = StaffImport.objects.select_related("user").defer("faults").filter(key=key).first()
    if job is not None and job.status == Status.READY and not is_kept(job.user, key):
        StaffImport.objects.filter(pk=job.pk, status=Status.READY).delete()
        return None
    return job


def faults_of(job: StaffImport) -> list[Fault]:
    """Return what is wrong with the file, in order of rows, as the latest check found it."""
    return [Fault(*each) for each in job.faults]


def confirm_import(job: StaffImport, *, is_partial: bool, address: str | None = None) -> None:
    """Have a checked file checked once more and applied, once however often this is asked.

    is_partial: leave out the people and units with a problem; otherwise nothing is written when there is one.
    """
    _take_up(job, Status.APPLYING, is_partial=is_partial, address=address)


def check_again(job: StaffImport, columns: Mapping[str, str]) -> None:
    """Read the file's foreign columns as told from now on, in the user's next files too, and check it anew."""
    mapping, _made = ColumnMapping.objects.get_or_create(user=job.user, kind=ColumnMapping.Kind.STAFF)
    mapping.columns = {**mapping.columns, **columns}
    mapping.save()
    _take_up(job, Status.QUEUED, columns={**job.columns, **columns})


def discard_import(job: StaffImport) -> bool:
    """Forget the import and its file, unless it is being applied or was; say whether that happened."""
    waiting = StaffImport.objects.filter(pk=job.pk).exclude(status__in=(Status.APPLYING, Status.DONE))
    if not waiting.delete()[0]:
        return False
    drop_upload(job.user, job.key)
    return True


def wake_stalled_imports(now: datetime | None = None) -> int:
    """Wake a worker for every import that has not moved for too long; return how many."""
    stalled = StaffImport.objects.filter(status__in=ACTIVE, moved_at__lt=(now or timezone.now()) - STALLED_AFTER)
    keys = list(stalled.values_list("pk", flat=True))
    for pk in keys:
        _wake_worker(pk)
    return len(keys)


def drop_expired_jobs() -> None:
    """Forget every import that has not moved for as long as files are kept."""
    oldest = timezone.now() - timedelta(seconds=MAX_AGE_SECONDS)
    StaffImport.objects.filter(moved_at__lt=oldest).delete()


def run_import(pk: int) -> None:
    """Check or apply the import, as its row says. Safe to call at any time, in any number: one works, once.

    What is written and the row's new state commit together. A database out of reach is for the sweep to try again;
    what nobody foresaw marks the import failed.
    """
    StaffImport.objects.filter(pk=pk, status=Status.QUEUED).update(status=Status.CHECKING)
    try:
        with transaction.atomic():
            done = _run_in_turn(pk)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("staff import %s failed", pk)
        StaffImport.objects.filter(pk=pk, status__in=ACTIVE).update(status=Status.FAILED, moved_at=timezone.now())
        return
    if done is not None:
        drop_upload(done.user, done.key)


def _run_in_turn(pk: int) -> StaffImport | None:
    """Do the work unless another worker is at it; return the import when it has been applied."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s::int)", [_LOCK, pk])
        if cursor.fetchone() != (True,):
            return None
    job = StaffImport.objects.select_related("user").filter(pk=pk, status__in=ACTIVE).first()
    if job is None:
        return None
    kept = open_upload(job.user, job.key)
    if kept is None:
        job.delete()
        return None
    is_applying = job.status == Status.APPLYING
    work = _WORK_ON_TABLES.get(job.kind)
    with kept[0] as file, pghistory.context(user=job.user_id):
        if work:
            with _News(job.pk, file, _READING if is_applying else 100) as news:
                outcome, refusal = work(job, file, news.tell, news.tell_writing)
        else:
            outcome, refusal = _work_on_staff(job, file, is_applying)
    is_done = is_applying and not refusal
    state = {"status": Status.DONE if is_done else Status.READY, "refusal": refusal, **outcome}
    if not StaffImport.objects.filter(pk=pk, status__in=ACTIVE).update(**state, moved_at=timezone.now()):
        transaction.set_rollback(True)  # it was discarded meanwhile
        return None
    return job if is_done else None


def _work_on_staff(job: StaffImport, file: BinaryIO, is_applying: bool) -> tuple[dict[str, Any], str]:
    read = reading_of(job.user, job.key)
    reading = (_RECALLING if read.is_there else _READING) if is_applying else 100
    with _News(job.pk, file, reading) as news:
        # The page shows what leaving out the faulty people and units would do; to do so has to be chosen.
        check = partial(
            plan_import,
            file,
            job.name,
            scope=import_scope(job.user),
            is_partial=True,
            columns=job.columns,
            on_progress=news.tell,
            kept=read,
        )
        plan = check()
        refusal = _apply(plan, job, news) if is_applying else ""
        if refusal == StaffImport.Refusal.OUTDATED:
            plan = check()  # what others wrote while this was, told by row and column
    return _outcome(plan, job), refusal


def _apply(plan: ImportPlan, job: StaffImport, news: "_News") -> str:
    if plan.problem_count and not (job.is_partial and plan.can_be_applied):
        return StaffImport.Refusal.PROBLEMS
    if plan.digest != job.report.get("digest", plan.digest):
        return StaffImport.Refusal.OUTDATED  # somebody changed what the page of the check showed
    news.tell_writing(0)
    try:
        apply_import(plan, actor=job.user, address=job.address, on_progress=news.tell_writing)
    except ImportRefused:
        return StaffImport.Refusal.OUTDATED
    return ""


def _outcome(plan: ImportPlan, job: StaffImport) -> dict[str, Any]:
    called = {ours: theirs for theirs, ours in job.columns.items() if theirs in plan.foreign_columns}
    return {
        "report": {
            "rows": plan.rows,
            "problem_count": plan.problem_count,
            "counts": plan.counts,
            "can_be_applied": plan.can_be_applied,
            "changes_nothing": plan.changes_nothing,
            "foreign_columns": list(plan.foreign_columns),
            "digest": plan.digest,
        },
        "faults": [(each.row, called.get(each.column, each.column), each.reason, each.values) for each in plan.faults],
    }


def _take_up(job: StaffImport, status: str, **changes: Any) -> None:
    fresh = {"refusal": "", "rows_done": 0, "percent": 0, "moved_at": timezone.now()}
    if StaffImport.objects.filter(pk=job.pk, status=Status.READY).update(status=status, **fresh, **changes):
        _go_on(job)


def _go_on(job: StaffImport) -> None:
    kept = open_upload(job.user, job.key)
    if kept is None:
        return
    with kept[0] as file:
        is_small = file.seek(0, 2) <= SMALL_BYTES
    if is_small:
        run_import(job.pk)
    else:
        _wake_worker(job.pk)


def _wake_worker(pk: int) -> None:
    """Let a worker take the import up, once the caller's transaction has committed."""
    transaction.on_commit(lambda: current_app.send_task(TASK, [pk], retry=False), robust=True)


class _News:
    """Tells how far the work is, on a connection of its own: what its own writes is seen at its end.

    reading: the percentage at which the file has been read.
    """

    def __init__(self, pk: int, file: BinaryIO, reading: int) -> None:
        self._pk = pk
        self._file = file
        self._size = max(file.seek(0, 2), 1)
        self._reading = reading
        self._rows = 0
        self._connection = connection.copy()
        self._told = time.monotonic()

    def __enter__(self) -> "_News":
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def tell(self, rows: int) -> None:
        """Note the number of rows read, once a second at most."""
        self._rows = rows
        if time.monotonic() - self._told >= _SECONDS_BETWEEN_NEWS:
            self._note(min(self._file.tell() * self._reading // self._size, self._reading))

    def tell_writing(self, percent: int) -> None:
        """Note how much of the writing is done."""
        self._note(self._reading + percent * (100 - self._reading) // 100)

    def _note(self, percent: int) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(
                "UPDATE organisation_staffimport SET rows_done = %s, percent = %s, moved_at = now() WHERE id = %s",
                [self._rows, percent, self._pk],
            )
        self._told = time.monotonic()
