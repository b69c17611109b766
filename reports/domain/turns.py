"""One folder at a time: everything it adds ends in the same few cells at the top of the tree, so a second one could
only wait there, and alone its sums are exact."""

from datetime import timedelta

from django.db import OperationalError, connection, transaction

_LOCK = 0x7468616E67  # "thang"
MOST_WAIT = timedelta(seconds=3)
"""How long a folder waits for its turn before it goes home."""
# A folder names units and people. Of tables just filled the planner has no statistics yet, and would read them whole.
# An index has them in order already; and to start other processes takes longer than what they would do.
_TAKE = """
    SELECT pg_advisory_xact_lock(%s), set_config('enable_seqscan', 'off', true),
        set_config('enable_bitmapscan', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)
"""
_LOCK_NOT_AVAILABLE = "55P03"


def take_turn() -> bool:
    """Wait up to three seconds to be the only folder until the transaction ends; say whether it came to that."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {MOST_WAIT // timedelta(milliseconds=1)}")
            cursor.execute(_TAKE, [_LOCK])
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        return False
    return True


def wait_for_turn() -> None:
    """Be the only folder until the transaction ends, however long that takes."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [_LOCK])
