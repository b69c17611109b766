"""A staff file is written while a reorganisation is applied or undone: they wait for each other in one order."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from organisation.api import apply_reorganisation, today, undo_reorganisation
from organisation.domain.imports import apply
from organisation.domain.imports.apply import apply_import
from organisation.domain.imports.check import plan_import
from organisation.models import Person, Posting, Unit
from organisation.reorganising.steps import Create, Merge
from tests.factories.organisation import UserFactory
from tests.organisation.conftest import Province
from tests.organisation.reorganising import applied, approved, new
from tests.organisation.staff_files import AN, Values, csv_file

pytestmark = pytest.mark.django_db(transaction=True)

DAY = today() - timedelta(days=3)
OFFICE: Values = {
    **AN, "unit_code": "AB-09", "unit_name": "Phòng Mới", "unit_kind": "office", "parent_code": "AB", "from": DAY
}  # fmt: skip
_WAITING = """
    SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                   WHERE NOT l.granted AND a.datname = current_database())
"""


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
            finally:
                connection.close()

        thread = threading.Thread(target=work)
        step = getattr(apply, at)

        def begin_other(*arguments, **more):
            thread.start()
            with connection.cursor() as cursor:
                for _ in range(100):
                    cursor.execute(_WAITING)
                    if cursor.fetchone() == (True,) or outcome:
                        break
                    time.sleep(0.05)
            return step(*arguments, **more)

        monkeypatch.setattr(apply, at, begin_other)
        apply_import(plan_import(csv_file([OFFICE]), "staff.csv"))
        thread.join(20)
        return outcome

    return run


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
