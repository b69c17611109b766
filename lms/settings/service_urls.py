"""Where PostgreSQL and Valkey are: the environment says, else the embedded services' own note."""

import json
import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
STATE_DIR = Path(os.environ.get("THANG_STATE_DIR", BASE_DIR / ".thang"))
SERVICES_FILE = STATE_DIR / "services.json"

_NOT_STARTED = {
    "DATABASE_URL": "postgres://thang_app@127.0.0.1:1/thang",
    "DATABASE_OWNER_URL": "postgres://thang_owner@127.0.0.1:1/thang",
    "BROKER_URL": "redis://127.0.0.1:1/0",
    "CACHE_URL": "redis://127.0.0.1:1/1",
}


def service_url(name: str) -> str:
    """Return the URL of a service.

    Looks in the environment, then in the file that `manage.py services start` writes. Where neither
    knows, the URL points at a port where nothing listens, so that commands which need no service run
    and those which do fail at their first connection.
    """
    if name in os.environ:
        return os.environ[name]
    if name == "DATABASE_OWNER_URL" and "DATABASE_URL" in os.environ:
        return os.environ["DATABASE_URL"]
    if SERVICES_FILE.exists():
        urls: dict[str, str] = json.loads(SERVICES_FILE.read_text(encoding="utf-8"))["urls"]
        return urls.get(name, _NOT_STARTED[name])
    return _NOT_STARTED[name]
