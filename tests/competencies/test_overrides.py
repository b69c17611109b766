"""Requirements of one person: they win over the post's on their days, and every change can be answered for."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from competencies.api import end_override, requirements_for, requirements_of, set_override
from competencies.models import Competency, Requirement, RequirementOverride, RoleProfile
from competencies.signals import person_requirement_changed
from organisation.models import AuditEvent, Person
from tests.factories.competencies import CompetencyFactory
from tests.factories.organisation import PersonFactory, PostingFactory, UserFactory

DAY = date(2025, 6, 1)


@pytest.fixture
def person(db: None) -> Person:
    """Somebody whose post requires level 3 of one competency, and nothing of another."""
    posting = PostingFactory(person=PersonFactory())
    profile = RoleProfile.objects.create(position=posting.position, valid=DateRange(date(2020, 1, 1), None))
    Requirement.objects.create(role_profile=profile, competency=CompetencyFactory(), level=3)
    return posting.person


@pytest.fixture
def required(person: Person) -> Competency:
    [row] = requirements_of(person, DAY)
    return row.competency


@pytest.fixture
def news() -> Iterator[list[list[int]]]:
    heard: list[list[int]] = []

    def listen(person_ids: list[int], **kwargs: Any) -> None:
        heard.append(person_ids)

    person_requirement_changed.connect(listen)
    yield heard
    person_requirement_changed.disconnect(listen)


def levels(person: Person, day: date) -> dict[str, int]:
    return {row.competency.code: row.level for row in requirements_of(person, day)}


def test_an_override_holds_on_its_days_and_the_post_on_all_others(person, required) -> None:
    set_override(
        person, required, 5, reason="Phụ trách chuyển đổi số", valid_from=DAY, valid_to=date(2025, 7, 1), actor=None
    )
    code = required.code
    assert levels(person, DAY - timedelta(days=1)) == {code: 3}
    assert levels(person, DAY) == {code: 5}
    assert levels(person, date(2025, 6, 30)) == {code: 5}
    assert levels(person, date(2025, 7, 1)) == {code: 3}
    [row] = requirements_of(person, DAY)
    assert row.reason == "Phụ trách chuyển đổi số"


def test_an_override_can_add_a_competency_or_take_one_away(person, required) -> None:
    other = CompetencyFactory()
    set_override(person, other, 2, reason="Kiêm nhiệm", valid_from=DAY, actor=None)
    assert levels(person, DAY) == {required.code: 3, other.code: 2}
    set_override(person, required, None, reason="Được miễn", valid_from=DAY, actor=None)
    assert levels(person, DAY) == {other.code: 2}


def test_an_override_follows_the_person_not_the_post(person, required) -> None:
    colleague = PostingFactory(person=PersonFactory(), position=person.postings.get().position).person
    set_override(person, required, 5, reason="Tổ trưởng", valid_from=DAY, actor=None)
    assert levels(colleague, DAY) == {required.code: 3}
    without_post = PersonFactory()
    set_override(without_post, required, 5, reason="Chờ bố trí", valid_from=DAY, actor=None)
    assert levels(without_post, DAY) == {}


def test_overlapping_overrides_are_refused_by_the_database(person, required) -> None:
    set_override(person, required, 5, reason="A", valid_from=DAY, valid_to=date(2025, 7, 1), actor=None)
    with pytest.raises(ValidationError):
        set_override(person, required, 4, reason="B", valid_from=date(2025, 6, 30), actor=None)
    set_override(person, required, 4, reason="B", valid_from=date(2025, 7, 1), actor=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        RequirementOverride.objects.create(
            person=person, competency=required, level=2, reason="C", valid=DateRange(DAY, None)
        )
    assert levels(person, date(2025, 7, 1)) == {required.code: 4}


@pytest.mark.parametrize(
    "wrong", [{"reason": " "}, {"reason": "x" * 501}, {"level": 0}, {"level": 9}, {"valid_to": DAY}]
)
def test_what_cannot_be_is_refused(person, required, wrong) -> None:
    given = {"level": 4, "reason": "A", "valid_from": DAY, "actor": None} | wrong
    with pytest.raises(ValidationError):
        set_override(person, required, given.pop("level"), **given)
    assert RequirementOverride.objects.count() == 0


def test_ending_keeps_the_days_before_and_removes_what_never_held(person, required) -> None:
    override = set_override(person, required, 5, reason="A", valid_from=DAY, actor=None)
    end_override(override, date(2025, 6, 11), actor=None)
    assert levels(person, date(2025, 6, 10)) == {required.code: 5}
    assert levels(person, date(2025, 6, 11)) == {required.code: 3}
    with pytest.raises(ValidationError):
        end_override(override, date(2025, 6, 12), actor=None)
    later = set_override(person, required, 6, reason="B", valid_from=date(2025, 8, 1), actor=None)
    end_override(later, date(2025, 7, 1), actor=None)
    assert RequirementOverride.objects.count() == 1


def test_every_change_is_told_after_commit_and_can_be_answered_for(
    person, required, news, django_capture_on_commit_callbacks
) -> None:
    officer = UserFactory()
    with django_capture_on_commit_callbacks(execute=True):
        override = set_override(person, required, 5, reason="A", valid_from=DAY, actor=officer, address="10.0.0.1")
        assert news == []
    assert news == [[person.pk]]
    with django_capture_on_commit_callbacks(execute=True):
        end_override(override, date(2025, 7, 1), actor=officer)
    assert news == [[person.pk]] * 2
    events = AuditEvent.objects.order_by("pk").values_list("actor", "action", "target", "detail")
    target = f"person {person.pk}"
    detail = {"competency": required.code, "level": 5, "reason": "A", "from": "2025-06-01", "to": None}
    assert list(events) == [
        (officer.pk, "requirement_overridden", target, detail),
        (officer.pk, "requirement_override_ended", target, detail | {"to": "2025-07-01"}),
    ]


def test_requirements_of_many_take_as_many_queries_as_of_one(person, required, django_assert_num_queries) -> None:
    people = [person.pk]
    set_override(person, required, 5, reason="A", valid_from=DAY, actor=None)
    with django_assert_num_queries(4):
        requirements_for(people, DAY)
    for _ in range(20):
        posting = PostingFactory(person=PersonFactory(), position=person.postings.get().position)
        set_override(posting.person, required, 6, reason="A", valid_from=DAY, actor=None)
        people.append(posting.person_id)
    with django_assert_num_queries(4):
        found = requirements_for(people, DAY)
    assert sorted(rows[0].level for rows in found.values()) == [5] + [6] * 20
