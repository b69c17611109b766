"""Child processes that outlive the command which starts them: spawn, wait, stop."""

import contextlib
import os
import pwd
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

SERVICE_ACCOUNT = "nobody"


class ServiceError(RuntimeError):
    """A service could not be started or stopped; the message says which, and where its log is."""


def running_as_root() -> bool:
    return os.geteuid() == 0


def service_account() -> tuple[int, int] | None:
    """Return (uid, gid) that services run as when the caller is root, which PostgreSQL refuses to be; else None."""
    if not running_as_root():
        return None
    entry = pwd.getpwnam(SERVICE_ACCOUNT)
    return entry.pw_uid, entry.pw_gid


def give_to_service_account(path: Path) -> None:
    """Hand a directory to the account that services run as."""
    account = service_account()
    if account:
        os.chown(path, *account)


def run_to_end(command: Sequence[str], *, what: str) -> str:
    """Run a program as the service account and return its output. Raises ServiceError with its own words."""
    account = service_account()
    result = subprocess.run(
        list(command),
        stdin=subprocess.DEVNULL,
        text=True,
        capture_output=True,
        check=False,
        cwd="/",
        user=account[0] if account else None,
        group=account[1] if account else None,
        extra_groups=[] if account else None,
    )
    if result.returncode:
        raise ServiceError(f"{what} failed: {result.stderr.strip() or result.stdout.strip()}")
    return result.stdout


def spawn(command: Sequence[str], log: Path) -> int:
    """Start a program in a session of its own as the service account; return its pid. Output goes to the log."""
    account = service_account()
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
            user=account[0] if account else None,
            group=account[1] if account else None,
            extra_groups=[] if account else None,
        )
    return process.pid


def is_alive(pid: int, name: str) -> bool:
    """Say whether the pid is a live process (not a zombie) of that name."""
    try:
        process = psutil.Process(pid)
        return name in process.name() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def processes_in(directory: Path, name: str) -> list[psutil.Process]:
    """Return live processes of that name that work in the directory, such as backends that outlive a killed parent."""
    found = []
    for process in psutil.process_iter(["name", "status"]):
        if name in (process.info["name"] or "") and process.info["status"] != psutil.STATUS_ZOMBIE:
            with contextlib.suppress(psutil.Error):
                if process.cwd() == str(directory):
                    found.append(process)
    return found


def free_port(preferred: int) -> int:
    """Return the preferred port of the loopback address when nothing listens there, else any free one."""
    for candidate in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ServiceError("no free port on the loopback address")


def wait_until(ready: Callable[[], bool], *, seconds: float, what: str, log: Path) -> None:
    """Poll until ready. Raises ServiceError naming the log when the time is up."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-800:] if log.exists() else ""
            raise ServiceError(f"{what} did not become ready within {seconds:.0f} s. Its log {log} ends with:\n{tail}")
        time.sleep(0.05)


def stop_process(pid: int, name: str, *, stop_signal: int, seconds: float = 30) -> None:
    """Send the signal and wait until the process is gone; kill it when the time is up."""
    if not is_alive(pid, name):
        return
    os.kill(pid, stop_signal)
    deadline = time.monotonic() + seconds
    while is_alive(pid, name):
        if time.monotonic() > deadline:
            os.kill(pid, 9)
        time.sleep(0.05)
