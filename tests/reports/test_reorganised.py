"""Cells follow a reorganisation, and its undoing, to the last millionth."""

from datetime import date, timedelta

import pytest

from organisation.api import today, undo_reorganisation
from organisation.models import Posting
from organisation.reorganising.steps import Merge, Split
from reports.api import fold_changed_people, rebuild_cells
from reports.models import Cell
from tests.factories.organisation import UnitFactory, UserFactory
from tests.factories.reports import make_competencies, make_position, staff
from tests.organisation.reorganising import applied, new
from tests.reports import oracle

pytestmark = pytest.mark.django_db


def counted() -> dict[str, int]:
    """People required by unit, own staff alone."""
    cells = Cell.objects.filter(scope="own", position_group=None)
    return dict(cells.order_by("unit__code").values_list("unit__code", "required"))


def check() -> None:
    """Stored cells equal brute force, and a rebuild changes nothing."""
    stored = oracle.stored("subtree")
    assert stored == oracle.subtree_cells(oracle.stored("own"))
    rebuild_cells(refit=False)
    assert oracle.stored("subtree") == stored


def test_cells_follow_a_merge_and_its_undoing(django_capture_on_commit_callbacks):
    (competency,) = make_competencies(1)
    position = make_position({competency: 4})
    top = UnitFactory(code="T", kind="province")
    first, second = UnitFactory(code="A", parent=top), UnitFactory(code="B", parent=top)
    staff(first, position, competency, 6)
    staff(second, position, competency, 7)
    rebuild_cells()
    before = oracle.stored("subtree")
    with django_capture_on_commit_callbacks(execute=True):
        made = applied(Merge(("A", "B"), "N", new("N", "T")))
    fold_changed_people()
    assert counted() == {"N": 13}
    check()
    with django_capture_on_commit_callbacks(execute=True):
        undo_reorganisation(made.pk, actor=UserFactory())
    fold_changed_people()
    assert counted() == {"A": 6, "B": 7}
    assert oracle.stored("subtree") == before


def test_cells_follow_people_who_change_units_while_no_unit_changes(django_capture_on_commit_callbacks):
    (competency,) = make_competencies(1)
    position = make_position({competency: 4})
    top = UnitFactory(code="T", kind="province")
    first, _second = UnitFactory(code="A", parent=top), UnitFactory(code="B", parent=top)
    staff(first, position, competency, 6)
    rebuild_cells()
    with django_capture_on_commit_callbacks(execute=True):
        applied(Split("A", ("A", "B"), "A", (), "evenly"))
    fold_changed_people()
    assert counted() == {"A": 3, "B": 3}
    check()


def test_reorganisation_of_the_past_moves_postings_that_began_since(django_capture_on_commit_callbacks):
    (competency,) = make_competencies(1)
    position = make_position({competency: 4})
    top = UnitFactory(code="T", kind="province")
    first, _second = UnitFactory(code="A", parent=top), UnitFactory(code="B", parent=top)
    (person,) = staff(first, position, competency, 1)
    rebuild_cells()
    with django_capture_on_commit_callbacks(execute=True):
        applied(Merge(("A",), "B"), day=today() - timedelta(days=30))
    fold_changed_people()
    assert counted() == {"B": 1}
    assert Posting.objects.filter(person=person, valid__contains=date(2021, 1, 1)).get().unit.code == "A"
