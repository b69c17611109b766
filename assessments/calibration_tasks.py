"""Calibration in the background: each step is a chord of the people's chunks and of the M-step that takes their sums.

What the chunks find goes through the database; the broker carries numbers of rows alone. Every task may be delivered
twice: a step that was taken is not taken again.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from celery import chord, shared_task
from django.db import DatabaseError

from assessments.domain.calibration import note_failure, wake_stalled
from assessments.domain.calibration_steps import advance_run, calculate_chunk, prepare_run
from assessments.models import CalibrationRun

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def continue_calibration(run_pk: int) -> None:
    """Begin a queued run, or go on with one whose next step was lost."""
    with _noting_failure(run_pk):
        iteration = prepare_run(run_pk)
    if iteration is not None:
        send_step(run_pk, iteration)


@shared_task(ignore_result=False)
def calculate_calibration_chunk(run_pk: int, iteration: int, number: int) -> None:
    """The E-step over one chunk of people."""
    with _noting_failure(run_pk):
        calculate_chunk(run_pk, iteration, number)


@shared_task(ignore_result=True)
def advance_calibration(run_pk: int, iteration: int) -> None:
    """The M-step over the chunks' sums, and the next step after it."""
    with _noting_failure(run_pk):
        following = advance_run(run_pk, iteration)
    if following is not None:
        send_step(run_pk, following)


@shared_task(ignore_result=True)
def wake_stalled_calibrations() -> None:
    """Go on with runs whose message or worker was lost."""
    wake_stalled()


def send_step(run_pk: int, iteration: int) -> None:
    """Send the chunks of a step to the workers, and the M-step behind them."""
    chunks = CalibrationRun.objects.values_list("chunks", flat=True).get(pk=run_pk)
    header = [calculate_calibration_chunk.si(run_pk, iteration, number) for number in range(chunks)]
    chord(header)(advance_calibration.si(run_pk, iteration))


@contextmanager
def _noting_failure(run_pk: int) -> Iterator[None]:
    """Mark the run failed by what nobody foresaw; a database out of reach comes back, and the sweep goes on then."""
    try:
        yield
    except DatabaseError:
        raise
    except Exception as error:
        logger.exception("calibration %s failed", run_pk)
        note_failure(run_pk, f"{type(error).__name__}: {error}")
        raise
