"""What courses do for people's ability: the author's claim, and what measurements before and after say."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from competencies.api import (
    SD_PER_YEAR,
    EvidenceRow,
    Observation,
    PersonEvidence,
    correlations_in_force,
    counted_evidence,
    cuts_in_force,
    estimate_values,
)
from competencies.models import Competency
from courses.effect import MeasuredEffect, measure_effect
from courses.models import Course, CourseEffect, Lesson, ModuleOutcome
from organisation.api import record_audit
from organisation.models import User

MOST = 1000
"""So many people who finished a course last, and so many without it, are looked at: plenty for a mean."""

_FINISHED = """
    SELECT person_id, min(opened_at), max(completed_at) FROM courses_lessonprogress
    WHERE lesson_id = ANY(%(lessons)s) GROUP BY person_id HAVING count(completed_at) = %(count)s
    ORDER BY max(completed_at) DESC, person_id LIMIT %(most)s
"""

_TWICE = """
    SELECT e.person_id, (array_agg(DISTINCT e.observed_at ORDER BY e.observed_at DESC))[2], max(e.observed_at)
    FROM competencies_evidence e
    WHERE e.competency_id = %(competency)s AND NOT EXISTS (
        SELECT 1 FROM courses_enrolment n
        JOIN courses_module m ON m.course_id = n.course_id
        JOIN courses_moduleoutcome o ON o.module_id = m.id AND o.competency_id = e.competency_id
        WHERE n.person_id = e.person_id)
    GROUP BY e.person_id HAVING count(DISTINCT e.observed_at) > 1
    ORDER BY max(e.observed_at) DESC, e.person_id LIMIT %(most)s
"""

Split = tuple[int, datetime, datetime]
"""A person, the moment up to which observations are from before, and the one from which on they are from afterwards."""
Pair = tuple[tuple[float, float], tuple[float, float]]
"""(mean, standard error) of what was observed before alone, and of what was observed afterwards alone."""


@dataclass(frozen=True, slots=True)
class TaughtCompetency:
    """A competency that a course teaches, the highest level it leads to, and what is known of its effect."""

    competency: Competency
    level: int
    effect: CourseEffect | None


def taught_competencies(courses: Collection[Course]) -> dict[int, list[TaughtCompetency]]:
    """Return what each course teaches, by its primary key and in the framework's order. Two queries."""
    known = {(each.course_id, each.competency_id): each for each in CourseEffect.objects.filter(course__in=courses)}
    found: dict[int, dict[int, TaughtCompetency]] = {course.pk: {} for course in courses}
    outcomes = ModuleOutcome.objects.filter(module__course__in=courses).select_related("competency", "module")
    for each in outcomes.order_by("competency__domain__order", "competency__order", "level"):
        course, competency = each.module.course_id, each.competency
        effect = known.get((course, competency.pk))
        found[course][competency.pk] = TaughtCompetency(competency, each.level, effect)
    return {course: list(taught.values()) for course, taught in found.items()}


@transaction.atomic
def describe_effort(
    course: Course, *, hours: float | None, cost: int, claims: Mapping[Competency, float | None], actor: User
) -> None:
    """Keep what a course takes of a person and what its author claims it does, in levels; None: nothing is claimed."""
    course.hours, course.cost = hours, cost
    course.save(update_fields=["hours", "cost"])
    for competency, claimed in claims.items():
        CourseEffect.objects.update_or_create(course=course, competency=competency, defaults={"claimed": claimed})
    said = {competency.code: claimed for competency, claimed in claims.items()}
    record_audit(
        actor=actor,
        action="edited",
        target=f"effect of course {course.code}",
        detail={"hours": hours, "cost": cost, "claims": said},
    )


def measure_effects(now: datetime | None = None) -> int:
    """Measure every open course anew in each competency that it teaches; return how many effects are measured now.

    What was measured stands until it can be measured again.
    """
    now = now or timezone.now()
    taught = ModuleOutcome.objects.filter(module__course__is_open=True)
    pairs = sorted(set(taught.values_list("module__course", "competency")))
    competencies = {competency for _course, competency in pairs}
    cuts = {pk: each.cuts for pk, each in cuts_in_force(competencies).items()}
    without = {pk: _pairs(_split(_TWICE, competency=pk), pk, cuts[pk], now) for pk in competencies & cuts.keys()}
    count = 0
    for course, competency in pairs:
        if competency not in cuts:
            continue
        lessons = list(Lesson.objects.filter(module__course=course).values_list("pk", flat=True))
        finished = _split(_FINISHED, lessons=lessons, count=len(lessons))
        found = _measure(_pairs(finished, competency, cuts[competency], now), without[competency])
        if found is None:
            continue
        level = (cuts[competency][-1] - cuts[competency][0]) / (len(cuts[competency]) - 1)
        CourseEffect.objects.update_or_create(
            course_id=course,
            competency_id=competency,
            defaults={
                "gain": found.gain / level,
                "se": found.se / level,
                "people": found.people,
                "compared": found.compared,
                "measured_at": now,
            },
        )
        count += 1
    return count


def _measure(took: Sequence[Pair], without: Sequence[Pair]) -> MeasuredEffect | None:
    table = np.array([*took, *without], dtype=np.float64).reshape(-1, 2, 2)
    (before, before_se), (after, after_se) = table.transpose(1, 2, 0)
    return measure_effect(before, before_se, after, after_se, np.arange(len(table)) < len(took))


def _split(statement: str, **parameters: Any) -> list[Split]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**parameters, "most": MOST})
        return list(cursor.fetchall())


def _pairs(people: Iterable[Split], competency: int, cuts: Sequence[float], now: datetime) -> list[Pair]:
    """Return what was known of each before and afterwards, of those of whom there is both. Two queries a person."""
    correlations = correlations_in_force([competency], now)

    def say(rows: Sequence[EvidenceRow]) -> tuple[float, float]:
        observed = [Observation(row.parameters, row.score, row.observed_at, row.is_void) for row in rows]
        evidence = PersonEvidence({competency: observed}, correlations, observed[-1].observed_at, SD_PER_YEAR)
        values = estimate_values(evidence, {competency: cuts})[competency]
        return values.mean, values.se

    found = []
    for person, until, since in people:
        before = counted_evidence(person, [competency], until=until).get(competency)
        counted = counted_evidence(person, [competency]).get(competency, [])
        after = [row for row in counted if row.observed_at >= since]
        if before and after:
            found.append((say(before), say(after)))
    return found
