from courses.models.changes import ContentChange
from courses.models.content import Block, Course, CourseAssessment, Lesson, Module, ModuleOutcome
from courses.models.progress import CheckAnswer, Enrolment, LessonProgress

__all__ = [
    "Block",
    "CheckAnswer",
    "ContentChange",
    "Course",
    "CourseAssessment",
    "Enrolment",
    "Lesson",
    "LessonProgress",
    "Module",
    "ModuleOutcome",
]
