"""Courses as one person sees them: what is done, what is begun, where to go on."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal, LiteralString, TypeVar

from psycopg import sql

from courses.models import Course, Enrolment, Lesson, LessonProgress, Module, ModuleOutcome
from organisation.api import columns_of, fetch_all_prepared, remember, row_as, statement_of
from organisation.models import Person

M = TypeVar("M", LessonProgress, Enrolment)


@dataclass(frozen=True, slots=True)
class LessonState:
    lesson: Lesson
    status: Literal["new", "started", "done"]
    touched_at: datetime | None
    last_block_pk: int | None


@dataclass(frozen=True, slots=True)
class ModuleState:
    """Outcomes come in the order of their competencies' codes."""

    module: Module
    lessons: tuple[LessonState, ...]
    outcomes: tuple[ModuleOutcome, ...]


@dataclass(frozen=True, slots=True)
class CourseProgress:
    """One course for one person. Minutes are the authors' estimates. assigned_at: when somebody enrolled them."""

    course: Course
    enrolled: bool
    modules: tuple[ModuleState, ...]
    assigned_at: datetime | None = None

    @property
    def lessons(self) -> list[LessonState]:
        return [lesson for module in self.modules for lesson in module.lessons]

    @property
    def total(self) -> int:
        return len(self.lessons)

    @property
    def completed(self) -> int:
        return sum(state.status == "done" for state in self.lessons)

    @property
    def finished(self) -> bool:
        return self.total > 0 and self.completed == self.total

    @property
    def minutes(self) -> int:
        return sum(state.lesson.minutes for state in self.lessons)

    @property
    def minutes_left(self) -> int:
        return sum(state.lesson.minutes for state in self.lessons if state.status != "done")

    @property
    def touched_at(self) -> datetime | None:
        return max((state.touched_at for state in self.lessons if state.touched_at), default=None)

    @property
    def teaches(self) -> set[int]:
        """Primary keys of the competencies that the course teaches."""
        return {outcome.competency_id for module in self.modules for outcome in module.outcomes}


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """Where to go on: a lesson, and the block in it when reading stopped inside it."""

    lesson: Lesson
    block_pk: int | None
    begun: bool


def course_progress(person: Person, course: Course) -> CourseProgress:
    """Return one course with the person's progress. 5 queries."""
    return progress_of_courses(person, [course])[0]


def enrolments_of(person: Person) -> dict[int, Enrolment]:
    """Return the person's enrolments by course. One query."""
    return {each.course_id: each for each in _own(Enrolment, person)}


def progress_of_courses(
    person: Person, courses: Sequence[Course], enrolments: Mapping[int, Enrolment] | None = None
) -> list[CourseProgress]:
    """Return the courses, in the order given, with the person's progress. 5 queries, however many courses.

    enrolments: of the person by course, where they are known already.
    """
    done = {each.lesson_id: each for each in _own(LessonProgress, person)}
    modules: dict[int, list[ModuleState]] = defaultdict(list)
    for module, lessons, outcomes in _modules_of(tuple(course.pk for course in courses)):
        states = tuple(_lesson_state(lesson, done.get(lesson.pk)) for lesson in lessons)
        modules[module.course_id].append(ModuleState(module, states, outcomes))
    enrolments = enrolments_of(person) if enrolments is None else enrolments
    return [
        CourseProgress(
            course,
            course.pk in enrolments,
            tuple(modules[course.pk]),
            enrolments[course.pk].enrolled_at
            if course.pk in enrolments and enrolments[course.pk].assigned_by_id
            else None,
        )
        for course in courses
    ]


@remember
def _modules_of(course_pks: tuple[int, ...]) -> list[tuple[Module, tuple[Lesson, ...], tuple[ModuleOutcome, ...]]]:
    """The modules of courses in order, each with its lessons in order and its outcomes by competency. Three queries."""
    lessons: dict[int, list[Lesson]] = defaultdict(list)
    of_courses = Lesson.objects.filter(module__course__in=course_pks).select_related("module__course")
    for lesson in of_courses.order_by("order", "pk"):
        lessons[lesson.module_id].append(lesson)
    outcomes: dict[int, list[ModuleOutcome]] = defaultdict(list)
    taught = ModuleOutcome.objects.filter(module__course__in=course_pks).select_related("competency")
    for outcome in taught.order_by("competency__code"):
        outcomes[outcome.module_id].append(outcome)
    modules = Module.objects.filter(course__in=course_pks).order_by("order", "pk")
    return [(module, tuple(lessons[module.pk]), tuple(outcomes[module.pk])) for module in modules]


def _own(model: type[M], person: Person) -> list[M]:
    """The person's own rows of a model."""
    return [row_as(model, row) for row in fetch_all_prepared(_rows_of(model), {"person": person.pk})]


@cache
def _rows_of(model: type[LessonProgress] | type[Enrolment]) -> bytes:
    table = sql.Identifier(model._meta.db_table)
    statement: LiteralString = "SELECT {columns} FROM {table} own WHERE own.person_id = %(person)s"
    return statement_of(statement, columns=columns_of(model, "own"), table=table)


def _lesson_state(lesson: Lesson, progress: LessonProgress | None) -> LessonState:
    if progress is None:
        return LessonState(lesson, "new", None, None)
    return LessonState(
        lesson, "done" if progress.completed_at else "started", progress.touched_at, progress.last_block_id
    )


def courses_teaching(competency_pks: Collection[int]) -> dict[int, list[Course]]:
    """Return the open courses that teach each of the competencies, in code order. One query."""
    return _courses_teaching(tuple(sorted(competency_pks)))


@remember
def _courses_teaching(competency_pks: tuple[int, ...]) -> dict[int, list[Course]]:
    found: dict[int, list[Course]] = {pk: [] for pk in competency_pks}
    outcomes = ModuleOutcome.objects.filter(competency__in=competency_pks, module__course__is_open=True)
    for outcome in outcomes.select_related("module__course").order_by("module__course__code"):
        if outcome.module.course not in found[outcome.competency_id]:
            found[outcome.competency_id].append(outcome.module.course)
    return found


def resume_point(progress: CourseProgress) -> ResumePoint | None:
    """Return where the person goes on: the lesson begun last and not done, else the first new one, else None."""
    started = [state for state in progress.lessons if state.status == "started" and state.touched_at]
    if started:
        latest = max(started, key=lambda state: state.touched_at or datetime.min)
        return ResumePoint(latest.lesson, latest.last_block_pk, begun=True)
    for state in progress.lessons:
        if state.status == "new":
            return ResumePoint(state.lesson, None, begun=False)
    return None
