"""What work costs beside other work of the same moment: a busy machine is slow at both."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

_COUNTED = 4_000_000
LITTLE = 100
"""So many times the peer's time: a file refused for what it counts takes a quarter at most, a walked one more."""


def _peer() -> float:
    """Return how long this processor takes now to count to four million, in seconds."""
    began = time.process_time()
    for _ in range(_COUNTED):
        pass
    return time.process_time() - began


@contextmanager
def little_effort(most: float = LITTLE) -> Iterator[None]:
    """Fail where the body takes more than `most` times what its peer takes, the slower one of before and after."""
    before = _peer()
    began = time.process_time()
    yield
    taken = time.process_time() - began
    peer = max(before, _peer())
    assert taken < most * peer, f"{taken / peer:.0f} times the peer's time, {most} at most"
