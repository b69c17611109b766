"""What tests of effort can see."""

import pytest

from tests.effort import little_effort


def test_little_work_passes_and_much_is_seen():
    with little_effort(2):
        sum(range(1000))
    with pytest.raises(AssertionError, match="times the peer's time, 2 at most"), little_effort(2):
        for _ in range(40_000_000):
            pass
