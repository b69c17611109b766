"""Rows by kind, over random trees: never a figure that no page of a unit above shows."""

import random

import pytest

from organisation.models import Unit
from reports.api import gap_report, kinds_below, narrow_to_kind, publish_figures, rebuild_cells
from tests.factories.organisation import UnitFactory
from tests.factories.reports import make_competencies, make_position, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(db) -> Unit:
    """Departments with offices, and communes, of 1 to 12 people each; some hold nothing but offices."""
    draw = random.Random(7)
    first, second = make_competencies(2)
    position = make_position({first: 4, second: 5})
    root: Unit = UnitFactory(code="R", kind="province")
    for number in range(8):
        inner = UnitFactory(parent=root, kind="department" if number % 2 else "commune")
        staff(inner, position, first, draw.randint(0, 6))
        for _ in range(draw.randint(1, 4) if number % 2 else 0):
            staff(UnitFactory(parent=inner, kind="office"), position, first, draw.randint(1, 12))
    rebuild_cells()
    publish_figures()
    return root


@pytest.mark.parametrize("published", [False, True])
def test_every_row_is_one_of_the_page_above_it(tree, published):
    def read(unit: Unit):
        return gap_report(unit, published=published)

    whole = read(tree)
    kinds = kinds_below(whole)
    assert sorted(kinds) == ["commune", "department", "office"]
    shown = {row.of.pk: row for row in whole.children}
    for row in whole.children:
        shown |= {each.of.pk: each for each in read(Unit.objects.get(pk=row.of.pk)).children}
    listed = []
    for kind in kinds:
        narrowed = narrow_to_kind(whole, kind, kinds, read)
        assert (narrowed.competencies, narrowed.own) == (whole.competencies, None)
        assert [row.need for row in narrowed.children] == sorted((row.need for row in narrowed.children), reverse=True)
        assert {row.of.kind for row in narrowed.children} == {kind}
        assert [row.gaps for row in narrowed.children] == [shown[row.of.pk].gaps for row in narrowed.children]
        listed += [row.of.pk for row in narrowed.children]
    assert sorted(listed) == sorted(shown)
    hidden = {gap.suppressed for row in shown.values() for gap in row.gaps.values()}
    assert hidden == {False, True}
