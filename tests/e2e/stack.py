"""A whole installation of its own: database, broker, web, worker, beat and the demo province."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from psycopg import sql

from lms.runner import stop_noted
from lms.services.processes import free_port
from lms.settings.service_urls import SERVICES_FILE

DATABASE = "thang_e2e"
STATE_DIR = Path(settings.BASE_DIR) / ".thang" / "e2e"
NOTE = STATE_DIR / "demo.json"


_ADD_ACCOUNT = """
    INSERT INTO organisation_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
        date_joined, language)
    SELECT password, false, %s, '', '', '', false, true, now(), language
    FROM organisation_user WHERE username = 'learner'
"""
_GIVE_ACCOUNT = """
    UPDATE organisation_person SET user_id = (SELECT id FROM organisation_user WHERE username = %s)
    WHERE id = (SELECT person.id FROM organisation_person person
                JOIN organisation_posting posting ON posting.person_id = person.id AND posting.kind = 'primary'
                WHERE person.user_id IS NULL AND upper_inf(posting.valid)
                  AND NOT EXISTS (SELECT 1 FROM assessments_attempt a WHERE a.person_id = person.id)
                ORDER BY person.id LIMIT 1 FOR UPDATE OF person SKIP LOCKED)
"""


def _with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}"))


def environment() -> dict[str, str]:
    """Return the environment of the installation: its own database and broker on the embedded servers."""
    urls = json.loads(SERVICES_FILE.read_text(encoding="utf-8"))["urls"]
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.settings.dev",
        "THANG_STATE_DIR": str(STATE_DIR),
        "DATABASE_URL": _with_path(urls["DATABASE_URL"], DATABASE),
        "DATABASE_OWNER_URL": _with_path(urls["DATABASE_OWNER_URL"], DATABASE),
        "BROKER_URL": _with_path(urls["BROKER_URL"], "4"),
        "CACHE_URL": _with_path(urls["CACHE_URL"], "5"),
    }


@dataclass
class Stack:
    """The running installation."""

    url: str = ""
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the database anew, load the demo, serve it and wait until it is ready."""
        STATE_DIR.mkdir(parents=True, exist_ok=True)
        NOTE.unlink(missing_ok=True)
        stop_noted(STATE_DIR)  # left by a run that was killed
        _fresh_database()
        log = (STATE_DIR / "demo.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(free_port(8123))],
            cwd=settings.BASE_DIR,
            env=environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + 900
        while not NOTE.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the demo did not start:\n{(STATE_DIR / 'demo.log').read_text()[-3000:]}")
            time.sleep(0.2)
        self._read_note()
        self._wait_for_worker()

    @classmethod
    def running(cls) -> "Stack":
        """Return the installation that another process started. Raises RuntimeError when there is none."""
        if not NOTE.exists():
            raise RuntimeError("no installation runs: `make e2e` and `pytest tests/e2e` start one")
        found = cls()
        found._read_note()
        return found

    def add_learner(self, username: str) -> None:
        """Give an account, with the learner's password, to somebody who has never sat an assessment."""
        with connect() as database:
            database.execute(_ADD_ACCOUNT, [username])
            database.execute(_GIVE_ACCOUNT, [username])
        self.accounts[username] = {**self.accounts["learner"], "username": username}

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)
            NOTE.unlink(missing_ok=True)

    def _read_note(self) -> None:
        loaded = json.loads(NOTE.read_text(encoding="utf-8"))
        self.url, self.accounts = loaded["url"].rstrip("/"), loaded["accounts"]

    def get_json(self, path: str, role: str) -> Any:
        """Return the JSON of an API address as the account of that role."""
        request = urllib.request.Request(
            self.url + path, headers={"Authorization": f"Bearer {self.accounts[role]['token']}"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def _wait_for_worker(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(self.url + "/health/ready", timeout=10):
                    return
            except OSError:
                time.sleep(0.5)
        raise RuntimeError("the worker did not become ready")


def _fresh_database() -> None:
    urls = json.loads(SERVICES_FILE.read_text(encoding="utf-8"))["urls"]
    with psycopg.connect(urls["DATABASE_OWNER_URL"], autocommit=True) as owner:
        name = sql.Identifier(DATABASE)
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        owner.execute(sql.SQL("CREATE DATABASE {}").format(name))


def connect() -> psycopg.Connection[tuple[Any, ...]]:
    """Return a connection to the installation's database as the application's role."""
    return psycopg.connect(environment()["DATABASE_URL"])
