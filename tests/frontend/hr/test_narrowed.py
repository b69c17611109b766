"""The page of the gap of some of a unit's people."""

import pytest

from organisation.api import today
from organisation.models import Person
from reports.api import rebuild_cells
from tests.frontend.hr.reading import tables

pytestmark = pytest.mark.django_db
PAGE = "/hr/units/P/people/gap/"


@pytest.fixture
def ages(officer) -> None:
    """Three people of ward B are under 35; nobody has said anything else."""
    young = today().replace(year=today().year - 30, day=1)
    people = Person.objects.filter(postings__unit__code="B").values_list("pk", flat=True)[:3]
    Person.objects.filter(pk__in=list(people)).update(birth_date=young, gender="f")
    rebuild_cells()


def test_only_people_who_fit_are_counted(client, ages):
    html = client.get(PAGE, {"age": "under_35"}).content.decode()
    heat, each = tables(html)
    assert "3 trong số 29 người phù hợp" in html
    assert [row[0] for row in heat[1:]] == ["Toàn đơn vị", "Phường Bình"]
    assert [row[1:3] for row in each[1:]] == [["3", "3 (100%)"], ["3", "0 (0%) 3 chưa đánh giá 1.2"]]
    assert "Ở 3 đơn vị không có ai phù hợp" in html


def test_rows_and_competencies_lead_on_with_the_same_choice(client, ages):
    html = client.get(PAGE, {"age": "under_35"}).content.decode()
    assert 'href="/hr/units/B/people/gap/?age=under_35"' in html
    assert 'href="/hr/units/P/people/?competency=1.1&amp;age=under_35"' in html
    listed = client.get("/hr/units/P/people/", {"competency": "1.1", "age": "under_35"}).content.decode()
    assert len(tables(listed)[0]) == 4
    assert 'href="/hr/units/P/people/gap/?age=under_35"' in listed
    below = client.get("/hr/units/B/people/gap/", {"age": "under_35"}).content.decode()
    assert len(tables(below)) == 1  # nothing is below a ward, so no heat map
    assert "3 trong số 12 người phù hợp" in below


def test_it_asks_whom_to_count_first(client, officer):
    html = client.get(PAGE).content.decode()
    assert "Hãy chọn những người cần tính" in html
    assert not tables(html)


def test_a_choice_that_nobody_fits_says_so(client, ages):
    html = client.get(PAGE, {"age": "50_and_over"}).content.decode()
    assert "0 trong số 29 người phù hợp" in html
    assert "Không người phù hợp nào giữ vị trí" in html
    assert not tables(html)


@pytest.mark.parametrize("query", [{"age": "x"}, {"group": "x"}, {"finished": "\0"}])
def test_a_choice_that_there_is_not_is_not_found(client, officer, query):
    assert client.get(PAGE, query).status_code == 404


def test_gender_counts_only_where_its_ground_in_law_is_named(client, ages, settings):
    assert not tables(client.get(PAGE, {"gender": "f"}).content.decode())
    settings.HR_GENDER_LEGAL_GROUND = "Điều 11 Luật Bình đẳng giới"
    assert "3 trong số 29 người phù hợp" in client.get(PAGE, {"gender": "f"}).content.decode()


def test_too_many_people_are_not_looked_through(client, ages, monkeypatch):
    monkeypatch.setattr("reports.domain.narrowed.PARTED_MOST", 28)
    html = client.get(PAGE, {"age": "under_35"}).content.decode()
    assert "Quá nhiều người để tìm" in html
    assert not tables(html)


def test_it_is_for_those_alone_who_may_see_the_people(client, stranger):
    assert client.get(PAGE, {"age": "under_35"}).status_code == 404
    assert "people/gap" not in client.get("/hr/units/P/").content.decode()


def test_the_units_page_leads_here(client, officer):
    assert f'href="{PAGE}"' in client.get("/hr/units/P/").content.decode()
