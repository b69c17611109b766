"""Why two days together are for those alone who may see people: each day is safe by itself, both together are not."""

import random

from tests.reports.attack import Atom, follows
from tests.reports.test_suppression import Tree


class TwoDays:
    """A tree on two days between which one or two people of some units changed.

    Columns: for each atom the people who stayed as they were, those who changed as they were, and as they are now.
    """

    def __init__(self, seed: int) -> None:
        self.tree, dice = Tree(seed), random.Random(seed)
        self.place = {atom: 3 * at for at, atom in enumerate(sorted(self.tree.people))}
        self.changed = [atom for atom in sorted(self.tree.people) if dice.random() < 0.3]

    def published(self, days: tuple[int, ...]) -> list[frozenset[int]]:
        """Every sum that the pages of these days show, all groups together."""
        shown = [each.atoms for each in self.tree.published(groups=())]
        return [frozenset(self._columns(atoms, day)) for atoms in shown for day in days]

    def _columns(self, atoms: frozenset[Atom], day: int) -> list[int]:
        return [self.place[atom] + step for atom in atoms for step in ((0, day) if atom in self.changed else (0,))]

    def worked_out(self, days: tuple[int, ...]) -> int:
        """In how many units what the one or two changed people were, are, or changed by follows from the pages."""
        shown, columns = self.published(days), 3 * len(self.place)
        found = 0
        for atom in self.changed:
            before, after = self.place[atom] + 1, self.place[atom] + 2
            targets = ({before: 1.0}, {after: 1.0}, {after: 1.0, before: -1.0})
            found += any(follows(shown, target, columns) for target in targets)
        return found


def test_pages_of_either_day_alone_give_no_changed_person_away():
    assert [TwoDays(seed).worked_out(days) for seed in range(40) for days in ((1,), (2,))] == [0] * 80


def test_pages_of_both_days_together_would():
    """The control, and the reason: whoever may not see people is given no second day."""
    assert sum(TwoDays(seed).worked_out((1, 2)) > 0 for seed in range(40)) >= 20
