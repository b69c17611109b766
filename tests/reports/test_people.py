"""The people behind a cell."""

import pytest

from assessments.measurement import MIN_EVIDENCE
from competencies.api import requirements_for, set_override
from organisation.api import create_person, create_posting, today
from reports.api import describe_people, people_behind
from tests.factories.organisation import UnitFactory
from tests.factories.reports import make_competencies, make_position, place, set_estimate

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return UnitFactory(code="A", parent=UnitFactory(code="P"), name_vi="Phường A")


def test_people_below_the_unit_come_in_vietnamese_order(office):
    competency, other = make_competencies(2)
    position, elsewhere = make_position({competency: 4}, name_vi="Văn thư"), make_position({other: 4})
    for code, name in (("1", "Trần Văn Yên"), ("2", "Lê Thị Ánh"), ("3", "Phạm Văn An")):
        create_posting(create_person(code, name), office, position, valid_from=today())
    place(office, elsewhere)
    place(UnitFactory(), position)
    people = describe_people(people_behind(office.versions.get().parent, competency))
    assert [person.name for person in people] == ["Phạm Văn An", "Lê Thị Ánh", "Trần Văn Yên"]
    assert {(person.position.name_vi, person.required, person.unit.name_vi) for person in people} == {
        ("Văn thư", 4, "Phường A")
    }


@pytest.mark.parametrize(
    ("mean", "band", "verdict"),
    [
        (1.5, 4, "meets"),
        (0.2, 3, "likely_meets"),
        (-1.0, 2, "likely_below"),
        (0.0, None, "insufficient"),
        (None, None, "not_assessed"),
    ],
)
def test_verdict_says_what_the_evidence_earns(office, mean, band, verdict):
    competency, other = make_competencies(2)
    (person,) = place(office, make_position({competency: 5, other: 3}))
    set_estimate(person, other, 0.0)
    if mean is not None:
        estimate = set_estimate(person, competency, mean, 0.4)
        estimate.band = band
        estimate.save()
    assert [each.verdict for each in describe_people(people_behind(office, competency))] == [verdict]


def test_requirements_are_those_of_the_persons_own_page(office):
    first, other = make_competencies(2)
    people = place(office, make_position({first: 4}), 3)
    people += place(office, make_position({other: 3}), 2)
    for person, level in ((people[0], 7), (people[1], None), (people[3], 2)):
        set_override(person, first, level, reason="Kiêm nhiệm", valid_from=today(), actor=None)
    set_override(people[2], other, 8, reason="Kiêm nhiệm", valid_from=today(), actor=None)
    required = requirements_for(person.pk for person in people)
    wanted = {
        person.employee_code: row.level for person in people for row in required[person.pk] if row.competency == first
    }
    assert sorted(wanted.values()) == [2, 4, 7]
    found = {each.employee_code: each.required for each in describe_people(people_behind(office, first))}
    assert found == wanted


def test_who_has_not_been_assessed_can_be_asked_for(office):
    (competency,) = make_competencies(1)
    first, second, third = place(office, make_position({competency: 4}), 3)
    set_estimate(first, competency, 0.1)
    set_estimate(second, competency, 0.1, evidence_count=MIN_EVIDENCE - 1)
    found = {
        assessed: {row.person for row in people_behind(office, competency, assessed=assessed)}
        for assessed in (None, True, False)
    }
    assert found == {None: {first, second, third}, True: {first}, False: {second, third}}


@pytest.mark.parametrize("count", [1, 30])
def test_people_take_the_same_queries_for_any_number(office, count, django_assert_num_queries):
    (competency,) = make_competencies(1)
    place(office, make_position({competency: 4}), count)
    with django_assert_num_queries(3):
        assert len(describe_people(people_behind(office, competency))) == count
