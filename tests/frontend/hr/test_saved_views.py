"""Keeping, opening, sharing and deleting views, and finding them on HR's home."""

import re

import pytest

from organisation.models import Unit
from organisation.reorganising.steps import Merge
from reports.models import SavedView
from tests.factories.organisation import RoleGrantFactory, UnitFactory
from tests.frontend.hr.reading import tables
from tests.organisation.reorganising import applied, new

pytestmark = pytest.mark.django_db
PAGE = "/hr/units/P/"


def keep(client, name: str, query: str = "?kind=commune&sort=name", **data: str):
    """Send the form of the page, as its address has it."""
    html = client.get(f"{PAGE}{query}").content.decode()
    (action,) = re.findall(r'<form method="post" class="narrow" action="([^"]+)"', html)
    return client.post(action.replace("&amp;", "&"), {"name": name, **data}, follow=True)


def test_a_page_is_kept_found_on_home_and_opened(client, officer):
    answer = keep(client, "Các xã")
    assert answer.redirect_chain == [(f"{PAGE}?kind=commune&sort=name", 302)]
    assert "Đã lưu." in answer.content.decode()
    home = client.get("/hr/").content.decode()
    view = SavedView.objects.get()
    assert tables(home) == [
        [
            ["Chế độ xem", "Đơn vị", "Chia sẻ", "Thao tác"],
            ["Các xã", "Tỉnh An Bình", "không", "Chia sẻ Các xã Xóa Các xã"],
        ]
    ]
    assert f'<a href="/hr/views/{view.pk}/">Các xã</a>' in home
    assert client.get(f"/hr/views/{view.pk}/").headers["Location"] == f"{PAGE}?kind=commune&sort=name"


def test_a_name_that_does_not_do_is_said(client, officer):
    keep(client, "Các xã")
    said = [keep(client, name).content.decode() for name in ("Các xã", " ", "\0")]
    assert ["đã có chế độ xem tên “Các xã”" in said[0], *("Hãy đặt tên" in each for each in said[1:])] == [True] * 3
    assert SavedView.objects.count() == 1


def test_sharing_and_deleting_are_the_owners(client, officer, province):
    keep(client, "Các xã", share="on")
    view = SavedView.objects.get()
    colleague = RoleGrantFactory(role="hr", unit=province).user
    client.force_login(colleague)
    row = tables(client.get("/hr/").content.decode())[0][1]
    assert row == ["Các xã", "Tỉnh An Bình", f"từ {officer.username}", ""]
    assert client.post(f"/hr/views/{view.pk}/act/", {"action": "delete"}).status_code == 404
    client.force_login(officer)
    assert client.post(f"/hr/views/{view.pk}/act/", {"action": "none"}).status_code == 404
    for action, left in (("keep", [False]), ("share", [True]), ("delete", [])):
        assert client.post(f"/hr/views/{view.pk}/act/", {"action": action}).headers["Location"] == "/hr/"
        assert list(SavedView.objects.values_list("is_shared", flat=True)) == left


def test_what_a_reader_may_not_see_is_left_out_with_words(client, officer, province):
    keep(client, "Một cửa", "?group=desk&sort=name", share="on")
    client.force_login(RoleGrantFactory(role="hr", unit=province).user)
    answer = client.get(f"/hr/views/{SavedView.objects.get().pk}/", follow=True)
    assert answer.redirect_chain == [(f"{PAGE}?sort=name", 302)]
    assert "chỉ dành cho người được xem danh sách cán bộ" in answer.content.decode()


def test_a_view_on_a_merged_unit_leads_to_its_successor_with_words(client, officer):
    client.post("/hr/units/A/views/", {"name": "Ánh"})
    applied(Merge(("A", "B"), "N", new("N", "P")))
    assert tables(client.get("/hr/").content.decode())[0][1][1].endswith("thay cho A")
    answer = client.get(f"/hr/views/{SavedView.objects.get().pk}/", follow=True)
    assert answer.redirect_chain == [("/hr/units/N/", 302)]
    assert "Đơn vị A của chế độ xem “Ánh” không còn hoạt động." in answer.content.decode()


def test_an_own_view_out_of_scope_says_so(client, officer, province):
    keep(client, "Các xã")
    officer.role_grants.update(unit=UnitFactory())
    answer = client.get(f"/hr/views/{SavedView.objects.get().pk}/", follow=True)
    assert answer.redirect_chain == [("/hr/", 302)]
    assert "không còn thuộc phạm vi của anh/chị" in answer.content.decode()


def test_a_unit_out_of_scope_takes_no_view(client, officer):
    UnitFactory(code="OUT")
    assert client.post("/hr/units/OUT/views/", {"name": "x"}).status_code == 404
    assert not SavedView.objects.exists()


def test_home_of_several_units_has_their_greatest_gaps(client, officer, competencies):
    RoleGrantFactory(user=officer, role="hr", unit=Unit.objects.get(code="B"), sees_people=True)
    html = client.get("/hr/").content.decode()
    cards = re.findall(r'<h2 class="card__title"><a href="[^"]+">([^<]+)</a></h2>(.*?)</ol>', html, re.DOTALL)
    first = competencies[0]
    assert [(name, re.findall(r"<li>([^:]+): <strong>\d+%</strong> (.*)</li>", card)) for name, card in cards] == [
        (name, [(f"{first.code} {first.name_vi}", words)])
        for (name, card), words in zip(cards, re.findall(r"</strong> (chưa đạt[^<]+)</li>", html), strict=True)
    ]
    assert re.findall(r"đã đánh giá (\d+/\d+) người", html) == ["12/12", "29/29"]


def test_before_the_first_publication_readers_are_told_when_it_comes(client, hr, province):
    from reports.models import PublishedCell

    PublishedCell.objects.all().delete()
    RoleGrantFactory(user=hr, role="hr", unit=UnitFactory(code="Q"))
    told = [client.get(page).content.decode() for page in ("/hr/", PAGE)]
    assert [re.findall(r"lần (?:công bố )?tới:? (?:lúc )?(\d\d:\d\d) ", html) for html in told] == [
        ["01:30"] * 2,
        ["01:30"],
    ]
