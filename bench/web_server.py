"""Requests per second of granian and gunicorn before the same pages: `make bench-web`.

Both serve with two worker processes of four threads, in turn, several rounds; the medians and their ratio are printed
and written to build/bench/web_server.json. gunicorn is installed beside the benches, never with the product.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.environment import BUILD
from lms.services.processes import free_port

CLIENTS = 16
SECONDS = 4.0
ROUNDS = 3
PATHS = ("/health/live", "/account/login/")
BINARIES = Path(sys.executable).parent
GUNICORN = "gunicorn==25.3.0"
PEER = BUILD / "gunicorn"


def commands(port: int) -> dict[str, list[str]]:
    """Return the command line of each server."""
    return {
        "granian": [
            str(BINARIES / "granian"),
            *("--interface", "wsgi", "lms.wsgi:application", "--port", str(port)),
            *("--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers"),
            *("--no-ws", "--log-level", "error"),
        ],
        "gunicorn": [
            *(sys.executable, "-m", "gunicorn"),
            *("lms.wsgi:application", "--bind", f"127.0.0.1:{port}"),
            *("--workers", "2", "--threads", "4", "--keep-alive", "30", "--log-level", "error"),
        ],
    }


async def _client(port: int, path: str, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    count = 0
    while time.monotonic() < until:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError(head.decode())
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        count += 1
    writer.close()
    return count


async def _load(port: int, path: str, seconds: float) -> float:
    until = time.monotonic() + seconds
    counts = await asyncio.gather(*(_client(port, path, until) for _ in range(CLIENTS)))
    return sum(counts) / seconds


def measure(name: str) -> dict[str, float]:
    """Start one server, warm it, and return its requests per second by path."""
    port = free_port(0)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings.dev", "PYTHONPATH": str(PEER)}
    process = subprocess.Popen(commands(port)[name], env=environment)
    try:
        for _ in range(100):
            try:
                asyncio.run(_load(port, PATHS[0], 0.5))
                break
            except OSError:
                time.sleep(0.1)
        result = {}
        for path in PATHS:
            asyncio.run(_load(port, path, 1.0))
            result[path] = asyncio.run(_load(port, path, SECONDS))
        return result
    finally:
        process.terminate()
        process.wait(20)


def main() -> None:
    if not PEER.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(PEER), GUNICORN]
        subprocess.run(pip, check=True)
    rounds: dict[str, list[dict[str, float]]] = {"granian": [], "gunicorn": []}
    for _ in range(ROUNDS):
        for name, results in rounds.items():
            results.append(measure(name))
    rows = []
    for path in PATHS:
        median = {name: statistics.median(result[path] for result in results) for name, results in rounds.items()}
        rows.append(
            {
                "name": path,
                "value": median["granian"],
                "unit": "requests/s",
                "peers": {"gunicorn": median["gunicorn"]},
                "ratio": median["granian"] / median["gunicorn"],
            }
        )
        figures = "   ".join(f"{name} {value:7.0f}/s" for name, value in median.items())
        print(f"{path:<18} {figures}   {rows[-1]['ratio']:.2f}x")
    target = BUILD / "web_server.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
