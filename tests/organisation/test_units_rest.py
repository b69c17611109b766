"""GET /api/v1/units/: who sees what, as of when, and found how."""

from datetime import date

import pytest
from rest_framework.test import APIClient

from organisation.api import change_unit, issue_token
from organisation.models import User
from tests.factories.organisation import PersonFactory, PostingFactory, RoleGrantFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/units/"


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user, 'test')}")
    return client


def codes(user: User, query: str = "") -> list[str]:
    response = client_of(user).get(URL + query)
    assert response.status_code == 200, response.content
    return [unit["code"] for unit in response.json()["results"]]


@pytest.fixture
def admin(db: None) -> User:
    return RoleGrantFactory(role="admin").user


@pytest.fixture
def learner(province) -> User:
    person = PersonFactory(user=UserFactory())
    PostingFactory(person=person, unit=province.first, position=province.clerk)
    return person.user


def test_units_need_an_account(province):
    response = APIClient().get(URL)
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_admin_sees_every_unit_in_vietnamese_order(admin, province):
    assert codes(admin) == ["AB", "BM", "AB-01", "AB-02"]


def test_unit_has_these_fields(admin, province):
    body = client_of(admin).get(URL + "?q=AB-01").json()
    assert body == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [
            {
                "code": "AB-01",
                "name_vi": "Xã Hoà Bình",
                "name_en": "Hoa Binh Commune",
                "kind": "commune",
                "parent": "AB",
                "valid_from": "2000-01-01",
                "valid_to": None,
            }
        ],
    }


def test_hr_sees_their_subtree(province):
    UnitFactory(code="AB-01-1", name_vi="Tổ Một", parent=province.first)
    hr = RoleGrantFactory(role="hr", unit=province.first).user
    assert codes(hr) == ["AB-01-1", "AB-01"]
    assert codes(RoleGrantFactory(role="hr", unit=province.top).user) == ["AB", "AB-01-1", "AB-01", "AB-02"]


def test_learner_sees_their_unit_and_those_above(learner):
    assert codes(learner) == ["AB", "AB-01"]


def test_hr_who_is_a_learner_sees_both(learner, province):
    RoleGrantFactory(role="hr", unit=province.neighbour, user=learner)
    assert codes(learner) == ["AB", "BM", "AB-01"]


def test_account_without_posting_or_scope_sees_nothing(province):
    assert codes(RoleGrantFactory(role="trainer").user) == []
    assert client_of(UserFactory()).get(URL).status_code == 403


def test_as_of_shows_the_structure_of_that_day(admin, province):
    change_unit(province.second, from_day=date(2025, 7, 1), name_vi="Phường Tân Lập", parent=province.neighbour)
    before, after = (
        client_of(admin).get(f"{URL}?q=tân lập&as_of={day}").json()["results"] for day in ("2025-06-30", "2025-07-01")
    )
    assert [(unit["name_vi"], unit["parent"], unit["valid_to"]) for unit in before] == [
        ("Xã Tân Lập", "AB", "2025-07-01")
    ]
    assert [(unit["name_vi"], unit["parent"], unit["valid_to"]) for unit in after] == [("Phường Tân Lập", "BM", None)]
    assert codes(admin, "?as_of=1990-01-01") == []


def test_scope_follows_the_structure_of_that_day(province):
    change_unit(province.second, from_day=date(2025, 7, 1), parent=province.neighbour)
    hr = RoleGrantFactory(role="hr", unit=province.top).user
    assert codes(hr, "?as_of=2025-06-30") == ["AB", "AB-01", "AB-02"]
    assert codes(hr, "?as_of=2025-07-01") == ["AB", "AB-01"]


@pytest.mark.parametrize(
    "query", ["hoa binh", "Hoà Bình", "HÒA BÌNH", "binh hoa", "Hoa Binh Commune", "ab-01", "oà bì"]
)
def test_search_takes_names_with_or_without_diacritics(admin, province, query):
    assert codes(admin, f"?q={query}") == ["AB-01"]


def test_search_takes_wildcards_literally(admin, province):
    assert codes(admin, "?q=%25") == []
    assert codes(admin, "?q=_") == []


def test_search_stays_inside_what_the_account_may_see(learner):
    assert codes(learner, "?q=tân lập") == []


@pytest.mark.parametrize("value", ["yesterday", "2025-13-01", "2025-02-30", "01/07/2025"])
def test_bad_date_is_refused_by_name(admin, value):
    response = client_of(admin).get(f"{URL}?as_of={value}")
    assert (response.status_code, list(response.json())) == (400, ["as_of"])


def test_bad_search_is_refused_by_name(admin):
    for value in ("x" * 101, "a%00b"):
        response = client_of(admin).get(f"{URL}?q={value}")
        assert (response.status_code, list(response.json())) == (400, ["q"])


def test_units_come_in_pages(admin, province):
    body = client_of(admin).get(URL + "?limit=3").json()
    assert (body["count"], len(body["results"])) == (4, 3)
    assert [unit["code"] for unit in client_of(admin).get(body["next"]).json()["results"]] == ["AB-02"]
    assert codes(admin, "?limit=1000000") == ["AB", "BM", "AB-01", "AB-02"]


def test_units_are_read_with_a_constant_number_of_queries(province, django_assert_num_queries):
    client = client_of(RoleGrantFactory(role="hr", unit=province.top).user)
    for _ in range(2):
        with django_assert_num_queries(7):  # token, grants, person, scope, posting, count, page
            client.get(URL)
        for _ in range(30):
            UnitFactory(parent=province.first)


def test_expired_or_wrong_token_is_refused(admin):
    client = APIClient()
    for token in ("wrong", issue_token(admin, "old", days=-1)):
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert client.get(URL).status_code == 401
    admin.is_active = False
    admin.save()
    assert client_of(admin).get(URL).status_code == 401


def test_units_are_only_read(admin):
    assert [getattr(client_of(admin), verb)(URL).status_code for verb in ("post", "put", "patch", "delete")] == [
        405
    ] * 4
