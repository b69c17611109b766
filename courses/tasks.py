"""Celery tasks: they only wake the domain."""

from celery import shared_task

from courses.domain import effects
from courses.domain.queries.versions import forget_changes


@shared_task(ignore_result=True)
def measure_effects() -> None:
    """Measure anew what each course does for people's ability, each night."""
    effects.measure_effects()


@shared_task(ignore_result=True)
def forget_content_changes() -> None:
    """Drop what is noted of changes that ended long ago."""
    forget_changes()
