"""Disclosure control: which figures must not be shown so that no few people can be worked out. Pure numpy.

A whole (a unit) is the sum of its parts (the units directly below it and its own staff). A count of fewer people than
the threshold is hidden, and with it as many of the next smallest parts as it takes for the hidden ones together to
reach the threshold, for a subtraction gives away their sum. A hidden whole shows none of its parts. So what is shown
along the tree amounts to figures of disjoint sets of people, the regions, each at least as large as the threshold;
nothing about fewer people follows from it by linear algebra.

Position groups cross the tree. A unit with others below it shows its groups, all or none, when its people are mixed
well: from every choice of groups at least a threshold of people share their unit with somebody of another group. Then
rows (regions) minus columns (groups) never leave the figures of a few people, even for a reader who knows where nobody
stands: what they leave is always the people of a choice of groups in all regions that have people of other groups too.
Of the parts of such a unit those show their groups that are mixed well themselves. A part that is a single unit shows
each group that is large enough, and hides the rest as if groups were parts. All this holds as long as what is left of
the whole, when everything shown is taken away, is still mixed well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 5
"""Fewer people than this are not shown."""

Part = int | None
"""A unit below, or None for the whole's own staff."""
People: TypeAlias = NDArray[np.int32] | NDArray[np.int64]
"""Numbers of people; the last axis is: whose post requires a competency, and those of them who were assessed."""
Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Counted:
    """The people of some sets (units or parts) in some competencies, and the same by position group.

    count: shape (sets, competencies, 2). groups: (sets, groups, competencies, 2). beside: people of a group whose unit
    also has people of another one, (sets, groups, groups, competencies, 2); required counts beside people who are
    required, assessed beside assessed ones. is_single: whether a set is the own staff of one unit, (sets,).
    """

    count: People
    groups: People
    beside: People
    is_single: Mask

    def take(self, sets: Sequence[int], *, is_single: Sequence[bool]) -> "Counted":
        """Return some of the sets, in this order; without copying those that stand one after the other."""
        rows: slice | NDArray[np.intp] = np.asarray(sets, np.intp)
        if sets and list(sets) == list(range(max(sets[0], 0), sets[0] + len(sets))):
            rows = slice(sets[0], sets[0] + len(sets))
        return Counted(self.count[rows], self.groups[rows], self.beside[rows], np.asarray(is_single, np.bool_))


@dataclass(frozen=True, eq=False)
class Family:
    """The parts of a unit; none of a unit with nothing below it."""

    unit: int
    parts: Sequence[Part]
    counted: Counted

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """The place of each part in the order of their names: which of two equal ones comes first."""
        return np.argsort(np.argsort([str(part) for part in self.parts]))


@dataclass(frozen=True, eq=False)
class Hidden:
    """What a page on a unit must hide, by competency (the last axis).

    whole: the unit's figures. parts: those of the units below it and of its own staff, in the family's order, shape
    (parts, competencies). groups: the unit's figures by position group, (groups, competencies). part_groups: the same
    of its parts, (parts, groups, competencies). Where there is nobody there is nothing to hide, whatever is said.
    """

    whole: Mask
    parts: Mask
    groups: Mask
    part_groups: Mask


def hide_along(root: Counted, chain: Sequence[Family], threshold: int = THRESHOLD) -> Hidden:
    """Return what to hide on the page of the last unit of the chain.

    root: the topmost unit, one set. chain: the families from the root down to the unit. Decisions are made from the
    root down, so that the page of a unit and the page above it decide alike.
    """
    whole = _is_small(root.count, threshold)[0]
    groups = (whole | _groups_to_hide(root, threshold)[0]) & (root.groups[0, ..., 0] > 0)
    above: tuple[Sequence[Part], Mask, Mask] | None = None
    for family in chain:
        if above:
            at = above[0].index(family.unit)
            whole, groups = above[1][at], above[2][at]
        parts = whole | hide_parts(family.counted.count, family.order, threshold)
        part_groups = family.counted.groups[..., 0] > 0
        open_to = ~groups.any(axis=0)
        if part_groups.size and open_to.any():
            shown = _show_groups(family, parts, threshold)
            part_groups = np.where(open_to, shown, part_groups)
        above = family.parts, parts, part_groups
    return Hidden(whole, parts, groups, part_groups)


def hide_parts(parts: People, order: NDArray[np.intp], threshold: int = THRESHOLD) -> Mask:
    """Return the parts to hide of a whole that is shown: the small ones, and the complements of a small remainder.

    parts: shape (parts, n, 2), of n wholes. order: which of two equal parts comes first, shape (parts,).
    """
    required, assessed = parts[..., 0], parts[..., 1]
    hidden = _is_small(parts, threshold)
    if not hidden.any():
        return hidden
    ranks = _ranks(parts, order)
    while True:
        left = (parts * hidden[..., None]).sum(axis=0)
        shown = (required > 0) & ~hidden
        wanting = np.flatnonzero(_is_small(left, threshold) & shown.any(axis=0))
        if not wanting.size:
            return hidden
        shown = shown[:, wanting]
        told = shown & (assessed[:, wanting] > 0)
        few = (left[wanting, 1] > 0) & (left[wanting, 1] < threshold) & told.any(axis=0)
        chosen = np.where(np.where(few, told, shown), ranks[:, wanting], len(parts)).argmin(axis=0)
        hidden[chosen, wanting] = True


def mixes_well(counted: Counted, threshold: int = THRESHOLD) -> Mask:
    """Say whether every choice of groups has a threshold of people beside somebody of the other groups.

    It holds when groups with arrows to those whom a threshold of their people stand beside are strongly connected.
    A single group must reach the threshold itself. Shape (sets, competencies).
    """
    present = counted.groups > 0
    pairs = present[:, :, None] & present[:, None]
    every = range(present.shape[1])
    apart = pairs & (counted.beside < threshold)
    apart[:, every, every] = False
    connected: Mask = np.asarray(~apart.any(axis=(1, 2)))
    some = np.nonzero(~connected)  # of these not every group has an arrow to every other one
    if some[0].size:
        sets, competencies, measures = some
        reached = (pairs & ~apart)[sets, :, :, competencies, measures]
        for via in every:
            reached |= reached[:, :, via, None] & reached[:, None, via]
        connected[some] = (reached | ~pairs[sets, :, :, competencies, measures]).all(axis=(1, 2))
    lonely = (present.sum(axis=1) == 1) & (counted.count < threshold)
    return np.asarray((connected & ~lonely).all(axis=-1))


def _is_small(people: People, threshold: int) -> Mask:
    """Say whether there is somebody, but too few of them, required or assessed; without the last axis."""
    return np.asarray(((people > 0) & (people < threshold)).any(axis=-1))


def _ranks(parts: People, order: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the place of each part of n wholes among them, smallest first, shape (parts, n)."""
    tie = np.broadcast_to(order[:, None], parts.shape[:2])
    return np.argsort(np.lexsort((tie, parts[..., 0], parts[..., 1]), axis=0), axis=0)


def _groups_to_hide(counted: Counted, threshold: int) -> Mask:
    """Return the groups to hide of sets whose figures for all groups together are shown, (sets, groups, competencies).

    Groups that are alike come in the order of their places.
    """
    sets, groups, competencies, _measures = counted.groups.shape
    if not groups:
        return np.zeros((sets, groups, competencies), np.bool_)
    hidden = (counted.groups[..., 0] > 0) & ~mixes_well(counted, threshold)[:, None]
    single = np.flatnonzero(counted.is_single)
    if single.size:
        by_group = np.moveaxis(counted.groups[single], 1, 0).reshape(groups, single.size * competencies, 2)
        small = hide_parts(by_group, np.arange(groups), threshold).reshape(groups, single.size, competencies)
        hidden[single] = np.moveaxis(small, 0, 1)
    return hidden


def _show_groups(family: Family, hidden_parts: Mask, threshold: int) -> Mask:
    """Return the groups to hide of the parts of a whole that shows all of its groups, (parts, groups, competencies)."""
    counted = family.counted
    hidden = _groups_to_hide(counted, threshold)
    present = counted.groups[..., 0] > 0
    shown = ~hidden_parts & (present & ~hidden).any(axis=1)
    kept = ~shown[:, None] | hidden  # of the whole, when everything shown is taken away: few of a large unit
    rows = np.flatnonzero(kept.any(axis=(1, 2)))
    groups_left = counted.groups[rows] * kept[rows, ..., None]
    count = np.where(shown[rows, :, None], groups_left.sum(axis=1), counted.count[rows]).sum(axis=0)
    groups = groups_left.sum(axis=0)
    beside = (counted.beside[rows] * (kept[rows][:, :, None] & kept[rows][:, None])[..., None]).sum(axis=0)
    wanting, ranks = np.arange(count.shape[0]), None
    while True:
        left = Counted(count[None, wanting], groups[None, :, wanting], beside[None, :, :, wanting], np.zeros(1, bool))
        wanting = wanting[~mixes_well(left, threshold)[0] & shown[:, wanting].any(axis=0)]
        if not wanting.size:
            return np.where(shown[:, None], hidden, present)
        if ranks is None:
            ranks = _ranks(counted.count, family.order)
        chosen = np.where(shown[:, wanting], ranks[:, wanting], len(ranks)).argmin(axis=0)
        stays = kept[chosen, :, wanting]
        among = stays[:, :, None] & stays[:, None]
        held = counted.groups[chosen, :, wanting]
        count[wanting] += counted.count[chosen, wanting] - (held * stays[..., None]).sum(axis=1)
        groups[:, wanting] += np.moveaxis(held * ~stays[..., None], 0, 1)
        more = counted.beside[chosen, :, :, wanting] * ~among[..., None]
        beside[:, :, wanting] += np.moveaxis(more, 0, 2)
        shown[chosen, wanting] = False
