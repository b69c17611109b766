"""Celery tasks: they only wake the domain; the table of marks is the truth."""

from celery import shared_task

from reports.domain import checking, exports, folding, mails, publishing, snapshots
from reports.domain.marking import FOLD_TASK, note_folder_arrived


@shared_task(name=FOLD_TASK, ignore_result=True)
def fold_changed_people() -> int:
    """Fold everybody who is marked. Woken after each change and by a sweep; safe to run at any time, in any number."""
    note_folder_arrived()
    return folding.fold_changed_people()


@shared_task(ignore_result=True)
def check_cells() -> None:
    """Compare every cell with a full recomputation and heal what differs, late each evening."""
    checking.check_cells()


@shared_task(ignore_result=True)
def keep_snapshots() -> None:
    """Make last month's snapshot where it is missing, and let all follow a structure that changed."""
    snapshots.keep_snapshots()


@shared_task(ignore_result=True)
def publish_figures() -> None:
    """Publish figures for readers who may not see people, each night."""
    publishing.publish_figures()


@shared_task(ignore_result=True)
def run_export(pk: int) -> None:
    """Write the workbook of an export, as its row says."""
    exports.run_export(pk)


@shared_task(ignore_result=True)
def sweep_exports() -> None:
    """Go on with exports whose message or worker was lost, and remove those whose days are over."""
    exports.wake_stalled_exports()
    exports.drop_expired_exports()


@shared_task(ignore_result=True)
def send_due_mails() -> None:
    """Send the links whose day has come, and those that could not be sent before."""
    mails.send_due_mails()
