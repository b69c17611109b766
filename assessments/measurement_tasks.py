"""What keeps estimates true in the background: regrades, the nightly refresh, learning correlations."""

import logging

from celery import shared_task
from django.db import DatabaseError
from django.utils import timezone

from assessments.domain.correlations import learn_correlations
from assessments.domain.regrading import continue_regrade, wake_stalled_regrades
from assessments.models import Regrade
from competencies.api import refresh_estimates

logger = logging.getLogger(__name__)

BATCH = 500


@shared_task(ignore_result=True)
def run_regrade(regrade_pk: int) -> None:
    """Score a regrade's next attempts again and pass it on. Delivered twice, no attempt is scored twice."""
    try:
        if continue_regrade(regrade_pk):
            run_regrade.delay(regrade_pk)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("regrade %s failed", regrade_pk)
        Regrade.objects.filter(pk=regrade_pk).update(status=Regrade.Status.FAILED, finished_at=timezone.now())
        raise


@shared_task(ignore_result=True)
def sweep_regrades() -> None:
    """Go on with regrades whose message or worker was lost."""
    wake_stalled_regrades()


@shared_task(ignore_result=True)
def refresh_aged_estimates() -> None:
    """Make anew what has widened with age or was read with other correlations, and pass on while there is more."""
    if refresh_estimates(BATCH) == BATCH:
        refresh_aged_estimates.delay()


@shared_task(ignore_result=True)
def refresh_correlations() -> None:
    """Learn the correlations between competencies again, then let the estimates follow."""
    if learn_correlations() is not None:
        refresh_aged_estimates.delay()
