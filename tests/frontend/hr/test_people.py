"""The list of people behind a cell."""

import re

import pytest

from organisation.models import AuditEvent
from tests.factories.organisation import RoleGrantFactory, UnitFactory
from tests.factories.reports import place
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


@pytest.mark.parametrize("role", ["hr without people", "hr elsewhere", "admin"])
def test_people_are_shown_to_nobody_else_and_the_refusal_is_audited(client, province, role):
    grant = {
        "hr without people": lambda: RoleGrantFactory(role="hr", unit=province),
        "hr elsewhere": lambda: RoleGrantFactory(role="hr", unit=UnitFactory(), sees_people=True),
        "admin": lambda: RoleGrantFactory(role="admin"),
    }[role]()
    client.force_login(grant.user)
    assert client.get(PEOPLE, {"competency": "1.1"}).status_code == 404
    assert AuditEvent.objects.filter(action="refused", actor=grant.user).count() == 1


def test_without_a_competency_it_leads_to_the_unit(client, officer):
    assert client.get(PEOPLE).headers["Location"] == PEOPLE.removesuffix("people/")
