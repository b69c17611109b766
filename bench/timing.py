"""Timing on a machine that others use too.

Everything runs in one thread and is measured in CPU time of the process, which is the wall time of a machine left alone
and does not count the time others had the core. Peers are measured the same way.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def fastest(function: Callable[[], Any], budget: float = 2.0, batch: int = 1) -> float:
    """Seconds per call: the fastest batch within about `budget` seconds and at least three batches."""
    function()
    best, spent, batches = float("inf"), 0.0, 0
    while batches < 3 or spent < budget:
        start = time.process_time()
        for _ in range(batch):
            function()
        took = time.process_time() - start
        best, spent, batches = min(best, took / batch), spent + took, batches + 1
    return best


def once(function: Callable[[], Any], runs: int = 1) -> tuple[float, Any]:
    """Seconds of the fastest of a few runs, and the last result."""
    best, result = float("inf"), None
    for _ in range(runs):
        start = time.process_time()
        result = function()
        best = min(best, time.process_time() - start)
    return best, result
