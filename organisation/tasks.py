"""What the room does in the background."""

from celery import shared_task

from organisation.domain.imports import jobs
from organisation.domain.imports.uploads import drop_expired_uploads
from organisation.domain.reorganisations import applying


@shared_task
def drop_expired_imports() -> None:
    """Remove the staff files that were brought more than an hour ago and never confirmed."""
    drop_expired_uploads()
    jobs.drop_expired_jobs()


@shared_task
def run_staff_import(pk: int) -> None:
    """Check or apply a staff file, as its row says."""
    jobs.run_import(pk)


@shared_task
def wake_stalled_imports() -> None:
    """Go on with staff files whose message or worker was lost."""
    jobs.wake_stalled_imports()


@shared_task
def apply_due_reorganisations() -> None:
    """Apply every approved reorganisation whose day has come. Safe to run at any time, in any number."""
    applying.apply_due_reorganisations()


@shared_task
def apply_reorganisation(reorganisation_pk: int) -> None:
    """Apply one approved reorganisation now; what stands in its way is noted on it."""
    applying.apply_or_note(reorganisation_pk)
