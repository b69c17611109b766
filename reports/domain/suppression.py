"""Disclosure control: which figures must not be shown so that no few people can be worked out. Pure Python.

A whole (a unit) is the sum of its parts (the units directly below it and its own staff). A count of fewer people than
the threshold is hidden, and with it as many of the next smallest parts as it takes for the hidden ones together to
reach the threshold, for a subtraction gives away their sum. A hidden whole shows none of its parts. So what is shown
along the tree amounts to figures of disjoint sets of people, the regions, each at least as large as the threshold;
nothing about fewer people follows from it by linear algebra.

Position groups cross the tree. A unit shows its groups, all or none, when its people are mixed well: from every choice
of groups at least a threshold of people share their unit with somebody of another group. Then rows (regions) minus
columns (groups) never leave the figures of a few people, even for a reader who knows where nobody stands: what they
leave is always the people of a choice of groups in all regions that have people of other groups too. Of the parts of
such a unit those show their groups that are mixed well themselves, as long as the rest stays mixed well.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

THRESHOLD = 5
"""Fewer people than this are not shown."""

Part = int | None
"""A unit below, or None for the whole's own staff."""
Key = TypeVar("Key", bound=Hashable)


class Count(NamedTuple):
    """People whose post requires a competency, and those of them who were assessed."""

    required: int = 0
    assessed: int = 0

    def is_small(self, threshold: int) -> bool:
        """Say whether it is of somebody, but of too few."""
        return 0 < self.required < threshold or 0 < self.assessed < threshold

    def plus(self, other: "Count", times: int = 1) -> "Count":
        return Count(self.required + times * other.required, self.assessed + times * other.assessed)


NOBODY = Count()


@dataclass(frozen=True)
class Grouped:
    """The people of one position group, and those of them whose unit also has people of another group.

    beside: by the other group; `required` counts beside people who are required, `assessed` beside assessed ones.
    """

    count: Count = NOBODY
    beside: Mapping[int, Count] = field(default_factory=dict)


@dataclass(frozen=True)
class Counted:
    """The people of a unit or a part, and the same by position group."""

    count: Count = NOBODY
    groups: Mapping[int, Grouped] = field(default_factory=dict)

    def without(self, parts: Iterable["Counted"]) -> "Counted":
        """Return what is left when the parts are taken away."""
        count, groups = self.count, dict(self.groups)
        for part in parts:
            count = count.plus(part.count, -1)
            for group, gone in part.groups.items():
                held = groups.get(group, Grouped())
                beside = {
                    other: held.beside.get(other, NOBODY).plus(gone.beside.get(other, NOBODY), -1)
                    for other in {*held.beside, *gone.beside}
                }
                groups[group] = Grouped(held.count.plus(gone.count, -1), beside)
        return Counted(count, groups)


@dataclass(frozen=True)
class Family:
    """A unit and its parts, for one competency; no parts for a unit with nothing below it."""

    unit: int
    whole: Counted
    parts: Mapping[Part, Counted]


@dataclass(frozen=True)
class Hidden:
    """What a page on a unit must hide, for one competency.

    whole: the unit's figures. parts: those of the units below it and of its own staff (None). groups: the unit's
    figures by position group. part_groups: the parts whose figures by position group are hidden.
    """

    whole: bool
    parts: Collection[Part]
    groups: bool
    part_groups: Collection[Part]


def hide_along(chain: Sequence[Family], threshold: int = THRESHOLD) -> Hidden:
    """Return what to hide on the page of the last unit of the chain.

    chain: the families from the root down to the unit. Decisions are made from the root down, so that the page of a
    unit and the page above it decide alike.
    """
    whole = chain[0].whole.count.is_small(threshold)
    groups = whole or not mixes_well(chain[0].whole, threshold)
    parts: set[Part] = set()
    part_groups: set[Part] = set()
    for place, family in enumerate(chain):
        if place:
            whole, groups = family.unit in parts, family.unit in part_groups
        counts = {part: counted.count for part, counted in family.parts.items()}
        parts = set(counts) if whole else hide_parts(counts, threshold)
        part_groups = set(counts) if groups else _hide_groups(family, parts, threshold)
    return Hidden(whole, parts, groups, part_groups)


def hide_parts(parts: Mapping[Key, Count], threshold: int = THRESHOLD) -> set[Key]:
    """Return the parts to hide of a whole that is shown: the small ones, and the complements of a small remainder."""
    hidden = {key for key, count in parts.items() if count.is_small(threshold)}
    while True:
        required = sum(parts[key].required for key in hidden)
        assessed = sum(parts[key].assessed for key in hidden)
        shown = [key for key, count in parts.items() if count.required and key not in hidden]
        if not shown or not Count(required, assessed).is_small(threshold):
            return hidden
        if 0 < assessed < threshold:
            shown = [key for key in shown if parts[key].assessed] or shown
        hidden.add(min(shown, key=lambda key: (parts[key].assessed, parts[key].required, str(key))))


def mixes_well(counted: Counted, threshold: int = THRESHOLD) -> bool:
    """Say whether every choice of groups has a threshold of people beside somebody of the other groups.

    It holds when groups with arrows to those whom a threshold of their people stand beside are strongly connected.
    A single group must reach the threshold itself.
    """
    for measure in (0, 1):  # required, assessed
        present = {group: each for group, each in counted.groups.items() if each.count[measure]}
        if len(present) == 1 and counted.count[measure] < threshold:
            return False
        arrows = {
            group: {other for other in present if each.beside.get(other, NOBODY)[measure] >= threshold}
            for group, each in present.items()
        }
        back = {group: {other for other in present if group in arrows[other]} for group in present}
        if present and not (_reached(arrows) == _reached(back) == present.keys()):
            return False
    return True


def _reached(arrows: Mapping[int, Collection[int]]) -> set[int]:
    """Return the groups that can be reached along arrows from the first one."""
    start = min(arrows)
    reached, left = {start}, [start]
    while left:
        for other in arrows[left.pop()]:
            if other not in reached:
                reached.add(other)
                left.append(other)
    return reached


def _hide_groups(family: Family, hidden_parts: Collection[Part], threshold: int) -> set[Part]:
    """Return the parts that must not show their groups, of a whole that does."""
    shown = [
        part
        for part, counted in family.parts.items()
        if part not in hidden_parts and counted.count.required and mixes_well(counted, threshold)
    ]
    shown.sort(key=lambda part: (family.parts[part].count.assessed, family.parts[part].count.required, str(part)))
    while shown and not mixes_well(family.whole.without(family.parts[part] for part in shown), threshold):
        shown.pop(0)
    return set(family.parts) - set(shown)
