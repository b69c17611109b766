"""The first and the last day that a calendar knows, in every field that takes a day: told there, never a fault."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import translation

from assessments.models import Accommodation
from competencies.models import Competency, RequirementOverride
from frontend.days import within_calendar
from organisation.models import Reorganisation
from tests.factories.competencies import make_framework
from tests.factories.forms import make_form
from tests.factories.organisation import PersonFactory, PostingFactory, RoleGrantFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db
DAYS = ("0001-01-01", "9999-12-31")
TOLD = ["Give a day between 01/01/1900 and 31/12/2199."]


@pytest.fixture
def browser() -> Client:
    """An administrator, HR of one unit and trainer in one."""
    make_framework("9.1")
    unit = UnitFactory(code="AB")
    PostingFactory(person=PersonFactory(employee_code="CB1"), unit=unit)
    user = UserFactory()
    for role, over in (("admin", None), ("trainer", None), ("hr", unit)):
        RoleGrantFactory(user=user, role=role, unit=over, sees_people=role == "hr")
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("field", ["first_day", "last_day"])
def test_requirement_of_one_person(browser, field, day):
    given = {
        "competency": Competency.objects.get().pk,
        "level": 3,
        "reason": "x",
        "first_day": "2026-01-01",
        field: day,
    }
    response = browser.post(reverse("hr:person", args=["CB1"]), given)
    assert (response.status_code, response.context["form"].errors) == (422, {field: TOLD})
    assert not RequirementOverride.objects.exists()


@pytest.mark.parametrize("day", DAYS)
def test_reorganisation(browser, day):
    given = {"number": "1", "title": "x", "in_force": day, "note": ""}
    response = browser.post(reverse("hr:reorganisation-new"), given)
    assert (response.status_code, response.context["form"].errors) == (422, {"in_force": TOLD})
    assert not Reorganisation.objects.exists()


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("field", ["opens_at", "closes_at"])
def test_dates_of_an_assessment_and_of_one_person_in_it(browser, field, day):
    form = make_form()
    rules = {"name_vi": "x", "name_en": "x", "minutes": "5", "wait_hours": "0", "feedback": "none"}
    response = browser.post(reverse("author:assessment-settings", args=[form.code]), rules | {field: f"{day}T12:00"})
    assert (response.status_code, response.context["form"].errors) == (422, {field: TOLD})
    given = {"employee_code": "CB1", "extra_percent": "25", "reason": "x", field: f"{day}T12:00"}
    response = browser.post(reverse("author:assessment-accommodations", args=[form.code]), given)
    assert (response.status_code, response.context["form"].errors) == (422, {field: TOLD})
    assert not Accommodation.objects.exists()


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("field", ["competence", "structure"])
def test_days_of_a_report(browser, field, day):
    page = browser.get(reverse("hr:unit", args=["AB"]), {field: day})
    assert (page.status_code, page.content.decode().count("data-error-summary")) == (200, 1)


@pytest.mark.parametrize("day", DAYS)
def test_day_of_the_list_of_units(browser, day):
    response = browser.get("/api/v1/units/", {"as_of": day})
    assert (response.status_code, response.json()["count"]) == (200, int(day > "1900"))


def test_calendar_ends_where_it_says():
    with translation.override("en"):
        for day in (date(1899, 12, 31), date(2200, 1, 1)):
            with pytest.raises(ValidationError):
                within_calendar(day)
        for day in (date(1900, 1, 1), date(2199, 12, 31)):
            within_calendar(day)
