"""Positions and role profiles from a file, and what they require of people."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from competencies.domain.positions import import_positions
from competencies.domain.problems import PositionsImportError
from competencies.domain.queries.requirements import requirements_for, requirements_of
from competencies.models import Requirement, RoleProfile
from competencies.signals import requirement_changed
from organisation.models import Position, PositionGroup
from tests.factories.competencies import CONTENT, competency_of, load_shipped_framework, make_framework, make_post
from tests.factories.organisation import PersonFactory, PostingFactory

pytestmark = pytest.mark.django_db
START = date(2026, 1, 1)


def write(path: Path, *entries: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(list(entries), allow_unicode=True), encoding="utf-8")
    return path


def entry(requirements: dict[str, int]) -> dict[str, Any]:
    return {
        "code": "clerk",
        "group": {"code": "office", "vi": "Văn phòng", "en": "Office"},
        "vi": "Văn thư",
        "en": "Clerk",
        "requirements": requirements,
        "rationale": {"vi": "Vì sao", "en": "Why"},
    }


def profile_levels(position: Position, day: date) -> dict[str, int]:
    profile = RoleProfile.objects.get(position=position, valid__contains=day)
    return dict(profile.requirements.values_list("competency__code", "level"))


def test_shipped_positions_load_with_their_profiles():
    load_shipped_framework()
    positions = import_positions(CONTENT / "positions.yaml", START)
    raw = yaml.safe_load((CONTENT / "positions.yaml").read_text(encoding="utf-8"))
    assert [position.code for position in positions] == [each["code"] for each in raw]
    for position, each in zip(positions, raw, strict=True):
        assert profile_levels(position, START) == each["requirements"]
    assert PositionGroup.objects.count() == len({each["group"]["code"] for each in raw})
    assert len(positions) >= 8


def test_importing_positions_again_changes_nothing(django_capture_on_commit_callbacks):
    load_shipped_framework()
    import_positions(CONTENT / "positions.yaml", START)
    before = list(Requirement.objects.values_list("pk", flat=True))
    with django_capture_on_commit_callbacks() as callbacks:
        import_positions(CONTENT / "positions.yaml", date(2026, 6, 1))
    assert list(Requirement.objects.values_list("pk", flat=True)) == before
    assert callbacks == []


def test_changed_profile_follows_the_old_one(tmp_path, django_capture_on_commit_callbacks):
    make_framework("9.1", "9.2")
    heard: list[list[int]] = []

    def hear(position_ids: list[int], **kwargs: object) -> None:
        heard.append(position_ids)

    path = tmp_path / "positions.yaml"
    (position,) = import_positions(write(path, entry({"9.1": 3})), START)
    requirement_changed.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            import_positions(write(path, entry({"9.1": 4, "9.2": 2})), date(2026, 7, 1))
    finally:
        requirement_changed.disconnect(hear)
    assert profile_levels(position, date(2026, 6, 30)) == {"9.1": 3}
    assert profile_levels(position, date(2026, 7, 1)) == {"9.1": 4, "9.2": 2}
    assert heard == [[position.pk]]

    import_positions(write(path, entry({"9.1": 5})), date(2026, 7, 1))
    assert profile_levels(position, date(2026, 7, 1)) == {"9.1": 5}
    with pytest.raises(PositionsImportError) as caught:
        import_positions(write(path, entry({"9.1": 6})), START)
    assert [(each.reason, each.value) for each in caught.value.problems] == [("later_profile", "2026-07-01")]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"requirements": {"1.9": 3}}, ("unknown_competency", 1, "requirements.1.9")),
        ({"requirements": {"9.1": 9}}, ("not_in_range", 1, "requirements.9.1")),
        ({"requirements": {"9.1": True}}, ("not_in_range", 1, "requirements.9.1")),
        ({"requirements": None}, ("not_a_mapping", 1, "requirements")),
        ({"vi": " "}, ("empty", 1, "vi")),
        ({"code": "A b"}, ("bad_code", 1, "code")),
        ({"salary": 1}, ("unknown_column", 1, "salary")),
        ({"group": {"code": "office", "vi": "Văn phòng", "en": ""}}, ("empty", 1, "group.en")),
    ],
)
def test_positions_name_what_is_wrong(tmp_path, change, expected):
    make_framework("9.1")
    with pytest.raises(PositionsImportError) as caught:
        import_positions(write(tmp_path / "positions.yaml", entry({"9.1": 3}) | change), START)
    assert [(each.reason, each.row, each.column) for each in caught.value.problems] == [expected]
    assert Position.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[", "not_yaml"),
        (b"a: 1", "no_rows"),
        (b"\xff", "not_utf8"),
        (b"- 1", "not_a_mapping"),
        (None, "missing_file"),
    ],
)
def test_positions_refuse_a_file_that_is_none(tmp_path, content, reason):
    make_framework("9.1")
    if content is not None:
        (tmp_path / "positions.yaml").write_bytes(content)
    with pytest.raises(PositionsImportError) as caught:
        import_positions(tmp_path / "positions.yaml", START)
    assert [each.reason for each in caught.value.problems] == [reason]


def test_requirements_come_from_the_primary_posting_in_force():
    framework = make_framework("9.1", "9.2")
    first, second = competency_of(framework, "9.1"), competency_of(framework, "9.2")
    person = make_post({second: 4, first: 2})
    other = make_post({first: 7})
    PostingFactory(person=person, position=other.postings.get().position, kind="secondary")
    nobody = PersonFactory()

    found = requirements_of(person)
    assert [(each.competency, each.level) for each in found] == [(first, 2), (second, 4)]
    assert {each.position for each in found} == {person.postings.get(kind="primary").position}
    assert requirements_of(person, date(2019, 1, 1)) == []
    assert {
        pk: [each.level for each in rows] for pk, rows in requirements_for([person.pk, nobody.pk, other.pk]).items()
    } == {
        person.pk: [2, 4],
        nobody.pk: [],
        other.pk: [7],
    }


@pytest.mark.parametrize("count", [1, 30])
def test_requirements_take_two_queries_for_any_number_of_people(count, django_assert_num_queries):
    framework = make_framework("9.1")
    people = [make_post({competency_of(framework, "9.1"): 3}) for _ in range(count)]
    with django_assert_num_queries(2):
        requirements_for([person.pk for person in people])
