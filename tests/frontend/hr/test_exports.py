"""What leaves HR's pages as files."""

import csv
import io
import re
from html import unescape

import pytest
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from organisation.models import RoleGrant, User
from reports.models import ReportMail, SubtreeExport
from reports.tasks import run_export
from tests.factories.organisation import RoleGrantFactory, UnitFactory
from tests.frontend.hr.reading import tables

pytestmark = pytest.mark.django_db
PAGE = "/hr/units/P/"


def test_csv_is_the_report(client, officer):
    answer = client.get(f"{PAGE}gap.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="thang-P-\d{8}\.csv"', answer.headers["Content-Disposition"])
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    first = {row["Đơn vị"]: row["Chưa đạt yêu cầu"] for row in rows if row["Mã năng lực"] == "1.1"}
    assert list(first) == ["Tỉnh An Bình", "Phường Bình", "Phường Ánh", "Xã Cam", "Xã Dừa"]
    assert [row["Số người thuộc diện yêu cầu"] for row in rows if row["Đơn vị"] == "Xã Cam"] == [
        "Quá ít người nên không hiển thị"
    ] * 2


def test_page_offers_its_files_narrowed_as_it_is(client, officer):
    html = client.get(PAGE, {"group": "desk"}).content.decode()
    assert re.findall(r'href="(/hr/units/P/gap[^"]+)"', html) == [
        f"/hr/units/P/gap.{ending}?group=desk" for ending in ("xlsx", "csv", "pdf")
    ]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("sees_people", [True, False])
def test_pdf_says_what_the_page_says(client, officer, province, language, sees_people):
    RoleGrant.objects.filter(user=officer).update(sees_people=sees_people)
    client.cookies["django_language"] = language
    page = client.get(PAGE).content.decode()
    document = PdfReader(io.BytesIO(client.get(f"{PAGE}gap.pdf").content))
    found = " ".join(" ".join(each.extract_text() for each in document.pages).split())
    told = [
        " ".join(unescape(re.sub("<[^>]+>", "", each)).split()) for each in re.findall("<li>(<strong>.*?)</li>", page)
    ]
    assert told
    assert [f"{number}. {each}" in found for number, each in enumerate(told, start=1)] == [True] * len(told)
    rows = [row for row in tables(page)[1] if row[1].isdigit()]
    assert len(rows) == 2
    for name, required, assessed, below, shortfall, *_people in rows:
        counted = re.match(r"\d+ \(\d+%\)", assessed)  # behind it is a link to who has not been
        figures = re.match(r"\d+% \(\d+%–\d+%\)", below)
        assert counted
        assert " ".join((name, required, counted[0], figures[0] if figures else below, shortfall)) in found


def test_a_workbook_is_asked_for_followed_and_taken_away(client, officer, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    assert "/hr/exports/?unit=P" in client.get(PAGE).content.decode()
    html = client.get("/hr/exports/", {"unit": "P"}).content.decode()
    assert ("Tỉnh An Bình" in html, "hx-get" in html) == (True, False)
    answer = client.post("/hr/units/P/workbook/")
    assert (answer.status_code, answer["Location"]) == (302, "/hr/exports/?unit=P")
    html = client.get(answer["Location"]).content.decode()
    assert ("hx-get" in html, "Yêu cầu sẽ được xử lý trong giây lát." in html) == (True, True)
    export = SubtreeExport.objects.get()
    address = f"/hr/exports/{export.key}/workbook.xlsx"
    assert (address in html, client.get(address).status_code) == (False, 404)
    run_export(export.pk)
    html = client.get("/hr/exports/").content.decode()
    assert (address in html, "hx-get" in html) == (True, False)
    taken = client.get(address)
    assert re.fullmatch(r'attachment; filename="thang-P-\d{8}-all.xlsx"', taken["Content-Disposition"])
    sheet = load_workbook(io.BytesIO(b"".join(taken.streaming_content)))["Tất cả đơn vị"]
    assert {row[0] for row in sheet.iter_rows(min_row=2, values_only=True)} == {"P", "A", "B", "C", "D"}


def test_a_workbook_is_its_makers_alone_and_only_within_scope(client, officer, province, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    client.post("/hr/units/P/workbook/")
    export = SubtreeExport.objects.get()
    run_export(export.pk)
    address = f"/hr/exports/{export.key}/workbook.xlsx"
    assert client.get(address).status_code == 200
    RoleGrant.objects.filter(user=officer).update(unit=UnitFactory(code="ELSE"))
    assert client.get(address).status_code == 404
    assert address not in client.get("/hr/exports/").content.decode()
    client.force_login(RoleGrantFactory(role="hr", unit=province, sees_people=True).user)
    assert client.get(address).status_code == 404


@pytest.fixture
def mailed(client, officer) -> ReportMail:
    User.objects.filter(pk=officer.pk).update(email="an@example.vn")
    answer = client.post("/hr/units/P/mail/", {"every": "week", "readers": ["me"]})
    assert answer["Location"] == "/hr/exports/?unit=P#mails"
    return ReportMail.objects.get()


def test_a_link_by_mail_is_chosen_listed_and_opened(client, mailed):
    html = client.get("/hr/exports/").content.decode()
    assert "Tỉnh An Bình</strong>: Hằng tuần, vào thứ Hai; lần tới vào ngày" in html
    assert client.get(f"/hr/mails/{mailed.key}/")["Location"] == PAGE


def test_a_mails_link_is_its_readers_alone_and_only_within_scope(client, mailed, officer, province):
    address = f"/hr/mails/{mailed.key}/"
    RoleGrant.objects.filter(user=officer).update(unit=UnitFactory(code="ELSE"))
    assert client.get(address).status_code == 404
    client.force_login(RoleGrantFactory(role="hr", unit=province).user)
    assert client.get(address).status_code == 404


def test_a_mail_is_ended_without_signing_in_but_not_by_looking(mailed):
    stranger = Client(enforce_csrf_checks=True)
    address = f"/hr/mails/{mailed.key}/stop/"
    html = stranger.get(address).content.decode()
    assert ("An Bình" in html, ReportMail.objects.count()) == (False, 1)
    assert stranger.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not ReportMail.objects.filter(ended_at=None).exists()
    first, again = (stranger.post(address).content.split(b"<main")[1] for _time in range(2))
    assert first == again


def test_an_account_without_an_address_is_told_so(client, officer):
    User.objects.filter(pk=officer.pk).update(email="")
    assert "chưa có địa chỉ thư điện tử" in client.get("/hr/exports/", {"unit": "P"}).content.decode()
    client.post("/hr/units/P/mail/", {"every": "week", "readers": ["me"]})
    assert ReportMail.objects.count() == 0


@pytest.fixture
def colleague(officer, province) -> User:
    user: User = RoleGrantFactory(role="hr", unit=province).user
    User.objects.filter(pk=user.pk).update(email="binh@example.vn", username="binh")
    user.refresh_from_db()
    return user


def test_a_link_for_a_colleague_is_chosen_listed_and_ended(client, officer, colleague):
    html = client.get("/hr/exports/", {"unit": "P"}).content.decode()
    assert (f'value="{colleague.pk}"' in html, "binh@example.vn" in html) == (True, False)
    answer = client.post("/hr/units/P/mail/", {"every": "month", "readers": [colleague.pk]}, follow=True)
    (mail,) = ReportMail.objects.all()
    assert (mail.user, mail.asked_by, mail.every) == (colleague, officer, "month")
    html = answer.content.decode()
    assert "Đường dẫn sẽ được gửi thêm đến 1 đồng nghiệp" in html
    assert "Tỉnh An Bình</strong>, binh: Hằng tháng" in html
    other = Client()
    other.force_login(colleague)
    assert f"Do {officer.username} đăng ký." in other.get("/hr/exports/").content.decode()
    client.post(f"/hr/mails/{mail.key}/stop/")
    assert "Thư anh/chị đã đăng ký cho đồng nghiệp" not in client.get("/hr/exports/").content.decode()


def test_who_ended_a_link_is_not_signed_up_again_by_a_colleague_and_the_colleague_is_told(client, officer, colleague):
    User.objects.filter(pk=colleague.pk).update(last_name="Trần", first_name="Bình")
    asked = {"every": "week", "readers": [colleague.pk]}
    client.post("/hr/units/P/mail/", asked)
    Client().post(f"/hr/mails/{ReportMail.objects.get().key}/stop/")
    html = client.post("/hr/units/P/mail/", asked, follow=True).content.decode()
    assert "Không gửi cho Trần Bình" in html
    assert ReportMail.objects.get().ended_at is not None
    client.force_login(colleague)
    client.post("/hr/units/P/mail/", {"every": "week", "readers": ["me"]})
    assert ReportMail.objects.get().ended_at is None


@pytest.mark.parametrize("readers", [[], ["me", "nobody"], ["stranger"]])
def test_a_link_goes_to_nobody_who_was_not_offered(client, officer, colleague, readers):
    stranger = RoleGrantFactory(role="hr", unit=UnitFactory(code="ELSE")).user
    User.objects.filter(pk=stranger.pk).update(email="lan@example.vn")
    chosen = [stranger.pk if each == "stranger" else each for each in readers]
    html = client.post("/hr/units/P/mail/", {"every": "week", "readers": chosen}, follow=True).content.decode()
    told = "Đường dẫn chỉ gửi đến các tài khoản nhân sự" if readers else "Hãy chọn người nhận đường dẫn."
    assert (told in html, ReportMail.objects.count()) == (True, 0)


def test_a_unit_out_of_scope_offers_no_link_and_names_nobody_who_answers_for_it(client, colleague):
    client.force_login(RoleGrantFactory(role="hr", unit=UnitFactory(code="ELSE")).user)
    offered = client.get("/hr/exports/", {"unit": "P"})
    assert (offered.status_code, "binh" in offered.text) == (404, False)
    asked = client.post("/hr/units/P/mail/", {"every": "week", "readers": [colleague.pk]})
    assert (asked.status_code, ReportMail.objects.count()) == (404, 0)


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_takes_the_same_queries_for_any_number_of_workbooks(
    client, officer, province, count, django_assert_num_queries
):
    SubtreeExport.objects.bulk_create(
        SubtreeExport(user=officer, unit=province, language="vi", published=False, status="done") for _ in range(count)
    )
    with django_assert_num_queries(7):
        assert client.get("/hr/exports/").content.decode().count("workbook.xlsx") == count
