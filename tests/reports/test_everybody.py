"""Everybody's estimates in one pass: the same people as unit by unit, whatever connection reads them."""

import pytest
from django.db import transaction

from organisation.api import end_posting, today
from reports.api import rebuild_cells
from reports.domain.queries import everybody
from reports.domain.queries.everybody import may_read_apart, read_everybody
from reports.domain.queries.placements import placements_of_units, staff_of_units
from tests.factories.organisation import UnitFactory
from tests.factories.reports import make_competencies, make_position, place, set_estimate, staff

PEOPLE = 30


@pytest.fixture
def parts(monkeypatch):
    """Units in two parts, with more estimates than a page of their table holds, one page read at a time."""
    monkeypatch.setattr(everybody, "_PAGES_AT_A_TIME", 1)
    first, second, third = make_competencies(3)
    position, other = make_position({first: 4, second: 5}), make_position({second: 2, third: 3})
    units = [UnitFactory() for _ in range(4)]
    people = [person for unit in units for person in staff(unit, position, first, PEOPLE)]
    people += [person for unit in units[:2] for person in place(unit, other, PEOPLE)]
    for number, person in enumerate(reversed(people)):
        set_estimate(person, third, number / 100, 0.5, evidence_count=number % 5, tell=False)
    end_posting(people[0].postings.get(), today())
    pks = [unit.pk for unit in units]
    return [[pks[1], pks[3]], [pks[0], pks[2]]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("apart", [True, False])
def test_parts_are_the_people_of_their_units(parts, apart):
    with transaction.atomic(), read_everybody(parts, today(), sample=10**6, apart=apart) as found:
        assert len(found._pieces[0]) > 1
        read = [found.staff_of(part) for part in parts]
        drawn = found.sample()
    assert [each.equals(staff_of_units(part, today())) for each, part in zip(read, parts, strict=True)] == [True, True]
    assert [each.person.size for each in read] == [3 * PEOPLE, 3 * PEOPLE - 1]
    everyone = placements_of_units([unit for part in parts for unit in part], today())
    order = sorted(range(everyone.person.size), key=lambda at: (everyone.competency[at], everyone.person[at]))
    again = sorted(range(drawn.person.size), key=lambda at: (drawn.competency[at], drawn.person[at]))
    for name in ("person", "competency", "unit", "group", "level", "mean", "se"):
        expected, said = getattr(everyone, name)[order], getattr(drawn, name)[again]
        assert said.tobytes() == expected.tobytes(), name


@pytest.mark.django_db(transaction=True)
def test_a_sample_is_some_of_the_people_with_all_that_is_known_of_them(parts):
    with transaction.atomic(), read_everybody(parts, today(), sample=PEOPLE, apart=True) as found:
        drawn, everyone = found.sample(), placements_of_units([unit for part in parts for unit in part], today())
    persons = set(drawn.person.tolist())
    assert 0 < len(persons) < 3 * PEOPLE
    chosen = everyone.select(everyone.is_assessed)
    known = drawn.select(drawn.is_assessed)
    expected = {
        (p, c): m for p, c, m in zip(chosen.person, chosen.competency, chosen.mean, strict=True) if p in persons
    }
    assert {(p, c): m for p, c, m in zip(known.person, known.competency, known.mean, strict=True)} == expected


@pytest.mark.django_db(transaction=True)
def test_connections_see_one_moment():
    """A row that is written again meanwhile moves to another page: it would be read twice, or not at all."""
    (competency,) = make_competencies(1)
    (person,) = place(UnitFactory(), make_position({competency: 4}))
    with everybody._links(apart=True) as links:
        set_estimate(person, competency, 0.3, tell=False)
        counted = [link.execute("SELECT count(*) FROM competencies_estimate").fetchone() for link in links]
    assert counted == [(0,), (0,)]


@pytest.mark.django_db(transaction=True)
def test_who_wrote_something_reads_by_its_own_connection():
    with transaction.atomic():
        assert may_read_apart()
        UnitFactory()
        assert not may_read_apart()


@pytest.mark.django_db(transaction=True)
def test_a_rebuild_counts_what_its_own_transaction_wrote():
    from reports.models import Cell

    (competency,) = make_competencies(1)
    unit = UnitFactory()
    with transaction.atomic():
        staff(unit, make_position({competency: 4}), competency, 3)
        rebuild_cells()
    assert Cell.objects.get(unit=unit, scope="own", position_group=None).assessed == 3
