"""HR's reorganisations in the browser's eyes: draft, steps, preview, a second person, undoing; and who sees what."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from competencies.api import set_override
from courses.models import Enrolment, LessonProgress
from organisation.api import add_steps, apply_reorganisation, content_digest, remove_step, unit_tree
from organisation.models import Reorganisation, Unit, User
from organisation.reorganising.steps import Merge, Move, Split
from tests.factories.courses import CourseFactory, LessonFactory
from tests.factories.organisation import PersonFactory, PostingFactory, RoleGrantFactory, UnitFactory, UserFactory
from tests.factories.reports import make_competencies, make_position, place
from tests.frontend.hr.reading import tables
from tests.organisation.reorganising import DAY, applied, draft, new

pytestmark = pytest.mark.django_db


@pytest.fixture
def top() -> Unit:
    top: Unit = UnitFactory(code="AB", name_vi="Tỉnh An Bình", kind="province")
    UnitFactory(code="AB-01", name_vi="Xã Hoà Bình", parent=top)
    UnitFactory(code="AB-02", name_vi="Xã Tân Lập", parent=top)
    UnitFactory(code="BM", name_vi="Tỉnh Bình Minh", kind="province")
    return top


def officer(unit: Unit | None) -> User:
    user: User = UserFactory()
    RoleGrantFactory(user=user, role="hr" if unit else "admin", unit=unit)
    return user


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def step(client: Client, made: Reorganisation, kind: str, **data: Any) -> int:
    return client.post(reverse("hr:reorganisation-step", args=[made.pk, kind]), data).status_code


def act(client: Client, made: Reorganisation, action: str) -> str:
    said = {"action": action, "seen": content_digest(made)}
    response = client.post(reverse("hr:reorganisation-act", args=[made.pk]), said, follow=True)
    made.refresh_from_db()
    return made.status if response.status_code == 200 else str(response.status_code)


def test_from_draft_to_applied_and_undone(top):
    PostingFactory(unit=Unit.objects.get(code="AB-01"))
    author = browser(RoleGrantFactory(role="hr", unit=top, sees_people=True).user)
    second = browser(officer(top))
    form = {"number": "1/NQ", "title": "Sắp xếp", "in_force": "2025-07-01", "scope": top.pk, "note": ""}
    assert author.post(reverse("hr:reorganisation-new"), form).status_code == 302
    made = Reorganisation.objects.get()
    sources = "AB-01\nxa tan lap"
    assert step(author, made, "merge", sources=sources, into="AB-N", name_vi="Xã Hoà Lập") == 302
    assert made.steps.get().content["new"] == {
        "code": "AB-N",
        "name_vi": "Xã Hoà Lập",
        "kind": "commune",
        "parent": "AB",
        "name_en": "",
    }
    page = author.get(reverse("hr:reorganisation", args=[made.pk])).content.decode()
    assert ("Phê duyệt" in page, "Xã Hoà Lập (AB-N): 1" in page) == (False, True)
    assert act(author, made, "approve") == "draft"
    assert act(second, made, "approve") == "approved"
    assert step(author, made, "move", unit="AB-01", parent="AB") == 302
    assert made.steps.count() == 1
    apply_reorganisation(made.pk)
    assert sorted(node.code for node in unit_tree(DAY).nodes.values()) == ["AB", "AB-N", "BM"]
    assert act(second, made, "undo") == "undone"
    assert sorted(node.code for node in unit_tree(DAY).nodes.values()) == ["AB", "AB-01", "AB-02", "BM"]


def test_steps_are_said_with_the_names_of_units_until_that_day(top):
    made = draft(Merge(("AB-01", "AB-02"), "AB-N", new("AB-N", "AB", name_vi="Xã Hoà Lập")), Move("AB-N", "BM"))
    page = browser(officer(None)).get(reverse("hr:reorganisation", args=[made.pk])).content.decode()
    assert "Sáp nhập Xã Hoà Bình (AB-01), Xã Tân Lập (AB-02) thành Xã Hoà Lập (AB-N)." in page
    assert "Chuyển AB-N về trực thuộc Tỉnh Bình Minh (BM)." in page


def test_draft_waits_for_whoever_may_approve_it_and_its_author_reads_who(top):
    ward = Unit.objects.get(code="AB-01")
    author, second, below, admin = officer(top), officer(top), officer(ward), officer(None)
    elsewhere = officer(Unit.objects.get(code="BM"))
    made = draft(Move("AB-01", "AB-02"), scope=top)
    made.author = author
    made.save()
    link = reverse("hr:reorganisation", args=[made.pk])

    def waits_for(user: User) -> bool:
        return link in browser(user).get(reverse("hr:home"), follow=True).content.decode()

    assert [waits_for(each) for each in (author, second, below, admin, elsewhere)] == [False, True, False, True, False]
    page = browser(author).get(link).content.decode()
    named = page[page.index("Những tài khoản có thể phê duyệt:") :].partition("</p>")[0]
    told = [each.shown_name in named for each in (author, second, below, admin, elsewhere)]
    assert told == [False, True, False, True, False]
    made.editors.add(second)
    assert not waits_for(second)
    assert second.shown_name not in browser(author).get(link).content.decode()
    admin.is_active = False
    admin.save()
    assert "chưa ai khác có quyền" in browser(author).get(link).content.decode()


def test_draft_without_steps_waits_for_nobody(top):
    made = draft(scope=top)
    page = browser(officer(top)).get(reverse("hr:home"), follow=True).content.decode()
    assert reverse("hr:reorganisation", args=[made.pk]) not in page


@pytest.mark.parametrize(
    ("kind", "data", "content"),
    [
        (
            "split",
            {"unit": "AB-01", "parts": "AB-01\nX; Xã Mới", "follow": "list", "assign": "NV1; X"},
            {
                "unit": "AB-01",
                "parts": ["AB-01", "X"],
                "main": "AB-01",
                "new": [{"code": "X", "name_vi": "Xã Mới", "kind": "commune", "parent": "AB", "name_en": ""}],
                "follow": "list",
                "assign": {"NV1": "X"},
            },
        ),
        ("move", {"unit": "Xã Hoà Bình", "parent": "bm"}, {"unit": "AB-01", "parent": "BM"}),
        (
            "rename",
            {"unit": "AB-01", "name_vi": "Phường Mới"},
            {"unit": "AB-01", "name_vi": "Phường Mới", "name_en": "", "kind": ""},
        ),
        ("dissolve", {"unit": "AB-01", "people_to": "AB"}, {"unit": "AB-01", "people_to": "AB"}),
        (
            "create",
            {"code": "X", "name_vi": "Phòng", "unit_kind": "office", "parent": "AB"},
            {"unit": {"code": "X", "name_vi": "Phòng", "kind": "office", "parent": "AB", "name_en": ""}},
        ),
        ("merge", {"sources": "AB-01", "into": "AB-02"}, {"sources": ["AB-01"], "into": "AB-02", "new": None}),
    ],
)
def test_each_form_makes_its_step(top, kind, data, content):
    made = draft()
    assert step(browser(officer(None)), made, kind, **data) == 302
    assert made.steps.get().content == content


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("move", {"unit": "NO", "parent": "AB"}),
        ("move", {"unit": "", "parent": "AB"}),
        ("merge", {"sources": "AB-01", "into": "AB-01"}),
        ("merge", {"sources": "AB-01", "into": "NO"}),
        ("split", {"unit": "AB-01", "parts": "AB-01", "follow": "main"}),
        ("split", {"unit": "AB-01", "parts": "AB-01\nAB-02", "follow": "list", "assign": ""}),
        ("split", {"unit": "AB-01", "parts": "AB-01\nAB-02", "follow": "list", "assign": "NV1; BM"}),
        ("create", {"code": "a b", "name_vi": "Phòng", "unit_kind": "office", "parent": "AB"}),
    ],
)
def test_form_that_says_too_little_is_shown_again(top, kind, data):
    made = draft()
    assert step(browser(officer(None)), made, kind, **data) == 422
    assert made.steps.count() == 0


def test_name_of_several_units_is_asked_for_by_code(top):
    UnitFactory(code="BM-01", name_vi="Xã Hoà Bình")
    made = draft()
    response = browser(officer(None)).post(
        reverse("hr:reorganisation-step", args=[made.pk, "move"]), {"unit": "Xã Hoà Bình", "parent": "AB"}
    )
    assert response.context["form"].errors["unit"] == ["Có nhiều đơn vị tên “Xã Hoà Bình”, hãy nhập mã: AB-01, BM-01."]


def test_step_is_removed_and_draft_discarded(top):
    admin, made = browser(officer(None)), draft(Move("AB-01", "BM"))
    admin.post(reverse("hr:reorganisation-step-remove", args=[made.pk, made.steps.get().pk]))
    assert made.steps.count() == 0
    assert admin.post(reverse("hr:reorganisation-act", args=[made.pk]), {"action": "discard"}).status_code == 302
    assert Reorganisation.objects.count() == 0


def test_officer_of_another_unit_meets_nothing(top):
    made = draft(Merge(("AB-01",), "AB-02"), scope=top)
    everywhere = draft(Move("AB-01", "BM"))
    other = browser(officer(Unit.objects.get(code="BM")))
    for each in (made, everywhere):
        assert other.get(reverse("hr:reorganisation", args=[each.pk])).status_code == 404
        assert act(other, each, "approve") == "404"
        assert step(other, each, "move", unit="AB-01", parent="BM") == 404
    assert list(other.get(reverse("hr:reorganisations")).context["page"]) == []
    assert list(browser(officer(top)).get(reverse("hr:reorganisations")).context["page"]) == [made]


def test_officer_may_only_stay_inside_their_own_units(top):
    form = {"number": "1", "title": "A", "in_force": "2025-07-01", "scope": Unit.objects.get(code="BM").pk}
    response = browser(officer(top)).post(reverse("hr:reorganisation-new"), form)
    assert (response.status_code, Reorganisation.objects.count()) == (422, 0)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_pages_show_every_status(top, language):
    admin = browser(officer(None))
    admin.cookies["django_language"] = language
    for made in (draft(Merge(("AB-01",), "NO")), applied(Merge(("AB-01",), "AB-02"))):
        assert admin.get(reverse("hr:reorganisation", args=[made.pk])).status_code == 200
    assert admin.get(reverse("hr:reorganisations")).status_code == 200


def test_list_asks_the_same_number_of_questions_for_many(top, django_assert_num_queries):
    admin = browser(officer(None))
    admin.get(reverse("hr:reorganisations"))
    for count in (1, 30):
        for _ in range(count):
            draft(day=date(2025, 7, 1))
        with django_assert_num_queries(3):
            admin.get(reverse("hr:reorganisations"))


@pytest.fixture
def staffed(top):
    """Three people of one commune: one with an own requirement and a course begun, one who has finished that course."""
    competency, other = make_competencies(2)
    position = make_position({competency: 4, other: 3}, name_vi="Chuyên viên")
    people = [PersonFactory(full_name=name) for name in ("Lê Thị Ánh", "Trần Văn Bình", "Vũ Thị Yến")]
    for person in people:
        PostingFactory(person=person, unit=Unit.objects.get(code="AB-01"), position=position)
    PostingFactory(person=people[0], unit=Unit.objects.get(code="AB-02"), position=position, kind="secondary")
    set_override(people[0], competency, 6, reason="Kiêm nhiệm", valid_from=date(2025, 1, 1), actor=None)
    course = CourseFactory(name_vi="An toàn số", name_en="Digital safety")
    lesson = LessonFactory(module__course=course)
    for person in people[:2]:
        Enrolment.objects.create(person=person, course=course)
    LessonProgress.objects.create(person=people[1], lesson=lesson, completed_at=timezone.now())
    return draft(
        Split("AB-01", ("AB-01", "AB-N"), "AB-01", (new("AB-N", "AB", name_vi="Xã Mới"),), "evenly"), scope=top
    )


def people_of(client: Client, made: Reorganisation, code: str, page: str = "") -> Any:
    return client.get(reverse("hr:reorganisation-people", args=[made.pk, code]), {"page": page} if page else {})


def test_preview_says_of_each_unit_what_goes_along(top, staffed):
    address = reverse("hr:reorganisation", args=[staffed.pk])
    page = browser(RoleGrantFactory(role="hr", unit=top, sees_people=True).user).get(address).content.decode()
    row = next(row for row in tables(page)[1] if row[0].endswith("AB-01"))
    assert row[2:] == [
        "3",
        "Xã Hoà Bình (AB-01): 2 Xã Mới (AB-N): 1 Từng người chuyển đi đâu : Xã Hoà Bình",
        "6 yêu cầu của vị trí việc làm 1 yêu cầu riêng của từng người 1 lượt ghi danh đang mở",
    ]
    page = browser(officer(top)).get(address).content.decode()
    assert "Từng người chuyển đi đâu" not in page  # the officer may not see people


def test_people_who_go_are_listed_for_whoever_may_see_people(top, staffed):
    client = browser(RoleGrantFactory(role="hr", unit=top, sees_people=True).user)
    page = client.get(reverse("hr:reorganisation", args=[staffed.pk])).content.decode()
    assert reverse("hr:reorganisation-people", args=[staffed.pk, "AB-01"]) in page
    (table,) = tables(people_of(client, staffed, "AB-01").content.decode())
    assert [row[2:] for row in table[1:]] == [["Xã Mới (AB-N)", "2 năng lực", "–"]]
    remove_step(staffed, staffed.steps.get().pk)
    add_steps(staffed, [Merge(("AB-01",), "AB-02")])
    (table,) = tables(people_of(client, staffed, "AB-01").content.decode())
    assert [[row[0].rsplit(" ", 1)[0], *row[2:]] for row in table[1:]] == [
        ["Lê Thị Ánh", "Xã Tân Lập (AB-02)", "2 năng lực 1 đặt riêng cho người này", "An toàn số"],
        ["Trần Văn Bình", "Xã Tân Lập (AB-02)", "2 năng lực", "–"],
        ["Vũ Thị Yến", "Xã Tân Lập (AB-02)", "2 năng lực", "–"],
    ]


def test_people_who_go_are_nobody_elses_to_see(top, staffed):
    outside = RoleGrantFactory(role="hr", unit=Unit.objects.get(code="BM"), sees_people=True).user
    part = RoleGrantFactory(role="hr", unit=Unit.objects.get(code="AB-02"), sees_people=True).user
    for user in (officer(top), officer(None), outside, part):
        assert people_of(browser(user), staffed, "AB-01").status_code == 404
    client = browser(RoleGrantFactory(role="hr", unit=top, sees_people=True).user)
    for code, page in (("BM", ""), ("NONE", ""), ("AB-01", "2")):
        assert people_of(client, staffed, code, page).status_code == 404
    assert people_of(client, staffed, "AB-01", "9" * 30).status_code == 200


def test_long_lists_of_people_come_in_pages_at_the_same_number_of_questions(top, django_assert_num_queries):
    (competency,) = make_competencies(1)
    place(Unit.objects.get(code="AB-01"), make_position({competency: 4}), 2)
    made = draft(Merge(("AB-01",), "AB-02"), scope=top)
    client = browser(RoleGrantFactory(role="hr", unit=top, sees_people=True).user)
    people_of(client, made, "AB-01")
    with CaptureQueriesContext(connection) as few:
        people_of(client, made, "AB-01")
    place(Unit.objects.get(code="AB-01"), make_position({competency: 4}), 58)
    with django_assert_num_queries(len(few)):
        first = people_of(client, made, "AB-01").content.decode()
    second = people_of(client, made, "AB-01", "2").content.decode()
    assert [len(tables(page)[0]) - 1 for page in (first, second)] == [50, 10]
    assert "60 người chuyển sang đơn vị khác" in first
