"""Making, solving again and discarding training plans."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np
from django.db import transaction
from django.utils import timezone

from courses.api import TaughtCompetency, taught_competencies
from courses.models import Course
from organisation.api import record_audit
from organisation.models import Unit, User
from reports.domain.gaps import Named
from reports.domain.plan_parts import PlanPart, Staff, count_staff, plan_parts
from reports.domain.plan_places import units_now
from reports.domain.plan_values import Asked, PlanLimit, PlanLine, PlanResult, as_json
from reports.models import TrainingPlan
from reports.planning import (
    CLAIM_DOUBT,
    SECONDS,
    SHARE_OF_PLAN,
    Effect,
    Need,
    Problem,
    Solution,
    bind_resources,
    brought_interval,
    expected_rate,
    need_within,
    side_rate,
    solve,
    whole_people,
)

SHOWN_OTHERS = 0.5
"""People brought to another competency's requirement are named from so many on."""


class PlanInUse(RuntimeError):
    """The plan has enrolled people, or is asked to, so it stays as it is."""


@dataclass(frozen=True, slots=True)
class TaughtEffect:
    """What a course does in one competency. level: that it leads to; measured_on: people, 0 for the author's claim."""

    competency: Named
    level: int
    effect: Effect
    measured_on: int


@dataclass(frozen=True, eq=False)
class PlannableCourse:
    """An open course and what is known of its effect; nothing when its effects are empty."""

    course: Course
    hours: float
    effects: Sequence[TaughtEffect]

    @property
    def named(self) -> Named:
        return Named(self.course.pk, self.course.code, self.course.name_vi, self.course.name_en)


def plannable_courses() -> list[PlannableCourse]:
    """Return the open courses in code order, with their measured effects, or else what authors claim. Five queries."""
    courses = list(Course.objects.filter(is_open=True).order_by("code").prefetch_related("modules__lessons"))
    taught = taught_competencies(courses)
    return [
        PlannableCourse(course, _hours(course), [said for each in taught[course.pk] if (said := _effect(each))])
        for course in courses
    ]


def _effect(taught: TaughtCompetency) -> TaughtEffect | None:
    """Return the measured effect, else the claimed one, else None."""
    competency, kept = taught.competency, taught.effect
    named = Named(competency.pk, competency.code, competency.name_vi, competency.name_en)
    if kept is not None and kept.gain is not None and kept.se is not None:
        return TaughtEffect(named, taught.level, Effect(kept.gain, kept.se), kept.people)
    if kept is not None and kept.claimed is not None:
        return TaughtEffect(named, taught.level, Effect(kept.claimed, CLAIM_DOUBT * kept.claimed), 0)
    return None


def _hours(course: Course) -> float:
    minutes = sum(lesson.minutes for module in course.modules.all() for lesson in module.lessons.all())
    return course.hours or round(minutes / 60, 1)


def make_plan(unit: Unit, asked: Asked, author: User) -> TrainingPlan:
    """Return a new plan of the unit, solved. The author must be allowed to see people of the unit."""
    plan = TrainingPlan(unit=unit, asked=as_json(asked), author=author, solved_at=timezone.now())
    plan.result = as_json(solve_plan(unit, asked))
    with transaction.atomic():
        plan.save()
        record_audit(actor=author, action="planned", target=f"training of unit {unit.code}", detail={"plan": plan.pk})
    return plan


def change_plan(plan: TrainingPlan, asked: Asked, actor: User) -> TrainingPlan:
    """Ask a plan something else, or the same again, and solve it by today's figures.

    Of a unit that ended it becomes a plan of what took its place. PlanInUse once it enrolled or is asked to. Nothing is
    locked while it is solved, so that may come of another's request meanwhile.
    """
    with transaction.atomic():
        unit = _draft(plan).unit
    unit = next(iter(units_now(unit.pk)), unit)
    result = as_json(solve_plan(unit, asked))
    with transaction.atomic():
        locked = _draft(plan)
        locked.unit, locked.asked, locked.result = unit, as_json(asked), result
        locked.author, locked.solved_at = actor, timezone.now()
        locked.save()
        record_audit(actor=actor, action="planned", target=f"training of unit {unit.code}", detail={"plan": plan.pk})
    return locked


@transaction.atomic
def discard_plan(plan: TrainingPlan) -> None:
    """Delete a plan that nobody was enrolled by. PlanInUse otherwise."""
    _draft(plan).delete()


def _draft(plan: TrainingPlan) -> TrainingPlan:
    locked = TrainingPlan.objects.select_for_update(of=("self",)).select_related("unit").get(pk=plan.pk)
    if not locked.is_draft or locked.requests.filter(status="asked").exists():
        raise PlanInUse(plan.pk)
    return locked


def solve_plan(unit: Unit, asked: Asked) -> PlanResult:
    """Return the best plan for what was asked, by the figures that the unit's page shows today."""
    offered = [each for each in plannable_courses() if each.course.code in asked.courses]
    courses = [each for each in offered if each.effects]
    parts, left_out = plan_parts(unit, asked.weights)
    staff = count_staff(parts, [each.course.pk for each in courses])
    competencies = {each.competency.pk: each.competency for course in courses for each in course.effects}
    order = list(competencies)
    problem = _problem(parts, staff, courses, order, asked)
    end = monotonic() + SECONDS
    solution = solve(problem, SECONDS * SHARE_OF_PLAN)
    lines = [
        _line(parts[u], staff[u], courses[c], problem, solution, order, u, c)
        for u, c in zip(*np.nonzero(solution.seats), strict=True)
    ]
    limits = [
        PlanLimit(
            each.kind,
            None if each.course is None else courses[each.course].named,
            each.limit,
            each.used,
            each.step,
            each.more,
        )
        for each in bind_resources(problem, solution, end - monotonic())
    ]
    return PlanResult(
        lines=sorted(lines, key=lambda line: -line.brought),
        limits=limits,
        brought=float(solution.brought.sum()),
        value=solution.value,
        possible=solution.bound,
        left_out=left_out,
        without_effect=[each.named for each in offered if not each.effects],
    )


def _problem(
    parts: Sequence[PlanPart],
    staff: Sequence[Staff],
    courses: Sequence[PlannableCourse],
    order: Sequence[int],
    asked: Asked,
) -> Problem:
    """Put parts, courses and competencies, in the given orders, into arrays."""
    place = {pk: at for at, pk in enumerate(order)}
    rate = np.zeros((len(parts), len(courses), len(order)))
    below = np.zeros((len(parts), len(order)))
    lead = np.zeros((len(parts), len(courses)), dtype=np.int64)
    most = np.zeros((len(parts), len(courses)))
    for u, part in enumerate(parts):
        for pk, need in part.needs.items():
            if pk in place:
                below[u, place[pk]] = need.below
        for c, course in enumerate(courses):
            options = _options(part, staff[u], course)
            if not options:
                continue
            lead_pk, usable = max(options.items(), key=lambda option: option[1].people)
            lead[u, c], most[u, c] = place[lead_pk], usable.seats
            for pk, option in options.items():
                rate[u, c, place[pk]] = option.rate if pk == lead_pk else option.beside
    offers = [asked.courses[each.course.code] for each in courses]
    return Problem(
        rate=rate,
        below=below,
        weight=np.array([part.weight for part in parts]),
        lead=lead,
        most=whole_people(most).astype(np.int64),
        seats=np.array([offer.seats for offer in offers], dtype=np.int64),
        hours=np.array([offer.hours for offer in offers], dtype=np.float64),
        cost=np.array([offer.cost for offer in offers], dtype=np.float64),
        hours_limit=asked.hours,
        budget=asked.budget,
    )


@dataclass(frozen=True, slots=True)
class _Option:
    """A competency that a course's seats in a part could be given for.

    need: of those of whom no more is required than the course leads to. seats: such people below and not in the course.
    rate: people brought by a seat; beside: by one that is given for another competency.
    """

    need: Need
    seats: float
    rate: float
    beside: float

    @property
    def people(self) -> float:
        return self.seats * self.rate


def _options(part: PlanPart, staff: Staff, course: PlannableCourse) -> dict[int, _Option]:
    """Return the competencies of a course that people of the part are below in and that it brings somebody to."""
    found = {}
    for each in course.effects:
        pk = each.competency.pk
        if pk not in part.needs:
            continue
        every = part.needs[pk]
        need = need_within(every, part.gaps[pk].levels or (), staff.levels.get(pk, {}), each.level)
        if need is None or each.effect.gain <= 0:
            continue
        seats = need.below * staff.free(course.course.pk)
        beside = side_rate(need, each.effect, need.assessed / every.assessed)
        found[pk] = _Option(need, seats, expected_rate(need, each.effect), beside)
    return found


def _line(
    part: PlanPart,
    staff: Staff,
    course: PlannableCourse,
    problem: Problem,
    solution: Solution,
    order: Sequence[int],
    u: int,
    c: int,
) -> PlanLine:
    pk, seats = order[problem.lead[u, c]], int(solution.seats[u, c])
    taught = {each.competency.pk: each for each in course.effects}
    lead, gap = taught[pk], part.gaps[pk]
    option = _options(part, staff, course)[pk]
    brought, low, high = brought_interval(seats, option.need, lead.effect)
    others = {
        each.competency.code: float(problem.rate[u, c, order.index(other)] * seats)
        for other, each in taught.items()
        if other != pk
    }
    return PlanLine(
        unit=part.unit,
        own=part.own,
        group=part.group,
        course=course.named,
        competency=lead.competency,
        seats=seats,
        required=gap.required or 0,
        assessed=gap.assessed or 0,
        share=part.needs[pk].share,
        brought=brought,
        low=low,
        high=high,
        gain=lead.effect.gain,
        gain_low=lead.effect.low,
        gain_high=lead.effect.high,
        measured_on=lead.measured_on,
        level=lead.level,
        others={code: people for code, people in others.items() if people >= SHOWN_OTHERS},
    )
