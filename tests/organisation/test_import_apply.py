"""Applying a plan: all of it or nothing, told to the rooms above, answerable later."""

import os
import time
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.backends.postgresql.psycopg_any import DateRange

from organisation.api import change_unit, hr_scope, posting_of, today, unit_tree
from organisation.domain.imports import apply
from organisation.domain.imports.apply import ImportRefused, apply_import
from organisation.domain.imports.check import plan_import
from organisation.domain.imports.plan import ImportPlan
from organisation.domain.imports.uploads import keep_upload, open_upload
from organisation.domain.people import rename_person
from organisation.domain.postings import leave
from organisation.models import AuditEvent, Person, Posting, Unit, UnitVersion
from organisation.tasks import drop_expired_imports
from tests.factories.organisation import (
    PersonFactory,
    PostingFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)
from tests.organisation.staff_files import AN, Values, csv_file

pytestmark = pytest.mark.django_db

NEW_UNIT: Values = {"unit_code": "AB-03", "unit_name": "Xã Mới", "unit_kind": "commune", "parent_code": "AB"}
BINH: Values = {**AN, "employee_code": "NV2", "full_name": "Lê Văn Bình", "unit_code": "AB-03"}


def plan(*rows: Values) -> ImportPlan:
    made = plan_import(csv_file(rows), "staff.csv")
    assert made.problems == []
    return made


def everything() -> list[list[object]]:
    return [list(model.objects.order_by("pk").values()) for model in (Unit, UnitVersion, Person, Posting)]


def test_apply_makes_units_people_and_postings(province):
    apply_import(
        plan(NEW_UNIT, {**BINH, "gender": "nam", "birth_date": "1/2/1990", "email": "b@x.vn", "to": "31/12/2030"})
    )
    person = Person.objects.get()
    assert (person.full_name, person.gender, person.birth_date) == ("Lê Văn Bình", "m", date(1990, 2, 1))
    assert (person.email, person.search_key, person.sort_key[:6]) == ("b@x.vn", "le van binh", "DMRL.2")
    posting = posting_of(person, today())
    assert posting is not None
    assert (posting.unit.code, posting.position.code) == ("AB-03", "clerk")
    assert posting.valid == DateRange(date(2020, 1, 1), date(2031, 1, 1))
    tree = unit_tree()
    assert [node.code for node in tree.ancestors(posting.unit_id)] == ["AB"]
    assert tree.nodes[posting.unit_id].name_en == "Moi Commune"


def test_apply_changes_what_is_known(province):
    held = PostingFactory(person=PersonFactory(employee_code="NV1"), unit=province.first, position=province.clerk)
    apply_import(
        plan(
            {"unit_code": "AB-01", "unit_name": "Phường Hoà Bình"},
            {**AN, "email": "an@x.vn", "to": "2021-12-31"},
            {**AN, "unit_code": "AB-02", "position": "chair", "from": "2022-01-01"},
        )
    )
    held.person.refresh_from_db()
    assert (held.person.full_name, held.person.email) == ("Nguyễn Thị An", "an@x.vn")
    assert list(Posting.objects.order_by("valid").values_list("unit__code", "position__code", "valid")) == [
        ("AB-01", "clerk", DateRange(date(2020, 1, 1), date(2022, 1, 1))),
        ("AB-02", "chair", DateRange(date(2022, 1, 1), None)),
    ]
    names = UnitVersion.objects.filter(unit=province.first).order_by("valid").values_list("name_vi", "name_en", "valid")
    assert list(names) == [
        ("Xã Hoà Bình", "Hoa Binh Commune", DateRange(date(2000, 1, 1), today())),
        ("Phường Hoà Bình", "Hoa Binh Ward", DateRange(today(), None)),
    ]


def test_apply_again_changes_nothing(province):
    rows = [NEW_UNIT, BINH, {**AN, "gender": "f"}]
    apply_import(plan(*rows))
    before = everything()
    again = plan(*rows)
    assert again.changes_nothing
    apply_import(again)
    assert everything() == before


def test_apply_moves_a_unit(province):
    apply_import(plan({"unit_code": "AB-01", "parent_code": "AB-02"}))
    assert [node.code for node in unit_tree().ancestors(province.first.pk)] == ["AB", "AB-02"]


def test_apply_refuses_a_plan_with_problems(province):
    before = everything()
    with pytest.raises(ImportRefused):
        apply_import(plan_import(csv_file([NEW_UNIT, {**AN, "position": "pilot"}]), "staff.csv"))
    assert everything() == before
    assert AuditEvent.objects.count() == 0


@pytest.mark.parametrize("meanwhile", ["unit", "person", "posting"])
def test_apply_writes_nothing_when_the_data_changed_meanwhile(province, meanwhile):
    person = PersonFactory(employee_code="NV1")
    made = plan(NEW_UNIT, BINH, AN)
    match meanwhile:
        case "unit":
            UnitFactory(code="AB-03")
        case "person":
            PersonFactory(employee_code="NV2")
        case "posting":
            PostingFactory(person=person, valid_from=date(2023, 1, 1))
    before = everything()
    with pytest.raises(ImportRefused):
        apply_import(made)
    assert everything() == before
    assert AuditEvent.objects.count() == 0


@pytest.mark.parametrize("meanwhile", ["renamed", "moved"])
def test_apply_never_overwrites_a_unit_that_others_changed_since_the_check(province, meanwhile):
    made = plan({"unit_code": "AB-01", "unit_name": "Phường Hoà Bình"})
    change = {"name_vi": "Xã Khác"} if meanwhile == "renamed" else {"parent": province.second}
    change_unit(province.first, from_day=today(), **change)
    before = everything()
    with pytest.raises(ImportRefused):
        apply_import(made)
    assert everything() == before


@pytest.mark.parametrize("meanwhile", ["renamed", "addressed", "left", "corrected"])
def test_apply_never_overwrites_what_others_changed_since_the_check(province, meanwhile):
    person = PersonFactory(employee_code="NV1", full_name="Nguyễn Thị An", email="an@x.vn")
    held = PostingFactory(person=person, unit=province.first, position=province.clerk, valid_to=date(2027, 1, 1))
    of_person = {"email": "moi@x.vn"} if meanwhile in ("renamed", "addressed") else {}
    made = plan({**AN, **of_person, "to": "2026-12-31" if of_person else "2028-12-31"})
    assert made.people_changed + made.postings_changed == 1
    match meanwhile:
        case "renamed":
            rename_person(person, "Nguyễn Thị Bình")
        case "addressed":
            Person.objects.filter(pk=person.pk).update(email="khac@x.vn")
        case "left":
            leave(person, day=date(2026, 1, 1))
        case "corrected":
            Posting.objects.filter(pk=held.pk).update(unit=province.second)
    before = everything()
    with pytest.raises(ImportRefused):
        apply_import(made)
    assert everything() == before


def test_apply_tells_once_and_after_commit(province, news, django_capture_on_commit_callbacks):
    PostingFactory(person=PersonFactory(employee_code="NV9"), unit=province.first, position=province.clerk)
    made = plan(NEW_UNIT, BINH, AN, {**AN, "employee_code": "NV9", "full_name": ""})
    with django_capture_on_commit_callbacks(execute=True):
        apply_import(made)
        assert news == []
    people = Person.objects.filter(employee_code__in=["NV1", "NV2"]).order_by("pk")
    assert news == [[person.pk for person in people]]  # NV9 is as it was


def test_apply_leaves_an_audit_event(province):
    grant = RoleGrantFactory(role="hr", unit=province.top)
    made = plan_import(csv_file([NEW_UNIT, BINH]), "staff.csv", scope=hr_scope(grant.user))
    apply_import(made, actor=grant.user, address="10.0.0.1")
    event = AuditEvent.objects.get()
    assert (event.actor, event.action, event.target, event.address) == (grant.user, "imported", "staff.csv", "10.0.0.1")
    assert {name: count for name, count in event.detail.items() if count} == {
        "units_created": 1,
        "people_created": 1,
        "postings_created": 1,
    }


def test_apply_works_in_batches(province, monkeypatch):
    monkeypatch.setattr(apply, "_BATCH", 7)
    rows = [{**AN, "employee_code": f"NV{index:03d}", "full_name": f"Lê Văn {index}"} for index in range(50)]
    apply_import(plan(*rows))
    assert Posting.objects.count() == 50
    renamed = [{**row, "full_name": f"{row['full_name']} Hai"} for row in rows]
    apply_import(plan(*renamed))
    assert Person.objects.filter(full_name__endswith=" Hai").count() == 50


# --- the command ----------------------------------------------------------------------------------------------------


def test_import_people_command(province, tmp_path: Path):
    path = tmp_path / "staff.csv"
    path.write_bytes(csv_file([NEW_UNIT, BINH]).getvalue())
    out = StringIO()
    call_command("import_people", str(path), "--dry-run", stdout=out)
    assert out.getvalue().splitlines() == [
        "units created: 1",
        "units changed: 0",
        "people created: 1",
        "people changed: 0",
        "postings created: 1",
        "postings changed: 0",
        "postings reopened: 0",
        "postings unchanged: 0",
        "Dry run: nothing was written.",
    ]
    assert Person.objects.count() == 0
    call_command("import_people", str(path), stdout=StringIO())
    assert Person.objects.get().employee_code == "NV2"


def test_import_people_command_tells_problems_and_writes_nothing(province, tmp_path: Path):
    path = tmp_path / "staff.csv"
    path.write_bytes(csv_file([AN, {**BINH, "unit_code": "ZZ"}]).getvalue())
    errors = StringIO()
    with pytest.raises(CommandError, match=r"^staff.csv: 1 problems\. Nothing was written\.$"):
        call_command("import_people", str(path), stdout=StringIO(), stderr=errors)
    assert errors.getvalue().startswith("row 3, column unit_code: ")
    assert Person.objects.count() == 0


def test_import_people_command_tells_a_missing_file():
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_people", "/nowhere/staff.csv")


def test_task_drops_what_was_never_confirmed(settings, tmp_path: Path):
    settings.STATE_DIR = tmp_path
    user = UserFactory()
    old, new = (keep_upload(user, [b"unit_code"], "staff.csv") for _ in range(2))
    for path in (tmp_path / "imports").glob(f"*/{old}.*"):
        os.utime(path, (time.time() - 3700,) * 2)
    drop_expired_imports()
    assert open_upload(user, old) is None
    kept = open_upload(user, new)
    assert kept is not None
    with kept[0] as file:
        assert (file.read(), kept[1]) == (b"unit_code", "staff.csv")


def test_partial_import_leaves_out_who_has_a_problem_and_what_hangs_on_it(province):
    rows: list[Values] = [
        {**AN, "employee_code": "NV1"},
        {**AN, "employee_code": "NV2", "position": "pilot"},
        {**AN, "employee_code": "NV3"},
        {**AN, "employee_code": "NV3", "from": "2019-01-01"},  # overlaps the row before
        {"unit_code": "AB-07", "unit_name": "Xã Không Loại", "parent_code": "AB"},  # of no kind
        {"unit_code": "AB-08", "unit_name": "Thôn", "unit_kind": "office", "parent_code": "AB-07"},
        {**AN, "employee_code": "NV4", "unit_code": "AB-08"},
        {**NEW_UNIT, **AN, "unit_code": "AB-03", "employee_code": "NV5", "birth_date": "31/02/1990"},
        {**AN, "unit_code": "AB-03", "employee_code": "NV6"},
    ]
    made = plan_import(csv_file(rows), "staff.csv", is_partial=True)
    assert sorted({problem.row for problem in made.problems}) == [3, 5, 6, 9]
    apply_import(made)
    assert list(Person.objects.order_by("employee_code").values_list("employee_code", flat=True)) == ["NV1", "NV6"]
    assert Unit.objects.filter(code__in=["AB-03", "AB-07", "AB-08"]).values_list("code", flat=True).get() == "AB-03"
    again = plan_import(csv_file(rows), "staff.csv", is_partial=True)
    assert again.changes_nothing
    assert again.postings_unchanged == 2


def test_a_file_that_breaks_off_is_never_taken_in_part(province):
    made = plan_import(BytesIO(csv_file([AN]).getvalue() + b"AB-01,\xff\n"), "staff.csv", is_partial=True)
    assert not made.can_be_applied
    with pytest.raises(ImportRefused):
        apply_import(made)
    assert Person.objects.count() == 0


def test_an_older_plan_cannot_be_applied(province):
    first = plan(AN)
    plan(NEW_UNIT, BINH)
    with pytest.raises(ImportRefused):
        apply_import(first)
    assert Person.objects.count() == 0
