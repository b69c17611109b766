"""A reader who sees every page of a subtree and does linear algebra on what the pages show."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Atom = tuple[int, int]
"""The smallest set of people there is: a unit's own staff of one position group."""


@dataclass(frozen=True)
class Published:
    """A figure that a page shows, and the atoms of whose people it is the sum."""

    atoms: frozenset[Atom]


def determined_sets(
    published: Collection[Published], atoms: Sequence[Atom], targets: Mapping[str, frozenset[Atom]]
) -> set[str]:
    """Return the names of the targets whose figures follow exactly from what is published.

    The reader knows which atoms have nobody in them (they are not among `atoms`). A target's figure follows when its
    indicator is a linear combination of the published indicators.
    """
    place = {atom: at for at, atom in enumerate(atoms)}

    def indicator(members: frozenset[Atom]) -> np.ndarray:
        row = np.zeros(len(atoms))
        row[[place[atom] for atom in members if atom in place]] = 1.0
        return row

    if not published:
        return set()
    shown = np.array([indicator(each.atoms) for each in published])
    _, singular, right = np.linalg.svd(shown, full_matrices=False)
    basis = right[singular > 1e-9]
    found = set()
    for name, members in targets.items():
        wanted = indicator(members)
        if wanted.any() and np.abs(wanted - (wanted @ basis.T) @ basis).max() < 1e-7:
            found.add(name)
    return found


def follows(published: Collection[Collection[int]], target: Mapping[int, float], columns: int) -> bool:
    """Say whether a weighted sum of columns 0, 1, ... is a linear combination of the published sums.

    published: the columns of each sum, one that counts twice being named twice.
    """
    shown = np.zeros((len(published), columns))
    for row, members in zip(shown, published, strict=True):
        np.add.at(row, list(members), 1.0)
    wanted = np.zeros(columns)
    wanted[list(target)] = list(target.values())
    solved, *_ = np.linalg.lstsq(shown.T, wanted, rcond=None)
    return bool(np.abs(shown.T @ solved - wanted).max() < 1e-7)
