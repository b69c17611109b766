"""HR finds a person and sets, sees and ends what is required of them alone."""

from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from competencies.models import Competency, RequirementOverride
from organisation.api import find_people, today
from organisation.models import Person, Position, Posting, RoleGrant, Unit, User
from tests.factories.organisation import PersonFactory, PostingFactory, RoleGrantFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    """HR of An Bình, where Ánh works; Đức works beside it."""
    call_command("load_content", verbosity=0)
    top = UnitFactory(code="AB", name_vi="Tỉnh An Bình", kind="province")
    position = Position.objects.get(code="one_stop_officer")
    person = PersonFactory(employee_code="CB001", full_name="Nguyễn Thị Hồng Ánh")
    PostingFactory(person=person, unit=UnitFactory(code="AB-01", name_vi="Xã Hoà Bình", parent=top), position=position)
    stranger = PersonFactory(employee_code="BM001", full_name="Trần Văn Ánh")
    PostingFactory(person=stranger, unit=UnitFactory(code="BM", name_vi="Tỉnh Bình Minh"), position=position)
    return RoleGrantFactory(role="hr", unit=top, sees_people=True).user


@pytest.fixture
def browser(officer: User) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def address() -> str:
    return reverse("hr:person", args=["CB001"])


def form(**changes: object) -> dict[str, object]:
    competency = Competency.objects.get(code="6.3")
    return {"competency": competency.pk, "level": 7, "reason": "Tổ trưởng", "first_day": today()} | changes


@pytest.mark.parametrize("text", ["Ánh", "anh", "hong anh", "CB001", "HỒNG"])
def test_people_are_found_with_or_without_diacritics_inside_the_scope(browser: Client, text: str) -> None:
    page = browser.get(reverse("hr:search"), {"q": text}).content.decode()
    assert page.count("CB001") >= 2  # the row and its address
    assert "BM001" not in page
    assert "Tỉnh Bình Minh" not in page


def test_units_are_found_and_lead_to_their_pages(browser: Client) -> None:
    page = browser.get(reverse("hr:search"), {"q": "hoa binh"}).content.decode()
    assert f'href="{reverse("hr:unit", args=["AB-01"])}"' in page


def test_an_account_that_sees_no_people_finds_none(officer: User) -> None:
    RoleGrant.objects.update(sees_people=False)
    assert list(find_people(officer, "anh", today())) == []


def test_a_requirement_is_set_shown_and_ended(browser: Client, officer: User) -> None:
    saved = browser.post(address(), form())
    assert saved.status_code == 302
    override = RequirementOverride.objects.get()
    assert (override.level, override.reason, override.set_by) == (7, "Tổ trưởng", officer)
    assert (override.valid.lower, override.valid.upper) == (today(), None)
    assert browser.get(address()).content.decode().count("Tổ trưởng") == 2
    browser.post(reverse("hr:override-end", args=["CB001", override.pk]))
    assert RequirementOverride.objects.count() == 0


def test_what_cannot_be_is_told_on_the_form(browser: Client) -> None:
    browser.post(address(), form())
    with translation.override("vi"):
        again = browser.post(address(), form(level=0))
    assert again.status_code == 422
    assert "Đã có yêu cầu riêng khác về năng lực này" in again.content.decode()
    assert browser.post(address(), form(reason="")).status_code == 422
    assert browser.post(address(), form(first_day=date(2020, 1, 2), last_day=date(2020, 1, 1))).status_code == 422
    assert RequirementOverride.objects.count() == 1


def test_a_person_outside_the_scope_cannot_be_opened_or_written(officer: User) -> None:
    other = Client()
    other.force_login(RoleGrantFactory(role="hr", unit=Unit.objects.get(code="BM"), sees_people=True).user)
    assert other.get(address()).status_code == 404
    assert other.post(address(), form()).status_code == 404
    assert RequirementOverride.objects.count() == 0
    admin = Client()
    admin.force_login(RoleGrantFactory(user=UserFactory(), role="admin").user)
    assert admin.get(address()).status_code == 404  # an administrator sees no people


def test_a_name_is_looked_up_in_the_index_among_many(officer: User) -> None:
    unit, position = Unit.objects.get(code="AB-01"), Position.objects.get(code="one_stop_officer")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO organisation_person (employee_code, full_name, sort_key, search_key, email, gender)"
            " SELECT 'X' || n, md5(n::text), md5(n::text), md5(n::text), '', '' FROM generate_series(1, 60000) n"
        )
        cursor.execute(
            "INSERT INTO organisation_posting (person_id, unit_id, position_id, kind, valid)"
            " SELECT id, %s, %s, 'primary', daterange('2020-01-01', NULL) FROM organisation_person"
            " WHERE employee_code LIKE 'X%%'",
            [unit.pk, position.pk],
        )
        cursor.execute("ANALYZE organisation_person, organisation_posting")
    found = find_people(officer, "hong anh", today())
    assert [posting.person.employee_code for posting in found] == ["CB001"]
    assert "person_search_trigram" in found.explain()
    assert Person.objects.count() == 60_002
    assert Posting.objects.count() == 60_002
