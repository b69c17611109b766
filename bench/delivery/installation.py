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
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench.databases import drop

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


@dataclass(frozen=True)
class Examinee:
    """A person who is signed in and has not begun: what a browser needs to sit a form of 20 questions.

    page_form: code of the form on one page; page_fields: its right answers as the page posts them. single_form: of the
    same questions one by one; single_fields: the answer to each by version.
    """

    session: str
    page_form: str
    page_fields: tuple[tuple[str, str], ...]
    single_form: str
    single_fields: dict[str, tuple[tuple[str, str], ...]]


def enter_database() -> str:
    """Point this process and its children at the bench's own, new database; return its address for the site's role."""
    urls = json.loads(SERVICES_FILE.read_text(encoding="utf-8"))["urls"]
    with psycopg.connect(urls["DATABASE_OWNER_URL"], autocommit=True) as owner:
        drop(owner, DATABASE)
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
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


def copy_database(name: str) -> str:
    """Make another database as the bench's own is now, which nothing may use meanwhile; return its owner's address."""
    from django.db import connections

    connections.close_all()
    address = os.environ["DATABASE_OWNER_URL"]
    drop_database(name)
    with psycopg.connect(_with_path(address, "postgres"), autocommit=True) as owner:
        pair = (sql.Identifier(name), sql.Identifier(DATABASE))
        owner.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*pair))
    return _with_path(address, name)


def drop_database(name: str) -> None:
    """Drop a database whoever uses it."""
    with psycopg.connect(_with_path(os.environ["DATABASE_OWNER_URL"], "postgres"), autocommit=True) as owner:
        drop(owner, name)


def seat_people(count: int) -> list[Sitter]:
    """Load the content that ships, and seat so many people before the first question of the adaptive quiz."""
    import django

    django.setup()
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
        token = issue_token(user, "bench")
        value = version.kind.key(version.content)
        sitters.append(Sitter(token, _sign_in(user), str(attempt.pk), given.version_id, value))
    return sitters


def _sign_in(user: Any) -> str:
    """Return the key of a session of a user."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def invite_people(count: int, questions: int = 20) -> list[Examinee]:
    """Make a form of so many questions that ship, on one page and one by one, and so many people for it, signed in."""
    from assessments.domain.versions import playable_version
    from assessments.models import Assessment, AssessmentSection, ItemVersion, SectionItem
    from frontend.learn.question_fields import posted_value, prefix_of
    from organisation.api import today
    from organisation.models import Person, Position, Posting, Unit, User

    versions = ItemVersion.objects.filter(status="published").exclude(item__kind="simulation")
    chosen = list(versions.order_by("item__code").values_list("pk", flat=True)[:questions])
    for code, one_page in (("page", True), ("single", False)):
        form = Assessment.objects.create(
            code=code,
            mode="fixed",
            name_vi="Bài thi",
            name_en="Exam",
            is_open=True,
            max_items=questions,
            one_page=one_page,
        )
        section = AssessmentSection.objects.create(assessment=form, order=1, name_vi="Phần 1", name_en="Part 1")
        SectionItem.objects.bulk_create(
            SectionItem(section=section, order=order, version_id=pk) for order, pk in enumerate(chosen, 1)
        )
    answers = {}
    for pk in chosen:
        version = playable_version(pk)
        posted = posted_value(version.kind.key(version.content))
        answers[pk] = [(name, str(value)) for name, values in posted.lists() for value in values]
    page = tuple((prefix_of(pk) + name, value) for pk, fields in answers.items() for name, value in fields)
    single = {str(pk): tuple(fields) for pk, fields in answers.items()}
    unit, position = Unit.objects.get(code="ROOM"), Position.objects.get(code="one_stop_officer")
    examinees = []
    for number in range(count):
        user = User(username=f"examinee{number}")
        user.set_unusable_password()
        user.save()
        person = Person.objects.create(user=user, employee_code=f"E{number:05}", full_name=f"Người thi {number}")
        valid = (today() - timedelta(days=30), None)
        Posting.objects.create(person=person, unit=unit, position=position, kind=Posting.Kind.PRIMARY, valid=valid)
        examinees.append(Examinee(_sign_in(user), "page", page, "single", single))
    return examinees


@contextmanager
def serve(workers: int = 2, database: str | None = None) -> Iterator[int]:
    """Serve the installation, on this database, as `manage.py run` does, without worker and beat; yield the port."""
    from lms.runner import Runner, programs
    from lms.services.processes import free_port

    port = free_port(8150)
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], cwd=ROOT, check=True)
    web = [program for program in programs("127.0.0.1", port, workers, STATE_DIR) if program.name == "web"]
    runner = Runner(STATE_DIR / "log")
    if database is not None:
        os.environ["DATABASE_URL"] = _with_path(os.environ["DATABASE_URL"], database)
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
