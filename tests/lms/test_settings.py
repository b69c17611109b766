"""Production refuses to start half-configured."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from lms.checks import role_errors
from lms.services.postgres import Postgres

COMPLETE = {
    "SECRET_KEY": "k" * 50,
    "ALLOWED_HOSTS": "thang.example",
    "DATABASE_URL": "postgres://a@127.0.0.1:1/b",
    "BROKER_URL": "redis://127.0.0.1:1/0",
    "CACHE_URL": "redis://127.0.0.1:1/1",
    "PROXY_COUNT": "1",
}


def load_prod(environment: dict[str, str]) -> str:
    """Load the production settings in a fresh process; return what it says last on stderr."""
    result = subprocess.run(
        [sys.executable, "-c", "import lms.settings.prod"],
        env={"PATH": os.environ["PATH"], **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stderr.strip().splitlines()[-1] if result.returncode else ""


def test_prod_starts_when_complete() -> None:
    assert load_prod(COMPLETE) == ""


@pytest.mark.parametrize("name", sorted(COMPLETE))
def test_prod_refuses_a_missing_variable(name: str) -> None:
    rest = {key: value for key, value in COMPLETE.items() if key != name}
    assert load_prod(rest).endswith(f"Set these environment variables before starting: {name}")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"DEBUG": "1"}, "DEBUG is not possible in production; unset it."),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is shorter than 40 characters."),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name hosts, not '*'."),
    ],
)
def test_prod_refuses_a_weak_value(change: dict[str, str], message: str) -> None:
    assert load_prod({**COMPLETE, **change}).endswith(message)


@pytest.mark.django_db
def test_a_plain_database_role_is_accepted() -> None:
    assert role_errors() == []


@pytest.mark.django_db
def test_a_superuser_database_role_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    state_dir = Path(settings.STATE_DIR)
    server = Postgres(state_dir)
    port = server.port()
    if port is None:
        pytest.skip("the superuser's password is known only for the embedded server")
    password = json.loads((state_dir / "passwords.json").read_text())["superuser"]
    superuser = psycopg.connect(server.url("postgres", password, port), dbname=connection.settings_dict["NAME"])
    with superuser, superuser.cursor() as cursor:
        monkeypatch.setattr(connection, "cursor", lambda: cursor)
        assert [error.id for error in role_errors()] == ["lms.E001"]
