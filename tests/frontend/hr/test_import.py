"""The pages of the staff import: who may, what they show, and that nothing is written before the confirmation."""

import os
import time
from html import unescape
from io import BytesIO
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from organisation.domain.imports import jobs
from organisation.models import AuditEvent, Person, StaffImport, Unit, User
from tests.factories.organisation import PersonFactory, PositionFactory, RoleGrantFactory, UnitFactory, UserFactory
from tests.organisation.staff_files import AN, Values, csv_file, xlsx_file

pytestmark = pytest.mark.django_db

NEW_UNIT: Values = {"unit_code": "AB-03", "unit_name": "Xã Mới", "unit_kind": "commune", "parent_code": "AB"}


@pytest.fixture(autouse=True)
def state_dir(settings, tmp_path: Path) -> Path:
    settings.STATE_DIR = tmp_path
    return tmp_path


@pytest.fixture
def top(db: None) -> Unit:
    unit = UnitFactory(code="AB", name_vi="Tỉnh An Bình", kind="province")
    UnitFactory(code="AB-01", name_vi="Xã Hoà Bình", parent=unit)
    UnitFactory(code="BM", name_vi="Tỉnh Bình Minh", kind="province")
    PositionFactory(code="clerk")
    return unit


@pytest.fixture
def hr(top: Unit) -> User:
    return RoleGrantFactory(role="hr", unit=top).user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, file: BytesIO, name: str = "nhan-su.csv") -> str:
    """Bring the file and return the address of its check."""
    response = client.post(reverse("hr:import"), {"file": SimpleUploadedFile(name, file.getvalue())})
    assert response.status_code == 302, response.content.decode()
    return response.headers["Location"]


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return unescape(response.content.decode())


def written() -> tuple[int, int]:
    return Unit.objects.count(), Person.objects.count()


# --- the way through ------------------------------------------------------------------------------------------------


def test_import_shows_what_it_would_do_then_does_it(hr):
    client = signed_in(hr)
    before = written()
    check = upload(client, csv_file([NEW_UNIT, {**AN, "unit_code": "AB-03"}]))
    page = text_of(client, check)
    assert "Tệp hợp lệ" in page
    assert "<dt>đơn vị tạo mới</dt><dd>1</dd>" in page
    assert "<dt>người thêm mới</dt><dd>1</dd>" in page
    assert written() == before
    response = client.post(check, {"action": "apply"}, follow=True)
    assert response.redirect_chain == [(check, 302)]
    assert "Đã nhập tệp nhan-su.csv." in response.content.decode()
    assert Person.objects.get().full_name == "Nguyễn Thị An"
    event = AuditEvent.objects.get()
    assert (event.actor, event.action, event.target) == (hr, "imported", "nhan-su.csv")


def test_steps_and_figures_read_as_people_write_them(hr):
    client = signed_in(hr)
    page = text_of(client, upload(client, csv_file([{"unit_code": "AB"}] * 1200)))
    assert '<span>2.</span><span class="step__label">Kiểm tra tệp</span>' in page
    assert "<dt>dòng đã đọc</dt><dd>1.200</dd>" in page


def test_import_takes_a_workbook_in_english(hr):
    client = signed_in(hr)
    client.cookies["django_language"] = "en"
    page = text_of(client, upload(client, xlsx_file([AN]), "staff.xlsx"))
    assert "<h1>Check of staff.xlsx</h1>" in page
    assert "The file is in order" in page


def test_problems_are_shown_by_row_and_column_and_cannot_be_applied(hr):
    client = signed_in(hr)
    before = written()
    check = upload(client, csv_file([AN, {**AN, "employee_code": "NV2", "position": "<b>phi công</b>"}]))
    html = client.get(check).content.decode()
    assert "Tệp có 1 lỗi" in html
    assert "&lt;b&gt;phi công&lt;/b&gt;" in html
    assert 'value="apply"' not in html
    response = client.post(check, {"action": "apply"}, follow=True)
    assert "Tệp còn lỗi. Không có dữ liệu nào được ghi." in response.content.decode()
    assert written() == before


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04 broken", b"unit_code\n\xe0\n", b"unit_code\nA\0\n"])
def test_hostile_file_is_one_problem(hr, content):
    client = signed_in(hr)
    assert "Tệp có 1 lỗi" in text_of(client, upload(client, BytesIO(content)))


def test_row_outside_the_subtree_is_a_problem(hr):
    client = signed_in(hr)
    page = text_of(client, upload(client, csv_file([{**AN, "unit_code": "BM"}])))
    assert "Đơn vị BM không thuộc phạm vi anh/chị phụ trách." in page


def test_admin_may_import_everywhere(top):
    client = signed_in(RoleGrantFactory(role="admin").user)
    assert "Tệp hợp lệ" in text_of(client, upload(client, csv_file([{**AN, "unit_code": "BM"}])))
    assert "Mọi đơn vị." in text_of(client, reverse("hr:import"))


def test_page_names_the_units_of_the_officer(hr):
    assert "<li>Tỉnh An Bình và mọi đơn vị trực thuộc</li>" in text_of(signed_in(hr), reverse("hr:import"))


def test_file_that_changes_nothing_offers_no_import(hr):
    client = signed_in(hr)
    html = client.get(upload(client, csv_file([{"unit_code": "AB"}]))).content.decode()
    assert "Nhập tệp này sẽ không thay đổi gì." in html
    assert 'value="apply"' not in html


def test_missing_file_is_told_at_the_field(hr):
    response = signed_in(hr).post(reverse("hr:import"))
    assert response.status_code == 422
    assert 'href="#id_file"' in response.content.decode()


def test_too_large_file_is_told_at_the_field(hr, monkeypatch):
    monkeypatch.setattr("frontend.hr.import_forms.FileForm.max_bytes", 10)
    response = signed_in(hr).post(reverse("hr:import"), {"file": SimpleUploadedFile("a.csv", b"x" * 11)})
    assert response.status_code == 422


def test_template_is_an_empty_staff_file_with_a_guide(hr):
    response = signed_in(hr).get(reverse("hr:import-template"))
    assert response.headers["Content-Disposition"] == 'attachment; filename="thang-staff.xlsx"'
    book = openpyxl.load_workbook(BytesIO(response.content))
    assert book.sheetnames == ["Nhân sự", "Hướng dẫn", "Vị trí việc làm"]
    assert book["Vị trí việc làm"]["A2"].value == "clerk"
    client = signed_in(hr)
    assert "Nhập tệp này sẽ không thay đổi gì." in text_of(client, upload(client, BytesIO(response.content)))


# --- who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hr:import", "hr:import-template", "hr:import-check"])
def test_strangers_sign_in_and_others_meet_a_404_with_an_audit_row(top, name):
    url = reverse(name, kwargs={"key": uuid4()} if name == "hr:import-check" else None)
    response = Client().get(url)
    assert (response.status_code, response.headers["Location"]) == (302, f"{reverse('account_login')}?next={url}")
    learner = PersonFactory(user=UserFactory()).user
    for user in (learner, RoleGrantFactory(role="trainer").user):
        assert signed_in(user).get(url).status_code == 404
        assert AuditEvent.objects.filter(actor=user, action="refused").count() == 1


def test_file_of_another_officer_is_refused(hr, top):
    check = upload(signed_in(hr), csv_file([AN]))
    other = RoleGrantFactory(role="hr", unit=top).user
    assert signed_in(other).get(check).status_code == 404
    assert signed_in(other).post(check, {"action": "apply"}).status_code == 404
    assert AuditEvent.objects.filter(actor=other, action="refused").count() == 2
    assert Person.objects.count() == 0


def test_upload_is_private_and_gone_after_confirmation_discard_and_an_hour(hr, state_dir: Path):
    client = signed_in(hr)

    def kept() -> list[int]:
        return [path.stat().st_mode & 0o777 for path in (state_dir / "imports").glob("*/*.upload")]

    check = upload(client, csv_file([AN]))
    assert kept() == [0o600]
    client.post(check, {"action": "apply"})
    assert kept() == []
    client.post(upload(client, csv_file([AN])), {"action": "discard"})
    assert kept() == []
    check = upload(client, csv_file([AN]))
    for path in (state_dir / "imports").glob("*/*"):
        os.utime(path, (time.time() - 3700,) * 2)
    response = client.get(check, follow=True)
    assert response.redirect_chain == [(reverse("hr:import"), 302)]
    assert "Tệp không còn được lưu." in response.content.decode()
    assert kept() == []


def test_check_asks_the_database_as_often_for_three_hundred_rows(hr, django_assert_num_queries):
    client = signed_in(hr)
    for count in (1, 300):
        file = csv_file([{**AN, "employee_code": f"NV{index}"} for index in range(count)])
        with django_assert_num_queries(27):
            upload(client, file)


def test_the_right_rows_are_imported_by_choice_and_the_problems_downloaded(hr: User) -> None:
    client = signed_in(hr)
    rows = [AN, {**AN, "employee_code": "NV2", "position": "pilot"}]
    check = upload(client, csv_file(rows))
    assert 'value="apply-partial"' in text_of(client, check)
    assert Person.objects.count() == 0
    problems = client.get(f"{check}problems.csv")
    message = "Không có vị trí việc làm “pilot”. Hãy dùng mã hoặc tên trong danh sách ở tệp mẫu."
    assert problems.content.decode("utf-8-sig").splitlines() == ["Dòng,Cột,Lỗi", f"3,position,{message}"]
    client.post(check, {"action": "apply-partial"})
    assert list(Person.objects.values_list("employee_code", flat=True)) == ["NV1"]
    again = text_of(client, upload(client, csv_file(rows)))
    assert 'value="apply-partial"' not in again  # nothing is left to import


def test_the_problems_of_anothers_file_are_refused(hr: User, top: Unit) -> None:
    check = upload(signed_in(hr), csv_file([AN]))
    other = RoleGrantFactory(role="hr", unit=top).user
    assert signed_in(other).get(f"{check}problems.csv").status_code == 404


# --- with the workers -----------------------------------------------------------------------------------------------


def test_a_big_file_shows_how_far_its_check_is_then_the_report(hr: User, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "SMALL_BYTES", 0)
    client = signed_in(hr)
    check = upload(client, csv_file([AN]))
    job = StaffImport.objects.get()
    page = text_of(client, check)
    assert f'hx-get="{check}" hx-trigger="every 2s" hx-select="#progress" hx-swap="outerHTML"' in page
    assert f'<a class="btn btn-secondary" href="{check}">' in page  # the way without JavaScript
    StaffImport.objects.update(status="checking", rows_done=1200, percent=40)
    page = text_of(client, check)
    assert '<progress value="40" max="100" aria-label="Đang kiểm tra">Đã đọc 1.200 dòng</progress>' in page
    assert f'<a href="{check}">nhan-su.csv</a>: đang kiểm tra' in text_of(client, reverse("hr:import"))
    assert "HX-Refresh" not in client.get(check, headers={"HX-Request": "true"}).headers
    jobs.run_import(job.pk)
    assert client.get(check, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "Tệp hợp lệ" in text_of(client, check)
    client.post(check, {"action": "apply"})
    assert 'aria-label="Đang nhập"' in text_of(client, check)
    assert client.post(check, {"action": "discard"}).headers["Location"] == check  # too late
    jobs.run_import(job.pk)
    assert "Đã nhập tệp nhan-su.csv." in text_of(client, check)
    assert Person.objects.count() == 1


def test_a_check_that_failed_says_so_and_the_file_can_be_let_go(hr: User) -> None:
    client = signed_in(hr)
    with patch.object(jobs, "plan_import", side_effect=RuntimeError):
        check = upload(client, csv_file([AN]))
    assert "Không xử lý được tệp" in text_of(client, check)
    client.post(check, {"action": "discard"})
    assert StaffImport.objects.count() == 0


def test_a_page_that_asks_by_itself_after_signing_out_loads_anew(hr: User) -> None:
    response = Client().get(upload(signed_in(hr), csv_file([AN])), headers={"HX-Request": "true"})
    assert (response.status_code, response.headers["HX-Refresh"]) == (204, "true")


def test_foreign_columns_are_asked_for_and_the_next_file_is_read_the_same_way(hr: User) -> None:
    client = signed_in(hr)
    rows: list[Values] = [
        {"Mã ĐV": "AB-01", "Mã nhân sự": "NV1", "Họ": "Lê Ba", "Vị trí": "clerk", "Từ ngày": "1/1/2020"}
    ]

    def file() -> BytesIO:
        return csv_file(rows, columns=rows[0], delimiter=";")

    check = upload(client, file())
    page = text_of(client, check)
    assert '<label class="field__label" for="id_column-1">mã đv</label>' in page
    assert page.count('<option value="employee_code" selected>Mã nhân sự (employee_code)</option>') == 1  # by its label
    assert page.count('<option value="from" selected>') == 1
    chosen = {
        f"column-{at}": name for at, name in enumerate(["unit_code", "employee_code", "full_name", "position"], 1)
    }
    assert client.post(check, {"action": "columns", **chosen}).status_code == 422  # one is left
    client.post(check, {"action": "columns", **chosen, "column-5": "from"})
    assert "Tệp hợp lệ" in text_of(client, check)
    assert "Tệp hợp lệ" in text_of(client, upload(client, file()))
    client.post(check, {"action": "columns", **chosen, "column-5": "full_name"})
    assert "Cột “full_name” xuất hiện hai lần." in text_of(client, check)
