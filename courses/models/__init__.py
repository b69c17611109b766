from courses.models.changes import ContentChange
from courses.models.content import Block, Course, CourseAssessment, CourseEffect, Lesson, Module, ModuleOutcome
from courses.models.progress import CheckAnswer, Enrolment, LessonProgress

__all__ = [
    "Block",
    "CheckAnswer",
    "ContentChange",
    "Course",
    "CourseAssessment",
    "CourseEffect",
    "Enrolment",
    "Lesson",
    "LessonProgress",
    "Module",
    "ModuleOutcome",
]
