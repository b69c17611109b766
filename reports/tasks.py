"""Celery tasks: they only wake the domain; the table of marks is the truth."""

from celery import shared_task

from reports.domain import folding
from reports.domain.marking import FOLD_TASK, note_folder_arrived


@shared_task(name=FOLD_TASK, ignore_result=True)
def fold_changed_people() -> int:
    """Fold everybody who is marked. Woken after each change and by a sweep; safe to run at any time, in any number."""
    note_folder_arrived()
    return folding.fold_changed_people()
