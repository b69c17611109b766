"""Who works in a unit although they belong elsewhere."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from organisation.api import today
from organisation.models import AuditEvent, Posting, Unit
from tests.factories.organisation import PersonFactory, PositionFactory, PostingFactory, RoleGrantFactory, UnitFactory
from tests.frontend.hr.reading import tables

pytestmark = pytest.mark.django_db

NEXT_WEEK, NEXT_YEAR = today() + timedelta(days=7), today() + timedelta(days=365)
HEAD = ["Họ và tên", "Đơn vị", "Vị trí việc làm", "Loại bố trí", "Thời gian", "Trạng thái", "Nơi giữ vị trí chính"]
HIDDEN = "đơn vị do người khác phụ trách"


def serve(home: Unit, unit: Unit, code: str, **details: Any) -> Posting:
    person = PersonFactory(employee_code=code, full_name=f"Lê Văn {code}")
    PostingFactory(person=person, unit=home)
    given = {"kind": "secondary", "position": PositionFactory(name_vi="Thủ quỹ"), "valid_from": date(2024, 5, 1)}
    posting: Posting = PostingFactory(person=person, unit=unit, **{**given, **details})
    return posting


@pytest.fixture
def ground(client: Client) -> dict[str, Unit]:
    """Province AB with the wards A and B, beside BM; the officer of AB, who sees people, is signed in."""
    top = UnitFactory(code="AB", name_vi="Tỉnh An Bình", kind="province")
    units = {code: UnitFactory(code=code, name_vi=f"Phường {code}", parent=top) for code in ("A", "B")}
    client.force_login(RoleGrantFactory(role="hr", unit=top, sees_people=True).user)
    return {**units, "AB": top, "BM": UnitFactory(code="BM", name_vi="Tỉnh Bình Minh", kind="province")}


def listed(client: Client, code: str) -> list[list[str]]:
    answer = client.get(f"/hr/units/{code}/serving/")
    assert answer.status_code == 200
    found = tables(answer.content.decode())
    assert not found or found[0][0] == HEAD
    return found[0][1:] if found else []


def test_everybody_who_serves_in_the_unit_or_below_is_listed_today_and_to_come(client, ground):
    serve(ground["B"], ground["A"], "N1")
    serve(ground["BM"], ground["A"], "N2", kind="secondment", valid_from=NEXT_WEEK, valid_to=NEXT_YEAR)
    serve(ground["B"], ground["A"], "N3", valid_to=today())  # is over
    serve(ground["A"], ground["BM"], "N4")
    rows = [
        ["Lê Văn N1 N1", "Phường A", "Thủ quỹ", "Kiêm nhiệm", "01/05/2024 – …", "Đang giữ", "Phường B"],
        [
            "Lê Văn N2",
            "Phường A",
            "Thủ quỹ",
            "Biệt phái",
            f"{NEXT_WEEK:%d/%m/%Y} – {NEXT_YEAR - timedelta(days=1):%d/%m/%Y}",
            "Sắp tới",
            HIDDEN,
        ],
    ]
    assert listed(client, "A") == listed(client, "AB") == rows
    assert listed(client, "B") == []


def test_of_others_people_neither_home_nor_code_nor_page_is_told(client, ground):
    serve(ground["BM"], ground["A"], "X7719")
    page = client.get("/hr/units/A/serving/").content.decode()
    assert page.count("X7719") == 1  # the name of this person
    assert "BM" not in page and "Bình Minh" not in page and "/hr/people/" not in page


def test_the_home_is_told_to_who_sees_its_people_alone(client, ground):
    serve(ground["BM"], ground["A"], "N1")
    grant = RoleGrantFactory(role="hr", unit=ground["BM"], sees_people=False)
    RoleGrantFactory(role="hr", unit=ground["A"], sees_people=True, user=grant.user)
    client.force_login(grant.user)
    assert listed(client, "A")[0][-1] == HIDDEN
    grant.sees_people = True
    grant.save()
    assert listed(client, "A")[0][-1] == "Tỉnh Bình Minh"
    page = client.get("/hr/units/A/serving/").content.decode()
    assert [client.get(link).status_code for link in re.findall(r'href="(/hr/people/[^"]+)"', page)] == [200]


@pytest.mark.parametrize("role", ["hr without people", "hr of the home", "admin"])
def test_it_is_shown_to_nobody_else_and_the_refusal_is_audited(client, ground, role):
    grant = {
        "hr without people": lambda: RoleGrantFactory(role="hr", unit=ground["AB"]),
        "hr of the home": lambda: RoleGrantFactory(role="hr", unit=ground["BM"], sees_people=True),
        "admin": lambda: RoleGrantFactory(role="admin"),
    }[role]()
    serve(ground["BM"], ground["A"], "N1")
    client.force_login(grant.user)
    assert client.get("/hr/units/A/serving/").status_code == 404
    assert AuditEvent.objects.filter(action="refused", actor=grant.user).count() == 1


def test_many_take_as_many_queries_as_one_and_come_in_pages(client, ground, django_assert_num_queries):
    serve(UnitFactory(parent=ground["AB"]), UnitFactory(parent=ground["A"]), "N0")
    with django_assert_num_queries(10):
        assert len(listed(client, "A")) == 1
    for number in range(1, 53):
        serve(UnitFactory(parent=ground["AB"]), UnitFactory(parent=ground["A"]), f"N{number}")
    with django_assert_num_queries(10):
        assert len(listed(client, "A")) == 50
    assert len(tables(client.get("/hr/units/A/serving/?page=2").content.decode())[0]) == 4


@pytest.mark.parametrize("page", ["/hr/units/A/", "/hr/units/A/people/?competency=1.1"])
def test_the_units_pages_lead_there_who_may_see_people(client, officer, page):
    assert 'href="/hr/units/A/serving/"' in client.get(page).content.decode()
    client.force_login(RoleGrantFactory(role="admin").user)
    assert 'href="/hr/units/A/serving/"' not in client.get("/hr/units/A/").content.decode()
