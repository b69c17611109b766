"""Disclosure control, against a reader who sees every page and knows where nobody stands."""

import itertools
import random
from collections.abc import Sequence

import numpy as np
import pytest

from reports.domain import suppression
from reports.domain.suppression import Part
from tests.reports import hiding
from tests.reports.attack import Atom, Published, determined_sets
from tests.reports.hiding import Count, Counted, Family, Grouped, Hidden

GROUPS = (101, 102, 103)
KNOWN = (*GROUPS, 104)


def as_arrays(sets: Sequence[Counted]) -> suppression.Counted:
    """One competency of some sets as the report reads it."""
    count = np.array([each.count for each in sets], np.int64).reshape(len(sets), 1, 2)
    groups = np.zeros((len(sets), len(KNOWN), 1, 2), np.int64)
    beside = np.zeros((len(sets), len(KNOWN), len(KNOWN), 1, 2), np.int64)
    for at, counted in enumerate(sets):
        for group, each in counted.groups.items():
            groups[at, KNOWN.index(group), 0] = each.count
            for other, people in each.beside.items():
                beside[at, KNOWN.index(group), KNOWN.index(other), 0] = people
    return suppression.Counted(count, groups, beside, np.array([each.is_single for each in sets], bool))


def hide_along(chain: Sequence[Family]) -> Hidden:
    """What the report hides, as the sets of keys that were written down for."""
    families = [suppression.Family(each.unit, list(each.parts), as_arrays(list(each.parts.values()))) for each in chain]
    found = suppression.hide_along(as_arrays([chain[0].whole]), families)

    def groups(hidden) -> set[int]:
        return {group for group, is_hidden in zip(KNOWN, hidden[:, 0], strict=True) if is_hidden}

    parts = list(chain[-1].parts)
    return Hidden(
        bool(found.whole[0]),
        {part for part, is_hidden in zip(parts, found.parts[:, 0], strict=True) if is_hidden},
        groups(found.groups),
        {part: groups(hidden) for part, hidden in zip(parts, found.part_groups, strict=True)},
    )


class Tree:
    """A random organisation: unit -> children, and how many people of each group were assessed in each unit."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(seed)
        self.children: dict[int, list[int]] = {1: []}
        units = itertools.count(2)
        for _ in range(dice.randint(2, 5)):
            middle = next(units)
            self.children[1].append(middle)
            self.children[middle] = [next(units) for _ in range(dice.choice([0, 2, 3, 5]))]
            self.children.update({leaf: [] for leaf in self.children[middle]})
        largest = dice.choice([6, 12, 30])
        self.people: dict[Atom, int] = {
            (unit, group): dice.randint(1, largest) for unit in self.children for group in GROUPS if dice.random() < 0.6
        }

    def below(self, unit: int) -> list[int]:
        found = [unit]
        for each in found:
            found.extend(self.children[each])
        return found

    def atoms(self, unit: int, group: int | None = None, *, own: bool = False) -> frozenset[Atom]:
        units = [unit] if own else self.below(unit)
        return frozenset((each, at) for each, at in self.people if each in units and group in (None, at))

    def count(self, atoms: frozenset[Atom]) -> Count:
        people = sum(self.people.get(atom, 0) for atom in atoms)
        return Count(people, people)

    def counted(self, unit: int, *, own: bool = False) -> Counted:
        """What the cells of the unit say: people by group, and beside whom they work."""
        units = [unit] if own else self.below(unit)
        groups = {}
        for group in GROUPS:
            beside = {
                other: self.count(frozenset((at, group) for at in units if (at, other) in self.people))
                for other in GROUPS
                if other != group
            }
            groups[group] = Grouped(self.count(self.atoms(unit, group, own=own)), beside)
        is_single = own or not self.children[unit]
        groups = {group: each for group, each in groups.items() if each.count.required}
        return Counted(self.count(self.atoms(unit, own=own)), groups, is_single)

    def chains(self, start: tuple[int, ...] = (1,)) -> list[tuple[int, ...]]:
        return [start, *(chain for child in self.children[start[-1]] for chain in self.chains((*start, child)))]

    def family(self, unit: int) -> Family:
        parts: dict[Part, Counted] = {child: self.counted(child) for child in self.children[unit]}
        parts = parts | {None: self.counted(unit, own=True)} if parts else {}
        return Family(unit, self.counted(unit), parts)

    def published(self, *, groups: tuple[int, ...], protect: bool = True) -> set[Published]:
        """Every figure on every page, with all position groups together and with each filter in `groups`."""
        shown: set[frozenset[Atom]] = set()
        for chain in self.chains():
            families = [self.family(unit) for unit in chain]
            hidden = hide_along(families) if protect else Hidden(False, set(), set(), {})
            unit = chain[-1]
            if not hidden.whole:
                shown.add(self.atoms(unit))
            shown |= {self.atoms(unit, group) for group in groups if group not in hidden.groups}
            for part in families[-1].parts:
                at, own = (unit, True) if part is None else (part, False)
                if part not in hidden.parts:
                    shown.add(self.atoms(at, own=own))
                gone = hidden.part_groups.get(part, set())
                shown |= {self.atoms(at, group, own=own) for group in groups if group not in gone}
        return {Published(atoms) for atoms in shown if atoms}

    def small_sets(self, groups: tuple[int, ...]) -> dict[str, frozenset[Atom]]:
        """Every cell, and every pair of cells of one family, that is of fewer than five people."""
        cells: dict[str, frozenset[Atom]] = {}
        for unit in self.children:
            for own, group in itertools.product((True, False), (None, *groups)):
                cells[f"{unit} {'own' if own else 'all'} {group}"] = self.atoms(unit, group, own=own)
        pairs = {f"{a} + {b}": cells[a] | cells[b] for a, b in itertools.combinations(cells, 2)}
        return {name: atoms for name, atoms in (cells | pairs).items() if 0 < self.count(atoms).assessed < 5}


@pytest.mark.parametrize("seed", range(60))
def test_no_small_set_follows_from_all_pages_of_the_tree(seed):
    tree = Tree(seed)
    assert determined_sets(tree.published(groups=()), list(tree.people), tree.small_sets(())) == set()


@pytest.mark.parametrize("seed", range(60))
def test_no_small_set_follows_from_all_pages_and_all_filters(seed):
    tree = Tree(seed)
    assert determined_sets(tree.published(groups=GROUPS), list(tree.people), tree.small_sets(GROUPS)) == set()


@pytest.mark.parametrize("seed", range(300))
def test_it_hides_what_was_written_down(seed):
    tree = Tree(seed)
    for chain in tree.chains():
        families = [tree.family(unit) for unit in chain]
        assert hide_along(families) == hiding.hide_along(families)


@pytest.mark.parametrize("seed", range(40))
def test_all_competencies_at_once_are_each_as_alone(seed):
    """Numbers that no organisation has: whoever stands beside whom, and counts that do not add up."""
    dice = np.random.default_rng(seed)
    most = dice.choice([3, 8, 20])
    shape = (int(dice.integers(1, 7)), 3, 25, 2)
    groups = dice.integers(0, most, shape) * (dice.random(shape) < 0.7)
    groups[..., 1] = np.minimum(groups[..., 1], groups[..., 0])
    beside = dice.integers(0, most, (*shape[:2], *shape[1:])) * (groups > 0)[:, :, None] * (groups > 0)[:, None]
    beside[:, range(3), range(3)] = 0
    single = dice.random(shape[0]) < 0.5
    counted = suppression.Counted(groups.sum(axis=1), groups, beside, single)
    nine = [np.full((1, *each.shape[1:]), 9) for each in (counted.count, groups, beside)]
    root = suppression.Counted(nine[0], nine[1], nine[2], np.zeros(1, bool))
    parts: list[Part] = [*range(7, 6 + shape[0]), None]
    found = suppression.hide_along(root, [suppression.Family(1, parts, counted)])
    whole = Counted(Count(9, 9), {each: Grouped(Count(9, 9), dict.fromkeys(GROUPS, Count(9, 9))) for each in GROUPS})
    for competency in range(25):
        sets = {part: _one(counted, at, competency) for at, part in enumerate(parts)}
        wanted = hiding.hide_along([Family(1, whole, sets)])
        assert {part for part, at in zip(parts, found.parts[:, competency], strict=True) if at} == wanted.parts
        for part, hidden in zip(parts, found.part_groups[..., competency], strict=True):
            assert {group for group, at in zip(GROUPS, hidden, strict=True) if at} == wanted.part_groups[part]


def _one(counted: suppression.Counted, at: int, competency: int) -> Counted:
    def count(people) -> Count:
        return Count(*people.tolist())

    groups = {
        group: Grouped(
            count(counted.groups[at, place, competency]),
            {other: count(counted.beside[at, place, of, competency]) for of, other in enumerate(GROUPS)},
        )
        for place, group in enumerate(GROUPS)
        if counted.groups[at, place, competency, 0]
    }
    return Counted(count(counted.count[at, competency]), groups, bool(counted.is_single[at]))


def test_no_choice_of_few_people_at_all_follows_in_small_trees():
    trees = [tree for tree in map(Tree, range(400)) if 6 <= len(tree.people) <= 10]
    for tree in trees:
        choices = {
            str(chosen): frozenset(chosen)
            for size in range(1, 5)
            for chosen in itertools.combinations(tree.people, size)
            if tree.count(frozenset(chosen)).assessed < 5
        }
        assert determined_sets(tree.published(groups=GROUPS), list(tree.people), choices) == set()
    assert len(trees) > 20


def test_the_attack_works_when_nothing_is_protected():
    """The control: with the threshold alone, and no complements, the same reader works small sets out."""
    worked_out = 0
    for seed in range(20):
        tree = Tree(seed)
        shown = tree.published(groups=GROUPS, protect=False)
        large = {each for each in shown if tree.count(each.atoms).assessed >= 5}
        worked_out += bool(determined_sets(large, list(tree.people), tree.small_sets(GROUPS)))
    assert worked_out >= 18


def test_protection_leaves_most_of_what_is_large_enough():
    shown = possible = 0
    for seed in range(60):
        tree = Tree(seed)
        shown += len(tree.published(groups=GROUPS))
        large = tree.published(groups=GROUPS, protect=False)
        possible += sum(tree.count(each.atoms).assessed >= 5 for each in large)
    assert shown / possible > 0.6


def people(**parts: int) -> dict[str, Count]:
    return {name: Count(number, number) for name, number in parts.items()}


@pytest.mark.parametrize(
    ("parts", "hidden"),
    [
        (people(a=9, b=7), set()),
        (people(a=9, b=0), set()),
        (people(a=9, b=7, c=1), {"b", "c"}),
        (people(a=9, b=7, c=2, d=3), {"c", "d"}),
        (people(a=9, b=7, c=2, d=1), {"b", "c", "d"}),
        (people(a=4, b=1), {"a", "b"}),
        ({"a": Count(40, 20), "b": Count(30, 3), "c": Count(6, 0), "d": Count(9, 9)}, {"b", "d"}),
        ({"a": Count(40, 20), "b": Count(2, 0), "c": Count(6, 0)}, {"b", "c"}),
    ],
)
def test_hide_parts_takes_the_next_smallest_until_enough(parts, hidden):
    found = suppression.hide_parts(np.array([[each] for each in parts.values()]), np.arange(len(parts)))
    assert {part for part, at in zip(parts, found[:, 0], strict=True) if at} == hidden == hiding.hide_parts(parts)


def mixed(**groups: tuple[int, dict[str, int]]) -> Counted:
    names = dict(zip(groups, KNOWN, strict=False))
    return Counted(
        Count(*[sum(count for count, _ in groups.values())] * 2),
        {
            names[name]: Grouped(Count(count, count), {names[other]: Count(n, n) for other, n in beside.items()})
            for name, (count, beside) in groups.items()
        },
    )


@pytest.mark.parametrize(
    ("counted", "well"),
    [
        (mixed(), True),
        (mixed(a=(9, {})), True),
        (mixed(a=(4, {})), False),
        (mixed(a=(9, {"b": 9}), b=(7, {"a": 7})), True),
        (mixed(a=(9, {"b": 9}), b=(4, {"a": 4})), False),
        (mixed(a=(9, {"b": 3}), b=(7, {"a": 7})), False),
        (mixed(a=(9, {"b": 9}), b=(7, {"c": 7}), c=(8, {"a": 8})), True),
        (mixed(a=(9, {"b": 9}), b=(9, {"a": 9}), c=(9, {"d": 9}), d=(9, {"c": 9})), False),
    ],
)
def test_mixes_well_needs_every_group_connected_both_ways(counted, well):
    assert (suppression.mixes_well(as_arrays([counted]))[0, 0], hiding.mixes_well(counted)) == (well, well)
