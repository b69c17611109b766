"""Staff imports in the background: each is checked and applied once, whatever happens to workers and messages."""

import os
import time
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from organisation.api import change_unit, move_person, today
from organisation.domain.imports import jobs, reading
from organisation.domain.people import rename_person
from organisation.domain.postings import leave
from organisation.models import (
    AuditEvent,
    ColumnMapping,
    Person,
    Posting,
    StaffImport,
    Unit,
    UnitVersion,
    User,
)
from organisation.tasks import drop_expired_imports, run_staff_import, wake_stalled_imports
from tests.factories.organisation import PersonFactory, PositionFactory, PostingFactory, RoleGrantFactory, UnitFactory
from tests.organisation.staff_files import AN, csv_file

pytestmark = pytest.mark.django_db
PILOT = {**AN, "employee_code": "NV2", "position": "pilot"}


@pytest.fixture(autouse=True)
def every_file_is_big(settings, tmp_path: Path, monkeypatch) -> None:
    settings.STATE_DIR = tmp_path
    monkeypatch.setattr(jobs, "SMALL_BYTES", 0)


@pytest.fixture
def hr(province) -> User:
    user: User = RoleGrantFactory(role="hr", unit=province.top).user
    return user


@pytest.fixture
def sent() -> Iterator[list[int]]:
    """The imports that a worker was woken for."""
    woken: list[int] = []
    with patch.object(jobs.current_app, "send_task", lambda name, args, **options: woken.extend(args)):
        yield woken


def bring(user: User, file: BytesIO | None = None) -> StaffImport:
    return jobs.start_import(user, [(file or csv_file([AN])).getvalue()], "staff.csv")


def checked(user: User, *rows: object) -> StaffImport:
    job = bring(user, csv_file(rows or [AN]))
    run_staff_import(job.pk)
    job.refresh_from_db()
    return job


def confirm(job: StaffImport, *, is_partial: bool = False) -> None:
    jobs.confirm_import(job, is_partial=is_partial, address="10.0.0.1")


def state(job: StaffImport) -> tuple[str, str]:
    job.refresh_from_db()
    return job.status, job.refusal


def test_a_big_file_waits_for_a_worker_who_checks_it(hr, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = bring(hr, csv_file([AN, PILOT]))
        assert sent == []  # before the commit a worker would not find the row
    assert (sent, state(job)) == ([job.pk], ("queued", ""))
    run_staff_import(job.pk)
    assert state(job) == ("ready", "")
    assert job.report["counts"]["people_created"] == 1
    assert [(each.row, each.column, each.reason) for each in jobs.faults_of(job)] == [
        (3, "position", "unknown_position")
    ]
    assert Person.objects.count() == 0


def test_a_small_file_is_checked_and_applied_at_once(hr, sent, monkeypatch):
    monkeypatch.setattr(jobs, "SMALL_BYTES", 1000)
    job = bring(hr)
    assert state(job) == ("ready", "")
    confirm(job)
    assert (state(job), Person.objects.count(), sent) == (("done", ""), 1, [])


def test_what_is_delivered_twice_is_done_once(hr, sent, django_capture_on_commit_callbacks):
    job = checked(hr)
    with django_capture_on_commit_callbacks(execute=True):
        confirm(job)
        confirm(job)
    assert (sent, state(job)) == ([job.pk], ("applying", ""))
    for _delivery in range(2):
        run_staff_import(job.pk)
    assert state(job) == ("done", "")
    event = AuditEvent.objects.get(action="imported")
    assert (event.actor, event.target, event.address) == (hr, "staff.csv", "10.0.0.1")
    assert not jobs.is_kept(hr, job.key)


def test_problems_and_changes_meanwhile_bring_it_back_with_a_fresh_report(hr, province):
    job = checked(hr)
    province.clerk.code = province.clerk.name_vi = province.clerk.name_en = "gone"
    province.clerk.save()
    confirm(job)
    run_staff_import(job.pk)
    assert state(job) == ("ready", "problems")
    assert [each.reason for each in jobs.faults_of(job)] == ["unknown_position"]
    assert Person.objects.count() == 0


def kept_of(job: StaffImport) -> dict[str, Path]:
    """What is kept of an import, by the ending of its name."""
    return {path.suffix: path for path in settings.STATE_DIR.glob(f"imports/{job.user_id}/{job.key}.*")}


NEW_UNIT = {**AN, "employee_code": "NV3", "unit_code": "M1", "unit_name": "Phòng mới", "unit_kind": "office"}
FAULTY = {**AN, "employee_code": "NV4", "email": "no address", "full_name": "Trần\\Bình"}


@pytest.mark.parametrize("is_partial", [False, True])
def test_confirming_writes_what_was_read_without_reading_again(hr, province, is_partial):
    rows = [AN, {**NEW_UNIT, "parent_code": province.top.code}, *([PILOT, FAULTY] if is_partial else [])]
    job = checked(hr, *rows)
    found = job.report, job.faults
    confirm(job, is_partial=is_partial)
    with patch.object(reading, "open_table", side_effect=AssertionError("it was read again")):
        run_staff_import(job.pk)
    assert (state(job), (job.report, job.faults)) == (("done", ""), found)
    assert len(job.faults) == 2 * is_partial
    people = Person.objects.order_by("employee_code").values_list("employee_code", "full_name", "birth_date")
    assert [code for code, _name, _born in people] == [AN["employee_code"], "NV3"]
    assert Unit.objects.filter(code="M1").count() == 1
    assert kept_of(job) == {}


@pytest.mark.parametrize(("is_kept", "percents"), [(True, [5, 28, 66]), (False, [20, 40, 72])])
def test_confirming_tells_a_share_for_reading_as_it_takes(hr, monkeypatch, is_kept, percents):
    told: list[int] = []
    monkeypatch.setattr(jobs._News, "_note", lambda news, percent: told.append(percent))
    job = checked(hr)
    if not is_kept:
        jobs.reading_of(hr, job.key).forget()
    confirm(job)
    run_staff_import(job.pk)
    assert (state(job), told) == (("done", ""), percents)


def test_what_was_read_with_other_positions_is_read_again(hr):
    job = checked(hr, AN, PILOT)
    PositionFactory(code="pilot")
    confirm(job)
    run_staff_import(job.pk)
    assert (state(job), job.faults, Person.objects.count()) == (("done", ""), [], 2)


def test_what_was_read_of_another_file_is_read_again(hr):
    job = checked(hr, AN)
    kept_of(job)[".upload"].write_bytes(csv_file([{**AN, "employee_code": "NV9"}]).getvalue())
    confirm(job)
    run_staff_import(job.pk)
    assert (state(job), [each.employee_code for each in Person.objects.all()]) == (("done", ""), ["NV9"])


def test_what_was_read_is_compared_with_what_is_there_now(hr, province):
    job = checked(hr, AN)
    mine, theirs = checked(hr, AN), checked(hr, {**AN, "full_name": "Trần Bình"})
    for each, created in ((mine, 1), (theirs, 0), (job, 0)):
        confirm(each)
        run_staff_import(each.pk)
        if not created:  # the check showed nobody to change
            assert (state(each), each.report["counts"]["people_changed"]) == (("ready", "outdated"), 1)
            confirm(each)
            run_staff_import(each.pk)
        assert (state(each), each.report["counts"]["people_created"]) == (("done", ""), created)
    assert Person.objects.get().full_name == AN["full_name"]


@pytest.mark.parametrize("meanwhile", ["left", "renamed", "moved", "unit renamed", "seconded"])
def test_what_others_changed_since_the_check_was_shown_is_told_before_it_is_written_over(hr, province, meanwhile):
    person = PersonFactory(employee_code="NV1", full_name="Nguyễn Thị Anh")
    PostingFactory(person=person, unit=province.first, position=province.clerk)
    of_unit = {"unit_name": "Phường Hoà Bình"} if meanwhile == "unit renamed" else {}
    further = {**AN, "posting_kind": "kiêm nhiệm", "unit_code": "AB-02", "to": "31/12/2030"}
    job = checked(hr, {**AN, **of_unit}, *([further] if meanwhile == "seconded" else []))
    shown = job.report["counts"]
    day = today() - timedelta(days=9)
    match meanwhile:
        case "left":
            leave(person, day=day)
        case "renamed":
            rename_person(person, "Nguyễn Thị Ánh")
        case "moved":
            move_person(person, province.second, province.clerk, day=day)
        case "unit renamed":
            change_unit(province.first, from_day=today(), name_vi="Xã Khác")
        case "seconded":
            PostingFactory(
                person=person,
                unit=province.second,
                position=province.clerk,
                kind="secondary",
                valid_to=date(2031, 5, 1),
            )
    before = [list(model.objects.order_by("pk").values()) for model in (Person, Posting, UnitVersion)]
    confirm(job)
    run_staff_import(job.pk)
    assert state(job) == ("ready", "problems" if meanwhile == "moved" else "outdated")
    assert [list(model.objects.order_by("pk").values()) for model in (Person, Posting, UnitVersion)] == before
    if meanwhile == "moved":
        return
    assert (job.report["counts"] == shown) == (meanwhile in ("renamed", "unit renamed"))
    confirm(job)  # what is shown now
    run_staff_import(job.pk)
    assert (state(job), Person.objects.get().full_name) == (("done", ""), AN["full_name"])


def test_what_was_read_is_as_private_as_the_file_and_goes_with_it(hr):
    job = checked(hr)
    kept = kept_of(job)
    assert sorted(kept) == [".name", ".read", ".rows", ".upload"]
    upload = kept[".upload"].stat()
    for ending in (".read", ".rows"):
        found = kept[ending].stat()
        assert (found.st_mode & 0o777, found.st_mtime_ns) == (0o600, upload.st_mtime_ns)
    jobs.discard_import(job)
    assert kept_of(job) == {}


def test_nothing_is_kept_of_a_file_that_is_gone_or_cannot_be_read(hr):
    job = bring(hr, BytesIO(csv_file([AN]).getvalue() + b"AB-01,\xff\n"))
    run_staff_import(job.pk)
    assert sorted(kept_of(job)) == [".name", ".upload"]
    gone = bring(hr)
    read = reading.read_rows

    def dropped_while_it_is_read(*args):
        jobs.drop_upload(hr, gone.key)
        return read(*args)

    with patch.object(reading, "read_rows", dropped_while_it_is_read):
        run_staff_import(gone.pk)
    assert kept_of(gone) == {}


def test_what_a_killed_worker_was_writing_is_no_reading(hr):
    job = bring(hr, csv_file([AN]))
    with patch.object(Path, "replace", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        run_staff_import(job.pk)
    assert sorted(kept_of(job)) == [".half", ".name", ".rows", ".upload"]
    run_staff_import(job.pk)
    assert (state(job), sorted(kept_of(job))) == (("ready", ""), [".name", ".read", ".rows", ".upload"])


def test_what_no_longer_fits_while_writing_writes_nothing(hr):
    job = checked(hr)
    confirm(job)
    with patch("organisation.domain.imports.apply.is_staged", return_value=False):
        run_staff_import(job.pk)
    assert (state(job), Person.objects.count()) == (("ready", "outdated"), 0)


def test_right_rows_alone_are_applied_by_choice(hr):
    job = checked(hr, AN, PILOT)
    confirm(job, is_partial=True)
    run_staff_import(job.pk)
    assert (state(job), job.report["problem_count"]) == (("done", ""), 1)
    assert list(Person.objects.values_list("employee_code", flat=True)) == ["NV1"]


def test_a_scope_that_was_taken_away_lets_nothing_through(hr):
    job = checked(hr)
    hr.role_grants.all().delete()
    confirm(job)
    run_staff_import(job.pk)
    assert (state(job), Person.objects.count()) == (("ready", "problems"), 0)


def test_an_unforeseen_error_marks_it_failed_and_writes_nothing(hr):
    job = checked(hr)
    confirm(job)
    with patch("organisation.domain.imports.apply.announce_postings", side_effect=RuntimeError):
        run_staff_import(job.pk)
    assert (state(job), Person.objects.count()) == (("failed", ""), 0)


def test_one_that_waits_can_be_discarded(hr):
    for job in (bring(hr), checked(hr)):
        assert jobs.discard_import(job)
        run_staff_import(job.pk)
        assert (jobs.find_import(job.key), jobs.is_kept(hr, job.key)) == (None, False)


def test_one_gone_while_it_is_applied_is_not_applied(hr):
    job = checked(hr)
    confirm(job)
    assert not jobs.discard_import(job)
    told = jobs._outcome

    def gone(*args):
        StaffImport.objects.filter(pk=job.pk).delete()
        return told(*args)

    with patch.object(jobs, "_outcome", gone), transaction.atomic():
        run_staff_import(job.pk)
    assert Person.objects.count() == 0


def test_only_what_stands_still_is_woken(hr, sent, django_capture_on_commit_callbacks):
    still, moving, ready = bring(hr), bring(hr), checked(hr)
    StaffImport.objects.exclude(pk=moving.pk).update(moved_at=timezone.now() - timedelta(minutes=2))
    with django_capture_on_commit_callbacks(execute=True):
        wake_stalled_imports()
    assert sent == [still.pk]
    assert state(ready) == ("ready", "")


def test_imports_are_forgotten_with_their_files(hr, tmp_path: Path):
    old, new = checked(hr), checked(hr)
    for path in (tmp_path / "imports").glob(f"*/{old.key}.*"):
        os.utime(path, (time.time() - 3700,) * 2)
    assert (jobs.find_import(old.key), jobs.find_import(new.key)) == (None, new)
    StaffImport.objects.update(moved_at=timezone.now() - timedelta(minutes=61))
    drop_expired_imports()
    assert not StaffImport.objects.exists()


def test_a_file_that_is_gone_before_its_check_ends_the_import(hr):
    job = bring(hr)
    jobs.drop_upload(hr, job.key)
    run_staff_import(job.pk)
    assert not StaffImport.objects.exists()


def test_foreign_columns_are_told_once_and_remembered_for_the_user(hr, province):
    columns = ["Mã ĐƠN VỊ", "employee_code", "Họ tên", "position", "from", "Ghi chú"]
    row = {"Mã ĐƠN VỊ": "AB-01", "Họ tên": "Nguyễn Thị An", "Ghi chú": "x", **AN}

    def file(*rows: dict[str, object]) -> BytesIO:
        return csv_file([{name: each.get(name, "") for name in columns} for each in rows], columns=columns)

    job = bring(hr, file(row))
    run_staff_import(job.pk)
    assert state(job) == ("ready", "")
    assert [(each.column, each.reason) for each in jobs.faults_of(job)] == [("mã đơn vị", "unknown_column")]
    assert job.report["foreign_columns"] == ["mã đơn vị", "họ tên", "ghi chú"]
    jobs.check_again(job, {"mã đơn vị": "unit_code", "họ tên": "full_name", "ghi chú": "-"})
    run_staff_import(job.pk)
    job.refresh_from_db()
    assert (job.report["problem_count"], job.report["counts"]["people_created"]) == (0, 1)
    again = bring(hr, file(row, {**row, "employee_code": "NV2", "Họ tên": "=1"}))
    run_staff_import(again.pk)
    again.refresh_from_db()
    # A problem is told at the column as the file calls it.
    assert [(each.row, each.column, each.reason) for each in jobs.faults_of(again)] == [(3, "họ tên", "formula")]
    other = bring(RoleGrantFactory(role="hr", unit=province.top).user, file(row))
    assert (other.columns, ColumnMapping.objects.get().user) == ({}, hr)


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_before_the_check_ends_and_one_worker_works_at_a_time(monkeypatch):
    monkeypatch.setattr(jobs, "_SECONDS_BETWEEN_NEWS", 0)
    user = RoleGrantFactory(role="hr", unit=UnitFactory(code="AB-01", kind="province")).user
    job = bring(user, csv_file([{**AN, "employee_code": f"NV{number}"} for number in range(2500)]))
    seen: list[tuple[str, int, bool]] = []
    tell = jobs._News.tell

    def told(news, rows: int) -> None:
        tell(news, rows)
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT status, rows_done, percent FROM organisation_staffimport WHERE id = %s", [job.pk])
            status, done, percent = cursor.fetchone()
            seen.append((status, done, 0 < percent < 100))
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [jobs._LOCK, job.pk])
            assert cursor.fetchone() == (False,)
        other.close()

    monkeypatch.setattr(jobs._News, "tell", told)
    run_staff_import(job.pk)
    assert seen == [("checking", 1000, True), ("checking", 2000, True)]
    assert state(job) == ("ready", "")
    holder = connection.copy()
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [jobs._LOCK, job.pk])
        confirm(job)
        run_staff_import(job.pk)
        assert state(job) == ("applying", "")
    holder.close()
