"""An HR system writes while a reorganisation is applied: neither costs the other its transaction."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from organisation.api import apply_due_reorganisations, apply_reorganisation, today
from organisation.domain import posting_changes
from organisation.domain.hr_systems import admit_hr_system
from organisation.domain.reorganisations import applying
from organisation.models import Person, Reorganisation
from organisation.reorganising.steps import Merge, Rename
from tests.factories.organisation import PersonFactory, PositionFactory, PostingFactory, UnitFactory
from tests.organisation.conftest import Province
from tests.organisation.connections import begin_beside, wait_for_a_waiter
from tests.organisation.reorganising import approved, new
from tests.organisation.test_scim import GROUP, replace, user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def merger(province: Province) -> Reorganisation:
    PostingFactory(person=PersonFactory(employee_code="CB1"), unit=province.first, position=province.clerk)
    return approved(Merge(("AB-01", "AB-02"), "AB-N", new("AB-N", "AB")), day=today() - timedelta(days=3))


@pytest.fixture
def beside(province: Province, merger: Reorganisation, monkeypatch) -> Callable[..., HttpResponse]:
    """Send a request from another connection once the merger holds all postings, which goes on when that waits."""
    token = admit_hr_system("HRM", province.top)
    holds, answers = threading.Event(), list[HttpResponse]()
    real = applying._end_units

    def end_units(*arguments):
        holds.set()
        wait_for_a_waiter(answers)
        return real(*arguments)

    monkeypatch.setattr(applying, "_end_units", end_units)

    def send(method: str, path: str, body: object) -> HttpResponse:
        def ask() -> None:
            holds.wait(10)
            given = {"data": json.dumps(body), "content_type": "application/scim+json"}
            sent = getattr(Client(), method)(f"/scim/v2{path}", **given, headers={"Authorization": f"Bearer {token}"})
            answers.append(sent)

        thread = begin_beside(ask)
        assert apply_reorganisation(merger.pk)
        thread.join(20)
        return answers[0]

    return send


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_user_is_another_after_the_reorganisation_and_has_to_be_read_again(beside, method: str) -> None:
    person = Person.objects.get(employee_code="CB1")
    assert beside(method, f"/Users/{person.pk}", replace("title", "chair")).status_code == 412
    held = person.postings.order_by("valid").values_list("unit__code", "position__code")
    assert list(held) == [("AB-01", "clerk"), ("AB-N", "clerk")]


def test_a_user_made_meanwhile_is_told_where_they_cannot_be(beside) -> None:
    assert beside("post", "/Users", user(userName="CB2", department="AB-02")).status_code == 400
    assert not Person.objects.filter(employee_code="CB2").exists()


def test_a_group_renamed_meanwhile_leaves_the_reorganisation_alone(beside, province: Province, merger) -> None:
    body = {"schemas": [GROUP], "displayName": "Xã Khác"}
    assert beside("put", f"/Groups/{province.second.pk}", body).status_code == 409
    merger.refresh_from_db()
    assert merger.status == "applied"


def test_who_would_wait_too_long_is_told_to_come_again(province: Province, monkeypatch) -> None:
    monkeypatch.setattr(posting_changes, "_WAITS", "100ms")
    person = PostingFactory(unit=province.first, position=province.clerk).person
    token = admit_hr_system("HRM", province.top)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE organisation_posting IN SHARE ROW EXCLUSIVE MODE")
            given = {"data": json.dumps(replace("title", "chair")), "content_type": "application/scim+json"}
            answer = Client().patch(
                f"/scim/v2/Users/{person.pk}", **given, headers={"Authorization": f"Bearer {token}"}
            )
    finally:
        other.close()
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")


def test_one_that_the_database_gives_up_is_noted_and_the_others_go_on() -> None:
    PositionFactory(code="clerk")
    units = [UnitFactory(code=code, name_vi=f"Xã {code}", kind="commune") for code in ("A", "B")]
    first, second = (approved(Rename(unit.code, "Xã Mới", "", "commune"), day=today()) for unit in units)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN; SELECT 1 FROM organisation_unitversion WHERE unit_id = %s FOR UPDATE", [units[0].pk])
            with connection.cursor() as own:
                own.execute("SET lock_timeout = '100ms'")
            assert apply_due_reorganisations() == [second.pk]
    finally:
        other.close()
        with connection.cursor() as own:
            own.execute("RESET lock_timeout")
    first.refresh_from_db()
    assert first.status == "approved"
    assert first.failure == "Cơ sở dữ liệu đã dừng lại vì vướng việc khác. Hệ thống sẽ tự thử lại."
    assert apply_due_reorganisations() == [first.pk]
    first.refresh_from_db()
    assert (first.status, first.failure) == ("applied", "")
