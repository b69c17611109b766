"""Folding: exact against brute force and against a full rebuild, whatever changed and in whatever order."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assessments.measurement import MIN_EVIDENCE
from competencies.api import end_override, set_override
from competencies.signals import requirement_changed
from organisation.api import change_unit, create_posting, end_posting, move_person, today
from organisation.models import Posting
from reports.api import fold_changed_people, rebuild_cells
from reports.domain import own_cells
from reports.models import Cell, CellBasis, CompetencyDistribution, DirtyPerson, FoldedPerson
from tests.factories.organisation import PersonFactory, UnitFactory
from tests.factories.reports import make_competencies, make_position, place, require, set_estimate, set_standard, staff
from tests.reports import oracle

pytestmark = pytest.mark.django_db


class World:
    """Three tiers of units and posts of three groups, changed at random through the real operations."""

    def __init__(self, seed: int, people: int = 12) -> None:
        self.dice = random.Random(seed)
        self.competencies = make_competencies(3)
        root = UnitFactory(kind="province")
        middle = [UnitFactory(kind="department", parent=root) for _ in range(2)]
        leaves = [UnitFactory(kind="office", parent=unit) for unit in middle for _ in range(2)]
        self.units = [root, *middle, *leaves]
        first, second, third = self.competencies
        self.positions = [
            make_position({first: 4, second: 3}),
            make_position({first: 6}),
            make_position({second: 1, third: 8}),
        ]
        self.people = [self.join() for _ in range(people)]

    def join(self) -> Any:
        person = PersonFactory()
        unit, position = self.dice.choice(self.units), self.dice.choice(self.positions)
        create_posting(person, unit, position, valid_from=today() - timedelta(days=100))
        return person

    def measure(self) -> None:
        competency = self.dice.choice(self.competencies)
        set_estimate(
            self.dice.choice(self.people),
            competency,
            self.dice.gauss(0, 1),
            self.dice.uniform(0.2, 1.1),
            self.dice.choice([0, 1, 9]),
        )

    def move(self) -> None:
        unit, position = self.dice.choice(self.units), self.dice.choice(self.positions)
        move_person(self.dice.choice(self.people), unit, position, day=today())

    def leave(self) -> None:
        posting = Posting.objects.filter(
            person=self.dice.choice(self.people), kind="primary", valid__contains=today()
        ).first()
        if posting is not None and posting.valid.lower < today():
            end_posting(posting, today())

    def hire(self) -> None:
        self.people.append(self.join())

    def demand(self) -> None:
        """Another level of one competency for one position."""
        position = self.dice.choice(self.positions)
        profile = position.role_profiles.get(valid__contains=today())
        requirement = self.dice.choice(list(profile.requirements.order_by("pk")))
        requirement.level = self.dice.randint(1, 8)
        requirement.save()
        requirement_changed.send(sender=None, position_ids=[position.pk])

    def reorganise(self) -> None:
        root, *middle = self.units[:3]
        change_unit(self.dice.choice(self.units[3:]), from_day=today(), parent=self.dice.choice([root, *middle]))

    def oblige(self) -> None:
        """Another role profile of a position from today on."""
        position = self.dice.choice(self.positions)
        profile = position.role_profiles.get(valid__contains=today())
        if profile.valid.lower < today():
            profile.valid = type(profile.valid)(profile.valid.lower, today())
            profile.save()
            asked = self.dice.sample(self.competencies, self.dice.randint(1, 3))
            require(position, {each: self.dice.randint(1, 8) for each in asked}, today())
            requirement_changed.send(sender=None, position_ids=[position.pk])

    def exempt(self) -> None:
        """Something else, or nothing, of one person; or what the post requires again."""
        person, competency = self.dice.choice(self.people), self.dice.choice(self.competencies)
        held = person.requirement_overrides.filter(competency=competency, valid__contains=today()).first()
        if held:
            end_override(held, today(), actor=None)
        else:
            level = self.dice.choice([None, 2, 7])
            set_override(person, competency, level, reason="Thử", valid_from=today(), actor=None)

    def second(self) -> None:
        """A post beside the person's own."""
        unit, position = self.dice.choice(self.units), self.dice.choice(self.positions)
        create_posting(self.dice.choice(self.people), unit, position, valid_from=today(), kind="secondary")

    def regroup(self) -> None:
        """Another group for all people of a position."""
        first, second = self.dice.sample(self.positions, 2)
        first.group = second.group
        first.save()

    def judge(self) -> None:
        set_standard(self.competencies[0].domain.framework, [-2, -1.4, -0.8, 0, self.dice.uniform(0.1, 0.9), 1.5, 2.2])

    def fold(self) -> None:
        fold_changed_people(limit=self.dice.choice([1, 3, 1000]))


def check_all_cells() -> None:
    """Cells agree with brute force, subtrees are exact sums, and a rebuild changes nothing."""
    own, subtree = oracle.stored("own"), oracle.stored("subtree")
    expected = oracle.own_cells()
    assert own.keys() == expected.keys()
    for key, values in expected.items():
        assert oracle.flat(own[key]) == pytest.approx(values, abs=0.51, rel=1e-9)
    neighbours = oracle.own_neighbours()
    assert {key: set(cell.beside) for key, cell in own.items() if cell.beside} == neighbours
    assert subtree == oracle.subtree_cells(own)
    assert CellBasis.objects.get().estimates == sum(cell.assessed for key, cell in own.items() if key.group is None)
    rebuild_cells(refit=False)
    assert (oracle.stored("own"), oracle.stored("subtree")) == (own, subtree)


STEPS = [
    *("measure", "measure", "measure", "move", "leave", "hire", "second"),
    *("demand", "oblige", "exempt", "exempt", "regroup", "reorganise", "judge", "fold", "fold", "fold"),
]


@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32), steps=st.lists(st.sampled_from(STEPS), max_size=25))
def test_any_sequence_of_folds_equals_brute_force_and_a_rebuild(
    django_capture_on_commit_callbacks, monkeypatch, seed, steps
):
    monkeypatch.setattr("reports.domain.marking.wake_folder", lambda: None)
    with transaction.atomic():
        with django_capture_on_commit_callbacks(execute=True):
            world = World(seed)
        for step in steps:
            with django_capture_on_commit_callbacks(execute=True):
                getattr(world, step)()
        fold_changed_people()
        assert DirtyPerson.objects.count() == 0
        check_all_cells()
        transaction.set_rollback(True)


def test_folds_after_the_distributions_were_learned_equal_a_rebuild(django_capture_on_commit_callbacks):
    world = World(7, people=90)
    for person in world.people:
        for competency in world.competencies:
            set_estimate(person, competency, world.dice.gauss(0.3, 0.8), tell=False)
    rebuild_cells()
    assert CompetencyDistribution.objects.count() == 3
    assert all(row.group_effects for row in CompetencyDistribution.objects.all())
    for _ in range(20):
        with django_capture_on_commit_callbacks(execute=True):
            world.measure()
            world.move()
    fold_changed_people(limit=7)
    check_all_cells()


def test_folding_again_changes_nothing():
    (competency,) = make_competencies(1)
    people = staff(UnitFactory(), make_position({competency: 4}), competency, 3)
    rebuild_cells()
    before = list(Cell.objects.order_by("pk").values())
    for person in people:
        DirtyPerson.objects.create(person=person)
    assert fold_changed_people() == 3
    assert list(Cell.objects.order_by("pk").values()) == before


def test_a_fold_computes_what_changed_alone(monkeypatch):
    first, second = make_competencies(2)
    desk, archive = make_position({first: 4, second: 3}), make_position({first: 5, second: 2})
    people = staff(here := UnitFactory(), desk, first, 3)
    staff(there := UnitFactory(), desk, first, 2)
    rebuild_cells()
    computed = []

    def spy(rows, *others):
        computed.append((int(rows.competency[0]), rows.unit.size))
        return sum_people(rows, *others)

    sum_people = own_cells._sum_people
    monkeypatch.setattr(own_cells, "_sum_people", spy)

    def fold(*marked):
        computed.clear()
        for person in marked:
            DirtyPerson.objects.create(person=person)
        fold_changed_people()
        return sorted(computed)

    assert fold(people[0]) == []
    set_estimate(people[0], first, 1.5, tell=False)
    assert fold(people[0]) == [(first.pk, 3)]
    move_person(people[1], there, archive, day=today())
    CellBasis.objects.update(digest=current_digest())
    assert fold(people[1]) == [(first.pk, 5), (second.pk, 5)]
    assert here.pk != there.pk
    check_all_cells()


def test_person_who_moves_leaves_nothing_behind():
    (competency,) = make_competencies(1)
    position = make_position({competency: 4})
    (person,) = staff(left := UnitFactory(), position, competency, 1)
    rebuild_cells()
    move_person(person, joined := UnitFactory(), position, day=today())
    DirtyPerson.objects.create(person=person)
    CellBasis.objects.update(digest=current_digest())
    fold_changed_people()
    assert set(Cell.objects.values_list("unit", flat=True)) == {joined.pk}
    assert list(FoldedPerson.objects.values_list("person", "unit")) == [(person.pk, joined.pk)]
    assert left.pk != joined.pk


def test_person_counted_before_their_mark_is_folded_is_not_forgotten():
    """A fold of a colleague may count a newcomer whose own mark waits; a move before that mark must still be seen."""
    (competency,) = make_competencies(1)
    position = make_position({competency: 4})
    first, second, third = (UnitFactory() for _ in range(3))
    (newcomer,) = staff(first, position, competency, 1)
    (colleague,) = staff(second, position, competency, 1)
    rebuild_cells()
    move_person(newcomer, second, position, day=today())
    DirtyPerson.objects.create(person=colleague)
    fold_changed_people()
    move_person(newcomer, third, position, day=today())
    DirtyPerson.objects.create(person=newcomer)
    fold_changed_people()
    counted = Cell.objects.filter(scope="own", position_group=None).order_by("unit").values_list("unit", "required")
    assert list(counted) == [(second.pk, 1), (third.pk, 1)]
    check_all_cells()


def test_too_little_evidence_is_not_assessed():
    (competency,) = make_competencies(1)
    people = place(unit := UnitFactory(), make_position({competency: 4}), 4)
    set_estimate(people[0], competency, 0.4, evidence_count=MIN_EVIDENCE)
    set_estimate(people[1], competency, 0.4, evidence_count=0)
    set_estimate(people[2], competency, 0.4, evidence_count=MIN_EVIDENCE - 1)
    rebuild_cells()
    cell = Cell.objects.get(unit=unit, scope="own", position_group=None)
    assert (cell.required, cell.assessed) == (4, 1)
    assert sum(cell.level_counts) == pytest.approx(1_000_000, abs=4)


def test_the_answer_that_makes_evidence_enough_is_folded():
    (competency,) = make_competencies(1)
    (person,) = place(unit := UnitFactory(), make_position({competency: 4}))
    rebuild_cells()
    assessed = []
    for count in (MIN_EVIDENCE - 1, MIN_EVIDENCE, MIN_EVIDENCE - 1):
        set_estimate(person, competency, 0.4, evidence_count=count)
        DirtyPerson.objects.create(person=person)
        fold_changed_people()
        assessed.append(Cell.objects.get(unit=unit, scope="own", position_group=None).assessed)
        check_all_cells()
    assert assessed == [0, 1, 0]


def test_competency_without_cut_scores_counts_nobody_as_assessed():
    from competencies.models import CutScore

    (competency,) = make_competencies(1)
    staff(unit := UnitFactory(), make_position({competency: 4}), competency, 3)
    CutScore.objects.all().delete()
    rebuild_cells()
    cell = Cell.objects.get(unit=unit, scope="own", position_group=None)
    assert (cell.required, cell.assessed, cell.level_counts) == (3, 0, [0] * 8)


def test_secondary_and_past_postings_count_nowhere():
    (competency,) = make_competencies(1)
    position = make_position({competency: 4})
    (person,) = place(home := UnitFactory(), position)
    create_posting(person, UnitFactory(), position, valid_from=today(), kind="secondary")
    (past,) = place(home, position)
    end_posting(past.postings.get(), today())
    rebuild_cells()
    assert list(Cell.objects.filter(scope="own", position_group=None).values_list("unit", "required")) == [(home.pk, 1)]


def test_a_new_day_makes_the_cells_anew():
    (competency,) = make_competencies(1)
    (person,) = place(unit := UnitFactory(), make_position({competency: 4}))
    rebuild_cells()
    posting = person.postings.get()
    posting.valid = type(posting.valid)(posting.valid.lower, today())  # past the domain: no signal, no mark
    posting.save()
    assert fold_changed_people() == 0
    assert Cell.objects.filter(unit=unit).exists()
    CellBasis.objects.update(day=today() - timedelta(days=1), digest="yesterday")
    fold_changed_people()
    assert not Cell.objects.filter(unit=unit).exists()


def test_the_distributions_are_learned_anew_when_the_estimates_have_grown():
    competencies = make_competencies(8)
    position = make_position(dict.fromkeys(competencies, 4))
    people = place(UnitFactory(), position, 40)
    rebuild_cells()
    assert CompetencyDistribution.objects.count() == 0
    for number, person in enumerate(people):
        for competency in competencies:
            set_estimate(person, competency, 0.02 * number, tell=False)
        DirtyPerson.objects.create(person=person)
    fold_changed_people()
    assert CompetencyDistribution.objects.count() == 8
    basis = CellBasis.objects.get()
    assert (basis.estimates, basis.fitted_estimates) == (320, 320)
    check_all_cells()


def test_requirements_of_a_new_role_profile_are_folded(django_capture_on_commit_callbacks):
    first, second = make_competencies(2)
    position = make_position({first: 4})
    place(UnitFactory(), position, 2)
    rebuild_cells()
    profile = position.role_profiles.get()
    profile.delete()
    require(position, {second: 5})
    with django_capture_on_commit_callbacks():
        requirement_changed.send(sender=None, position_ids=[position.pk])
    assert DirtyPerson.objects.count() == 2
    fold_changed_people()
    assert set(Cell.objects.values_list("competency", flat=True)) == {second.pk}


def current_digest() -> str:
    from reports.domain.basis import read_basis

    return read_basis().digest
