"""Units side by side, as a page."""

import re

import pytest
from django.utils.html import escape

from frontend.design.words import percent
from organisation.models import Unit
from reports.api import gap_report
from tests.factories.organisation import RoleGrantFactory, UnitFactory
from tests.frontend.hr.reading import tables

pytestmark = pytest.mark.django_db
PAGE = "/hr/units/B/compare/"


def percents(gap) -> str:
    return "{} {}–{}".format(*(percent(share) for share in (gap.below.estimate, gap.below.low, gap.below.high)))


def test_each_unit_shows_what_its_own_page_shows(client, officer, competencies):
    (table,) = tables(client.get(PAGE, {"with": ["A", "P", "C"]}).content.decode())
    gaps = [gap_report(Unit.objects.get(code=code)).competencies[0].gap for code in "BAP"]
    people = ["12/12", "9/9", "29/29"]
    first, second = ([f"{each.code} {each.name_vi}"] for each in competencies)
    assert table == [
        ["Năng lực", "Phường Bình", "Phường Ánh", "Tỉnh An Bình", "Xã Cam"],
        first
        + [f"{percents(gap)} {count} người đã được đánh giá" for gap, count in zip(gaps, people, strict=True)]
        + ["Quá ít người"],
        [*second, "Chưa đánh giá 0/12", "Chưa đánh giá 0/9", "Chưa đánh giá 0/29", "Quá ít người"],
    ]


def test_what_hides_a_neighbour_stays_hidden(client, officer):
    """Xã Dừa has six people, but with it the two of Xã Cam would follow from the province."""
    (table,) = tables(client.get(PAGE, {"with": "D"}).content.decode())
    assert [row[2] for row in table[1:]] == ["Quá ít người", "Quá ít người"]


def test_clear_differences_are_told_in_words(client, officer, competencies):
    (item,) = re.findall(r"<li><strong>(.*?)</li>", client.get(PAGE, {"with": "A"}).content.decode(), re.DOTALL)
    larger, smaller = (gap_report(Unit.objects.get(code=code)).competencies[0].gap.below.estimate for code in "BA")
    assert " ".join(item.split()) == (
        f"{competencies[0].code} {competencies[0].name_vi}</strong>: khoảng cách của Phường Bình "
        f"({percent(larger)}) lớn hơn rõ rệt so với Phường Ánh ({escape(percent(smaller))})."
    )


def test_picture_has_a_mark_and_an_interval_for_each_figure(client, officer):
    html = client.get(PAGE, {"with": ["A", "D"]}).content.decode()
    assert len(re.findall(r'<path stroke="none" transform="translate\([\d.]+ [\d.]+\)"', html)) == 2
    assert re.findall(r"<figure|style=", html) == ["<figure"]


def test_neighbours_in_scope_can_be_chosen(client, province):
    RoleGrantFactory(role="hr", unit=(other := UnitFactory(code="Z", name_vi="Tỉnh Khác")))
    user = RoleGrantFactory(role="hr", unit=province, sees_people=True).user
    client.force_login(user)
    assert offered(client, PAGE) == ["P", "A", "C", "D"]
    assert offered(client, "/hr/units/P/compare/") == ["A", "B", "C", "D"]
    RoleGrantFactory(role="hr", unit=other, user=user)
    assert offered(client, PAGE) == ["P", "A", "C", "D", "Z"]
    client.force_login(RoleGrantFactory(role="hr", unit=Unit.objects.get(code="B")).user)
    assert offered(client, PAGE) == []


def offered(client, page) -> list[str]:
    html = client.get(page).content.decode()
    return re.findall(r'<option value="([^"]+)"', html[: html.index("</select>")])


@pytest.mark.parametrize("others", [["OUT"], ["A", "OUT"], ["NONE"], ["A", "C", "D", "P"], ["\0"]])
def test_units_out_of_scope_and_too_many_are_not_found(client, officer, others):
    UnitFactory(code="OUT")
    assert client.get(PAGE, {"with": others}).status_code == 404


def test_readers_who_may_not_see_people_compare_published_figures(client, hr):
    html = client.get(PAGE, {"with": ["A"]}).content.decode()
    (table,) = tables(html)
    assert [re.sub(r"\d+/\d+/\d{4}", "…", each) for each in table[0]] == [
        "Năng lực",
        "Phường Bình công bố …",
        "Phường Ánh công bố …",
    ]


def test_page_without_a_choice_asks_for_one(client, officer):
    html = client.get(PAGE, {"with": ["", "B"]}).content.decode()
    assert (tables(html), "Chọn từ một đến ba đơn vị" in html) == ([], True)


def test_units_page_leads_to_the_comparison(client, officer):
    assert 'href="/hr/units/B/compare/"' in client.get("/hr/units/B/").content.decode()
