"""Programs that run together end together."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psutil

from lms.runner import Program, Runner, one_numeric_thread, stop_noted

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
# A child that starts a grandchild and writes its pid down.
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({path!r}, "w").write(str(child.pid))
time.sleep(60)
"""


def wait_for(path: Path) -> int:
    deadline = time.monotonic() + 10
    while not path.exists() or not path.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return int(path.read_text())


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def ends_soon(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_running(pid)


def test_stop_ends_children_and_grandchildren(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    runner = Runner(tmp_path)
    runner.start([Program("one", SLEEPER), Program("two", [sys.executable, "-c", PARENT.format(path=str(note))])])
    grandchild = wait_for(note)
    assert is_running(grandchild)
    runner.stop(seconds=5)
    assert [child.poll() is not None for child in runner.children.values()] == [True, True]
    assert ends_soon(grandchild)


def test_wait_names_the_program_that_ended(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    runner.start([Program("steady", SLEEPER), Program("short", [sys.executable, "-c", ""])])
    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert runner.wait() == "short"
    finally:
        runner.stop(seconds=5)
        for number, handler in previous.items():
            signal.signal(number, handler)


def test_children_end_when_the_runner_is_killed(tmp_path: Path) -> None:
    code = textwrap.dedent(f"""
        import pathlib, sys, time
        from lms.runner import Program, Runner, one_numeric_thread, stop_noted
        runner = Runner(pathlib.Path({str(tmp_path)!r}))
        runner.start([Program("one", {SLEEPER!r})])
        pathlib.Path({str(tmp_path / "pid")!r}).write_text(str(runner.children["one"].pid))
        time.sleep(60)
    """)
    runner = subprocess.Popen([sys.executable, "-c", code])
    child = wait_for(tmp_path / "pid")
    os.kill(runner.pid, signal.SIGKILL)
    runner.wait()
    assert ends_soon(child)


def test_children_stay_on_one_numeric_thread_unless_told_otherwise() -> None:
    assert one_numeric_thread({"A": "b"}) == {"A": "b", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    assert one_numeric_thread({"OMP_NUM_THREADS": "4"})["OMP_NUM_THREADS"] == "4"


def test_the_noted_site_is_stopped_and_a_stale_note_is_harmless(tmp_path: Path) -> None:
    assert stop_noted(tmp_path) is False
    (tmp_path / "run.pid").write_text("4194305")
    assert stop_noted(tmp_path) is False
    (tmp_path / "run.pid").write_text(str(os.getpid()))
    assert stop_noted(tmp_path) is False  # no site of ours: its number was given to another process
    script = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from lms.runner import noted
        with noted(Path(sys.argv[1])):
            time.sleep(60)
        """
    )
    site = subprocess.Popen([sys.executable, "-c", script, str(tmp_path), "manage.py"])
    wait_for(tmp_path / "run.pid")
    deadline = time.monotonic() + 10
    while (tmp_path / "run.pid").read_text() != str(site.pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    threading.Thread(target=site.wait, daemon=True).start()
    assert stop_noted(tmp_path) is True
    assert not is_running(site.pid)
