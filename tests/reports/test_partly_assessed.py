"""Disclosure control where not everybody was assessed: nothing of few people, assessed or required, follows."""

import itertools
import random

import pytest

from tests.reports.attack import Atom, Published, determined_sets
from tests.reports.hiding import Count, Counted, Grouped
from tests.reports.test_suppression import GROUPS, Tree


class PartlyAssessed(Tree):
    """A random organisation in which of each unit's people of a group some were assessed, or nobody."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        dice = random.Random(seed)
        share = dice.choice([0.3, 0.6, 0.9])
        self.assessed = {
            atom: sum(dice.random() < share for _ in range(people)) if dice.random() < 0.8 else 0
            for atom, people in self.people.items()
        }

    def count(self, atoms: frozenset[Atom]) -> Count:
        return Count(*(sum(people.get(atom, 0) for atom in atoms) for people in (self.people, self.assessed)))

    def counted(self, unit: int, *, own: bool = False) -> Counted:
        units = [unit] if own else self.below(unit)

        def beside(people: dict[Atom, int], group: int, other: int) -> int:
            return sum(people.get((at, group), 0) for at in units if people.get((at, other)))

        groups = {
            group: Grouped(
                self.count(self.atoms(unit, group, own=own)),
                {
                    other: Count(*(beside(people, group, other) for people in (self.people, self.assessed)))
                    for other in GROUPS
                    if other != group
                },
            )
            for group in GROUPS
            if self.atoms(unit, group, own=own)
        }
        return Counted(self.count(self.atoms(unit, own=own)), groups, own or not self.children[unit])

    def worked_out(self, groups: tuple[int, ...], *, protect: bool = True) -> set[str]:
        """The cells, and pairs of cells, of fewer than five people whose figures follow from all pages."""
        cells = {
            f"{unit} {own} {group}": self.atoms(unit, group, own=own)
            for unit, own, group in itertools.product(self.children, (True, False), (None, *groups))
        }
        cells |= {f"{a} + {b}": cells[a] | cells[b] for a, b in itertools.combinations(cells, 2)}
        published, found = self.published(groups=groups, protect=protect), set()
        for people in (self.people, self.assessed):
            atoms = [atom for atom, count in people.items() if count]
            small = {name: each for name, each in cells.items() if 0 < sum(people.get(atom, 0) for atom in each) < 5}
            shown = {Published(each.atoms & frozenset(atoms)) for each in published}
            found |= determined_sets({each for each in shown if each.atoms}, atoms, small)
        return found


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("groups", [(), GROUPS])
def test_nothing_of_few_people_required_or_assessed_follows_from_all_pages(seed, groups):
    assert PartlyAssessed(seed).worked_out(groups) == set()


def test_it_does_when_nothing_is_protected():
    assert sum(bool(PartlyAssessed(seed).worked_out((), protect=False)) for seed in range(20)) >= 15
