"""The list of people behind a cell."""

import re

import pytest
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from competencies.models import Estimate
from courses.models import Course, Enrolment, LessonProgress
from organisation.api import create_person, today
from organisation.models import AuditEvent, Person, Posting, Unit
from tests.factories.courses import CourseFactory, LessonFactory, ModuleFactory
from tests.factories.organisation import (
    PositionFactory,
    PositionGroupFactory,
    PostingFactory,
    UnitFactory,
)
from tests.factories.reports import place, require, set_estimate
from tests.frontend.hr.reading import tables

pytestmark = pytest.mark.django_db
PEOPLE = "/hr/units/A/people/"


def test_people_are_listed_with_their_standing(client, officer):
    answer = client.get(PEOPLE, {"competency": "1.1"})
    head, *rows = tables(answer.content.decode())[0]
    assert head == ["Họ và tên", "Đơn vị", "Vị trí việc làm", "Bậc yêu cầu", "Kết quả ghi nhận", "So với yêu cầu"]
    assert len(rows) == 9
    assert {tuple(row[1:4]) for row in rows} == {("Phường Ánh", "Công chức một cửa", "4")}
    assert {row[5] for row in rows} == {"Chưa đủ căn cứ"}


def test_names_lead_to_the_persons_page(client, officer):
    html = client.get(PEOPLE, {"competency": "1.1"}).content.decode()
    links = re.findall(r'href="(/hr/people/[^"]+)"', html)
    assert len(links) == 9
    assert {client.get(link).status_code for link in links} == {200}


def test_who_has_not_been_assessed_can_be_shown_alone(client, officer):
    html = client.get(PEOPLE, {"competency": "1.2", "show": "not-assessed"}).content.decode()
    assert {row[5] for row in tables(html)[0][1:]} == {"Chưa đánh giá"}
    assert 'href="/hr/units/A/people/?competency=1.2&amp;show=not-assessed" aria-current="page"' in html


@pytest.mark.parametrize("query", [{"competency": "9.9"}, {"competency": "\0"}, {"competency": "1.1", "show": "x"}])
def test_what_is_not_there_is_not_found(client, officer, query):
    assert client.get(PEOPLE, query).status_code == 404


def test_list_comes_in_pages(client, officer, province, desk):
    place(UnitFactory(code="BIG", parent=province), desk, 53)
    first, second = (
        tables(client.get("/hr/units/BIG/people/", {"competency": "1.1", "page": n}).content.decode())[0]
        for n in (1, 2)
    )
    assert (len(first), len(second)) == (51, 4)


def test_empty_list_says_so(client, officer, province):
    UnitFactory(code="EMPTY", parent=province)
    html = client.get("/hr/units/EMPTY/people/", {"competency": "1.1"}).content.decode()
    assert "Không có ai" in html


def test_people_are_shown_to_nobody_else_and_the_refusal_is_audited(client, stranger):
    assert client.get(PEOPLE, {"competency": "1.1"}).status_code == 404
    assert AuditEvent.objects.filter(action="refused", actor=stranger).count() == 1


def test_without_a_competency_it_leads_to_the_unit(client, officer):
    assert client.get(PEOPLE).headers["Location"] == PEOPLE.removesuffix("people/")


def listed(client, **query) -> list[str]:
    html = client.get(PEOPLE, {"competency": "1.1", **query}).content.decode()
    found = tables(html)
    return [row[0] for row in found[0][1:]] if found else []


@pytest.fixture
def three(officer, competencies, desk) -> list[Person]:
    """An, a woman of 60, who finished a course; Bình, a man of 40, in another group; Cúc, who has said neither."""
    ward = Unit.objects.get(code="A")
    Posting.objects.filter(unit=ward).delete()
    chair = PositionFactory(group=PositionGroupFactory(code="leaders", name_vi="Lãnh đạo"), name_vi="Chủ tịch")
    require(chair, {competencies[0]: 4})
    people = [
        create_person(code, name, gender=gender, birth_date=born)
        for code, name, gender, born in (
            ("X1", "Trần Thị An", "f", today().replace(year=today().year - 60, day=1)),
            ("X2", "Lê Văn Bình", "m", today().replace(year=today().year - 40, day=1)),
            ("X3", "Vũ Cúc", "", None),
        )
    ]
    for person, position in zip(people, (desk, chair, desk), strict=True):
        PostingFactory(person=person, unit=ward, position=position)
    lessons = [LessonFactory(module=ModuleFactory(course=CourseFactory(code="ai")))]
    lessons.append(LessonFactory(module=lessons[0].module))
    for person, lesson in ((people[0], lessons[0]), (people[0], lessons[1]), (people[1], lessons[0])):
        LessonProgress.objects.create(person=person, lesson=lesson, completed_at=timezone.now())
    set_estimate(people[0], competencies[0], 0.0)
    return people


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({}, ["X1", "X2", "X3"]),
        ({"q": "tran an"}, ["X1"]),
        ({"q": "BÌNH"}, ["X2"]),
        ({"q": "X3"}, ["X3"]),
        ({"q": "cuc", "group": "leaders"}, []),
        ({"group": "leaders"}, ["X2"]),
        ({"age": "50_and_over"}, ["X1"]),
        ({"age": "35_to_49"}, ["X2"]),
        ({"age": "under_35"}, []),
        ({"finished": "ai"}, ["X1"]),
        ({"finished": "ai", "show": "not-assessed"}, []),
    ],
)
def test_the_list_is_narrowed(client, three, query, codes):
    assert [name[-2:] for name in listed(client, **query)] == codes


@pytest.mark.parametrize("query", [{"age": "x"}, {"group": "x"}, {"finished": "x"}, {"q": "x" * 101}])
def test_a_choice_that_there_is_not_is_not_found(client, three, query):
    assert client.get(PEOPLE, {"competency": "1.1", **query}).status_code == 404


def test_gender_is_offered_only_where_its_ground_in_law_is_named(client, three, settings):
    assert 'name="gender"' not in client.get(PEOPLE, {"competency": "1.1"}).content.decode()
    assert len(listed(client, gender="f")) == 3
    settings.HR_GENDER_LEGAL_GROUND = "Điều 11 Luật Bình đẳng giới"
    assert "Điều 11 Luật Bình đẳng giới" in client.get(PEOPLE, {"competency": "1.1"}).content.decode()
    assert [name[-2:] for name in listed(client, gender="f")] == ["X1"]


def test_what_is_left_is_summed_up_in_words(client, three, competencies):
    row = Estimate.objects.get(person=three[0], competency=competencies[0])
    short = sum((4 - level) * row.level_probabilities[level - 1] for level in (1, 2, 3))
    html = client.get(PEOPLE, {"competency": "1.1"}).content.decode()
    assert "3 người" in html
    assert "Đã đánh giá: 33" in html
    assert f"thiếu {short:.1f} bậc".replace(".", ",") in html
    assert "thiếu" not in client.get(PEOPLE, {"competency": "1.1", "group": "leaders"}).content.decode()


def test_a_long_list_is_counted_and_listed_up_to_a_limit(client, officer, monkeypatch):
    for module in ("reports.domain.people_filters", "frontend.hr.people"):
        monkeypatch.setattr(f"{module}.MOST_COUNTED", 5)
    monkeypatch.setattr("frontend.hr.people.MOST_LISTED", 3)
    html = client.get(PEOPLE, {"competency": "1.1"}).content.decode()
    assert "Có hơn 5 người" in html
    assert "Đã đánh giá:" not in html
    assert len(tables(html)[0]) == 4


def test_a_list_that_takes_too_long_says_so(client, officer, monkeypatch):
    monkeypatch.setattr("reports.domain.people_filters._SECONDS", 0.05)
    slow = RawSQL("(SELECT pg_sleep(1) IS NULL)", (), output_field=BooleanField())
    monkeypatch.setattr("frontend.hr.people.narrow_people", lambda rows, wanted: rows.filter(slow))
    assert "Quá nhiều người" in client.get(PEOPLE, {"competency": "1.1"}).content.decode()


def test_a_course_that_never_opened_is_not_offered(client, officer, competencies):
    for code, is_open in (("draft", False), ("open", True), ("closed", False)):
        CourseFactory(code=code, is_open=is_open)
    Enrolment.objects.create(person=Posting.objects.first().person, course=Course.objects.get(code="closed"))
    form = client.get("/hr/units/P/people/", {"competency": competencies[0].code}).context["form"]
    assert {"open", "closed"} <= (offered := {each.code for each in form.fields["finished"].queryset})
    assert "draft" not in offered
