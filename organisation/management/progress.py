"""A progress line for commands: a bar on a terminal, nothing where nobody watches."""

import time
from typing import TextIO

_WIDTH = 30
_SECONDS_BETWEEN = 0.1


class ProgressLine:
    """Shows how much of `total` is done; without a total, how many. Use as a context manager."""

    def __init__(self, out: TextIO, what: str, total: int = 0) -> None:
        self._out = out
        self._what = what
        self._total = total
        self._shown_at = 0.0
        self._visible = out.isatty()

    def __enter__(self) -> "ProgressLine":
        return self

    def __exit__(self, *exception: object) -> None:
        if self._visible:
            self._out.write("\n")

    def show(self, done: int) -> None:
        """Redraw, at most ten times a second and always for the last one."""
        now = time.monotonic()
        if not self._visible or (now - self._shown_at < _SECONDS_BETWEEN and done != self._total):
            return
        self._shown_at = now
        if self._total:
            filled = _WIDTH * done // self._total
            bar = "█" * filled + "░" * (_WIDTH - filled)
            self._out.write(f"\r{self._what} {bar} {done:,}/{self._total:,}")
        else:
            self._out.write(f"\r{self._what} {done:,}")
        self._out.flush()
