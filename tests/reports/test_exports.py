"""The whole subtree as one workbook: what it says, who makes it and who may have it."""

import io
from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from openpyxl import load_workbook

from organisation.models import AuditEvent, RoleGrant, UnitVersion, User
from reports.api import gap_report, publish_figures, rebuild_cells
from reports.domain import exports
from reports.domain.export_rows import figures_of
from reports.models import SubtreeExport
from reports.tasks import run_export, sweep_exports
from tests.factories.organisation import RoleGrantFactory, UnitFactory
from tests.factories.reports import make_competencies, make_position, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(settings, tmp_path) -> Iterator[list[int]]:
    """The exports that a worker was woken for."""
    settings.MEDIA_ROOT = str(tmp_path)
    woken: list[int] = []
    with patch.object(exports.current_app, "send_task", lambda name, args, **options: woken.extend(args)):
        yield woken


@pytest.fixture
def province():
    """Two districts of two and one wards, small and large, and the province's own staff."""
    province = UnitFactory(code="P", kind="province", name_vi="Tỉnh P")
    (competency,) = make_competencies(1)
    position = make_position({competency: 4})
    for district, wards in (("D1", {"A": 30, "B": 2}), ("D2", {"C": 12})):
        above = UnitFactory(code=district, parent=province, name_vi=f"Huyện {district}")
        staff(above, position, competency, 8)
        for code, count in wards.items():
            staff(UnitFactory(code=code, parent=above, name_vi=f"=Xã {code}"), position, competency, count)
    staff(province, position, competency, 9)
    rebuild_cells()
    publish_figures()
    return province


@pytest.fixture
def officer(province) -> User:
    user: User = RoleGrantFactory(role="hr", unit=province, sees_people=True).user
    return user


def made(user, unit) -> SubtreeExport:
    with translation.override("en"):
        export = exports.start_export(user, unit)
    run_export(export.pk)
    export.refresh_from_db()
    return export


def rows_of(export):
    book = load_workbook(io.BytesIO(default_storage.open(export.stored_name).read()))
    return [[cell.value for cell in row] for row in book["All units"].iter_rows()]


@pytest.mark.parametrize("sees_people", [True, False])
def test_rows_are_those_of_the_pages(province, officer, sees_people):
    RoleGrant.objects.filter(user=officer).update(sees_people=sees_people)
    export = made(officer, province)
    assert (export.status, export.published) == ("done", not sees_people)
    head, *rows = rows_of(export)
    assert head[:5] == ["Unit code", "Unit", "Code of the unit above", "Competency code", "Competency"]
    with translation.override("en"):
        expected = {}
        for page in ("P", "D1", "D2"):
            report = gap_report(type(province).objects.get(code=page), published=not sees_people)
            for row in [*report.children, *([report.own] if report.own else [])]:
                gap = row.gap(report.competencies[0].competency.pk)
                if gap.required != 0:
                    expected[page, row.of.code] = figures_of(gap)
            if page == "P":
                expected["", "P"] = figures_of(report.competencies[0].gap)
    assert {(row[2], row[0]): row[5:] for row in rows} == expected
    assert len(rows) == len(expected)
    hidden = {row[0] for row in rows if row[5] == "Too few people to show"}
    assert "B" in hidden


def test_text_stays_text_and_heads_stay_in_sight(province, officer):
    content = default_storage.open(made(officer, province).stored_name).read()
    sheet = load_workbook(io.BytesIO(content))["All units"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert (sheet.freeze_panes, sheet.auto_filter.ref.split(":")[0]) == ("C2", "A1")


def test_wanting_twice_is_one_export_and_one_file(province, officer, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first, again = exports.start_export(officer, province), exports.start_export(officer, province)
    assert (first.pk, sent) == (again.pk, [first.pk])
    for _time in range(3):
        run_export(first.pk)
    assert [each.status for each in SubtreeExport.objects.all()] == ["done"]
    assert default_storage.listdir("exports")[1] == [f"{first.key}.xlsx"]
    assert AuditEvent.objects.filter(actor=officer, action="exported").count() == 1
    assert exports.start_export(officer, province).pk != first.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        SubtreeExport.objects.create(user=officer, unit=province, language="vi", published=True)


def test_a_lost_message_and_a_lost_worker_are_made_good(province, officer, sent, django_capture_on_commit_callbacks):
    export = exports.start_export(officer, province)
    with django_capture_on_commit_callbacks(execute=True):
        sweep_exports()
    assert sent == []
    SubtreeExport.objects.update(status="running", worker="00000000-0000-0000-0000-000000000001")
    run_export(export.pk)
    assert SubtreeExport.objects.get().status == "running", "its worker is heard of"
    SubtreeExport.objects.update(moved_at=timezone.now() - timedelta(seconds=61))
    with django_capture_on_commit_callbacks(execute=True):
        sweep_exports()
    assert sent == [export.pk]
    run_export(export.pk)
    assert SubtreeExport.objects.get().status == "done"


def test_a_worker_that_was_taken_over_from_stops(province, officer):
    export = exports.start_export(officer, province)
    write = exports.write_subtree_xlsx

    def steal(file, unit, **options):
        SubtreeExport.objects.update(worker="00000000-0000-0000-0000-000000000001")
        write(file, unit, **options)

    with patch.object(exports, "write_subtree_xlsx", steal):
        run_export(export.pk)
    assert SubtreeExport.objects.get().status == "running"
    assert not default_storage.exists(export.stored_name)


def test_what_nobody_foresaw_marks_it_failed(province, officer):
    export = exports.start_export(officer, province)
    with patch.object(exports, "write_subtree_xlsx", side_effect=ValueError):
        run_export(export.pk)
    assert SubtreeExport.objects.get().status == "failed"


def test_progress_counts_pages(province, officer):
    export = made(officer, province)
    assert (export.units_done, export.units_total) == (3, 3)


def test_an_export_follows_its_makers_scope(province, officer):
    export = made(officer, province)
    assert exports.find_export(officer, export.key) == export
    assert exports.find_export(RoleGrantFactory(role="hr", unit=province, sees_people=True).user, export.key) is None
    RoleGrant.objects.filter(user=officer).update(sees_people=False)
    assert exports.find_export(officer, export.key) is None, "it says what only those who see people may read"
    published = made(officer, province)
    assert exports.exports_of(officer) == [published]
    RoleGrant.objects.filter(user=officer).delete()
    assert exports.exports_of(officer) == []


def test_a_unit_that_is_dissolved_takes_its_exports_from_the_list():
    admin, unit = RoleGrantFactory(role="admin", unit=None).user, UnitFactory()
    export = made(admin, unit)
    assert (export.published, exports.exports_of(admin)) == (True, [export])
    UnitVersion.objects.filter(unit=unit).delete()
    assert exports.exports_of(admin) == []


def test_nothing_is_written_for_whoever_has_left_the_scope(province, officer):
    export = exports.start_export(officer, province)
    RoleGrant.objects.filter(user=officer).delete()
    run_export(export.pk)
    assert SubtreeExport.objects.get().status == "failed"
    assert not default_storage.exists(export.stored_name)


def test_files_go_after_their_days(province, officer, settings):
    settings.EXPORT_DAYS = 3
    old, new = made(officer, province), made(officer, province)
    SubtreeExport.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=3))
    assert exports.exports_of(officer) == [new]
    sweep_exports()
    assert list(SubtreeExport.objects.all()) == [new]
    assert [default_storage.exists(each.stored_name) for each in (old, new)] == [False, True]
