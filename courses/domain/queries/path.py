"""What a person does next: the lessons of one course, then the assessments that follow it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Literal

from django.db.models import Q

from assessments.api import assessment_of, measurable_by, offered_to
from assessments.models import Assessment, Attempt
from courses.domain.queries.progress import CourseProgress, enrolments_of, progress_of_courses, resume_point
from courses.models import Course, CourseAssessment, Lesson
from organisation.api import columns_of, fetch_all_prepared, remember, row_as, statement_of
from organisation.models import Person

StepState = Literal["next", "to-do", "in-progress", "done"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PathStep:
    """A lesson to read or an assessment to take; minutes are the author's estimate, or the assessment's limit.

    `begun` and not done: `block_pk` is where reading stopped, `attempt` the open one. A done assessment has the
    attempt submitted last. `unmeasured`: how many competencies of the post another sitting of an assessment that was
    done would ask about; it is to do again then.
    """

    state: StepState
    minutes: int
    begun: bool
    lesson: Lesson | None = None
    assessment: Assessment | None = None
    attempt: Attempt | None = None
    block_pk: int | None = None
    unmeasured: int = 0

    @property
    def kind(self) -> Literal["lesson", "quiz", "simulation"]:
        if self.assessment is None:
            return "lesson"
        return "simulation" if self.assessment.mode == Assessment.Mode.SIMULATION else "quiz"


@dataclass(frozen=True, slots=True)
class LearningPath:
    """The steps of the course a person is on, in order; at most one is `next`. Without a course: assessments alone."""

    course: Course | None
    steps: tuple[PathStep, ...]

    @property
    def next(self) -> PathStep | None:
        return next((step for step in self.steps if step.state == "next"), None)

    @property
    def minutes_left(self) -> int:
        return sum(step.minutes for step in self.steps if step.state != "done")


def learning_path(person: Person, needed: Collection[int], unmeasured: Collection[int] = ()) -> LearningPath:
    """Return the path a person is on. `needed`: competencies (primary keys) in which the post asks for more.

    unmeasured: those of them without enough evidence: while an adaptive assessment can ask about one, it is to be taken
    again. The course is the one worked on or assigned last that has something left, else the open one that teaches most
    of what is needed. An attempt that is under way comes first, for its clock runs. At most 9 queries, however many
    courses, 3 where content is remembered, and two for each assessment that could be taken again.
    """
    enrolled = enrolments_of(person)
    courses = _open_courses_and(tuple(sorted(enrolled)))
    attempts = _attempts(person)
    links = _links(person, [course.pk for course in courses], attempts)
    paths = [
        (progress, _reopened(person, _steps(progress, links, attempts), unmeasured))
        for progress in progress_of_courses(person, courses, enrolled)
    ]
    unfinished = [(progress, steps) for progress, steps in paths if any(step.state != "done" for step in steps)]
    if unfinished:
        progress, steps = max(unfinished, key=lambda pair: _urgency(pair[0], pair[1], needed))
        return LearningPath(progress.course, _mark_next(steps, progress))
    linked = {link.assessment_id for link in links}
    loose = [each for each in _open_assessments() if each.pk not in linked]
    open_to_them = {assessment.pk for assessment in offered_to(person, loose)} | attempts.keys()
    steps = [_assessment_step(each, attempts.get(each.pk)) for each in loose if each.pk in open_to_them]
    return LearningPath(None, _mark_next(_reopened(person, steps, unmeasured), None))


def course_path(person: Person, progress: CourseProgress) -> LearningPath:
    """Return the steps of one course whose progress is known. 2 queries."""
    attempts = _attempts(person)
    steps = _steps(progress, _links(person, [progress.course.pk], attempts), attempts)
    return LearningPath(progress.course, _mark_next(steps, progress))


def _links(person: Person, course_pks: list[int], attempts: Mapping[int, Attempt]) -> list[CourseAssessment]:
    """The open assessments of the courses that the person may begin or has begun."""
    found = _open_links(tuple(course_pks))
    open_to_them = {each.pk for each in offered_to(person, [link.assessment for link in found])} | attempts.keys()
    return [link for link in found if link.assessment_id in open_to_them]


def _attempts(person: Person) -> dict[int, Attempt]:
    """The attempt that counts of each assessment: the open one, else the latest."""
    found: dict[int, Attempt] = {}
    for row in fetch_all_prepared(_attempts_of_person(), {"person": person.pk}):
        attempt = row_as(Attempt, row, "form")
        attempt.assessment = assessment_of(attempt.assessment_id)
        known = found.get(attempt.assessment_id)
        if known is None or known.status != Attempt.Status.OPEN:
            found[attempt.assessment_id] = attempt
    return found


@cache
def _attempts_of_person() -> bytes:
    return statement_of(
        "SELECT {attempt} FROM assessments_attempt a WHERE person_id = %(person)s ORDER BY started_at",
        attempt=columns_of(Attempt, "a", "form"),
    )


@remember
def _open_courses_and(course_pks: tuple[int, ...]) -> list[Course]:
    """Courses open to newcomers and these, by code."""
    return list(Course.objects.filter(Q(is_open=True) | Q(pk__in=course_pks)).order_by("code"))


@remember
def _open_assessments() -> list[Assessment]:
    return list(Assessment.objects.filter(is_open=True).order_by("code"))


@remember
def _open_links(course_pks: tuple[int, ...]) -> list[CourseAssessment]:
    links = CourseAssessment.objects.filter(course__in=course_pks, assessment__is_open=True)
    return list(links.select_related("assessment"))


def _steps(progress: CourseProgress, links: list[CourseAssessment], attempts: dict[int, Attempt]) -> list[PathStep]:
    states: dict[str, StepState] = {"new": "to-do", "started": "in-progress", "done": "done"}
    lessons = [
        PathStep(
            states[state.status],
            state.lesson.minutes,
            begun=state.status == "started",
            lesson=state.lesson,
            block_pk=state.last_block_pk if state.status == "started" else None,
        )
        for state in progress.lessons
    ]
    following = [link.assessment for link in links if link.course_id == progress.course.pk]
    return lessons + [_assessment_step(each, attempts.get(each.pk)) for each in following]


def _assessment_step(assessment: Assessment, attempt: Attempt | None) -> PathStep:
    state: StepState = "to-do"
    if attempt is not None:
        state = "in-progress" if attempt.status == Attempt.Status.OPEN else "done"
    return PathStep(state, assessment.minutes, begun=state == "in-progress", assessment=assessment, attempt=attempt)


def _reopened(person: Person, steps: list[PathStep], unmeasured: Collection[int]) -> list[PathStep]:
    """The steps, with what was done and can measure more to do again."""
    found = []
    for step in steps:
        if step.assessment is not None and step.state == "done":
            count = len(measurable_by(person, step.assessment, unmeasured))
            found.append(replace(step, state="to-do", unmeasured=count) if count else step)
        else:
            found.append(step)
    return found


def _urgency(progress: CourseProgress, steps: list[PathStep], needed: Collection[int]) -> tuple[bool, datetime, int]:
    sitting = any(step.assessment is not None and step.state == "in-progress" for step in steps)
    latest = max(progress.touched_at or _LONG_AGO, progress.assigned_at or _LONG_AGO)
    return sitting, latest, len(progress.teaches & set(needed))


def _mark_next(steps: list[PathStep], progress: CourseProgress | None) -> tuple[PathStep, ...]:
    sitting = next((step for step in steps if step.assessment is not None and step.state == "in-progress"), None)
    point = resume_point(progress) if progress is not None else None
    reading = next((step for step in steps if point is not None and step.lesson == point.lesson), None)
    left = sorted((step for step in steps if step.state != "done"), key=lambda step: step.unmeasured > 0)
    chosen = sitting or reading or next(iter(left), None)
    return tuple(replace(step, state="next") if step is chosen else step for step in steps)
