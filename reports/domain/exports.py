"""Big exports in the background. PostgreSQL's row is the truth; Celery only wakes who works on it."""

import hashlib
import json
import logging
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID, uuid4

from celery import current_app
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from organisation.api import can_see_people, can_see_unit, find_unit, record_audit, roles_of
from organisation.models import Unit, User
from reports.domain.ladder import publish_subtree
from reports.domain.publication_format import fingerprint
from reports.domain.signing_keys import publishing_key
from reports.domain.subtree_workbook import write_subtree_xlsx
from reports.models import SubtreeExport

TASK = "reports.tasks.run_export"
STALLED_AFTER = timedelta(minutes=1)
"""An export that has not moved for so long may have lost its worker or its message; waking it in vain is harmless."""
_SECONDS_BETWEEN_NEWS = 1.0

Status, Kind = SubtreeExport.Status, SubtreeExport.Kind

logger = logging.getLogger(__name__)


class _TakenOver(Exception):
    """Another worker holds the export by now, or it is gone."""


def start_export(user: User, unit: Unit, kind: str = Kind.WORKBOOK) -> SubtreeExport:
    """Have the subtree of the unit written into a file; the one that is being written already where there is one.

    Figures are those that the account may read of the unit now, in the language that is active.
    """
    try:
        with transaction.atomic():
            export = SubtreeExport.objects.create(
                user=user,
                unit=unit,
                kind=kind,
                language=translation.get_language() or settings.LANGUAGE_CODE,
                published=kind == Kind.PUBLICATION or not can_see_people(user, unit),
            )
    except IntegrityError:
        return SubtreeExport.objects.get(user=user, unit=unit, kind=kind, status__in=(Status.QUEUED, Status.RUNNING))
    record_audit(actor=user, action="exported", target=f"subtree of {unit.code}", detail={"export": str(export.key)})
    _wake_worker(export.pk)
    return export


def exports_of(user: User, kind: str = Kind.WORKBOOK) -> Sequence[SubtreeExport]:
    """Return the account's exports that it may still open, newest first; expired ones are left out."""
    exports = list(_kept(user).filter(kind=kind))
    open_now = {key: may_open(each) for key, each in {(each.unit_id, each.published): each for each in exports}.items()}
    return [each for each in exports if open_now[each.unit_id, each.published]]


def find_export(user: User, key: UUID, kind: str = Kind.WORKBOOK) -> SubtreeExport | None:
    """Return the account's own export, when it has not expired and the account may still read such figures."""
    export = _kept(user).filter(key=key, kind=kind).first()
    return export if export and may_open(export) else None


def _kept(user: User) -> QuerySet[SubtreeExport]:
    return SubtreeExport.objects.filter(user=user, created_at__gt=_oldest()).select_related("unit", "user")


def may_open(export: SubtreeExport) -> bool:
    """Say whether the maker is in scope now, and may still see people where the figures are for those who may.

    Publications are for administrators. Nobody may open what is of a unit that is not in force any more.
    """
    if export.kind == Kind.PUBLICATION and "admin" not in roles_of(export.user):
        return False
    sees = can_see_unit if export.published else can_see_people
    return find_unit(export.unit.code) is not None and sees(export.user, export.unit)


def wake_stalled_exports(now: datetime | None = None) -> int:
    """Wake a worker for every export that has not moved for too long; return how many."""
    at = now or timezone.now()
    keys = list(_waiting(at).filter(moved_at__lt=at - STALLED_AFTER).values_list("pk", flat=True))
    for pk in keys:
        _wake_worker(pk)
    return len(keys)


def drop_expired_exports() -> int:
    """Remove every export that is older than EXPORT_DAYS, and its file; return how many."""
    expired = list(SubtreeExport.objects.filter(created_at__lte=_oldest()))
    for export in expired:
        default_storage.delete(export.stored_name)
        export.delete()
    return len(expired)


def run_export(pk: int) -> None:
    """Write the export's file. Safe to call at any time, in any number: who takes the row writes, once.

    A database out of reach is for the sweep to try again; what nobody foresaw marks the export failed.
    """
    worker = uuid4()
    now = timezone.now()
    taken = _waiting(now).filter(pk=pk).update(worker=worker, status=Status.RUNNING, units_done=0, moved_at=now)
    if not taken:
        return
    held = SubtreeExport.objects.filter(pk=pk, worker=worker, status=Status.RUNNING)
    export = held.select_related("unit", "user").get()
    try:
        if not may_open(export):
            raise PermissionError("the maker may not read these figures any more")
        _write(export, held)
        held.update(status=Status.DONE, moved_at=timezone.now())
    except DatabaseError:
        raise
    except _TakenOver:
        return
    except Exception:
        logger.exception("export %s failed", export.key)
        held.update(status=Status.FAILED, moved_at=timezone.now())


def _write(export: SubtreeExport, held: QuerySet[SubtreeExport]) -> None:
    told = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal told
        if done == total or time.monotonic() - told >= _SECONDS_BETWEEN_NEWS:
            told = time.monotonic()
            if not held.update(units_done=done, units_total=total, moved_at=timezone.now()):
                raise _TakenOver

    with tempfile.TemporaryFile() as file, translation.override(export.language):
        if export.kind == Kind.PUBLICATION:
            held.update(summary=_write_publication(file, export, tell))
        else:
            write_subtree_xlsx(file, export.unit, published=export.published, on_page=tell)
        file.seek(0)
        default_storage.delete(export.stored_name)
        default_storage.save(export.stored_name, File(file))


def _write_publication(file: IO[bytes], export: SubtreeExport, tell: Callable[[int, int], None]) -> dict[str, Any]:
    """Write the signed lines; return the file's digest, the fingerprint of its key and what its header counts."""
    key, digest = publishing_key(), hashlib.sha256()
    header: dict[str, Any] = {}
    for line in publish_subtree(export.unit, key, actor=export.user, on_unit=tell):
        header = header or json.loads(line)
        digest.update(line)
        file.write(line)
    signed_by = fingerprint(key.public_key().public_bytes_raw())
    return {
        "digest": digest.hexdigest(),
        "fingerprint": signed_by,
        **{name: header[name] for name in ("units", "cells")},
    }


def _waiting(now: datetime) -> QuerySet[SubtreeExport]:
    """Exports that a worker may take: queued ones, and those whose worker has not been heard of for too long."""
    lost = Q(status=Status.RUNNING, moved_at__lt=now - STALLED_AFTER)
    return SubtreeExport.objects.filter(Q(status=Status.QUEUED) | lost, created_at__gt=_oldest())


def _oldest() -> datetime:
    return timezone.now() - timedelta(days=settings.EXPORT_DAYS)


def _wake_worker(pk: int) -> None:
    """Let a worker take the export up, once the caller's transaction has committed."""
    transaction.on_commit(lambda: current_app.send_task(TASK, [pk], retry=False), robust=True)
