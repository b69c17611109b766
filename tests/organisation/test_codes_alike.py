"""Employee codes that differ only in case: a file and an HR system at once, and what was there before."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.test import Client

from organisation.domain.hr_systems import admit_hr_system
from organisation.domain.imports import apply, jobs
from organisation.domain.people import code_in_use
from organisation.models import Person, StaffImport
from tests.factories.organisation import PersonFactory, RoleGrantFactory
from tests.organisation.conftest import Province
from tests.organisation.staff_files import AN, csv_file
from tests.organisation.test_scim import refusal, user

pytestmark = pytest.mark.django_db(transaction=True)

BINH = {**AN, "employee_code": "NV2", "full_name": "Lê Văn Bình"}
_WAITING = """
    SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                   WHERE NOT l.granted AND a.datname = current_database())
"""


@pytest.fixture
def importing(province: Province, settings, tmp_path: Path) -> StaffImport:
    """A checked file of NV1 and NV2."""
    settings.STATE_DIR = tmp_path
    hr = RoleGrantFactory(role="hr", unit=province.top).user
    return jobs.start_import(hr, [csv_file([BINH, AN]).getvalue()], "staff.csv")


def beside(work: Callable[[], object]) -> threading.Thread:
    """Begin the work on a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.fixture
def asking(province: Province) -> Callable[[], HttpResponse]:
    """An HR system asks for nv1."""
    token = admit_hr_system("HRM", province.top)

    def ask() -> HttpResponse:
        client: Any = Client()
        given = {"data": json.dumps(user(userName="nv1")), "content_type": "application/scim+json"}
        answer: HttpResponse = client.post("/scim/v2/Users", **given, headers={"Authorization": f"Bearer {token}"})
        return answer

    return ask


def test_a_file_is_told_row_and_column_of_a_code_that_an_hr_system_took_meanwhile(
    importing: StaffImport, asking, monkeypatch
) -> None:
    write, answers = apply.write_staged, list[HttpResponse]()

    def after_the_system(*arguments):
        if not answers:
            beside(lambda: answers.append(asking())).join(20)
        return write(*arguments)

    monkeypatch.setattr(apply, "write_staged", after_the_system)
    jobs.confirm_import(importing, is_partial=False)
    importing.refresh_from_db()
    assert (answers[0].status_code, importing.status, importing.refusal) == (201, "ready", "outdated")
    assert [(each.row, each.column, each.reason, each.values) for each in jobs.faults_of(importing)] == [
        (3, "employee_code", "differs_in_case", {"code": "NV1", "other": "nv1"})
    ]
    assert list(Person.objects.values_list("employee_code", flat=True)) == ["nv1"]


def test_an_hr_system_is_told_of_a_code_that_a_file_took_meanwhile(importing: StaffImport, asking, monkeypatch) -> None:
    announce, answers, begun = apply.announce_postings, list[HttpResponse](), list[threading.Thread]()

    def begin_asking(people):
        begun.append(beside(lambda: answers.append(asking())))
        with connection.cursor() as cursor:
            for _ in range(100):
                cursor.execute(_WAITING)
                if cursor.fetchone() == (True,) or answers:
                    break
                time.sleep(0.05)
        announce(people)

    monkeypatch.setattr(apply, "announce_postings", begin_asking)
    jobs.confirm_import(importing, is_partial=False)
    begun[0].join(20)
    importing.refresh_from_db()
    assert (importing.status, importing.refusal) == ("done", "")
    assert refusal(answers[0])[:2] == (409, "uniqueness")
    assert sorted(Person.objects.values_list("employee_code", flat=True)) == ["NV1", "NV2"]


@pytest.fixture
def before_codes_were_compared() -> Iterator[None]:
    """The database as it was before it refused codes that differ only in case."""

    def migrate(name: str) -> None:
        executor = MigrationExecutor(connection)
        executor.migrate([("organisation", name)])

    latest = MigrationExecutor(connection).loader.graph.leaf_nodes("organisation")[0][1]
    migrate("0013_codes_in_any_case")
    yield
    Person.objects.exclude(employee_code="NV1").delete()
    migrate(latest)


def test_pairs_that_were_there_before_stay_and_admit_no_third(before_codes_were_compared) -> None:
    with connection.cursor() as cursor:
        for code in ("NV1", "nv1", "NV2"):
            cursor.execute(
                "INSERT INTO organisation_person (employee_code, full_name, sort_key, search_key, email, gender)"
                " VALUES (%s, 'An', 'A', 'an', '', '')",
                [code],
            )
    MigrationExecutor(connection).migrate([("organisation", "0014_codes_alike_and_further_postings")])
    twins = Person.objects.order_by("pk").values_list("employee_code", "code_twin")
    assert list(twins) == [("NV1", 0), ("nv1", 1), ("NV2", 0)]
    twin = Person.objects.get(employee_code="nv1")
    twin.email = "an@x.vn"
    twin.save()  # what is recorded of them can be changed
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonFactory(employee_code="Nv1")
    assert code_in_use("Nv1")
    twin.employee_code = "NV7"
    twin.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonFactory(employee_code="nv7")
