"""Run web, worker and beat together as children of one process; stop them together; leave no orphan."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1
_NOTE = "run.pid"


@dataclass(frozen=True)
class Program:
    """A child: its name, its command, and whether its end is ours too."""

    name: str
    command: list[str]


def _die_with_parent() -> None:
    """In the child, before exec: a session of its own, and an end when the parent ends, even by kill -9 (Linux)."""
    os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def one_numeric_thread(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which numpy stays on one thread unless told otherwise: processes share the cores."""
    return {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **environment}


def programs(host: str, port: int, web_workers: int, state_dir: Path) -> list[Program]:
    """Return the three programs of a one-machine installation."""
    binaries = Path(sys.executable).parent
    celery = [sys.executable, "-m", "celery", "-A", "lms", "--quiet"]
    return [
        Program(
            "web",
            [
                str(binaries / "granian"),
                *("--interface", "wsgi", "lms.wsgi:application"),
                *("--host", host, "--port", str(port)),
                *("--workers", str(web_workers), "--blocking-threads", "4", "--backlog", "1024"),
                # Without this, one killed worker ends the whole server.
                *("--respawn-failed-workers", "--workers-kill-timeout", "10"),
                *("--log-level", "warning", "--no-ws"),
            ],
        ),
        Program("worker", [*celery, "worker", "--concurrency", "2", "--loglevel", "WARNING", "--without-gossip"]),
        Program(
            "beat",
            [
                *celery,
                *("beat", "--loglevel", "WARNING", "--schedule", str(state_dir / "beat-schedule"), "--pidfile="),
            ],
        ),
    ]


@dataclass
class Runner:
    """Children by name. `start`, then `wait` until a signal or the end of any child, then `stop`."""

    log_dir: Path
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, wanted: list[Program]) -> None:
        """Start every program; each writes to a log of its own."""
        self.log_dir.mkdir(parents=True, exist_ok=True)
        for program in wanted:
            with (self.log_dir / f"{program.name}.log").open("ab") as log:
                self.children[program.name] = subprocess.Popen(
                    program.command,
                    env=one_numeric_thread(os.environ),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    preexec_fn=_die_with_parent,
                )

    def wait(self, ready: Callable[[], None] | None = None) -> str | None:
        """Wait for SIGINT or SIGTERM (None) or for the end of a child (its name)."""
        asked: list[int] = []
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda received, _frame: asked.append(received))
        if ready:
            ready()
        while not asked:
            for name, child in self.children.items():
                if child.poll() is not None:
                    return name
            time.sleep(0.2)
        return None

    def stop(self, seconds: float = 20) -> None:
        """Ask every child to end, and kill with its descendants what has not ended when the time is up."""
        for child in self.children.values():
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        for child in self.children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
            self._end_rest_of_group(child.pid)

    @staticmethod
    def _end_rest_of_group(group: int) -> None:
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            return


@contextmanager
def noted(state_dir: Path) -> Iterator[None]:
    """Note in `run.pid` that this process serves the site, for as long as it does."""
    note = state_dir / _NOTE
    note.write_text(str(os.getpid()), encoding="utf-8")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def stop_noted(state_dir: Path, seconds: float = 40) -> bool:
    """Ask the process that serves the site from this state directory to end, and wait for it; say whether one ran.

    Raises TimeoutError when it has not ended in time.
    """
    note = state_dir / _NOTE
    try:
        process = psutil.Process(int(note.read_text(encoding="utf-8")))
        if "manage.py" not in " ".join(process.cmdline()):
            return False
        process.terminate()
        process.wait(seconds)
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return False
    except psutil.TimeoutExpired:
        raise TimeoutError(f"the site (pid {process.pid}) has not ended in {seconds:.0f} s") from None
    return True
