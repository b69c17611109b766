"""How many people a reorganisation is about, as far as the reader may know: exactly, or without small groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from organisation.api import Preview, UnitBecomes, UnitState
from reports.api import THRESHOLD


@dataclass(frozen=True, slots=True)
class ShownUnit:
    """The figures of one unit; None where one is too small to be shown or would give such a one away.

    to: the units that its people go to with how many do. required, own: requirements of posts and of single people.
    """

    people: int | None
    to: Sequence[tuple[UnitState, int | None]]
    required: int | None
    own: int | None
    enrolments: int | None


@dataclass(frozen=True, slots=True)
class Hidden:
    """A figure that is not shown, and the least and the most that it can be as far as the reader knows."""

    value: int
    least: int
    most: int


def shown_unit(each: UnitBecomes, required: tuple[int, int], enrolments: int, *, exact: bool) -> ShownUnit:
    """Return the figures of a unit. exact: for a reader who may see its people."""
    if exact:
        return ShownUnit(each.people, each.to, *required, enrolments)
    is_few = _is_small(each.people)
    to = [(unit, None if _hides_parts(each) else people) for unit, people in each.to]
    kept = None if is_few or _is_small(enrolments) else enrolments
    return ShownUnit(None if is_few else each.people, to, None if is_few else required[0], None, kept)


def shown_totals(preview: Preview, enrolments: Mapping[str, int], *, exact: bool) -> dict[str, int | None]:
    """Return the totals (going, people, enrolments) that leave every hidden figure of a unit open.

    enrolments: of the units they are shown for, by code.
    """
    totals = {
        "going": preview.people_going,
        "people": preview.people_in_all,
        "enrolments": sum(enrolments.values()),
    }
    if exact:
        return {**totals}
    few = {each.unit.code: each.people for each in preview.units if _is_small(each.people)}
    going = [
        Hidden(_leaving(each), 0, THRESHOLD - 1 if each.unit.code in few else each.people)
        for each in preview.units
        if _hides_parts(each)
    ]
    kept = [
        Hidden(count, 0, max(count, THRESHOLD - 1))
        for code, count in enrolments.items()
        if _is_small(count) or code in few
    ]
    is_open = {
        "going": _leaves_open(going) and not any(each.is_chosen for each in preview.units),
        "people": _leaves_open([Hidden(people, 1, THRESHOLD - 1) for people in few.values()]),
        "enrolments": _leaves_open(kept),
    }
    return {name: total if is_open[name] and not _is_small(total) else None for name, total in totals.items()}


def _leaves_open(hidden: Sequence[Hidden]) -> bool:
    """Say whether each of the figures can still be any of several numbers once their sum is known."""
    total = sum(each.value for each in hidden)
    least, most = sum(each.least for each in hidden), sum(each.most for each in hidden)
    return all(
        min(each.most, total - (least - each.least)) - max(each.least, total - (most - each.most)) >= THRESHOLD - 2
        for each in hidden
    )


def _is_small(count: int) -> bool:
    return 0 < count < THRESHOLD


def _leaving(each: UnitBecomes) -> int:
    return sum(people for unit, people in each.to if unit.code != each.unit.code)


def _hides_parts(each: UnitBecomes) -> bool:
    """Say whether who goes where is hidden: a group is small, or what the groups leave of the unit's people is.

    Groups that the draft chose are hidden however large: two drafts with one position more or less tell of that one.
    """
    counts = [people for _unit, people in each.to]
    rest = abs(sum(counts) - each.people)
    return bool(counts) and (each.is_chosen or any(map(_is_small, (*counts, each.people, rest))))
