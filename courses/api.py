"""The front door of courses for the rooms above it."""

from courses.domain.checks import CheckFeedback, CheckRefused, answer_check
from courses.domain.content import import_course
from courses.domain.effects import TaughtCompetency, describe_effort, measure_effects, taught_competencies
from courses.domain.enrolment import CourseClosed, assign_course, enrol
from courses.domain.progress import BlockNotInLesson, complete_lesson, open_lesson, touch_block
from courses.domain.queries.enrolments import count_open_enrolments, open_courses_of
from courses.domain.queries.lessons import BlockView, find_lesson, lesson_blocks, open_courses
from courses.domain.queries.path import LearningPath, PathStep, course_path, learning_path
from courses.domain.queries.progress import (
    CourseProgress,
    LessonState,
    ModuleState,
    ResumePoint,
    course_progress,
    courses_teaching,
    progress_of_courses,
    resume_point,
)
from courses.domain.queries.versions import CONTENT_VERSION, content_version, learning_version
from courses.reader import CourseImportError, Problem

__all__ = [
    "CONTENT_VERSION",
    "BlockNotInLesson",
    "BlockView",
    "CheckFeedback",
    "CheckRefused",
    "CourseClosed",
    "CourseImportError",
    "CourseProgress",
    "LearningPath",
    "LessonState",
    "ModuleState",
    "PathStep",
    "Problem",
    "ResumePoint",
    "TaughtCompetency",
    "answer_check",
    "assign_course",
    "complete_lesson",
    "content_version",
    "count_open_enrolments",
    "course_path",
    "course_progress",
    "courses_teaching",
    "describe_effort",
    "enrol",
    "find_lesson",
    "import_course",
    "learning_path",
    "learning_version",
    "lesson_blocks",
    "measure_effects",
    "open_courses",
    "open_courses_of",
    "open_lesson",
    "progress_of_courses",
    "resume_point",
    "taught_competencies",
    "touch_block",
]
