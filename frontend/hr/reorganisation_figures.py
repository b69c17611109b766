"""How many people a reorganisation is about, as far as the reader may know: exactly, or without small groups."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from organisation.api import Preview, UnitBecomes, UnitState
from reports.api import THRESHOLD

Apart = Collection[str] | None
"""Codes of the units whose people may be counted (`units_counted_apart`); None for a reader who may see them all."""


@dataclass(frozen=True, slots=True)
class ShownUnit:
    """The figures of one unit; None where one is too small to be shown or would give such a one away.

    to: the units that its people go to with how many do. required, own: requirements of posts and of single people.
    """

    people: int | None
    is_few: bool
    to: Sequence[tuple[UnitState, int | None]]
    required: int | None
    own: int | None
    enrolments: int | None


def shown_unit(each: UnitBecomes, required: tuple[int, int], enrolments: int | None, apart: Apart) -> ShownUnit:
    """Return the figures of a unit."""
    if apart is None:
        return ShownUnit(each.people, False, each.to, *required, enrolments)
    people = each.people if _is_told(each.unit.code, each.people, apart) else None
    to = [(unit, None if _hides_parts(each, apart) else going) for unit, going in each.to]
    return ShownUnit(people, _is_small(each.people), to, None, None, enrolments)


def shown_enrolments(enrolments: int, people: int) -> int | None:
    """Return how many open enrolments these people have, to a reader who may not see them; None for few of either."""
    return None if _is_small(people) or _is_small(enrolments) else enrolments


def shown_totals(preview: Preview, enrolments: Mapping[str, int | None], apart: Apart) -> dict[str, int | None]:
    """Return the totals (going, people, enrolments) of which every part may be shown: others would solve for the rest.

    Each of several drafts has its totals, over units as its author likes.
    """
    parts = list(enrolments.values())
    is_told = {
        "going": apart is None or not any(_hides_parts(each, apart) for each in preview.units),
        "people": apart is None or all(_is_told(code, people, apart) for code, people in preview.staff.items()),
        "enrolments": None not in parts,
    }
    totals = {
        "going": preview.people_going,
        "people": preview.people_in_all,
        "enrolments": sum(each or 0 for each in parts),
    }
    return {name: total if is_told[name] else None for name, total in totals.items()}


def _is_small(count: int) -> bool:
    return 0 < count < THRESHOLD


def _is_told(code: str, people: int, apart: Collection[str]) -> bool:
    return people == 0 or code in apart


def _hides_parts(each: UnitBecomes, apart: Collection[str]) -> bool:
    """Say whether who goes where is hidden: a group is small, or what the groups leave of the unit's people is.

    Groups that the draft chose are hidden however large: two drafts with one position more or less tell of that one.
    """
    counts = [people for _unit, people in each.to]
    rest = abs(sum(counts) - each.people)
    is_told = _is_told(each.unit.code, each.people, apart)
    return bool(counts) and (each.is_chosen or not is_told or any(map(_is_small, (*counts, rest))))
