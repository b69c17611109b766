"""Clients that answer as the browser's queue does: an answer is sent again, under its key, until it is acknowledged."""

import http.client
import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.delivery.installation import Sitter
from tests.faults.ledger import Ledger

PAUSE = 0.05
PATIENCE = 60.0


@dataclass
class Client:
    """One person's browser or device.

    naive: takes an answer that it has sent for saved, and never sends it again: what the queue must not do.
    refused: how often the server said that it could not save.
    """

    port: int
    sitter: Sitter
    ledger: Ledger
    naive: bool = False
    refused: int = 0
    _link: http.client.HTTPConnection | None = field(default=None, repr=False)

    def answer(self, sequence: int, key: str | None = None, answer: str | None = None) -> str | None:
        """Send an answer until it is acknowledged, and return its status; None when patience is over."""
        key = key or str(uuid.uuid4())
        self.ledger.note_sent(key, answer)
        value = {"key": key, "sequence": sequence, "version": self.sitter.version, "value": self.sitter.value}
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            status, body = self.post("responses/", value)
            if status in (200, 201):
                said = str(json.loads(body)["status"])
                self.ledger.note_told(key, said)
                return said
            assert not 400 <= status < 500, (status, body[:300])
            self.refused += 1
            if self.naive:
                self.ledger.note_told(key, "accepted")
                return "accepted"
            time.sleep(PAUSE)
        return None

    def post(self, path: str, value: object) -> tuple[int, bytes]:
        """Return status and body; 0 when the connection broke."""
        headers = {"Authorization": f"Bearer {self.sitter.token}", "Content-Type": "application/json"}
        try:
            if self._link is None:
                self._link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            self._link.request("POST", f"/api/v1/attempts/{self.sitter.attempt}/{path}", json.dumps(value), headers)
            reply = self._link.getresponse()
            return reply.status, reply.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return 0, b""

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None


@contextmanager
def answering(clients: list[Client], first: int = 1) -> Iterator[None]:
    """Let the clients answer without pause, each in a thread of its own; on leaving, each ends the answer it is at."""
    stop = threading.Event()

    def run(client: Client) -> None:
        sequence = first
        while not stop.is_set():
            client.answer(sequence)
            sequence += 1
        client.close()

    threads = [threading.Thread(target=run, args=[client], daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE + 30)


def all_at_once(calls: list[threading.Thread]) -> None:
    """Run the threads and wait for them."""
    for call in calls:
        call.start()
    for call in calls:
        call.join(PATIENCE)
