"""The gap of some of a unit's people, beside brute force."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from competencies.api import current_standard, cuts_of
from organisation.api import today
from organisation.models import Person, Position, Posting, Unit
from reports.api import PeopleFilter, TooManyPeople, narrowed_report, rebuild_cells
from reports.domain.distribution import REFERENCE
from reports.domain.gaps import Gap, GapRow, Gaps, describe_sums
from reports.domain.queries.structure import parts_below
from reports.domain.values import MILLION, SUMS, UNIT_VARIANCE, CellKey
from tests.factories.organisation import PositionGroupFactory, PostingFactory, UnitFactory
from tests.factories.reports import make_competencies, make_position, place, set_estimate
from tests.reports import oracle

pytestmark = pytest.mark.django_db
CHOICES: dict[str, Callable[[Person], bool]] = {
    "age=under_35": lambda person: person.birth_date == date(today().year - 30, 1, 1),
    "gender=f": lambda person: person.gender == "f",
    "gender=m": lambda person: person.gender == "m",
}


@pytest.fixture
def world() -> Unit:
    """A province with own staff, wards and offices within one of these, of two groups, partly assessed."""
    rng = np.random.default_rng(7)
    competencies = make_competencies(3)
    positions = [
        make_position(dict(zip(competencies, levels, strict=False)), group=PositionGroupFactory())
        for levels in ((4, 6), (5, 3, 7))
    ]
    province: Unit = UnitFactory(code="P")
    wards = [UnitFactory(code=f"W{n}", parent=province) for n in range(3)]
    for unit in (province, *wards, *(UnitFactory(code=f"O{n}", parent=wards[0]) for n in range(2))):
        for position in positions:
            people = place(unit, position, int(rng.integers(2, 7)))
            for person in people:
                person.gender = str(rng.choice(["f", "m"]))
                person.birth_date = date(today().year - int(rng.choice([30, 55])), 1, 1)
                person.save()
                for competency in competencies:
                    if rng.random() < 0.7:
                        mean, se = float(rng.normal(0, 1)), float(rng.uniform(0.3, 0.9))
                        set_estimate(person, competency, mean, se, int(rng.integers(1, 9)), tell=False)
    rebuild_cells()
    return province


def filter_of(choice: str) -> PeopleFilter:
    name, _, value = choice.partition("=")
    return PeopleFilter(**{name: value})


def sums_by_hand(units: set[int], competency: int, is_chosen: Callable[[int], bool]) -> list[float]:
    """The sums of the chosen people of these units, as they count within everybody of their own unit."""
    cuts, found = cuts_of(current_standard())[competency], np.zeros(SUMS)
    for unit in units:
        everybody = [each for each in oracle.members() if (each.unit, each.competency) == (unit, competency)]
        mine = [each for each in everybody if is_chosen(each.person)]
        found += np.array(oracle.cell(mine, everybody, oracle_prior(competency), cuts))
    found[2:] *= MILLION
    return list(found)


def oracle_prior(competency: int):
    return oracle.read_distributions().get(competency, REFERENCE)


def numbers(gap: Gap) -> list[float]:
    below = gap.below or (0.0, 0.0, 0.0)
    return [gap.required or 0, gap.assessed or 0, *below, gap.shortfall or 0.0, *(gap.levels or [0.0] * 8)]


@pytest.mark.parametrize("choice", CHOICES)
def test_figures_of_some_people_equal_brute_force(world, choice):
    chosen = {person.pk for person in Person.objects.all() if CHOICES[choice](person)}
    found = narrowed_report(world, filter_of(choice))
    assert (found.chosen, found.people) == (len(chosen), Posting.objects.count())
    report, parts = found.report, parts_below(world.pk, today())
    assert report.own
    whole = GapRow(report.unit, {each.competency.pk: each.gap for each in report.competencies})
    places = [(whole, set(parts)), (report.own, {world.pk})]
    places += [(row, {unit for unit, part in parts.items() if part == row.of.pk}) for row in report.children]
    assert sorted(len(units) for _row, units in places) == [1, 1, 1, 3, 6]
    for row, units in places:
        for each in report.competencies:
            pk = each.competency.pk
            (wanted,) = describe_sums(np.rint([sums_by_hand(units, pk, chosen.__contains__)]).astype(np.int64))
            assert numbers(row.gap(pk)) == pytest.approx(numbers(wanted), abs=1e-4), (row.of.code, each.competency.code)


def test_those_chosen_and_those_not_add_up_to_the_cells(world):
    women, men = (narrowed_report(world, PeopleFilter(gender=each)).report for each in ("f", "m"))
    exact = [column for column in range(SUMS) if column != UNIT_VARIANCE]
    stored = oracle.stored("subtree")
    for row in women.children:
        first, second = row.gaps, next(each.gaps for each in men.children if each.of == row.of)
        assert isinstance(first, Gaps)
        assert isinstance(second, Gaps)
        for at, competency in enumerate(first.table.competencies):
            both = first.table.sums[first.row, at] + second.table.sums[second.row, at]
            cell = np.array(stored[CellKey(row.of.pk, competency, None)].sums)
            assert both[exact].tolist() == cell[exact].tolist()


def test_people_of_other_units_and_secondary_postings_do_not_count(world):
    ward = Unit.objects.get(code="W1")
    stranger = Person.objects.filter(postings__unit__code="W2", gender="f")[0]
    before = narrowed_report(ward, PeopleFilter(gender="f"))
    PostingFactory(person=stranger, unit=ward, position=Position.objects.all()[0], kind=Posting.Kind.SECONDARY)
    after = narrowed_report(ward, PeopleFilter(gender="f"))
    assert (after.chosen, numbers(after.report.competencies[0].gap)) == (
        before.chosen,
        numbers(before.report.competencies[0].gap),
    )


def test_nobody_who_fits_leaves_no_figures(world):
    found = narrowed_report(world, PeopleFilter(age="35_to_49"))
    assert (found.chosen, found.report.competencies) == (0, [])
    assert [row.required for row in found.report.children] == [0, 0, 0]


def test_gaps_come_by_need(world):
    report = narrowed_report(world, PeopleFilter(gender="f")).report
    assert all(first.need >= second.need for first, second in pairwise(report.children))


def test_too_many_people_are_refused(world, monkeypatch):
    monkeypatch.setattr("reports.domain.narrowed.PARTED_MOST", Posting.objects.count() - 1)
    with pytest.raises(TooManyPeople):
        narrowed_report(world, PeopleFilter(gender="f"))
