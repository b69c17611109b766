"""Start, stop and report both services; one command at a time."""

import contextlib
import fcntl
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lms.services.postgres import APPLICATION, OWNER, Passwords, Postgres
from lms.services.valkey import Valkey


@dataclass(frozen=True)
class ServiceStatus:
    """What a service does now. Port and pid are None when it does not run."""

    name: str
    pid: int | None
    port: int | None


@contextlib.contextmanager
def _one_at_a_time(state_dir: Path) -> Iterator[None]:
    state_dir.mkdir(parents=True, exist_ok=True)
    with (state_dir / "services.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")


def _load_passwords(state_dir: Path) -> dict[str, str]:
    path = state_dir / "passwords.json"
    if not path.exists():
        names = ("superuser", "owner", "application", "valkey")
        _write_private(path, json.dumps({name: secrets.token_urlsafe(24) for name in names}))
    loaded: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def start_services(state_dir: Path) -> dict[str, str]:
    """Start PostgreSQL and Valkey where they do not run, note their URLs in `services.json` and return them."""
    with _one_at_a_time(state_dir):
        words = _load_passwords(state_dir)
        passwords = Passwords(words["superuser"], words["owner"], words["application"])
        database = Postgres(state_dir)
        port = database.start(passwords)
        valkey_port = Valkey(state_dir).start(words["valkey"])
        at_valkey = f"redis://:{words['valkey']}@127.0.0.1:{valkey_port}"
        urls = {
            "DATABASE_URL": database.url(APPLICATION, passwords.application, port),
            "DATABASE_OWNER_URL": database.url(OWNER, passwords.owner, port),
            "BROKER_URL": f"{at_valkey}/0",
            "CACHE_URL": f"{at_valkey}/1",
        }
        _write_private(state_dir / "services.json", json.dumps({"urls": urls}, indent=2))
        return urls


def stop_services(state_dir: Path) -> None:
    """Stop both services."""
    with _one_at_a_time(state_dir):
        Valkey(state_dir).stop()
        Postgres(state_dir).stop()


def status_of_services(state_dir: Path) -> list[ServiceStatus]:
    """Return the status of both services."""
    return [
        ServiceStatus(name=type(service).__name__, pid=service.pid(), port=service.port())
        for service in (Postgres(state_dir), Valkey(state_dir))
    ]
