"""What the room does in the background."""

from celery import shared_task

from organisation.domain.imports.uploads import drop_expired_uploads


@shared_task
def drop_expired_imports() -> None:
    """Remove the staff files that were brought more than an hour ago and never confirmed."""
    drop_expired_uploads()
