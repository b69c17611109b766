"""Health for the machines that watch us: alive, and ready to serve."""

import time
from collections.abc import Callable

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from kombu import Connection

from lms.celery import app
from lms.tasks import HEARTBEAT_KEY

HEARTBEAT_LIMIT = 60
"""Seconds after which a worker that has not recorded its heartbeat counts as gone."""


def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process can answer at all."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, broker and a worker respond, else 503 with what does not."""
    parts = {"database": _check(_database), "broker": _check(_broker), "worker": _check(_worker)}
    healthy = all(state == "ok" for state in parts.values())
    return JsonResponse({"status": "ok" if healthy else "unavailable", **parts}, status=200 if healthy else 503)


def _check(probe: Callable[[], None]) -> str:
    try:
        probe()
    except Exception as error:
        return type(error).__name__
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    with Connection(app.conf.broker_url, connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)


def _worker() -> None:
    seen = cache.get(HEARTBEAT_KEY)
    if seen is None or time.time() - seen > HEARTBEAT_LIMIT:
        raise TimeoutError
