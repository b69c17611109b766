"""What the pages of a reorganisation must not tell: people long since elsewhere, other units, small groups."""

import re
from datetime import date
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from competencies.api import set_override
from courses.models import Enrolment
from organisation.api import (
    add_steps,
    change_unit,
    content_digest,
    draft_reorganisation,
    end_posting,
    preview_reorganisation,
)
from organisation.models import Posting, Reorganisation, Unit
from organisation.reorganising.steps import Merge, NewUnit, Rename, Split
from tests.factories.courses import CourseFactory, LessonFactory
from tests.factories.organisation import PersonFactory, PositionFactory, PostingFactory, RoleGrantFactory, UnitFactory
from tests.factories.reports import make_competencies
from tests.frontend.hr.reading import tables
from tests.frontend.hr.test_reorganisations import act, browser, officer, people_of, step, top
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


def test_nobody_approves_what_they_changed_in_somebody_elses_draft(top):
    second, third = officer(top), officer(top)
    made = draft(Merge(("AB-01",), "AB-02"), scope=top)
    client = browser(second)
    client.post(reverse("hr:reorganisation-step-remove", args=[made.pk, made.steps.get().pk]))
    assert act(browser(third), made, "approve") == "draft"  # nothing is left to approve
    assert step(client, made, "rename", unit="AB-01", name_vi="Xã Khác") == 302
    assert 'value="approve"' not in page_of(client, made)
    assert act(client, made, "approve") == "draft"
    assert act(browser(third), made, "approve") == "approved"


def test_whoever_describes_a_draft_made_by_command_does_not_approve_it(top):
    made = draft_reorganisation(number="1", title="A", in_force=date(2025, 7, 1), scope=top)
    add_steps(made, [Merge(("AB-01",), "AB-02")])
    editor = browser(officer(top))
    said = {"number": "1", "title": "B", "in_force": "2025-08-01", "note": ""}
    assert editor.post(reverse("hr:reorganisation-edit", args=[made.pk]), said).status_code == 302
    assert act(editor, made, "approve") == "draft"
    assert act(browser(officer(top)), made, "approve") == "approved"


def test_what_was_changed_after_it_was_seen_is_not_approved(top):
    made = draft(Merge(("AB-01",), "AB-02"), scope=top)
    second = browser(officer(top))
    address = reverse("hr:reorganisation-act", args=[made.pk])
    (seen,) = re.findall(r'name="seen" value="(\w+)"', page_of(second, made))
    add_steps(made, [Rename("AB-02", "Xã Khác")])
    for said in ({"seen": seen}, {"seen": ""}, {}):
        page = second.post(address, {"action": "approve", **said}, follow=True).content.decode()
        made.refresh_from_db()
        assert made.status == "draft"
        assert "đã thay đổi sau khi anh/chị mở" in page
        assert "Xã Khác" in page
    (seen,) = re.findall(r'name="seen" value="(\w+)"', page_of(second, made))
    second.post(address, {"action": "approve", "seen": seen})
    made.refresh_from_db()
    assert made.status == "approved"


def test_step_forms_answer_alike_for_units_elsewhere_and_units_that_are_not_there(top):
    UnitFactory(code="BM-1", name_vi="Xã Hoà Bình", parent=Unit.objects.get(code="BM"))
    made = draft(scope=top)
    client = browser(officer(top))

    def said(unit: str) -> str:
        address = reverse("hr:reorganisation-step", args=[made.pk, "move"])
        response = client.post(address, {"unit": unit, "parent": "AB"})
        return str(response.context["form"].errors.get("unit")).replace(unit, "?")

    assert said("BM-1") == said("BM-2")
    assert said("Tỉnh Bình Minh") == said("Tỉnh Không Có")
    assert step(client, made, "move", unit="Xã Hoà Bình", parent="AB") == 302  # the one inside
    assert step(browser(officer(None)), draft(), "move", unit="BM-1", parent="AB") == 302


def test_lists_of_employees_tell_nothing_to_who_may_not_see_people(top):
    PostingFactory(unit=Unit.objects.get(code="AB-01"), person=PersonFactory(employee_code="NV1"))
    made = draft(scope=top)
    fields = {"unit": "AB-01", "parts": "AB-01\nAB-02", "follow": "list"}
    client = browser(officer(top))
    for number in ("NV1", "NV2"):
        assert step(client, made, "split", **fields, assign=f"{number}; AB-02") == 422
    assert step(client, made, "split", **fields | {"follow": "evenly"}) == 302
    seer = browser(RoleGrantFactory(role="hr", unit=top, sees_people=True).user)
    listed = draft(scope=top)
    assert step(seer, listed, "split", **fields, assign="NV2; AB-02") == 302
    assert "Công chức NV2 không làm việc" in page_of(seer, listed)
    assert "NV2" not in page_of(client, listed)
    assert "Danh sách của đơn vị AB-01 không khớp" in page_of(client, listed)
    said = {"action": "approve", "seen": content_digest(listed)}
    answer = client.post(reverse("hr:reorganisation-act", args=[listed.pk]), said, follow=True).content.decode()
    assert (listed.status, "NV2" in answer) == ("draft", False)


def split_of(top: Unit, people: int, follow: str = "evenly", **assign: str) -> Reorganisation:
    position = PositionFactory(code="clerk")
    for _ in range(people):
        PostingFactory(unit=Unit.objects.get(code="AB-01"), position=position)
    return draft(Split("AB-01", ("AB-01", "AB-02"), "AB-01", (), follow, assign), scope=top)


def row_of(page: str, code: str) -> list[str]:
    return next(row for row in tables(page)[1] if row[0].endswith(code))[2:]


@pytest.mark.parametrize(
    ("staying", "leaving", "people", "going", "totals"),
    [
        (6, 5, "11", "Xã Hoà Bình (AB-01): 6 Xã Tân Lập (AB-02): 5", ["5", "11"]),
        (5, 4, "9", "Xã Hoà Bình (AB-01): không hiển thị Xã Tân Lập (AB-02): không hiển thị", ["9"]),
        (2, 2, "dưới 5", "Xã Hoà Bình (AB-01): không hiển thị Xã Tân Lập (AB-02): không hiển thị", []),
    ],
)
def test_small_groups_are_not_counted_for_who_may_not_see_people(top, staying, leaving, people, going, totals):
    made = split_of(top, staying + leaving)
    person = Posting.objects.filter(unit__code="AB-01").first().person
    (competency,) = make_competencies(1)
    set_override(person, competency, 6, reason="Kiêm nhiệm", valid_from=date(2025, 1, 1), actor=None)
    lesson = LessonFactory()
    Enrolment.objects.create(person=person, course=lesson.module.course)
    page = page_of(browser(officer(top)), made)
    shown = row_of(page, "AB-01")
    assert shown[:2] == [people, going]
    assert "yêu cầu riêng" not in shown[2]
    assert "dưới 5 lượt ghi danh đang mở" in shown[2]
    figures = re.findall(r'class="figure"><dt>[^<]*</dt><dd>(\d+)', page)
    assert figures == totals  # who change units, and all: unless that would give the small group away
    exact = row_of(page_of(browser(RoleGrantFactory(role="hr", unit=top, sees_people=True).user), made), "AB-01")
    assert exact[0] == str(staying + leaving)
    assert f"(AB-02): {leaving}" in exact[1]


def test_drafts_that_choose_people_by_position_are_not_counted_apart(top):
    made = split_of(top, 12, "position", clerk="AB-02")
    for _ in range(6):
        PostingFactory(unit=Unit.objects.get(code="AB-01"), position=PositionFactory())
    page = page_of(browser(officer(top)), made)
    hidden = "Xã Hoà Bình (AB-01): không hiển thị Xã Tân Lập (AB-02): không hiển thị"
    assert row_of(page, "AB-01")[:2] == ["18", hidden]
    figures = re.findall(r'class="figure"><dt>[^<]*</dt><dd>(\d+)', page)
    assert figures == ["18", "0"]  # all, and enrolments; not who change units


def test_totals_and_kinds_are_those_of_the_scope(top):
    made = split_of(top, 11)
    PostingFactory(unit=Unit.objects.get(code="BM"))
    UnitFactory(code="BM-1", kind="ward", parent=Unit.objects.get(code="BM"))
    preview = preview_reorganisation(made)
    assert preview.people_in_all == 11
    assert preview.kinds == {"commune": (2, 2), "province": (1, 1)}


def test_counts_are_asked_for_the_units_of_the_page_alone(top):
    made = draft(*(Merge((f"M-{number:02}",), "AB-02") for number in range(52)), scope=top)
    for number in range(52):
        UnitFactory(code=f"M-{number:02}", parent=top)
    with patch("frontend.hr.reorganisations.count_open_enrolments", return_value={}) as count:
        page_of(browser(officer(top)), made)
    assert len(count.call_args.args[0]) == 50
    with CaptureQueriesContext(connection) as asked:
        preview_reorganisation(made)
    counting = [each["sql"] for each in asked if "organisation_posting" in each["sql"] and "primary" in each["sql"]]
    assert counting
    assert all("GROUP BY" in each for each in counting)


def test_english_pages_name_units_in_english(top):
    PostingFactory(unit=Unit.objects.get(code="AB-01"))
    merge = Merge(("AB-01",), "AB-N", NewUnit("AB-N", "Xã Hoà Lập", "commune", "AB"))
    made = draft(merge, Rename("AB-02", "Phường Tân Lập"), scope=top)
    client = browser(RoleGrantFactory(role="hr", unit=top, sees_people=True).user)
    client.cookies["django_language"] = "en"
    for page in (page_of(client, made), people_of(client, made, "AB-01").content.decode()):
        assert "Hoa Binh Commune" in page
        assert "Hoa Lap Commune (AB-N)" in page
        assert not any(kind in page for kind in ("Xã Hoà", "Phường Tân", "Tỉnh An"))
