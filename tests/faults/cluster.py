"""A PostgreSQL of its own, to be killed and started again, with a sitting for every client."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg

from lms.services.postgres import APPLICATION, DATABASE, OWNER, Passwords, Postgres

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ROOT / ".thang" / "services.json"


class Cluster:
    """The database server under a state directory, made anew."""

    def __init__(self, state_dir: Path) -> None:
        self._postgres = Postgres(state_dir)
        self._words = Passwords(*(secrets.token_urlsafe(18) for _ in range(3)))
        self.port = self._postgres.start(self._words)
        self._postgres.usual_port = self.port

    def enter(self) -> None:
        """Point this process and its children at the cluster; broker and cache stay the installation's."""
        urls = json.loads(SERVICES.read_text(encoding="utf-8"))["urls"]
        os.environ.update(
            DJANGO_SETTINGS_MODULE="lms.settings.dev",
            DATABASE_URL=self.url(APPLICATION, self._words.application),
            DATABASE_OWNER_URL=self.url(OWNER, self._words.owner),
            BROKER_URL=urls["BROKER_URL"].rsplit("/", 1)[0] + "/10",
            CACHE_URL=urls["CACHE_URL"].rsplit("/", 1)[0] + "/11",
        )

    def url(self, role: str, password: str) -> str:
        return f"postgres://{role}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def rows(self) -> list[tuple[str, str]]:
        """Key and status of every answer."""
        with self.connect() as connection:
            return connection.execute("SELECT key::text, status FROM assessments_response").fetchall()

    def connect(self) -> psycopg.Connection:
        """A connection of the superuser."""
        return psycopg.connect(self.url("postgres", self._words.superuser), autocommit=True)

    def kill(self) -> None:
        """Kill the server and everything it started, all at once, as a power cut does."""
        pid = self._postgres.pid()
        assert pid is not None
        postmaster = psutil.Process(pid)
        for process in [postmaster, *postmaster.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)

    def start(self) -> None:
        """Start it again, on the port that it had: what is left of its memory is gone, what is on disk is replayed."""
        port = self._postgres.start(self._words)
        assert port == self.port, "somebody else took the port"

    def is_up(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        self._postgres.stop()


@contextlib.contextmanager
def own_cluster(name: str, size: str = "") -> Iterator[Cluster]:
    """A new cluster; size: of a disk of its own in memory, as mount says it, which needs root. Removed in the end."""
    state_dir = ROOT / ".thang" / f"faults-{name}"
    _remove(state_dir)
    state_dir.mkdir(parents=True)
    if size:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(state_dir)], check=True)
    cluster = None
    try:
        cluster = Cluster(state_dir)
        yield cluster
    finally:
        if cluster is not None:
            cluster.stop()
        _remove(state_dir)


def _remove(state_dir: Path) -> None:
    if state_dir.is_mount():
        for _ in range(50):
            if subprocess.run(["umount", str(state_dir)], check=False, capture_output=True).returncode == 0:
                break
            time.sleep(0.2)
    if state_dir.exists():
        shutil.rmtree(state_dir)
