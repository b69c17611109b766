"""What a reorganisation would do to whom, before anybody approves it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Count

from organisation.domain.reorganisations.applying import heirs_of_grants
from organisation.domain.reorganisations.messages import problem_message, without_people
from organisation.domain.reorganisations.people import count_people_going, list_people_going
from organisation.domain.reorganisations.planning import RecordedPlan, plan_reorganisation
from organisation.models import Posting, Reorganisation, RoleGrant
from organisation.reorganising.plan import StepProblem, UnitState


@dataclass(frozen=True, slots=True)
class UnitBecomes:
    """What becomes of one unit. outcome: created, ended, renamed, moved, split (and goes on) or receives.

    unit, was: as it is afterwards (before, when it ends) and as it was (None when it is made). to: the units that its
    people go to with how many do. people: on the day, before. under: the unit above, afterwards.
    is_chosen: a list or positions say who goes where.
    """

    outcome: str
    unit: UnitState
    was: UnitState | None
    to: Sequence[tuple[UnitState, int]]
    people: int
    under: UnitState | None = None
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class GrantBecomes:
    """What becomes of an HR officer's grant over an ended unit; `to` is empty when it is over."""

    officer: str
    unit: UnitState
    to: Sequence[UnitState]


@dataclass(frozen=True)
class Preview:
    """What a reorganisation would do. kinds: kind -> units before and afterwards.

    staff: people by the code of their unit. kinds and staff are those of the scope's unit and all below it; of
    everything where there is no scope.
    """

    problems: Sequence[tuple[int, str]]
    units: Sequence[UnitBecomes]
    grants: Sequence[GrantBecomes]
    kinds: dict[str, tuple[int, int]]
    people_going: int
    staff: Mapping[str, int]

    @property
    def people_in_all(self) -> int:
        return sum(self.staff.values())


@dataclass(frozen=True)
class PeopleOfUnit:
    """Who of a unit would go where: postings with where each goes, and how many people go in all."""

    unit: UnitState
    rows: Sequence[tuple[Posting, UnitState]]
    count: int


_ORDER = ("created", "ended", "split", "receives", "moved", "renamed")


def preview_reorganisation(
    reorganisation: Reorganisation, recorded: RecordedPlan | None = None, *, names_people: bool = True
) -> Preview:
    """Return what the reorganisation would do as things stand. At most twelve queries, whatever its size.

    recorded: its plan, where it has been made already. names_people: problems may name single employees.
    """
    recorded = recorded or plan_reorganisation(reorganisation)
    plan = recorded.plan
    found = plan.problems if names_people else [without_people(problem) for problem in plan.problems]
    problems = list(dict.fromkeys((each.place, problem_message(each)) for each in _first_by_step(found)))
    going = {} if plan.problems else count_people_going(recorded, reorganisation.in_force)
    before = {node.code: _state(recorded, node.code) for node in recorded.tree.nodes.values()}
    top = recorded.tree.nodes.get(reorganisation.scope_id or 0)
    inside = _below(before, top.code) if top else before.values()
    staffed = {} if plan.problems else _count_people(recorded, inside, reorganisation.in_force)
    kinds_before = Counter(unit.kind for unit in inside)
    kinds_after = Counter(unit.kind for unit in (_below(plan.after, top.code) if top else plan.after.values()))
    return Preview(
        problems=problems,
        units=_units(recorded, before, going, staffed),
        grants=_grants(recorded, before),
        kinds={kind: (kinds_before[kind], kinds_after[kind]) for kind in sorted({*kinds_before, *kinds_after})},
        people_going=sum(going.values()),
        staff=staffed,
    )


def preview_people(
    reorganisation: Reorganisation, code: str, *, homes: Collection[int], start: int, most: int
) -> PeopleOfUnit:
    """Return the people of a unit of the day who would go elsewhere, in the order of names, `most` from `start` on.

    Those alone whose home today is one of the units `homes`. Nobody while the steps do not fit.
    """
    recorded, day = plan_reorganisation(reorganisation), reorganisation.in_force
    if recorded.problems:
        return PeopleOfUnit(_state(recorded, code), [], 0)
    found, count = list_people_going(recorded, day, code, homes=homes, start=start, most=most)
    postings = Posting.objects.select_related("person", "position").in_bulk([pk for pk, _to in found])
    rows = [(postings[pk], recorded.plan.after[to]) for pk, to in found]
    return PeopleOfUnit(_state(recorded, code), rows, count)


def _below(units: Mapping[str, UnitState], code: str) -> list[UnitState]:
    """Return the unit and all below it."""
    children = defaultdict[str, list[UnitState]](list)
    for unit in units.values():
        children[unit.parent].append(unit)
    found = [units[code]] if code in units else []
    for unit in found:
        found.extend(children[unit.code])
    return found


def _count_people(recorded: RecordedPlan, units: Collection[UnitState], day: date) -> dict[str, int]:
    """Return how many people have their primary posting in each of the units on the day, by code. One query."""
    primary = Posting.objects.filter(valid__contains=day, kind=Posting.Kind.PRIMARY)
    if len(units) < len(recorded.tree.nodes):
        primary = primary.filter(unit__in=[recorded.pks[unit.code] for unit in units])
    counts = primary.order_by().values_list("unit").annotate(Count("pk"))
    return {recorded.tree.nodes[pk].code: count for pk, count in counts if pk in recorded.tree.nodes}


def _first_by_step(problems: Sequence[StepProblem], most: int = 50) -> list[StepProblem]:
    return sorted(problems, key=lambda problem: problem.place)[:most]


def _state(recorded: RecordedPlan, code: str) -> UnitState:
    node = recorded.tree.nodes[recorded.pks[code]]
    parent = recorded.tree.nodes.get(node.parent_pk) if node.parent_pk else None
    return UnitState(node.code, node.name_vi, node.name_en, node.kind, parent.code if parent else "")


def _units(
    recorded: RecordedPlan,
    before: dict[str, UnitState],
    going: dict[tuple[str, str], int],
    staffed: dict[str, int],
) -> list[UnitBecomes]:
    plan = recorded.plan
    to: dict[str, list[tuple[UnitState, int]]] = {code: [] for code in plan.heirs}
    for code, heir in plan.heirs.items():
        parts = plan.splits[code].parts if code in plan.splits else (heir,)
        to[code] = [(plan.after[part], going.get((code, part), 0)) for part in parts if part in plan.after]
        if code in plan.after:
            stay = staffed.get(code, 0) - sum(people for _, people in to[code])
            to[code] = [(unit, stay if unit.code == code else people) for unit, people in to[code]]
    found = []
    for code in plan.touched:
        if code not in before and code not in plan.after:
            continue
        unit, was = plan.after.get(code) or before[code], before.get(code)
        becomes = UnitBecomes(_outcome(recorded, code, unit, was), unit, was, to.get(code, ()), staffed.get(code, 0))
        above = plan.after.get(unit.parent)
        found.append(replace(becomes, under=above, is_chosen=code in plan.splits and bool(plan.splits[code].assign)))
    return sorted(found, key=lambda each: (_ORDER.index(each.outcome), each.unit.kind, each.unit.code))


def _outcome(recorded: RecordedPlan, code: str, unit: UnitState, was: UnitState | None) -> str:
    plan = recorded.plan
    if was is None:
        return "created"
    if code in plan.ended:
        return "ended"
    if code in plan.splits:
        return "split"
    if unit.parent != was.parent:
        return "moved"
    return "renamed" if unit != was else "receives"


def _grants(recorded: RecordedPlan, before: dict[str, UnitState]) -> list[GrantBecomes]:
    plan, heirs = recorded.plan, heirs_of_grants(recorded)
    grants = RoleGrant.objects.filter(role=RoleGrant.Role.HR, unit__code__in=plan.ended).select_related(
        "user__person", "unit"
    )
    found = []
    for grant in grants.order_by("unit__code", "user__username"):
        code = grant.unit.code if grant.unit else ""
        to = [plan.after[part] for part in heirs.get(code, ()) if part in plan.after]
        found.append(GrantBecomes(grant.user.shown_name, before[code], to))
    return found
