"""Background work of the room."""

from celery import shared_task

from courses.domain.queries.versions import forget_changes


@shared_task(ignore_result=True)
def forget_content_changes() -> None:
    """Drop what is noted of changes that ended long ago."""
    forget_changes()
