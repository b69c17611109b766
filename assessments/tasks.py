"""Background work of the room."""

from celery import shared_task

import assessments.calibration_tasks
import assessments.measurement_tasks
import assessments.study_tasks  # noqa: F401 - Celery finds tasks in modules of this name alone
from assessments.domain import question_imports, responses
from assessments.domain.submission import close_expired


@shared_task(ignore_result=True)
def close_expired_attempts() -> None:
    """Submit attempts whose time is over with what they have."""
    close_expired()


@shared_task(ignore_result=True)
def make_response_partitions() -> None:
    """Make partitions for answers ahead of need."""
    responses.make_response_partitions()


@shared_task(ignore_result=True)
def run_question_import(pk: int) -> None:
    """Make drafts of the questions of a file, as its row says."""
    question_imports.run_question_import(pk)


@shared_task(ignore_result=True)
def sweep_question_imports() -> None:
    """Go on with files whose message or worker was lost, and forget reports whose days are over."""
    question_imports.wake_stalled_question_imports()
    question_imports.drop_old_question_imports()
