"""Celery tasks: they only wake the domain."""

from celery import shared_task

from courses.domain import effects


@shared_task(ignore_result=True)
def measure_effects() -> None:
    """Measure anew what each course does for people's ability, each night."""
    effects.measure_effects()
