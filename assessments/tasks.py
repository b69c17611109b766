"""Background work of the room."""

from celery import shared_task

import assessments.calibration_tasks
import assessments.measurement_tasks
import assessments.study_tasks  # noqa: F401 - Celery finds tasks in modules of this name alone
from assessments.domain import responses
from assessments.domain.submission import close_expired


@shared_task(ignore_result=True)
def close_expired_attempts() -> None:
    """Submit attempts whose time is over with what they have."""
    close_expired()


@shared_task(ignore_result=True)
def make_response_partitions() -> None:
    """Make partitions for answers ahead of need."""
    responses.make_response_partitions()
