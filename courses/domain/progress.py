"""How far a person is in a lesson."""

from datetime import datetime

from django.utils import timezone

from courses.domain.enrolment import enrol
from courses.models import Block, Lesson, LessonProgress
from organisation.models import Person


class BlockNotInLesson(LookupError):
    """A block that the lesson does not have."""


def open_lesson(person: Person, lesson: Lesson) -> LessonProgress:
    """Note that a person opened a lesson, enrolling them with the first. CourseClosed for newcomers to a closed course.

    `lesson.module.course` is read: fetch it together with the lesson.
    """
    progress = LessonProgress.objects.filter(person=person, lesson=lesson).first()
    if progress is None:
        enrol(person, lesson.module.course)
        progress, _created = LessonProgress.objects.get_or_create(person=person, lesson=lesson)
    else:
        progress.save(update_fields=["touched_at"])
    return progress


def touch_block(person: Person, lesson: Lesson, block_pk: int) -> LessonProgress:
    """Remember the block a person has come to, so that reading goes on there. BlockNotInLesson for a foreign one."""
    if not Block.objects.filter(pk=block_pk, lesson=lesson).exists():
        raise BlockNotInLesson(block_pk)
    progress = open_lesson(person, lesson)
    progress.last_block_id = block_pk
    progress.save(update_fields=["last_block", "touched_at"])
    return progress


def complete_lesson(person: Person, lesson: Lesson, now: datetime | None = None) -> LessonProgress:
    """Mark a lesson as done. The first time is kept when it is marked again."""
    progress = open_lesson(person, lesson)
    if progress.completed_at is None:
        progress.completed_at = now or timezone.now()
        progress.save(update_fields=["completed_at", "touched_at"])
    return progress
