"""What the pages of a reorganisation must not tell: people long since elsewhere, other units, small groups."""

from datetime import date

import pytest
from django.urls import reverse

from courses.models import Enrolment
from organisation.api import change_unit, end_posting
from organisation.models import Posting, Unit
from organisation.reorganising.steps import Merge
from tests.factories.courses import CourseFactory
from tests.factories.organisation import PersonFactory, PostingFactory, RoleGrantFactory, UnitFactory
from tests.frontend.hr.test_reorganisations import browser, people_of, top
from tests.organisation.reorganising import draft

pytestmark = pytest.mark.django_db
__all__ = ["top"]
PAST = date(2024, 1, 1)


def page_of(client, made) -> str:
    return client.get(reverse("hr:reorganisation", args=[made.pk])).content.decode()


def test_who_works_elsewhere_today_is_not_listed_for_a_day_in_the_past(top):
    commune = Unit.objects.get(code="AB-01")
    names = ("Lê Thị Ở Lại", "Trần Văn Đi Xa", "Vũ Thị Nghỉ Việc")
    people = [PersonFactory(full_name=name) for name in names]
    for person in people:
        PostingFactory(person=person, unit=commune)
        Enrolment.objects.create(person=person, course=CourseFactory(name_vi=f"Khoá của {person.full_name}"))
    for person in people[1:]:
        end_posting(Posting.objects.get(person=person), date(2025, 1, 1))
    PostingFactory(person=people[1], unit=Unit.objects.get(code="BM"), valid_from=date(2025, 1, 1))
    client = browser(RoleGrantFactory(role="hr", unit=top, sees_people=True).user)
    page = people_of(client, draft(Merge(("AB-01",), "AB-02"), day=PAST, scope=top), "AB-01").content.decode()
    assert [name in page for name in names] == [True, False, False]
    assert "1 người chuyển sang đơn vị khác" in page


def test_people_of_a_unit_that_left_the_scope_are_not_listed(top):
    moved = UnitFactory(code="AB-7", parent=top)
    PostingFactory(unit=moved)
    client = browser(RoleGrantFactory(role="hr", unit=top, sees_people=True).user)
    made = draft(Merge(("AB-01",), "AB-02"), day=PAST, scope=top)
    assert people_of(client, made, "AB-7").status_code == 200
    change_unit(moved, from_day=date(2025, 1, 1), parent=Unit.objects.get(code="BM"))
    assert people_of(client, made, "AB-7").status_code == 404
