"""The reform's table on a page: an empty organisation is filled, the reform drafted once, hostile tables refused."""

from datetime import date
from io import BytesIO
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from organisation.api import (
    apply_reorganisation,
    approve_reorganisation,
    create_person,
    draft_reorganisation,
    unit_tree,
)
from organisation.domain.imports import jobs
from organisation.models import AuditEvent, Reorganisation, StaffImport, Unit, User
from tests.factories.organisation import PostingFactory, RoleGrantFactory, UnitFactory
from tests.organisation.real_data import reform_file
from tests.organisation.test_import_reorganisation import HEADER, ROWS

pytestmark = pytest.mark.django_db
ADDRESS = "/hr/reorganisations/from-file/"
DECISION = {"number": "202/2025/QH15", "title": "Sắp xếp", "in_force": "2025-07-01", "note": ""}


@pytest.fixture
def admin(client) -> User:
    user: User = RoleGrantFactory(role="admin", unit=None).user
    client.force_login(user)
    return user


def table(*rows: str, header: str = HEADER) -> SimpleUploadedFile:
    return SimpleUploadedFile("reform.csv", "\n".join([header, *rows]).encode() + b"\n")


def bring(client: Client, file, **said: str) -> str:
    """Upload the file; return the address of its check."""
    response = client.post(ADDRESS, {"file": file, **DECISION, **said})
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def fill(client: Client) -> None:
    """Make the units of ROWS by the page."""
    check = client.post(ADDRESS, {"file": table(*ROWS), "from_day": "2020-01-01"})["Location"]
    assert client.get(check).context["kinds_of_units"]
    client.post(check, {"action": "apply"})
    assert client.get(check)["Location"] == "/hr/"


def test_an_empty_organisation_is_filled_and_the_reform_drafted_approved_and_applied(client, admin):
    assert client.get(ADDRESS).context["is_empty"]
    fill(client)
    assert {each.code for each in Unit.objects.all()} == {"VN", "P1", "D10", "C100", "C101", "C102"}
    PostingFactory(person=create_person("1", "An"), unit=Unit.objects.get(code="C102"), valid_from=date(2021, 1, 1))
    check = bring(client, table(*ROWS))
    page = client.get(check)
    assert sorted(counts for _kind, *counts in page.context["kinds_of_units"]) == [[1, 0], [1, 1], [1, 1], [3, 3]]
    assert page.context["report"]["splits"] == 1
    assert page.context["report"]["people_in_all"] == 1
    assert not Reorganisation.objects.exists()
    client.post(check, {"action": "apply"})
    made = Reorganisation.objects.get()
    assert client.get(check)["Location"] == f"/hr/reorganisations/{made.pk}/"
    assert (made.status, made.author, made.number, made.in_force) == ("draft", admin, "202/2025/QH15", date(2025, 7, 1))
    # The author may not approve it; a second person may, and the existing task applies it.
    client.post(f"/hr/reorganisations/{made.pk}/act/", {"action": "approve"})
    made.refresh_from_db()
    assert made.status == "draft"
    approve_reorganisation(made, RoleGrantFactory(role="admin", unit=None).user)
    apply_reorganisation(made.pk)
    assert {node.code for node in unit_tree(date(2025, 7, 1)).nodes.values()} == {
        "VN",
        "P1",
        "C100",
        "C25-501",
        "C25-502",
    }


def test_confirming_twice_drafts_once_and_the_number_is_taken_afterwards(client, admin):
    fill(client)
    check, other = bring(client, table(*ROWS)), bring(client, table(*ROWS))
    for _ in range(2):
        client.post(check, {"action": "apply"})
    client.post(other, {"action": "apply"})
    assert Reorganisation.objects.count() == 1
    assert StaffImport.objects.get(key=other.split("/")[-2]).refusal == "taken"
    assert "số này" in client.get(other).content.decode()
    # A third is told in its dry run already, and has no button.
    third = client.get(bring(client, table(*ROWS)))
    assert "số này" in third.content.decode()
    assert 'value="apply"' not in third.content.decode()


def test_a_number_used_inside_one_unit_is_free_for_all_others(client, admin):
    fill(client)
    inside = Unit.objects.get(code="P1")
    draft_reorganisation(number="202/2025/QH15", title="", in_force=date(2025, 7, 1), scope=inside)
    check = bring(client, table(*ROWS))
    assert not StaffImport.objects.get(key=check.split("/")[-2]).refusal
    client.post(check, {"action": "apply"})
    assert Reorganisation.objects.filter(number="202/2025/QH15", scope=None).count() == 1
    client.force_login(RoleGrantFactory(role="hr", unit=inside).user)
    again = bring(client, table(*ROWS), scope=str(inside.pk))
    assert StaffImport.objects.get(key=again.split("/")[-2]).refusal == "taken"


def test_what_does_not_fit_the_organisation_is_told_by_row(client, admin):
    UnitFactory(code="VN", kind="nation")
    check = bring(client, table(*ROWS))
    page = client.get(check)
    told = {(each.row, each.column) for each in page.context["problems"]}
    assert (2, "old_commune_id") in told
    assert (3, "old_commune_id") in told
    messages = [(each.row, each.column, each.message) for each in page.context["problems"]]
    assert len(messages) == len(set(messages))
    client.post(check, {"action": "apply"})
    assert not Reorganisation.objects.exists()
    lines = client.get(f"/hr/import/{check.split('/')[-2]}/problems.csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + page.context["report"]["problem_count"]


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        (["1,Tỉnh A,10,Huyện B,100,Xã C,5,Tỉnh A,500"], (2, "new_commune_name")),
        (["1,Tỉnh A,10,Huyện B,100,Xã C,5,Tỉnh A,x'--,Xã D"], (2, "new_commune_id")),
        (["1,Tỉnh A,10,Huyện B,100,=1+1,5,Tỉnh A,500,Xã D"], (2, "old_commune_name")),
        ([ROWS[0], ROWS[1].replace("Huyện B", "Huyện X")], (3, "old_district_name")),
        ([ROWS[1], ROWS[2].replace("Xã E", "Xã Y")], (3, "new_commune_name")),
        ([ROWS[1], ROWS[2].replace("5,Tỉnh A,501", "6,Tỉnh Z,501")], (3, "new_commune_id")),
        ([], (1, "A")),
    ],
)
def test_a_hostile_table_is_refused_by_row_and_column(client, admin, rows, place):
    UnitFactory(code="VN", kind="nation")
    page = client.get(bring(client, table(*rows)))
    assert [(each.row, each.column) for each in page.context["problems"]] == [place]
    assert not Reorganisation.objects.exists()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"a,b\n1,2\n", b"\xff\xfea", b"PK\x03\x04broken", b"\x00" * 10])
def test_what_is_no_table_is_refused(client, admin, content):
    UnitFactory(code="VN", kind="nation")
    page = client.get(bring(client, SimpleUploadedFile("x.csv", content)))
    assert len(page.context["problems"]) == 1


def test_too_many_rows_are_refused(client, admin):
    UnitFactory(code="VN", kind="nation")
    with patch("organisation.importing.reform.MAX_ROWS", 3):
        page = client.get(bring(client, table(*ROWS)))
    assert [each.row for each in page.context["problems"]] == [5]


def test_hr_drafts_inside_its_unit_only_and_another_account_does_not_see_the_table(client, admin):
    fill(client)
    inside = RoleGrantFactory(role="hr", unit=Unit.objects.get(code="P1")).user
    client.force_login(inside)
    province = str(Unit.objects.get(code="P1").pk)
    page = client.get(check := bring(client, table(*ROWS), scope=province))
    # Districts end and communes move below the province: all lies inside it.
    assert not page.context["report"]["problem_count"]
    nation = client.post(ADDRESS, {"file": table(*ROWS), **DECISION, "scope": str(Unit.objects.get(code="VN").pk)})
    assert nation.status_code == 422
    client.force_login(admin)
    assert client.get(check).status_code == 404
    assert AuditEvent.objects.latest("pk").action == "refused"


def test_a_right_that_was_lost_meanwhile_drafts_nothing(client, admin):
    fill(client)
    check = bring(client, table(*ROWS))
    admin.role_grants.all().delete()
    job = StaffImport.objects.get(key=check.split("/")[-2])
    jobs.confirm_import(job, is_partial=False)
    job.refresh_from_db()
    assert (job.status, job.refusal) == ("ready", "not_allowed")
    assert not Reorganisation.objects.exists()


def test_a_large_table_waits_for_a_worker_and_shows_progress(client, admin):
    UnitFactory(code="VN", kind="nation")
    rows = [f"1,Tỉnh A,10,Huyện B,{n},Xã {n},5,Tỉnh A,{n},Xã {n}" for n in range(1, 3000)]
    with patch("organisation.domain.imports.jobs._wake_worker") as wake:
        check = bring(client, table(*rows))
    wake.assert_called_once()
    assert 'hx-trigger="every 2s"' in client.get(check).content.decode()
    jobs.run_import(StaffImport.objects.get().pk)
    assert client.get(check, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_the_staff_page_does_not_open_the_table_nor_the_other_way_round(client, admin):
    UnitFactory(code="VN", kind="nation")
    key = bring(client, table(*ROWS)).split("/")[-2]
    assert client.get(f"/hr/import/{key}/")["Location"] == "/hr/import/"
    staff = client.post("/hr/import/", {"file": BytesIO(b"a,b\n")})["Location"].split("/")[-2]
    assert client.get(f"{ADDRESS}{staff}/")["Location"] == ADDRESS


def test_the_real_table_fills_the_country_and_its_dry_run_says_the_reform_to_the_unit(client, admin):
    content = reform_file().read_bytes()
    units = client.post(ADDRESS, {"file": SimpleUploadedFile("real.csv", content), "from_day": "2020-01-01"})[
        "Location"
    ]
    jobs.run_import(StaffImport.objects.get().pk)
    client.post(units, {"action": "apply"})
    jobs.run_import(StaffImport.objects.get().pk)
    check = bring(client, SimpleUploadedFile("real.csv", content))
    jobs.run_import(StaffImport.objects.get(kind="reform").pk)
    report = client.get(check).context["report"]
    kinds = {"nation": [1, 1], "province": [63, 34], "district": [691, 0], "commune": [10_038, 3_315]}
    assert (report["kinds"], report["splits"], report["problem_count"]) == (kinds, 297, 0)
    assert report["rows"] == 10_353
    client.post(check, {"action": "apply"})
    jobs.run_import(StaffImport.objects.get(kind="reform").pk)
    assert Reorganisation.objects.get().steps.count() == sum(report["steps"].values()) == 4_339
