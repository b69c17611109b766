"""Background work of the room."""

from celery import shared_task

from assessments.domain.submission import close_expired


@shared_task(ignore_result=True)
def close_expired_attempts() -> None:
    """Submit attempts whose time is over with what they have."""
    close_expired()
