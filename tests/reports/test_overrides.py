"""Cells count what is required of a person alone in place of what the post requires."""

import pytest

from competencies.api import set_override
from organisation.api import today
from reports.api import fold_changed_people, rebuild_cells
from reports.models import Cell
from tests.factories.organisation import UnitFactory
from tests.factories.reports import make_competencies, make_position, staff
from tests.reports import oracle

pytestmark = pytest.mark.django_db


def test_cells_follow_requirements_of_single_people(django_capture_on_commit_callbacks):
    first, second, third = make_competencies(3)
    people = staff(UnitFactory(), make_position({first: 4, second: 3}), first, 5)
    rebuild_cells()
    before = Cell.objects.get(scope="own", competency=first, position_group=None)
    with django_capture_on_commit_callbacks(execute=True):
        for competency, level in ((first, 8), (second, None), (third, 5)):
            set_override(people[0], competency, level, reason="Kiêm nhiệm", valid_from=today(), actor=None)
    fold_changed_people()
    cells = Cell.objects.filter(scope="own", position_group=None).order_by("competency")
    assert list(cells.values_list("competency", "required")) == [(first.pk, 5), (second.pk, 4), (third.pk, 1)]
    assert cells[0].sum_below > before.sum_below
    stored = oracle.stored("own")
    wanted = oracle.own_cells()
    assert stored.keys() == wanted.keys()
    for key, values in stored.items():
        assert oracle.flat(values) == pytest.approx(wanted[key], abs=1)
