"""Measuring the bank and trying assessments, in the background."""

import logging

from celery import shared_task
from django.db import DatabaseError

from assessments.domain.item_health import measure_item_health
from assessments.domain.simulation_study import note_study_failure, run_study
from competencies.models import Competency

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def run_simulation_study(study_pk: int) -> None:
    """Let the simulated people of a study sit. Delivered again, it begins anew and comes to the same report."""
    try:
        run_study(study_pk)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("study %s failed", study_pk)
        note_study_failure(study_pk)
        raise


@shared_task(ignore_result=True)
def measure_health(competency_pk: int) -> None:
    """Measure the items of one competency."""
    measure_item_health(Competency.objects.get(pk=competency_pk))


@shared_task(ignore_result=True)
def measure_health_of_all() -> None:
    """Have the items of every competency with a bank measured, each by a task of its own."""
    for pk in Competency.objects.filter(items__versions__status="published").distinct().values_list("pk", flat=True):
        measure_health.delay(pk)
