"""Turning lines of a plan into enrolments: who comes first, and enrolling whom a person approved."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from math import ceil
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet, Value

from competencies.models import Competency
from courses.api import assign_course
from courses.models import Course
from organisation.api import record_audit
from organisation.models import Person, Posting, User
from reports.domain.people import SURE, PersonBehind, describe_people, people_behind
from reports.domain.plan_places import is_of_plan, units_now
from reports.domain.plan_values import PlanLine, PlanResult
from reports.models import TrainingPlan

LIKELY = 0.5
"""Who is likelier below the requirement than not is chosen unless the person who approves takes them out."""


class NotProposed(ValueError):
    """Somebody was to be enrolled who is not proposed (any more), or more people than the line has places left."""


class _Score(NamedTuple):
    """What is known of a person by their key: the probability of being below, and of being brought up."""

    person: int
    p_below: float
    chance: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody proposed for a place. chance: that the course brings them to the requirement, 0 to 1."""

    person: PersonBehind
    chance: float

    @property
    def is_likely(self) -> bool:
        """Whether they are likelier below the requirement than not."""
        return (self.person.p_below or 0.0) > LIKELY


def places_left(plan: TrainingPlan, place: int) -> int:
    """Return how many places of a line nobody has been enrolled into by the plan."""
    line = PlanResult.from_json(plan.result).lines[place]
    return max(0, line.seats - int(plan.enrolled.get(str(place), 0)))


def propose_people(plan: TrainingPlan, place: int, *, nearest_first: bool = False) -> list[Candidate]:
    """Return whom to enrol into the places left of a line, as things stand now. Three queries.

    They are assessed, not known to meet the requirement, required no more than the course leads to, and not in the
    course. First come those most surely below; with nearest_first those whom the course likeliest brings to the
    requirement. IndexError when the plan has no such line.
    """
    rows, scored = _score(plan, place)
    chosen = _chosen(scored, places_left(plan, place), nearest_first=nearest_first)
    order = {each.person: (at, each.chance) for at, each in enumerate(chosen)}
    postings = sorted(rows.filter(person__in=order), key=lambda row: order[row.person_id][0])
    return [
        Candidate(person, order[row.person_id][1])
        for row, person in zip(postings, describe_people(postings), strict=True)
    ]


def proposed_among(plan: TrainingPlan, place: int, codes: Collection[str]) -> dict[str, Candidate]:
    """Return by code those of these employee codes whom `propose_people` proposes in one order or the other.

    Everybody is read once for both orders.
    """
    rows, scored = _score(plan, place)
    left = places_left(plan, place)
    chances = {
        each.person: each.chance for order in (False, True) for each in _chosen(scored, left, nearest_first=order)
    }
    postings = list(rows.filter(person__in=chances, person__employee_code__in=list(codes)))
    return {
        person.employee_code: Candidate(person, chances[row.person_id])
        for row, person in zip(postings, describe_people(postings), strict=True)
    }


def _score(plan: TrainingPlan, place: int) -> tuple[QuerySet[Any], list[_Score]]:
    line = PlanResult.from_json(plan.result).lines[place]
    rows = _below(plan, line)
    scored = []
    for person, required, probabilities in rows.values_list("person_id", "required_level", "level_probabilities"):
        p_below = sum(probabilities[: required - 1])
        if p_below > SURE:
            scored.append(_Score(person, p_below, lift_chance(probabilities, required, line.gain)))
    return rows, scored


def _chosen(scored: list[_Score], left: int, *, nearest_first: bool) -> list[_Score]:
    if nearest_first:
        return nsmallest(left, scored, key=lambda each: (-each.chance, -each.p_below, each.person))
    return nsmallest(left, scored, key=lambda each: (-each.p_below, -each.chance, each.person))


def lift_chance(level_probabilities: Sequence[float], required: int, gain: float) -> float:
    """Return P(below the required level now, and not after a gain of so many levels), even within each level."""
    return float(
        sum(
            level_probabilities[required - 1 - step] * min(1.0, gain - (step - 1))
            for step in range(1, min(required, ceil(max(gain, 0.0)) + 1))
        )
    )


def _below(plan: TrainingPlan, line: PlanLine) -> QuerySet[Any]:
    """The people of the line's unit, or of what took its place, who are not known to be beyond it.

    Nobody where that left the plan's unit: whoever may open the plan need not see its people any more.
    """
    units = [unit for unit in units_now(line.unit.pk)[:1] if is_of_plan(unit, plan)]
    if not units:
        return Posting.objects.none().annotate(required_level=Value(0), level_probabilities=Value(0))
    rows = people_behind(units[0], Competency.objects.get(pk=line.competency.pk), assessed=True)
    rows = rows.filter(required_level__lte=line.level).exclude(person__enrolments__course=line.course.pk)
    if line.own:
        rows = rows.filter(unit=units[0])
    return rows.filter(position__group=line.group.pk) if line.group else rows


@transaction.atomic
def enrol_people(
    plan: TrainingPlan, place: int, codes: Collection[str], actor: User, *, proposed: Collection[str] | None = None
) -> int:
    """Enrol the people of these employee codes into a line's course; return how many were enrolled now.

    proposed: codes that the caller, who holds the plan, has read with `proposed_among`; they are read when not given.
    Each must be among those proposed in one order or the other; else, or with more than places are left, NotProposed
    and nothing happens. Repeating it enrols nobody twice. CourseClosed when the course has been closed.
    """
    locked = TrainingPlan.objects.select_for_update(of=("self",)).select_related("unit").get(pk=plan.pk)
    line = PlanResult.from_json(locked.result).lines[place]
    course = Course.objects.get(pk=line.course.pk)
    there = set(
        course.enrolments.filter(person__employee_code__in=codes).values_list("person__employee_code", flat=True)
    )
    wanted = set(codes) - there
    proposed = set(proposed_among(locked, place, wanted) if proposed is None else proposed)
    if not wanted <= proposed or len(wanted) > places_left(locked, place):
        raise NotProposed(sorted(wanted - proposed))
    enrolled = assign_course(list(Person.objects.filter(employee_code__in=wanted)), course, actor)
    if enrolled:
        locked.enrolled = {**locked.enrolled, str(place): int(locked.enrolled.get(str(place), 0)) + len(enrolled)}
        locked.save(update_fields=["enrolled"])
        record_audit(
            actor=actor,
            action="enrolled",
            target=f"{len(enrolled)} people of unit {line.unit.code} in course {course.code}",
            detail={"plan": plan.pk, "line": place, "people": sorted(wanted)},
        )
    return len(enrolled)
