"""Versions of what a position requires, by hand and by table."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from competencies.api import (
    ProfilesChanged,
    apply_profiles,
    newest_profile,
    plan_profiles,
    set_profile,
    withdraw_profile,
    write_profiles,
)
from competencies.models import Competency, RoleProfile
from competencies.signals import requirement_changed
from organisation.api import today
from organisation.models import AuditEvent, Position, User
from tests.factories.organisation import PositionFactory, UserFactory
from tests.factories.reports import make_competencies, require

pytestmark = pytest.mark.django_db

START = date(2024, 1, 1)
TOMORROW = today() + timedelta(days=1)


@pytest.fixture
def ground(db: None) -> dict[str, Any]:
    first, second = make_competencies(2)
    clerk = PositionFactory(code="clerk", name_vi="Công chức", name_en="Clerk")
    chair = PositionFactory(code="chair", name_vi="Chủ tịch", name_en="Chair")
    require(clerk, {first: 4}, START)
    return {"first": first, "second": second, "clerk": clerk, "chair": chair, "actor": UserFactory()}


@pytest.fixture
def told() -> Any:
    heard: list[list[int]] = []

    def listen(position_ids: list[int], **kwargs: Any) -> None:
        heard.append(position_ids)

    requirement_changed.connect(listen)
    yield heard
    requirement_changed.disconnect(listen)


def versions(position: Position) -> list[tuple[date | None, date | None, dict[str, int]]]:
    return [
        (each.valid.lower, each.valid.upper, dict(each.requirements.values_list("competency__code", "level")))
        for each in RoleProfile.objects.filter(position=position).order_by("valid")
    ]


def make(ground: dict[str, Any], levels: dict[Competency, int], day: date, seen: Any = "newest") -> bool:
    newest = newest_profile(ground["clerk"])
    return set_profile(
        ground["clerk"],
        {each.pk: level for each, level in levels.items()},
        valid_from=day,
        seen=(newest.pk if newest else None) if seen == "newest" else seen,
        reason="Đề án vị trí việc làm",
        actor=ground["actor"],
    )


def test_a_version_ends_the_one_before_and_tells_who_it_touches(ground, told, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert make(ground, {ground["first"]: 5, ground["second"]: 2}, today())
    assert versions(ground["clerk"]) == [
        (START, today(), {"1.1": 4}),
        (today(), None, {"1.1": 5, "1.2": 2}),
    ]
    assert told == [[ground["clerk"].pk]]
    event = AuditEvent.objects.get(action="role_profile_set")
    assert (event.actor, event.target, event.detail["reason"]) == (ground["actor"], "clerk", "Đề án vị trí việc làm")


def test_what_is_so_already_changes_nothing(ground, told, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert not make(ground, {ground["first"]: 4}, today())
    assert told == []
    assert AuditEvent.objects.filter(action="role_profile_set").count() == 0


def test_a_version_to_come_is_told_of_on_its_day_and_can_be_withdrawn(ground, told, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        make(ground, {ground["first"]: 5}, TOMORROW)
    assert told == []
    with pytest.raises(ValidationError, match=r"exists already|từ"):
        make(ground, {ground["first"]: 6}, today())
    coming = newest_profile(ground["clerk"])
    assert coming is not None
    withdraw_profile(coming, actor=ground["actor"])
    assert versions(ground["clerk"]) == [(START, None, {"1.1": 4})]
    held = newest_profile(ground["clerk"])
    assert held is not None
    with pytest.raises(ValidationError):
        withdraw_profile(held, actor=ground["actor"])


def test_a_version_withdrawn_twice_is_told_as_a_change_of_somebody_else(ground):
    make(ground, {ground["first"]: 5}, TOMORROW)
    coming = newest_profile(ground["clerk"])
    same = RoleProfile.objects.get(pk=coming.pk)
    withdraw_profile(coming, actor=ground["actor"])
    with pytest.raises(ProfilesChanged):
        withdraw_profile(same, actor=ground["actor"])
    assert versions(ground["clerk"]) == [(START, None, {"1.1": 4})]


def test_the_second_of_two_writers_is_refused(ground):
    seen = newest_profile(ground["clerk"]).pk
    make(ground, {ground["first"]: 5}, today())
    with pytest.raises(ProfilesChanged):
        make(ground, {ground["first"]: 6}, today(), seen=seen)
    assert versions(ground["clerk"])[-1][2] == {"1.1": 5}


@pytest.mark.parametrize("levels", [0, 9])
def test_a_level_that_cannot_be_is_refused(ground, levels):
    with pytest.raises(ValidationError):
        make(ground, {ground["first"]: levels}, today())


def table(*rows: str) -> io.BytesIO:
    return io.BytesIO("\n".join(["position,competency,level,from", *rows]).encode())


def apply(plan: Any, actor: User) -> bool:
    return apply_profiles(plan, name="x.csv", actor=actor)


def test_a_table_is_whole_profiles_and_comes_twice_without_harm(ground, told, django_capture_on_commit_callbacks):
    rows = ("chair,1.1,6,2025-01-01", "Chủ tịch,1.2,3,01/01/2025", "clerk,1.2,2,2025-01-01", "clerk,1.1,4,2024-01-01")
    plan = plan_profiles(table(*rows))
    assert (plan.problems, plan.unchanged, len(plan.changes)) == ([], 1, 2)
    assert len(versions(ground["chair"])) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert apply(plan, ground["actor"])
    assert versions(ground["chair"]) == [(date(2025, 1, 1), None, {"1.1": 6, "1.2": 3})]
    assert versions(ground["clerk"]) == [
        (START, date(2025, 1, 1), {"1.1": 4}),
        (date(2025, 1, 1), None, {"1.2": 2}),
    ]
    assert told == [sorted([ground["chair"].pk, ground["clerk"].pk])]
    again = plan_profiles(table(*rows))
    assert (again.problems, again.unchanged, again.changes) == ([], 3, [])


def test_what_is_exported_can_be_brought_back(ground):
    require(ground["chair"], {ground["first"]: 6, ground["second"]: 3})
    plan = plan_profiles(io.BytesIO(write_profiles(today())))
    assert (plan.rows, plan.problems, plan.unchanged, plan.changes) == (3, [], 2, [])


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("pilot,1.1,4,2025-01-01", "position", "There is no position “pilot”."),
        ("clerk,9.9,4,2025-01-01", "competency", "Competency “9.9” is not in the framework."),
        ("clerk,1.1,9,2025-01-01", "level", "A level lies between 1 and 8."),
        ("clerk,1.1,x,2025-01-01", "level", "A level lies between 1 and 8."),
        ("clerk,1.1,4,hôm qua", "from", "“hôm qua” is not a date. Write it as 31/12/2024 or 2024-12-31."),
        ("clerk,,4,2025-01-01", "competency", "The cell is empty, but a value is needed here."),
        ("clerk,1.1,4,2023-01-01", "from", "A version from 01/01/2024 on exists already."),
        ("=1+1,1.1,4,2025-01-01", "position", "“=1+1” begins like a formula (=, +, - or @). Enter plain text."),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column(ground, row, column, message):
    with translation.override("en"):
        plan = plan_profiles(table("chair,1.1,6,2025-01-01", row))
    assert [(each.row, each.column, each.message) for each in plan.problems] == [(3, column, message)]
    assert plan.changes == []


def test_a_competency_given_twice_and_a_file_that_is_no_table_are_told(ground):
    with translation.override("en"):
        twice = plan_profiles(table("clerk,1.1,4,2025-01-01", "clerk,1.1,5,2025-01-01"))
        broken = plan_profiles(io.BytesIO(b"%PDF-1.7"))
        short = plan_profiles(io.BytesIO(b"position,level\nclerk,3\n"))
    assert [(each.row, each.column) for each in twice.problems] == [(3, "competency")]
    assert [each.row for each in broken.problems] == [1]
    assert [each.column for each in short.problems] == ["competency"]


def test_a_table_that_no_longer_fits_is_refused_whole(ground):
    plan = plan_profiles(table("chair,1.1,6,2025-01-01", "clerk,1.1,6,2025-01-01"))
    make(ground, {ground["first"]: 5}, today())
    assert not apply(plan, ground["actor"])
    assert versions(ground["chair"]) == []
