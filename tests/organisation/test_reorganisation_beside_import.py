"""A staff file is written while a reorganisation is applied or undone: they wait for each other in one order."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from organisation.api import apply_reorganisation, today, undo_reorganisation
from organisation.domain.imports import apply
from organisation.domain.imports.apply import ImportRefused, apply_import
from organisation.domain.imports.check import plan_import
from organisation.domain.posting_changes import take_turn
from organisation.domain.postings import leave
from organisation.models import Person, Posting, Unit
from organisation.reorganising.steps import Create, Merge
from tests.factories.organisation import PostingFactory, UserFactory
from tests.organisation.conftest import Province
from tests.organisation.connections import begin_beside, wait_for_a_waiter
from tests.organisation.reorganising import applied, approved, new
from tests.organisation.staff_files import AN, Values, csv_file

pytestmark = pytest.mark.django_db(transaction=True)

DAY = today() - timedelta(days=3)
OFFICE: Values = {
    **AN, "unit_code": "AB-09", "unit_name": "Phòng Mới", "unit_kind": "office", "parent_code": "AB", "from": DAY
}  # fmt: skip


@pytest.fixture
def import_beside(monkeypatch) -> Callable[[str, Callable[[], object]], list[object]]:
    """Import OFFICE; `other` runs on a connection of its own from the step `at` on, which goes on when that waits."""

    def run(at: str, other: Callable[[], object]) -> list[object]:
        outcome: list[object] = []

        def work() -> None:
            try:
                outcome.append(other())
            except Exception as error:
                outcome.append(error)

        begun: list[threading.Thread] = []
        step = getattr(apply, at)

        def begin_other(*arguments, **more):
            begun.append(begin_beside(work))
            wait_for_a_waiter(outcome)
            return step(*arguments, **more)

        monkeypatch.setattr(apply, at, begin_other)
        apply_import(plan_import(csv_file([OFFICE]), "staff.csv"))
        begun[0].join(20)
        return outcome

    return run


def test_a_file_holds_nobody_while_it_waits_for_a_reorganisation(province: Province) -> None:
    person = PostingFactory(person__employee_code="NV1", unit=province.first, position=province.clerk).person
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE organisation_posting IN SHARE ROW EXCLUSIVE MODE")
        rows = [{**AN, "full_name": "", "email": "an@x.vn", "to": "2030-12-31"}]
        thread = begin_beside(lambda: apply_import(plan_import(csv_file(rows), "staff.csv")))
        wait_for_a_waiter()
        cursor.execute("SELECT 1 FROM organisation_person WHERE id = %s FOR NO KEY UPDATE NOWAIT", [person.pk])
        cursor.execute("COMMIT")
    other.close()
    thread.join(20)
    person.refresh_from_db()
    assert person.email == "an@x.vn"


def test_a_file_waits_for_who_is_at_the_people_whom_it_gives_further_postings(province: Province) -> None:
    person = PostingFactory(person__employee_code="NV1", unit=province.first, position=province.clerk).person
    sent = {**AN, "full_name": "", "unit_code": "AB-02", "posting_kind": "kiêm nhiệm", "from": DAY}
    made: list[object] = []

    def bring() -> None:
        try:
            apply_import(plan_import(csv_file([sent]), "staff.csv"))
        except ImportRefused as refused:
            made.append(refused)

    with transaction.atomic():
        take_turn(person.pk)
        leave(person, day=DAY)
        thread = begin_beside(bring)
        wait_for_a_waiter()
    thread.join(20)
    assert len(made) == 1
    assert list(person.postings.values_list("kind", flat=True)) == ["primary"]


def test_undoing_waits_for_the_units_of_a_file_before_it_holds_postings(province: Province, import_beside) -> None:
    merger = applied(Merge(("AB-01", "AB-02"), "AB-N", new("AB-N", "AB")), day=DAY)
    assert import_beside("write_staged", lambda: undo_reorganisation(merger.pk, actor=UserFactory())) == [None]
    merger.refresh_from_db()
    assert merger.status == "undone"
    assert list(Posting.objects.values_list("unit__code", "person__employee_code")) == [("AB-09", "NV1")]


def test_a_unit_of_a_file_and_of_a_reorganisation_is_made_by_one_of_them(province: Province, import_beside) -> None:
    made = approved(Create(new("AB-09", "AB")), day=DAY)
    (refused,) = import_beside("unit_version", lambda: apply_reorganisation(made.pk))
    assert "AB-09" in str(refused)
    assert (Unit.objects.filter(code="AB-09").count(), Person.objects.count()) == (1, 1)
