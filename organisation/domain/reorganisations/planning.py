"""Working out what a reorganisation would do to the organisation as it is recorded now."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from organisation.domain.queries.units import UnitTree, unit_tree, units_inside
from organisation.models import Position, Posting, Reorganisation, Unit, UnitVersion
from organisation.reorganising.plan import Plan, StepProblem, UnitState, plan_steps
from organisation.reorganising.steps import Create, Merge, Split, Step, StepInvalid, parse_step, units_named


@dataclass(frozen=True)
class RecordedPlan:
    """A plan with the primary keys of the units that are there before, by code."""

    plan: Plan
    tree: UnitTree
    pks: Mapping[str, int]

    @property
    def problems(self) -> list[StepProblem]:
        return self.plan.problems


def read_steps(reorganisation: Reorganisation) -> tuple[list[Step], list[StepProblem]]:
    """Return the stored steps in order, and those that cannot be read. One query."""
    steps: list[Step] = []
    problems: list[StepProblem] = []
    for place, row in enumerate(reorganisation.steps.order_by("order"), start=1):
        try:
            steps.append(parse_step(row.kind, row.content))
        except StepInvalid as invalid:
            problems.append(StepProblem(place, invalid.reason, invalid.values))
    return steps, problems


def plan_reorganisation(reorganisation: Reorganisation) -> RecordedPlan:
    """Return what the steps would do on the day, and everything that stands in their way.

    Where a step reaches out of the scope that alone is told, for the other problems speak of units elsewhere.
    """
    steps, problems = read_steps(reorganisation)
    day = reorganisation.in_force
    tree = unit_tree(day)
    pks = {node.code: node.pk for node in tree.nodes.values()}
    before = [
        UnitState(
            node.code,
            node.name_vi,
            node.name_en,
            node.kind,
            tree.nodes[node.parent_pk].code if node.parent_pk in tree.nodes and node.parent_pk else "",
        )
        for node in tree.nodes.values()
    ]
    plan = plan_steps(before, steps, UnitVersion.Kind.values)
    plan.problems[:0] = problems
    if not steps and not problems:
        plan.problems.append(StepProblem(0, "no_steps", {}))
    recorded = RecordedPlan(plan, tree, pks)
    if reorganisation.scope_id and (outside := _reaching_out(recorded, steps, reorganisation.scope_id, day)):
        plan.problems[:] = outside
        return recorded
    _check_codes(recorded, steps)
    _check_time(recorded, day)
    _check_people(recorded, day)
    return recorded


def _tell(recorded: RecordedPlan, code: str, reason: str, **values: str) -> None:
    place = recorded.plan.steps_of.get(code, 0)
    recorded.plan.problems.append(StepProblem(place, reason, values or {"unit": code}))


def _check_codes(recorded: RecordedPlan, steps: Iterable[Step]) -> None:
    """A code that a unit had once is not given to another; one that never came into force is free."""
    made = _codes_made(steps)
    taken = UnitVersion.objects.filter(unit__code__in=made - recorded.pks.keys()).values_list("unit__code", flat=True)
    for code in sorted(set(taken)):
        _tell(recorded, code, "code_is_taken")


def _check_time(recorded: RecordedPlan, day: date) -> None:
    """What changes must have been there the day before and have no later change recorded already."""
    touched = [recorded.pks[code] for code in recorded.plan.touched if code in recorded.pks]
    ended = [recorded.pks[code] for code in recorded.plan.ended]
    on_the_day = UnitVersion.objects.filter(unit__in=touched, valid__startswith=day)
    for code in sorted(on_the_day.values_list("unit__code", flat=True)):
        _tell(recorded, code, "begins_that_day")
    later = UnitVersion.objects.filter(unit__in=touched, valid__contains=day, valid__upper_inf=False)
    under = UnitVersion.objects.filter(parent__in=ended, valid__startswith__gt=day)
    found = {*later.values_list("unit__code", flat=True), *under.values_list("unit__code", flat=True)}
    for code in sorted(found):
        _tell(recorded, code, "changes_later")


def _check_people(recorded: RecordedPlan, day: date) -> None:
    """Lists name people of the unit, rules name positions that there are."""
    for code, split in recorded.plan.splits.items():
        if split.follow == "list":
            there = set(
                Posting.objects.filter(
                    unit=recorded.pks[code], valid__contains=day, person__employee_code__in=split.assign
                ).values_list("person__employee_code", flat=True)
            )
            for person in sorted(split.assign.keys() - there):
                _tell(recorded, code, "not_in_unit", person=person, unit=code)
        elif split.follow == "position":
            known = set(Position.objects.filter(code__in=split.assign).values_list("code", flat=True))
            for position in sorted(split.assign.keys() - known):
                _tell(recorded, code, "no_such_position", position=position)


def _reaching_out(recorded: RecordedPlan, steps: Sequence[Step], scope_pk: int, day: date) -> list[StepProblem]:
    """Changed units lie below the scope's unit, then and today; parents and receivers may be that unit itself.

    A unit that lies elsewhere and one that is not there are told alike.
    """
    plan, tree = recorded.plan, recorded.tree
    within = {tree.nodes[pk].code for pk in units_inside(tree, scope_pk, day)}
    within |= _codes_made(steps) - recorded.pks.keys()
    named = [(place, code) for place, step in enumerate(steps, start=1) for code in sorted(units_named(step))]
    outside = [(place, code) for place, code in named if code not in within]
    scope = tree.nodes.get(scope_pk)
    if scope and (scope.code in plan.changed or scope.code in plan.ended or scope.code in plan.splits):
        outside.append((plan.steps_of.get(scope.code, 0), scope.code))
    return [StepProblem(place, "outside_scope", {"unit": code}) for place, code in dict.fromkeys(outside)]


def _codes_made(steps: Iterable[Step]) -> set[str]:
    made: set[str] = set()
    for step in steps:
        match step:
            case Create(unit) | Merge(new=unit) if unit:
                made.add(unit.code)
            case Split(new=units):
                made |= {unit.code for unit in units}
    return made


def unit_keys(codes: Collection[str]) -> dict[str, int]:
    """Return primary keys by code. One query."""
    return dict(Unit.objects.filter(code__in=codes).values_list("code", "pk"))
