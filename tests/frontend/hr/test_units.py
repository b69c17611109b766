"""HR's home and the gap report of a unit."""

import io
import re

import pytest
from openpyxl import load_workbook

from organisation.models import Person, Unit
from reports.api import fold_changed_people, gap_report, mark_people, publish_figures, rebuild_cells
from reports.models import CellCheck
from tests.factories.organisation import RoleGrantFactory, UnitFactory
from tests.factories.reports import place, set_estimate
from tests.frontend.hr.reading import figures, tables

pytestmark = pytest.mark.django_db
PAGE = "/hr/units/P/"


def test_home_of_one_unit_leads_to_it(client, hr):
    assert client.get("/hr/").headers["Location"] == PAGE


def test_home_of_several_units_lists_those_in_force(client, hr):
    from datetime import date

    RoleGrantFactory(user=hr, role="hr", unit=UnitFactory(code="Q", name_vi="Tỉnh Khác"))
    RoleGrantFactory(user=hr, role="hr", unit=UnitFactory(code="OLD", valid_to=date(2010, 1, 1)))
    html = client.get("/hr/").content.decode()
    assert re.findall(r'<h2 class="card__title"><a href="([^"]+)">([^<]+)', html) == [
        ("/hr/units/P/", "Tỉnh An Bình"),
        ("/hr/units/Q/", "Tỉnh Khác"),
    ]


def test_home_and_the_units_page_lead_to_the_search(client, hr):
    assert '<a class="btn btn-quiet" href="/hr/search/">' in client.get(PAGE).content.decode()
    RoleGrantFactory(user=hr, role="hr", unit=UnitFactory(code="Q"))
    html = client.get("/hr/").content.decode()
    assert '<form method="get" action="/hr/search/" class="narrow" role="search">' in html


def test_home_of_an_administrator_lists_the_roots(client, province):
    UnitFactory(code="Q", name_vi="Tỉnh Khác")
    client.force_login(RoleGrantFactory(role="admin").user)
    html = client.get("/hr/").content.decode()
    assert re.findall(r'href="(/hr/units/[^"]+)"', html) == ["/hr/units/P/", "/hr/units/Q/"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [(0, "toàn bộ 12 số liệu đều đúng."), (3, "3 trong 12 số liệu bị sai và đã được sửa.")],
)
def test_home_of_an_administrator_says_what_the_recount_found(client, province, wrong, said):
    CellCheck.objects.create(cells=12, wrong=wrong)
    client.force_login(RoleGrantFactory(role="admin").user)
    assert said in client.get("/hr/").content.decode()


def test_home_without_a_unit_in_force_says_so(client):
    from datetime import date

    client.force_login(RoleGrantFactory(role="hr", unit=UnitFactory(valid_to=date(2010, 1, 1))).user)
    assert "Chưa có đơn vị" in client.get("/hr/").content.decode()


def test_heat_map_shows_the_report(client, officer, province, competencies):
    heat, _ = tables(client.get(PAGE).content.decode())
    report = gap_report(province)
    assert heat[0] == ["Đơn vị", *(f"{each.code} {each.name_vi}" for each in competencies)]
    gap = report.competencies[0].gap
    assert gap.below
    percents = [round(share * 100) for share in (gap.below.estimate, gap.below.low, gap.below.high)]
    assert heat[1][:2] == [
        "Toàn đơn vị",
        "{}% {}%–{}% 29/29 người đã được đánh giá".format(*percents),
    ]
    assert heat[1][2] == "Chưa đánh giá 0/29"
    assert [row[0] for row in heat[2:4]] == ["Phường Bình", "Phường Ánh"]  # greatest need first
    assert len(heat) == 4


def test_units_without_a_figure_are_told_in_one_sentence(client, officer):
    html = client.get(PAGE).content.decode()
    (told,) = re.findall(r"<p>([^<]*có quá ít người[^<]*)<a[^>]*>(.*?)</p>", html)
    assert (told[0].strip(), re.sub(r"<[^>]+>", "", told[1])) == (
        "2 đơn vị có quá ít người nên không hiển thị số liệu:",
        "Xã Cam, Xã Dừa.",
    )


def test_competencies_without_a_figure_are_told_in_one_list(client, officer):
    html = client.get("/hr/units/C/").content.decode()  # two people
    assert tables(html) == []
    assert "2 năng lực có quá ít người nên không hiển thị số liệu:" in html
    assert re.findall(r'<li id="competency-\d+"><a[^>]+>(1\.\d)', html) == ["1.1", "1.2"]


def test_size_of_the_heat_map_is_told(client, officer):
    html = client.get(PAGE).content.decode()
    assert re.findall(r"<p><strong>([^<]+)</strong> ([^<]+?)\. <span class=\"no-print\">Nếu bảng", html) == [
        ("2 đơn vị, 2 năng lực.", "Cần quan tâm nhất trước"),
    ]


def test_many_units_are_read_page_by_page(client, officer, monkeypatch):
    every = tables(client.get(PAGE).content.decode())[0]
    monkeypatch.setattr("frontend.hr.heat.ROWS", 1)
    first, second = (client.get(PAGE, {"page": page}).content.decode() for page in (1, 2))
    assert [tables(html)[0] for html in (first, second)] == [every[:3], [*every[:2], every[3]]]
    assert re.findall(r'<a href="(\?page=2)" rel="next"', first) == ["?page=2"]
    assert [html.count("2 đơn vị, 2 năng lực.") for html in (first, second)] == [1, 1]


def test_sort_by_name_keeps_the_figures(client, officer):
    by_need, by_name = (tables(client.get(PAGE, {"sort": sort}).content.decode())[0] for sort in ("need", "name"))
    assert [row[0] for row in by_name[2:]] == ["Phường Ánh", "Phường Bình"]
    assert sorted(by_name) == sorted(by_need)


def test_greatest_gap_is_told_in_words(client, officer, province, competencies):
    html = client.get(PAGE).content.decode()
    (item,) = re.findall(r"<li><strong>(.*?)</li>", html, re.DOTALL)
    gap = gap_report(province).competencies[0].gap
    assert gap.below and gap.shortfall
    first = competencies[0]
    shortfall = f"{gap.shortfall:.1f}".replace(".", ",")
    assert " ".join(item.split()) == (
        f"{first.code} {first.name_vi}</strong>: khoảng {round(gap.below.estimate * 100)}% số người đã đánh giá "
        f"chưa đạt yêu cầu, bình quân mỗi người thiếu {shortfall} bậc. "
        f'<span class="text-muted">Khá chắc chắn: {round(gap.below.low * 100)}%–{round(gap.below.high * 100)}%, '
        "đã đánh giá 29/29 người.</span>"
    )


def test_a_gap_from_few_people_says_so(client, officer, desk, competencies):
    few = UnitFactory(code="FEW")
    for person in place(few, desk, 5):
        set_estimate(person, competencies[0], -0.75, tell=False)  # on the cut: as likely below as not
    rebuild_cells()
    RoleGrantFactory(user=officer, role="hr", unit=few, sees_people=True)
    sure, unsure = (client.get(f"/hr/units/{code}/").content.decode() for code in ("P", "FEW"))
    assert ["Chưa có khoảng cách nào chắc chắn" in html for html in (sure, unsure)] == [False, True]
    assert re.findall(r"Chưa chắc chắn: \d+%–\d+%, mới đánh giá ([^<]+)<", unsure) == ["5/5 người."]


def test_gaps_in_words_stand_before_choices_and_table(client, hr):
    html = client.get(PAGE).content.decode()
    places = [html.index(each) for each in ("<h1", '<h2 id="top"', 'id="choices"', '<h2 id="heat"', '<h2 id="each"')]
    assert places == sorted(places)


def test_drill_down_has_breadcrumbs_within_the_scope(client, province, desk, competencies):
    nation = UnitFactory(code="VN", kind="nation")
    version = province.versions.get()
    version.parent = nation
    version.save()
    ward = UnitFactory(code="X", parent=province, name_vi="Phường Xuân")
    client.force_login(RoleGrantFactory(role="hr", unit=province).user)
    html = client.get("/hr/units/X/").content.decode()
    nav = html[html.index('<nav class="breadcrumbs"') :]
    nav = nav[: nav.index("</nav>")]
    assert re.findall(r'href="([^"]+)"', nav) == ["/hr/", PAGE]
    assert "Phường Xuân" in nav
    assert ward.pk


def test_leaf_shows_position_groups(client, officer):
    heat, _ = tables(client.get("/hr/units/B/").content.decode())
    assert [row[0] for row in heat] == ["Nhóm vị trí", "Toàn đơn vị", "Một cửa"]
    assert heat[1][1:] == heat[2][1:]


def test_filter_by_group_narrows_and_can_be_taken_back(client, officer, province, desk):
    html = client.get(PAGE, {"group": "desk"}).content.decode()
    assert '<option value="desk" selected>Một cửa</option>' in html
    assert "Chỉ tính người thuộc nhóm “Một cửa”." in html
    assert f'<a class="no-print" href="{PAGE}">Tính tất cả mọi người</a>' in html
    assert '"/hr/units/P/gap.xlsx?group=desk"' in html
    assert client.get(PAGE, {"group": "none"}).status_code == 404


def test_refresh_is_the_fresh_pages_figures(client, officer, province, competencies):
    html = client.get(PAGE, {"sort": "name"}).content.decode()
    address = re.search(r'hx-get="([^"]+)"', figures(html))
    assert address
    url = address[1].replace("&amp;", "&")
    unchanged = client.get(url, headers={"HX-Request": "true"})
    assert (unchanged.status_code, unchanged.content) == (204, b"")
    (newcomer,) = place(province, competencies[0].requirements.get().role_profile.position)
    set_estimate(newcomer, competencies[0], 1.0)
    fold_changed_people()
    changed = client.get(url, headers={"HX-Request": "true"})
    fresh = client.get(PAGE, {"sort": "name"}).content.decode()
    assert changed.content.decode().strip() in fresh
    assert figures(fresh) != figures(html)
    assert "HX-Request" in changed.headers["Vary"]


def test_refresh_after_the_session_ended_asks_for_a_whole_page(client, province):
    answer = client.get(PAGE, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")


def test_report_changes_when_somebody_is_assessed(client, officer, province, competencies, desk):
    (person,) = place(UnitFactory(parent=province), desk)
    mark_people([person.pk])
    fold_changed_people()
    before = tables(client.get(PAGE).content.decode())[0][1][1]
    set_estimate(person, competencies[0], -1.0)
    fold_changed_people()
    after = tables(client.get(PAGE).content.decode())[0][1][1]
    assert ("29/30" in before, "30/30" in after) == (True, True)


def test_workbook_is_the_report(client, officer):
    answer = client.get("/hr/units/P/gap.xlsx")
    assert re.fullmatch(r'attachment; filename="thang-P-\d{8}\.xlsx"', answer.headers["Content-Disposition"])
    book = load_workbook(io.BytesIO(answer.content))
    assert [row[1].value for row in book["Bản đồ nhiệt"].iter_rows(min_row=4)] == [
        "Phường Bình",
        "Phường Ánh",
        "Xã Cam",
        "Xã Dừa",
    ]


def test_people_are_linked_only_where_they_may_be_seen(client, hr, province):
    assert "/people/" not in client.get(PAGE).content.decode()
    client.force_login(RoleGrantFactory(role="hr", unit=province, sees_people=True).user)
    html = client.get(PAGE).content.decode()
    assert re.findall(r'href="(/hr/units/P/people/[^"]+)"', html) == [
        "/hr/units/P/people/gap/",
        "/hr/units/P/people/?competency=1.1",
        "/hr/units/P/people/?competency=1.2&amp;show=not-assessed",
        "/hr/units/P/people/?competency=1.2",
    ]


def test_unit_without_figures_says_why(client, hr, province):
    UnitFactory(code="EMPTY", parent=province)
    html = client.get("/hr/units/EMPTY/").content.decode()
    assert "Chưa có số liệu" in html
    assert tables(html) == []


@pytest.mark.parametrize("sees_people", [True, False])
@pytest.mark.parametrize("count", [1, 30])
def test_page_takes_the_same_queries_for_any_number_of_units(
    client, province, desk, competencies, count, sees_people, django_assert_num_queries
):
    for _ in range(count):
        place(UnitFactory(parent=province), desk)
    rebuild_cells()
    publish_figures()
    client.force_login(RoleGrantFactory(role="hr", unit=province, sees_people=sees_people).user)
    with django_assert_num_queries(9):
        client.get(PAGE)


@pytest.mark.parametrize("path", ["/hr/units/P/", "/hr/units/P/gap.xlsx", "/hr/units/NONE/", "/hr/units/%01/"])
def test_out_of_scope_and_missing_are_not_found_alike(client, province, path):
    client.force_login(RoleGrantFactory(role="hr", unit=UnitFactory()).user)
    assert client.get(path).status_code == 404


def test_page_has_no_inline_style_or_script(client, hr):
    html = client.get(PAGE).content.decode()
    assert re.findall(r"\sstyle=|\son\w+=|javascript:|<script(?![^>]*src=)", html) == []


def everything_shown(client) -> list[object]:
    """What pages, workbooks and the API say, without when; for whoever is signed in."""
    answers: list[object] = []
    for code in "PABCD":
        page = client.get(f"/hr/units/{code}/").content.decode()
        book = load_workbook(io.BytesIO(client.get(f"/hr/units/{code}/gap.xlsx").content))
        cells = [[cell.value for row in sheet.iter_rows() for cell in row] for sheet in book]
        answers += [tables(page), cells, client.get("/api/v1/reports/gaps/", {"unit": code}).json()]
    return answers


def test_whoever_may_not_see_people_reads_steps_of_five(client, hr, province, competencies):
    """Whatever they read between, and by whatever way."""
    ward = Unit.objects.get(code="B")
    people = Person.objects.filter(postings__unit=ward).order_by("pk")
    before = everything_shown(client)
    for count, person in enumerate(people[:5], start=1):
        set_estimate(person, competencies[0], 1.0)
        publish_figures()
        assert (everything_shown(client) == before) is (count < 5)


def test_published_page_says_as_of_when_and_why(client, hr):
    html = client.get(PAGE).content.decode()
    assert re.findall(r"Số liệu công bố, tính đến [^.]+\. Để không ai suy ra được", html)
    assert ("hx-get" in html, 'name="group"' in html) == (False, False)
    heat, _each = tables(html)
    assert sorted(row[0] for row in heat[1:]) == ["Phường Bình", "Phường Ánh", "Toàn đơn vị", "Xã Dừa"]
    assert re.findall(r"<p>([^<]*có quá ít người[^<]*)<a", html) == [
        "1 đơn vị có quá ít người nên không hiển thị số liệu: "
    ]
    assert "Chưa công bố số liệu nào của đơn vị này." in client.get("/hr/units/C/").content.decode()
    assert [len(found) for found in tables(client.get("/hr/units/B/").content.decode())] == [3]


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}gap.xlsx", "/api/v1/reports/gaps/"])
def test_groups_are_for_those_who_may_see_people(client, hr, path, province):
    asked = {"unit": "P", "group": "desk"}
    assert client.get(path, asked).status_code == 404
    client.force_login(RoleGrantFactory(role="hr", unit=province, sees_people=True).user)
    assert client.get(path, asked).status_code == 200


def test_an_administrator_reads_published_figures(client, province):
    client.force_login(RoleGrantFactory(role="admin").user)
    assert "Số liệu công bố, tính đến" in client.get(PAGE).content.decode()
