"""Figures of readers who may not see people: they move in steps of a threshold of people, and nobody follows from them.

The reader reads every page, workbook and answer after every single change, of results, postings and the structure.
"""

import itertools
import random
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from competencies.models import Estimate
from organisation.api import change_unit, end_posting, move_person, today, undo_reorganisation, unit_tree
from organisation.models import Posting, Unit
from organisation.reorganising.steps import Merge
from reports.api import gap_report, mark_people, publish_figures, rebuild_cells
from reports.domain.publishing import choose_homes, units_counted_apart
from reports.models import Cell, FoldedPerson, PublishedCell, PublishedUnit
from tests.factories.organisation import UnitFactory, UserFactory
from tests.factories.reports import make_competencies, make_position, place, set_estimate, set_standard, staff
from tests.organisation.reorganising import applied, new
from tests.reports.attack import follows

pytestmark = pytest.mark.django_db


class Watched:
    """A province whose people submit one by one, and what is read of it each time.

    A column is a person's result: the same person has another one after each submission. Figures are written down as
    the columns they sum; whoever has moved may stand in one set as they were and in another as they are.
    """

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        (self.competency,) = make_competencies(1)
        positions = [make_position({self.competency: 4}), make_position({self.competency: 6})]
        top = UnitFactory(code="P", kind="province")
        wards = [UnitFactory(parent=top) for _ in range(4)]
        offices = [UnitFactory(parent=wards[0]) for _ in range(3)]
        self.units = [top, *wards, *offices]
        self.people = [
            person
            for unit in self.units
            for person in place(unit, self.dice.choice(positions), self.dice.choice([1, 2, 4, 6, 7, 9]))
        ]
        self.positions = positions
        self.columns = itertools.count()
        self.result: dict[int, int] = {}  # person -> column
        self.results: list[list[int]] = []  # of each person, one after the other
        self.of: dict[int, list[int]] = {}
        self.clock = timezone.now()
        self.standing: dict[int, tuple[object, frozenset[int]]] = {}  # unit -> moment and columns of its set's figures
        self.published: set[tuple[int, ...]] = set()
        self.live: set[tuple[int, ...]] = set()
        for person in self.people:
            if self.dice.random() < 0.8:
                self.submit(person)
        rebuild_cells()
        self.read()

    def submit(self, person=None) -> None:
        person = person or self.dice.choice(self.people)
        self.clock += timedelta(seconds=1)
        set_estimate(person, self.competency, self.dice.gauss(0, 1), tell=False)
        Estimate.objects.filter(person=person).update(measured_at=self.clock)
        mark_people([person.pk])
        self.result[person.pk] = next(self.columns)
        self.of.setdefault(person.pk, []).append(self.result[person.pk])

    def move(self) -> None:
        person = self.dice.choice(self.people)
        if Posting.objects.filter(person=person, valid__contains=today()).exists():
            move_person(person, self.dice.choice(self.units), self.dice.choice(self.positions), day=today())
            mark_people([person.pk])

    def leave(self) -> None:
        posting = Posting.objects.filter(person=self.dice.choice(self.people), valid__contains=today()).first()
        if posting and posting.valid.lower < today():
            end_posting(posting, today())
            mark_people([posting.person_id])

    def reorganise(self) -> None:
        change_unit(self.dice.choice(self.units[5:]), from_day=today(), parent=self.dice.choice(self.units[:5]))

    def judge(self) -> None:
        set_standard(self.competency.domain.framework, [-2, -1.4, -0.8, self.dice.uniform(-0.5, 0.5), 0.7, 1.5, 2.2])

    def read(self) -> None:
        """Publish, read every page, and write down which results each figure sums, live and published."""
        publish_figures()
        posted = dict(Posting.objects.filter(valid__contains=today()).values_list("person_id", "unit_id"))
        homes = self.homes()
        own = {row.unit_id: row for row in PublishedCell.objects.filter(scope="own")}
        now = {
            unit: frozenset(
                self.result[one] for one, at in posted.items() if homes.get(at) == unit and one in self.result
            )
            for unit in own
        }
        fresh = {
            unit for unit in own if own[unit].assessed and self.standing.get(unit, (None,))[0] != own[unit].stepped_at
        }
        self.standing = {
            unit: (
                row.stepped_at,
                now[unit] if unit in fresh else self.standing[unit][1] if row.assessed else frozenset(),
            )
            for unit, row in own.items()
        }
        assert {unit: len(columns) for unit, (_at, columns) in self.standing.items()} == {
            unit: row.assessed for unit, row in own.items()
        }
        tree = unit_tree()
        for unit in self.units:
            below = tree.subtree(unit.pk)
            sums = sorted(column for each in below if each in self.standing for column in self.standing[each][1])
            report = gap_report(unit, published=True)
            assert [each.gap.assessed for each in report.competencies] in ([], [len(sums)])
            own_sums = self.standing.get(unit.pk, (None, frozenset()))[1]
            if report.own and report.own.gaps:
                assert report.own.gap(self.competency.pk).assessed == len(own_sums)
            self.published |= {tuple(sums), tuple(sorted(own_sums))}
            live = sorted(self.result[one] for one, at in posted.items() if at in below and one in self.result)
            gap = next((each.gap for each in gap_report(unit).competencies), None)
            if gap and not gap.suppressed and live:
                assert gap.assessed == len(live)
                self.live.add(tuple(live))

    def homes(self) -> dict[int, int]:
        own = Cell.objects.filter(scope="own", position_group=None)
        required = {(unit, competency): n for unit, competency, n in own.values_list("unit", "competency", "required")}
        known = {(row.unit_id, row.competency_id): row.home_id for row in PublishedUnit.objects.all()}
        return {unit: home for (unit, _competency), home in choose_homes(unit_tree(), required, known).items()}

    def worked_out(self, figures: set[tuple[int, ...]]) -> int:
        """Of how many people a result, or the change of one, follows from the figures; of few people together too."""
        count = next(self.columns)
        known = list(figures)
        found = 0
        for columns in self.of.values():
            targets = [{column: 1.0} for column in columns]
            targets += [{later: 1.0, earlier: -1.0} for earlier, later in itertools.pairwise(columns)]
            found += any(follows(known, target, count) for target in targets)
        return found


@pytest.mark.parametrize("seed", range(4))
def test_a_reader_who_reads_after_every_submission_works_out_nobody(seed):
    watched = Watched(seed)
    for _ in range(24):
        watched.submit()
        watched.read()
    assert watched.worked_out(watched.published) == 0
    assert watched.worked_out(watched.live) > 5  # the control: live figures give people away
    assert len({moment for moment, _columns in watched.standing.values()}) > 1  # and steps were taken


@pytest.mark.parametrize("seed", range(4))
def test_nor_does_one_who_reads_after_every_move_reorganisation_and_standard(seed):
    watched = Watched(100 + seed)
    steps = [watched.submit] * 6 + [watched.move] * 3 + [watched.leave, watched.reorganise, watched.judge]
    for _ in range(40):
        watched.dice.choice(steps)()
        watched.read()
    assert watched.worked_out(watched.published) == 0
    assert watched.worked_out(watched.live) > 5


def figures(unit=None) -> list[tuple[int, int, int, int]]:
    """Own cells: unit, required, assessed, sum below."""
    rows = PublishedCell.objects.filter(scope="own", **({"unit": unit} if unit else {}))
    return list(rows.order_by("unit").values_list("unit", "required", "assessed", "sum_below"))


def submit(person, competency, mean=1.0) -> None:
    set_estimate(person, competency, mean, tell=False)
    mark_people([person.pk])


@pytest.fixture
def competency():
    return make_competencies(1)[0]


@pytest.fixture
def province():
    return UnitFactory(code="P", kind="province")


def test_a_set_moves_when_five_of_its_people_have_new_results(province, competency):
    position = make_position({competency: 4})
    ward, other = UnitFactory(parent=province), UnitFactory(parent=province)
    people = staff(ward, position, competency, 12, assessed=6)
    staff(other, position, competency, 9)
    rebuild_cells()
    assert publish_figures() == 2
    before = figures()
    assert [row[:3] for row in before] == [(ward.pk, 12, 6), (other.pk, 9, 9)]
    for person in [*people[:2], people[0], people[6], people[7]]:  # four people, one of them twice
        submit(person, competency)
        assert publish_figures() == 0
        assert figures() == before
    submit(people[8], competency)
    assert publish_figures() == 1
    assert ([row[:3] for row in figures()], figures()[1]) == ([(ward.pk, 12, 9), (other.pk, 9, 9)], before[1])
    whole = PublishedCell.objects.get(unit=province, scope="subtree")
    assert (whole.required, whole.assessed, whole.sum_below) == (21, 18, sum(row[3] for row in figures()))


def test_another_competency_does_not_count(province):
    first, second = make_competencies(2)
    position = make_position({first: 4, second: 4})
    people = staff(province, position, first, 9)
    for person in people:
        set_estimate(person, second, 0.3, tell=False)
    rebuild_cells()
    assert publish_figures() == 2
    submit(people[0], first)
    for person in people[1:5]:
        submit(person, second)
    assert publish_figures() == 0


def test_results_come_only_with_five_and_required_people_at_once(province, competency):
    people = staff(province, make_position({competency: 4}), competency, 8, assessed=4)
    rebuild_cells()
    assert (publish_figures(), figures()) == (0, [(province.pk, 8, 0, 0)])
    submit(people[4], competency)
    assert (publish_figures(), [row[:3] for row in figures()]) == (1, [(province.pk, 8, 5)])


def test_small_units_move_with_the_unit_above_and_stay_with_it(province, competency):
    position = make_position({competency: 4})
    staff(province, position, competency, 3)
    small = UnitFactory(parent=province)
    staff(small, position, competency, 4)
    staff(large := UnitFactory(parent=province), position, competency, 7)
    rebuild_cells()
    publish_figures()
    assert [row[:3] for row in figures()] == [(province.pk, 7, 7), (large.pk, 7, 7)]
    staff(small, position, competency, 20)  # it is large now, but would tell what the three others are
    rebuild_cells()
    publish_figures()
    assert [row[:3] for row in figures()] == [(province.pk, 27, 27), (large.pk, 7, 7)]
    report = gap_report(province, published=True)
    assert report.own and report.own.gap(competency.pk).required == 27
    assert {row.of.pk: row.gap(competency.pk).suppressed for row in report.children} == {
        small.pk: True,
        large.pk: False,
    }
    assert gap_report(small, published=True).competencies == []


def apart() -> set[str]:
    """Codes of the units whose staff may be counted beside what is published."""
    rows = Posting.objects.filter(valid__contains=today()).values_list("unit__code", flat=True)
    return units_counted_apart(Counter(rows), today())


def test_units_are_counted_apart_unless_a_set_joins_them(province, competency):
    position = make_position({competency: 4})
    staff(UnitFactory(code="L", parent=province), position, competency, 7)
    district = UnitFactory(code="D", parent=province)
    staff(district, position, competency, 9)
    staff(small := UnitFactory(code="S", parent=district), position, competency, 2)
    rebuild_cells()
    publish_figures()
    assert apart() == {"L"}  # what is published of D has the people of S in it
    staff(small, position, competency, 20)
    assert apart() == {"L"}  # and goes on to
    applied(Merge(("S",), "L"), day=today())
    assert apart() == {"D", "L"}


def test_what_a_merger_joined_is_counted_apart_again_once_it_is_undone(
    province, competency, django_capture_on_commit_callbacks
):
    position = make_position({competency: 4})
    people = [
        person for code in "AB" for person in staff(UnitFactory(code=code, parent=province), position, competency, 7)
    ]
    rebuild_cells()
    with django_capture_on_commit_callbacks(execute=True):
        made = applied(Merge(("A", "B"), "N", new("N", "P")))
    publish_figures()
    for person in people[:5]:
        submit(person, competency)
    publish_figures()
    assert apart() == {"N"}
    with django_capture_on_commit_callbacks(execute=True):
        undo_reorganisation(made.pk, actor=UserFactory())
    PublishedUnit.objects.update(unit=Unit.objects.get(code="A"))  # as of a unit that goes on after its merger
    publish_figures()
    assert apart() == {"A", "B"}


def test_fewer_people_than_the_threshold_in_all_are_not_published(province, competency):
    staff(province, make_position({competency: 4}), competency, 4)
    rebuild_cells()
    publish_figures()
    assert list(PublishedCell.objects.all()) == []


def test_whoever_moves_in_with_an_old_result_is_no_new_one(province, competency):
    position = make_position({competency: 4})
    first, second = UnitFactory(parent=province), UnitFactory(parent=province)
    people = staff(first, position, competency, 12)
    staff(second, position, competency, 6)
    rebuild_cells()
    publish_figures()
    before = figures()
    for person in people[:6]:
        move_person(person, second, position, day=today())
        mark_people([person.pk])
        publish_figures()
    assert figures() == before
    for person in people[:5]:  # new results are
        submit(person, competency)
    publish_figures()
    assert [row[:3] for row in figures()] == [(first.pk, 12, 12), (second.pk, 12, 12)]


def test_requirements_and_cut_scores_show_with_the_next_step(province, competency):
    people = staff(province, make_position({competency: 4}), competency, 9)
    rebuild_cells()
    publish_figures()
    before = figures()
    set_standard(competency.domain.framework, [-2, -1.4, -0.8, 0.5, 0.7, 1.5, 2.2])
    publish_figures()
    live = Cell.objects.get(unit=province, scope="own", position_group=None)
    assert (figures() == before, live.sum_below == before[0][3]) == (True, False)
    for person in people[:5]:
        submit(person, competency)
    publish_figures()
    live = Cell.objects.get(unit=province, scope="own", position_group=None)
    assert figures() == [(province.pk, 9, 9, live.sum_below)]


def test_a_merged_unit_has_the_figures_of_its_parts_until_its_next_step(
    province, competency, django_capture_on_commit_callbacks
):
    position = make_position({competency: 4})
    parts = [UnitFactory(code=code, parent=province) for code in "AB"]
    people = [person for part in parts for person in staff(part, position, competency, 7)]
    rebuild_cells()
    publish_figures()
    before = sum(row[3] for row in figures())
    with django_capture_on_commit_callbacks(execute=True):
        made = applied(Merge(("A", "B"), "N", new("N", "P")))
    assert publish_figures() == 0
    ((merged, *sums),) = figures()
    assert (merged not in {part.pk for part in parts}, sums) == (True, [14, 14, before])
    for person in people[:5]:
        submit(person, competency)
    assert publish_figures() == 1
    with django_capture_on_commit_callbacks(execute=True):
        undo_reorganisation(made.pk, actor=UserFactory())
    publish_figures()
    assert [row[1:] for row in figures()] == [(7, 0, 0), (7, 0, 0)]  # parts of one step are not told apart


def test_people_counted_in_two_units_for_a_moment_are_left_out(province, competency):
    position = make_position({competency: 4})
    people = staff(province, position, competency, 9)
    elsewhere = UnitFactory()
    rebuild_cells()
    FoldedPerson.objects.create(person=people[0], unit=elsewhere)
    publish_figures()
    assert [row[:3] for row in figures()] == [(province.pk, 8, 8)]


@pytest.mark.parametrize("units", [1, 30])
def test_published_report_takes_the_same_queries_for_any_number_of_units(
    province, competency, units, django_assert_num_queries
):
    position = make_position({competency: 4})
    for _ in range(units):
        staff(UnitFactory(parent=province), position, competency, 6)
    rebuild_cells()
    publish_figures()
    with django_assert_num_queries(4):
        gap_report(province, published=True)


def test_neither_groups_nor_other_days_are_published(province, competency):
    position = make_position({competency: 4})
    staff(province, position, competency, 9)
    rebuild_cells()
    publish_figures()
    report = gap_report(province, published=True)
    assert (report.groups, report.by_group) == ([], [])
    with pytest.raises(ValueError, match="published"):
        gap_report(province, published=True, position_group=position.group)
