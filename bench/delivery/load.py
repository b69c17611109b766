"""Clients that ask without pause, each over one connection kept open, and count what was acknowledged."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bench.delivery.installation import Sitter

Maker = Callable[[], bytes]


@dataclass
class Outcome:
    """seconds: of each request, in order of completion. wrong: status lines other than expected. wall: in seconds."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    wall: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.wall

    def percentile(self, share: float) -> float:
        """Return the time in milliseconds that this share of requests did not exceed."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def answers(sitter: Sitter) -> Maker:
    """Make a new answer at each call: a key and a sequence of its own."""
    sequence = 0
    head = (
        f"POST /api/v1/attempts/{sitter.attempt}/responses/ HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {sitter.token}\r\nContent-Type: application/json\r\n"
    )

    def make() -> bytes:
        nonlocal sequence
        sequence += 1
        body = json.dumps(
            {"key": str(uuid.uuid4()), "sequence": sequence, "version": sitter.version, "value": sitter.value}
        )
        return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    return make


def page(path: str, sitter: Sitter) -> Maker:
    """Ask for the same page of a person who is signed in."""
    raw = (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid={sitter.session}; django_language=vi\r\n\r\n"
    ).encode()
    return lambda: raw


def drive(port: int, makers: Iterable[Maker], expected: bytes, seconds: float) -> Outcome:
    """Let each maker's client ask for that long, all at once."""
    outcome = Outcome()

    async def all_clients() -> None:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(_client(port, make, expected, until, outcome) for make in makers))

    start = time.perf_counter()
    asyncio.run(all_clients())
    outcome.wall = time.perf_counter() - start
    return outcome


async def _client(port: int, make: Maker, expected: bytes, until: float, outcome: Outcome) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (begin := time.perf_counter()) < until:
        writer.write(make())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        if head.split(b" ", 2)[1] == expected:
            outcome.seconds.append(time.perf_counter() - begin)
        else:
            outcome.wrong.append(head.split(b"\r\n", 1)[0].decode())
    writer.close()
