"""An installation of its own to load: a database beside the others, content, people with tokens and open sittings."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent.parent
SERVICES_FILE = ROOT / ".thang" / "services.json"
DATABASE = "thang_bench_delivery"
STATE_DIR = ROOT / ".thang" / "bench-delivery"
SITTING_HOURS = 4


@dataclass(frozen=True)
class Sitter:
    """A person with an open sitting: what a client needs to answer its first question and to open pages.

    value: a well-formed answer to the question.
    """

    token: str
    session: str
    attempt: str
    version: int
    value: object


def enter_database() -> str:
    """Point this process and its children at the bench's own, new database; return its address for the site's role."""
    urls = json.loads(SERVICES_FILE.read_text(encoding="utf-8"))["urls"]
    with psycopg.connect(urls["DATABASE_OWNER_URL"], autocommit=True) as owner:
        name = sql.Identifier(DATABASE)
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        owner.execute(sql.SQL("CREATE DATABASE {}").format(name))
    STATE_DIR.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="lms.settings.dev",
        THANG_STATE_DIR=str(STATE_DIR),
        DATABASE_URL=_with_path(urls["DATABASE_URL"], DATABASE),
        DATABASE_OWNER_URL=_with_path(urls["DATABASE_OWNER_URL"], DATABASE),
        BROKER_URL=_with_path(urls["BROKER_URL"], "8"),
        CACHE_URL=_with_path(urls["CACHE_URL"], "9"),
    )
    return os.environ["DATABASE_URL"]


def seat_people(count: int) -> list[Sitter]:
    """Load the content that ships, and seat so many people before the first question of the adaptive quiz."""
    import django

    django.setup()
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.core.management import call_command
    from django.utils import timezone

    from assessments.api import item_of, next_item, start_attempt
    from assessments.domain.versions import playable_version
    from assessments.models import Assessment, Attempt
    from organisation.api import issue_token, today
    from organisation.models import Person, Position, Posting, Unit, UnitVersion, User

    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_content", verbosity=0)
    call_command("load_courses", verbosity=0)
    unit = Unit.objects.create(code="ROOM")
    whole = (today() - timedelta(days=30), None)
    UnitVersion.objects.create(unit=unit, valid=whole, kind="commune", name_vi="Phòng máy", name_en="Computer room")
    position = Position.objects.get(code="one_stop_officer")
    quiz = Assessment.objects.get(code="digital-ai-quiz")
    engine = import_module(settings.SESSION_ENGINE)
    sitters = []
    for number in range(count):
        user = User.objects.create(username=f"sitter{number}")
        user.set_unusable_password()
        user.save()
        person = Person.objects.create(user=user, employee_code=f"S{number:05}", full_name=f"Người thi {number}")
        Posting.objects.create(person=person, unit=unit, position=position, kind=Posting.Kind.PRIMARY, valid=whole)
        attempt = start_attempt(person, quiz, seed=number)
        Attempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() + timedelta(hours=SITTING_HOURS))
        given = next_item(attempt)
        assert given is not None
        version = playable_version(given.version_id)
        item_of(given.version_id)
        session = engine.SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        token = issue_token(user, "bench")
        value = version.kind.key(version.content)
        sitters.append(Sitter(token, session.session_key, str(attempt.pk), given.version_id, value))
    return sitters


@contextmanager
def serve(workers: int = 2) -> Iterator[int]:
    """Serve the installation as `manage.py run` does, without worker and beat; yield the port."""
    from lms.runner import Runner, programs
    from lms.services.processes import free_port

    port = free_port(8150)
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], cwd=ROOT, check=True)
    web = [program for program in programs("127.0.0.1", port, workers, STATE_DIR) if program.name == "web"]
    runner = Runner(STATE_DIR / "log")
    runner.start(web)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5):
                    break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        yield port
    finally:
        runner.stop()


def _with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}"))
