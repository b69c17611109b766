"""What steps, one after the other, do to a tree of units. Pure Python.

People make one hop in a reorganisation: a unit that it makes or ends is not merged, split or dissolved by it again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from organisation.reorganising.steps import (
    Create,
    Dissolve,
    Merge,
    Move,
    NewUnit,
    Rename,
    Split,
    Step,
    StepInvalid,
)


@dataclass(frozen=True, slots=True)
class UnitState:
    """What a unit is called, what kind it is and whom it lies under; `parent` is empty at the top."""

    code: str
    name_vi: str
    name_en: str
    kind: str
    parent: str


@dataclass(frozen=True, slots=True)
class StepProblem:
    """Something wrong with a step (by its place, 0 for the whole), as a code and what goes into its message."""

    place: int
    reason: str
    values: Mapping[str, str]


@dataclass
class Plan:
    """What becomes of units and people.

    created, changed: the units as they are afterwards. ended: codes. heirs: where a unit's people go unless `splits`
    says otherwise. dissolved: those of `ended` that were. steps_of: code -> the place of the step that speaks of it.
    """

    after: dict[str, UnitState]
    created: dict[str, UnitState] = field(default_factory=dict)
    changed: dict[str, UnitState] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    dissolved: set[str] = field(default_factory=set)
    heirs: dict[str, str] = field(default_factory=dict)
    splits: dict[str, Split] = field(default_factory=dict)
    steps_of: dict[str, int] = field(default_factory=dict)
    problems: list[StepProblem] = field(default_factory=list)

    @property
    def touched(self) -> set[str]:
        """Return every unit whose people, place or name changes, or that receives people."""
        parts = {part for split in self.splits.values() for part in split.parts}
        return {*self.created, *self.changed, *self.ended, *self.heirs, *self.heirs.values(), *parts}


def plan_steps(before: Iterable[UnitState], steps: Iterable[Step], kinds: Iterable[str]) -> Plan:
    """Return what the steps do to the units of `before`. Everything that is wrong stands in `problems`."""
    return _Planner(before, kinds).run(steps)


class _Planner:
    def __init__(self, before: Iterable[UnitState], kinds: Iterable[str]) -> None:
        self.before = {unit.code: unit for unit in before}
        self.kinds = set(kinds)
        self.plan = Plan(dict(self.before))
        self.below: dict[str, set[str]] = {}
        self.receiving: set[str] = set()
        for unit in self.before.values():
            self.below.setdefault(unit.parent, set()).add(unit.code)

    def run(self, steps: Iterable[Step]) -> Plan:
        for place, step in enumerate(steps, start=1):
            try:
                self._take(step, place)
            except StepInvalid as invalid:
                self.plan.problems.append(StepProblem(place, invalid.reason, invalid.values))
        self._check_end()
        plan = self.plan
        plan.changed = {
            code: unit for code, unit in plan.after.items() if code in self.before and unit != self.before[code]
        }
        return plan

    def _take(self, step: Step, place: int) -> None:
        match step:
            case Create(unit):
                self._make(unit, place)
            case Rename(unit=code, name_vi=name_vi, name_en=name_en, kind=kind):
                was = self._standing(code, place)
                self._check_kind(kind or was.kind)
                self.plan.after[code] = replace(was, name_vi=name_vi, name_en=name_en, kind=kind or was.kind)
            case Move(unit=code, parent=parent):
                self._move(self._standing(code, place), parent, place)
            case Merge(sources, into, new):
                self._merge(sources, into, new, place)
            case Split():
                self._split(step, place)
            case Dissolve(unit=code, people_to=people_to):
                self._giving(code, place)
                if self.below.get(code):
                    raise StepInvalid("has_units_below", unit=code, below=min(self.below[code]))
                if people_to == code:
                    raise StepInvalid("cannot_receive", unit=code)
                self._receive(people_to, place)
                self._end(code, people_to)
                self.plan.dissolved.add(code)

    def _standing(self, code: str, place: int) -> UnitState:
        unit = self.plan.after.get(code)
        if unit is None:
            raise StepInvalid("ended_already" if code in self.plan.ended else "no_such_unit", unit=code)
        self.plan.steps_of.setdefault(code, place)
        return unit

    def _giving(self, code: str, place: int) -> UnitState:
        """Return a unit that may give its people away: it was there before and has not done so yet."""
        unit = self._standing(code, place)
        if code in self.plan.created:
            raise StepInvalid("made_here", unit=code)
        if code in self.plan.heirs:
            raise StepInvalid("given_away_already", unit=code)
        if code in self.receiving:
            raise StepInvalid("receives_people", unit=code)
        return unit

    def _receive(self, code: str, place: int) -> None:
        self._standing(code, place)
        if code in self.plan.heirs:
            raise StepInvalid("cannot_receive", unit=code)
        self.receiving.add(code)

    def _check_kind(self, kind: str) -> None:
        if kind not in self.kinds:
            raise StepInvalid("unknown_unit_kind", kind=kind)

    def _make(self, unit: NewUnit, place: int) -> None:
        if unit.code in self.plan.after or unit.code in self.plan.ended:
            raise StepInvalid("code_is_taken", unit=unit.code)
        self._check_kind(unit.kind)
        self._standing(unit.parent, place)
        state = UnitState(unit.code, unit.name_vi, unit.name_en, unit.kind, unit.parent)
        self.plan.after[unit.code] = self.plan.created[unit.code] = state
        self.plan.steps_of[unit.code] = place
        self.below.setdefault(unit.parent, set()).add(unit.code)

    def _move(self, unit: UnitState, parent: str, place: int) -> None:
        self._standing(parent, place)
        above = parent
        while above:
            if above == unit.code:
                raise StepInvalid("under_itself", unit=unit.code)
            above = self.plan.after[above].parent
        self.below[unit.parent].discard(unit.code)
        self.below.setdefault(parent, set()).add(unit.code)
        moved = replace(unit, parent=parent)
        self.plan.after[unit.code] = moved
        if unit.code in self.plan.created:
            self.plan.created[unit.code] = moved

    def _merge(self, sources: tuple[str, ...], into: str, new: NewUnit | None, place: int) -> None:
        given = [self._giving(code, place) for code in sources if code != into]
        if new:
            self._make(new, place)
        self._receive(into, place)
        for unit in given:
            self._hand_over_below(unit.code, into, place)
            self._end(unit.code, into)

    def _split(self, step: Split, place: int) -> None:
        self._giving(step.unit, place)
        for unit in step.new:
            self._make(unit, place)
        for part in step.parts:
            if part != step.unit:
                self._receive(part, place)
        self.plan.splits[step.unit] = step
        if step.unit in step.parts:
            self.plan.heirs[step.unit] = step.main
        else:
            self._hand_over_below(step.unit, step.main, place)
            self._end(step.unit, step.main)

    def _hand_over_below(self, code: str, into: str, place: int) -> None:
        for below in sorted(self.below.get(code, ())):
            if below == into:
                self._move(self.plan.after[into], self.plan.after[code].parent, place)
            else:
                self._move(self.plan.after[below], into, place)

    def _end(self, code: str, heir: str) -> None:
        unit = self.plan.after.pop(code)
        self.below[unit.parent].discard(code)
        self.plan.ended.append(code)
        self.plan.heirs[code] = heir

    def _check_end(self) -> None:
        """A heir may have been ended by a later step: what people go to must be there in the end."""
        for code, heir in self.plan.heirs.items():
            parts = self.plan.splits[code].parts if code in self.plan.splits else (heir,)
            for part in parts:
                if part not in self.plan.after:
                    place = self.plan.steps_of.get(code, 0)
                    self.plan.problems.append(StepProblem(place, "ended_already", {"unit": part}))
