"""A lesson as it is read: its blocks drawn in one language, with the person's latest answers to its checks."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from courses.blocks import block_type
from courses.domain.checks import CheckFeedback, feedback_on
from courses.models import Block, CheckAnswer, Course, Lesson
from organisation.models import Person


@dataclass(frozen=True, slots=True)
class BlockView:
    """A block ready for a template: `view` is what its type's `render` gives; `feedback` is about the latest answer."""

    block: Block
    view: dict[str, Any]
    feedback: CheckFeedback | None = None


def find_lesson(course_code: str, lesson_code: str) -> Lesson:
    """Return a lesson with its module and course by the codes in its address; Lesson.DoesNotExist otherwise."""
    return Lesson.objects.select_related("module__course").get(module__course__code=course_code, code=lesson_code)


def lesson_blocks(lesson: Lesson, person: Person | None = None) -> list[BlockView]:
    """Return the lesson's blocks in order, as the person sees them; without a person as a preview. 1 or 2 queries."""
    locale = "en" if get_language() == "en" else "vi"
    answers: dict[int, CheckAnswer] = {}
    if person is not None:
        for answer in CheckAnswer.objects.filter(person=person, block__lesson=lesson).order_by("pk"):
            answers[answer.block_id] = answer
    return [
        BlockView(
            block,
            block_type(block.kind).render(block.content, locale),
            feedback_on(block, answers[block.pk].option) if block.pk in answers else None,
        )
        for block in lesson.blocks.all()
    ]


def open_courses() -> list[Course]:
    """Return the courses open to newcomers, in code order."""
    return list(Course.objects.filter(is_open=True).order_by("code"))
