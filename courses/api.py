"""The front door of courses for the rooms above it."""

from courses.domain.checks import CheckFeedback, CheckRefused, answer_check
from courses.domain.content import import_course
from courses.domain.enrolment import CourseClosed, enrol
from courses.domain.progress import BlockNotInLesson, complete_lesson, open_lesson, touch_block
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
from courses.domain.queries.versions import learning_version
from courses.reader import CourseImportError, Problem

__all__ = [
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
    "answer_check",
    "complete_lesson",
    "course_path",
    "course_progress",
    "courses_teaching",
    "enrol",
    "find_lesson",
    "import_course",
    "learning_path",
    "learning_version",
    "lesson_blocks",
    "open_courses",
    "open_lesson",
    "progress_of_courses",
    "resume_point",
    "touch_block",
]
