"""The heat map by kind of unit: rows that the pages below show as well, and nothing else."""

import csv
import io
import re

import pytest

from frontend.hr.units import FILES
from organisation.models import Unit
from reports.api import publish_figures, rebuild_cells
from tests.factories.organisation import RoleGrantFactory, UnitFactory
from tests.factories.reports import place, staff
from tests.frontend.hr.reading import tables

pytestmark = pytest.mark.django_db
PAGE = "/hr/units/P/"


@pytest.fixture
def offices(province, desk, competencies) -> Unit:
    """A department of 20 people beside the wards, whose offices have 9, 8 and 3 of them."""
    department = UnitFactory(code="S", kind="department", parent=province, name_vi="Sở Y tế")
    for code, name, count in (("S1", "Phòng Một", 9), ("S2", "Phòng Hai", 8), ("S3", "Phòng Ba", 3)):
        office = UnitFactory(code=code, kind="office", parent=department, name_vi=name)
        staff(office, desk, competencies[0], count, mean=-1.0 if code == "S2" else 0.5)
    for ward in Unit.objects.filter(code__in="ABCD"):
        ward.versions.update(kind="commune")
    rebuild_cells()
    return department


def heat(client, page, **query) -> dict[str, list[str]]:
    rows = tables(client.get(page, query).content.decode())[0]
    return {row[0]: row[1:] for row in rows[2:]}


def folded(client, page, **query) -> list[str]:
    html = client.get(page, query).content.decode()
    return re.findall(r'<a id="folded-\d+"[^>]*>([^<]+)', html)


def test_only_units_of_the_kind_are_listed(client, officer, offices):
    assert list(heat(client, PAGE)) == ["Phường Bình", "Sở Y tế", "Phường Ánh"]
    assert list(heat(client, PAGE, kind="commune")) == ["Phường Bình", "Phường Ánh"]
    assert heat(client, PAGE, kind="department").keys() == {"Sở Y tế"}


@pytest.mark.parametrize("group", ["", "desk"])
def test_units_further_down_show_what_their_own_parents_page_shows(client, officer, offices, group):
    """Phòng Hai is hidden beside Phòng Ba, whose three people would follow from the department."""
    below, whole = (heat(client, page, group=group, **query) for page, query in _pages(kind="office"))
    assert {f"{name}, Sở Y tế": cells for name, cells in below.items()} == whole
    assert list(whole) == ["Phòng Một, Sở Y tế"]
    hidden = [folded(client, page, group=group, **query) for page, query in _pages(kind="office")]
    assert [sorted(names) for names in hidden] == [
        ["Phòng Ba", "Phòng Hai"],
        ["Phòng Ba, Sở Y tế", "Phòng Hai, Sở Y tế"],
    ]


def _pages(**query):
    return (("/hr/units/S/", {}), (PAGE, query))


def test_the_whole_units_figures_stay(client, officer, offices):
    every, communes = (tables(client.get(PAGE, {"kind": kind}).content.decode()) for kind in ("", "commune"))
    assert (every[0][1], every[1]) == (communes[0][1], communes[1])


def test_kinds_are_offered_where_there_are_several(client, officer, offices):
    def kinds(page, **query):
        return re.findall(
            r'<option value="(commune|department|office|province|none)"( selected)?',
            client.get(page, query).content.decode(),
        )

    assert kinds(PAGE, kind="office") == [("commune", ""), ("department", ""), ("office", " selected")]
    assert kinds("/hr/units/S/") == []
    assert heat(client, PAGE, kind="none") == heat(client, PAGE)


def test_many_units_with_others_below_are_not_searched(client, officer, offices, monkeypatch):
    monkeypatch.setattr("reports.domain.kinds.MOST_READ", 0)
    assert 'value="office"' not in client.get(PAGE).content.decode()


def test_published_rows_are_those_of_the_pages_below(client, offices, province):
    publish_figures()
    client.force_login(RoleGrantFactory(role="hr", unit=province).user)
    below = heat(client, "/hr/units/S/")
    assert list(below) == ["Phòng Hai", "Phòng Một"]
    assert {f"{name}, Sở Y tế": cells for name, cells in below.items()} == heat(client, PAGE, kind="office")


def test_least_assessed_come_first(client, officer, offices, desk):
    place(Unit.objects.get(code="A"), desk, 30)
    rebuild_cells()
    assert next(iter(heat(client, PAGE, sort="coverage"))) == "Phường Ánh"
    html = client.get(PAGE, {"sort": "coverage"}).content.decode()
    assert re.findall(r"Ít được đánh giá nhất: ([^;.]+\.\d [^;.]+?)[;.]", html)[0].endswith("(0/79 người)")
    assert re.findall(r'<a id="unassessed-\d+" href="([^"]+)">([^<]+)', html)[-1] == (
        "/hr/units/P/people/?competency=1.2&amp;show=not-assessed",
        "79 chưa đánh giá",
    )


def test_choices_keep_the_days_of_the_report(client, officer, offices):
    from datetime import timedelta

    from organisation.api import today
    from reports.api import make_snapshot

    day = today() - timedelta(days=1)
    make_snapshot(day)
    html = client.get(PAGE, {"competence": f"{day}", "kind": "commune"}).content.decode()
    form = html[html.index('<form class="filters"') : html.index("</form>", html.index('<form class="filters"'))]
    assert re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', form) == [
        ("competence", f"{day}"),
        ("structure", f"{today()}"),
    ]


@pytest.mark.parametrize("sees_people", [True, False])
def test_files_list_what_the_page_lists(client, offices, province, sees_people):
    publish_figures()
    client.force_login(RoleGrantFactory(role="hr", unit=province, sees_people=sees_people).user)
    every = client.get(PAGE).content.decode()
    assert re.findall(r'href="(/hr/units/P/gap\.\w+[^"]*)"', every) == [f"{PAGE}gap.{each}" for each in FILES]
    html = client.get(PAGE, {"kind": "office"}).content.decode()
    addresses = re.findall(r'href="(/hr/units/P/gap\.\w+[^"]*)"', html)
    assert addresses == [f"{PAGE}gap.{each}?kind=office" for each in FILES]
    answer = client.get(addresses[1])
    assert re.fullmatch(r'attachment; filename="thang-P-\d{8}-office.csv"', answer["Content-Disposition"])
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]
    shown = heat(client, PAGE, kind="office")
    hidden = folded(client, PAGE, kind="office")
    assert {row[1] for row in rows} == {"Tỉnh An Bình", *shown, *hidden}
    figures = {row[1] for row in rows if row[1] in hidden and row[4].isdigit()}
    assert figures == set()
    for address in addresses[::2]:
        assert client.get(address).status_code == 200
    assert client.get(f"{PAGE}gap.csv", {"kind": "none"}).content == client.get(f"{PAGE}gap.csv").content
