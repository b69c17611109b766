"""What must be hidden, written down one set of people at a time: what `reports.domain.suppression` must say too."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from reports.domain.suppression import THRESHOLD, Part

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
    """The people of a unit or a part, and the same by position group. is_single: they are the own staff of one unit."""

    count: Count = NOBODY
    groups: Mapping[int, Grouped] = field(default_factory=dict)
    is_single: bool = False

    def plus(self, other: "Counted", times: int = 1) -> "Counted":
        """Return both together, or with times=-1 what is left without the other."""
        groups = dict(self.groups)
        for group, added in other.groups.items():
            held = groups.get(group, Grouped())
            beside = {
                each: held.beside.get(each, NOBODY).plus(added.beside.get(each, NOBODY), times)
                for each in {*held.beside, *added.beside}
            }
            groups[group] = Grouped(held.count.plus(added.count, times), beside)
        return Counted(self.count.plus(other.count, times), groups)

    def only(self, groups: Collection[int]) -> "Counted":
        """Return the people of some of the groups, of a single unit."""
        kept = {group: each for group, each in self.groups.items() if group in groups}
        count = NOBODY
        for each in kept.values():
            count = count.plus(each.count)
        return Counted(
            count,
            {
                group: Grouped(each.count, {other: n for other, n in each.beside.items() if other in kept})
                for group, each in kept.items()
            },
            is_single=True,
        )


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
    figures by position group. part_groups: the same of its parts.
    """

    whole: bool
    parts: Collection[Part]
    groups: Collection[int]
    part_groups: Mapping[Part, Collection[int]]


def hide_along(chain: Sequence[Family], threshold: int = THRESHOLD) -> Hidden:
    """Return what to hide on the page of the last unit of the chain.

    chain: the families from the root down to the unit. Decisions are made from the root down, so that the page of a
    unit and the page above it decide alike.
    """
    root = chain[0].whole
    whole = root.count.is_small(threshold)
    groups = set(root.groups) if whole else _groups_to_hide(root, threshold)
    parts: set[Part] = set()
    part_groups: dict[Part, set[int]] = {}
    for place, family in enumerate(chain):
        if place:
            whole, groups = family.unit in parts, part_groups[family.unit]
        counts = {part: counted.count for part, counted in family.parts.items()}
        parts = set(counts) if whole else hide_parts(counts, threshold)
        part_groups = {part: set(counted.groups) for part, counted in family.parts.items()}
        if not groups:
            part_groups |= _show_groups(family, parts, threshold)
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


def _groups_to_hide(counted: Counted, threshold: int) -> set[int]:
    """Return the groups to hide of people whose figures for all groups together are shown."""
    if counted.is_single:
        return hide_parts({group: each.count for group, each in counted.groups.items()}, threshold)
    return set() if mixes_well(counted, threshold) else set(counted.groups)


def _show_groups(family: Family, hidden_parts: Collection[Part], threshold: int) -> dict[Part, set[int]]:
    """Return the groups to hide of the parts that show any, of a whole that shows all of its groups."""
    shown = {
        part: hidden
        for part, counted in family.parts.items()
        if part not in hidden_parts and (hidden := _groups_to_hide(counted, threshold)) < set(counted.groups)
    }
    left = Counted()  # of the whole, when everything shown is taken away: most of a large unit is
    for part, counted in family.parts.items():
        if part not in shown:
            left = left.plus(counted)
        elif shown[part]:
            left = left.plus(counted.only(shown[part]))
    smallest_first = sorted(shown, key=lambda part: (*family.parts[part].count[::-1], str(part)))
    for part in smallest_first:
        if mixes_well(left, threshold):
            break
        left = left.plus(family.parts[part].only(shown.pop(part)), -1).plus(family.parts[part])
    return shown
