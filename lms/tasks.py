"""The worker's sign of life."""

import time

from celery import shared_task
from django.core.cache import cache

HEARTBEAT_KEY = "worker-heartbeat"


@shared_task(ignore_result=True)
def record_heartbeat() -> None:
    """Note the time in the cache; health reads it."""
    cache.set(HEARTBEAT_KEY, time.time(), timeout=600)
