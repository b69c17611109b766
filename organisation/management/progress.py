"""A progress line for commands: a bar on a terminal, nothing where nobody watches."""

import time
from typing import TextIO

_WIDTH = 30
_SECONDS_BETWEEN = 0.1


class ProgressLine:
    """Shows how much is done, at most ten times a second. Use as a context manager."""

    def __init__(self, out: TextIO, what: str) -> None:
        self._out = out
        self._what = what
        self._shown_at = 0.0
        self._visible = out.isatty()

    def __enter__(self) -> "ProgressLine":
        return self

    def __exit__(self, *exception: object) -> None:
        if self._visible:
            self._out.write("\n")

    def show(self, done: int, total: int = 0) -> None:
        """Redraw: a bar when the total is known, else the number alone. The last step of all is always shown."""
        now = time.monotonic()
        if not self._visible or (now - self._shown_at < _SECONDS_BETWEEN and done != total):
            return
        self._shown_at = now
        if total:
            filled = _WIDTH * done // total
            self._out.write(f"\r{self._what} {'█' * filled}{'░' * (_WIDTH - filled)} {done:,}/{total:,}")
        else:
            self._out.write(f"\r{self._what} {done:,}")
        self._out.flush()
