"""Work on two connections at once."""

import threading
import time
from collections.abc import Callable, Sized

from django.db import connection

_WAITING = """
    SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                   WHERE NOT l.granted AND a.datname = current_database())
"""


def begin_beside(work: Callable[[], object]) -> threading.Thread:
    """Begin the work on a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def wait_for_a_waiter(done: Sized = ()) -> None:
    """Wait until somebody waits for a lock, or something is done; five seconds at most."""
    with connection.cursor() as cursor:
        for _ in range(100):
            cursor.execute(_WAITING)
            if cursor.fetchone() == (True,) or done:
                break
            time.sleep(0.05)
