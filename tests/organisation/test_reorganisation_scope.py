"""What an officer's reorganisation may reach: inside its scope then and now; and what it must not tell of elsewhere."""

from datetime import date

import pytest

from organisation.api import change_unit, preview_reorganisation
from organisation.reorganising.steps import Create, Dissolve, Merge, Split
from tests.factories.organisation import PersonFactory, PostingFactory, UnitFactory
from tests.organisation.conftest import Province
from tests.organisation.reorganising import draft, new

pytestmark = pytest.mark.django_db
OUTSIDE = "nằm ngoài phạm vi của đợt sắp xếp này"


def told(*steps, scope, day=date(2023, 6, 1)) -> list[str]:
    return [message for _place, message in preview_reorganisation(draft(*steps, day=day, scope=scope)).problems]


def test_what_lay_inside_once_and_lies_elsewhere_today_is_outside(province: Province):
    moved = UnitFactory(code="B", kind="district", parent=province.top)
    for code in ("B-1", "B-2"):
        UnitFactory(code=code, parent=moved)
    assert told(Dissolve("B-1", "B-2"), scope=province.top) == []
    change_unit(moved, from_day=date(2024, 1, 1), parent=province.neighbour)
    messages = told(Dissolve("B-1", "B-2"), scope=province.top)
    assert messages
    assert all(OUTSIDE in each for each in messages)
    # Nor does it from the other side: it lies inside today and did not on that day.
    assert all(OUTSIDE in each for each in told(Dissolve("B-1", "B-2"), scope=province.neighbour))
    # A child of theirs today takes no unit of the other tree in either.
    assert OUTSIDE in told(Dissolve("AB-01", "B-1"), scope=province.top)[0]
    assert OUTSIDE in told(Create(new("X", "B")), scope=province.top)[0]
    assert told(Dissolve("B-1", "B-2"), scope=province.neighbour, day=date(2025, 7, 1)) == []


def test_scope_comes_first_and_tells_nothing_of_units_elsewhere(province: Province):
    elsewhere = UnitFactory(code="BM-9", parent=province.neighbour)
    PostingFactory(unit=elsewhere, person=PersonFactory(employee_code="NV1"))
    listed = [
        told(Split("BM-9", ("BM-9", "AB-01"), "BM-9", (), "list", {number: "AB-01"}), scope=province.top)
        for number in ("NV1", "NV2")
    ]
    assert listed[0] == listed[1]
    below = told(Dissolve("BM", "AB-01"), scope=province.top)
    assert len(below) == 1
    assert "BM-9" not in below[0]
    there, absent = (told(Merge((code,), "AB-01"), scope=province.top) for code in ("BM-9", "BM-8"))
    assert [each.replace("BM-9", "BM-8") for each in there] == absent


def test_making_a_unit_with_a_code_from_elsewhere_does_not_open_it(province: Province):
    UnitFactory(code="BM-9", parent=province.neighbour)
    messages = told(Create(new("BM", "AB")), Dissolve("BM", "AB-01"), scope=province.top)
    assert not any("BM-9" in each for each in messages)
