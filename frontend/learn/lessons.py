"""A lesson: reading it, answering its check questions, keeping the place, marking it done."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from courses.api import (
    BlockNotInLesson,
    CheckRefused,
    CourseClosed,
    answer_check,
    complete_lesson,
    course_progress,
    find_lesson,
    lesson_blocks,
    open_lesson,
    touch_block,
)
from courses.models import Block, Lesson, LessonProgress
from frontend.learn.access import learner_page, refuse
from frontend.learn.tasks import lesson_url
from frontend.numbers import read_whole
from organisation.models import Person


def _find(request: HttpRequest, person: Person, code: str, lesson_code: str) -> tuple[Lesson, LessonProgress]:
    try:
        lesson = find_lesson(code, lesson_code)
        return lesson, open_lesson(person, lesson)
    except (Lesson.DoesNotExist, CourseClosed):
        raise refuse(request, f"lesson {code}/{lesson_code}") from None


@require_safe
@learner_page
def lesson(request: HttpRequest, person: Person, code: str, lesson_code: str) -> HttpResponse:
    """Show a lesson; it counts as begun."""
    found, progress = _find(request, person, code, lesson_code)
    return render(request, "learn/lesson.html", _context(person, found, progress))


def _context(person: Person, lesson: Lesson, progress: LessonProgress, unanswered: int | None = None) -> dict[str, Any]:
    states = course_progress(person, lesson.module.course).lessons
    place = next(index for index, state in enumerate(states) if state.lesson == lesson)
    views = lesson_blocks(lesson, person)
    stopped_inside = views and progress.last_block_id not in (None, views[0].block.pk)
    return {
        "lesson": lesson,
        "course": lesson.module.course,
        "progress": progress,
        "blocks": views,
        "has_checks": any(view.block.kind == "check" for view in views),
        "states": states,
        "place": place + 1,
        "count": len(states),
        "previous": states[place - 1].lesson if place else None,
        "following": states[place + 1].lesson if place + 1 < len(states) else None,
        "stopped_at": progress.last_block_id if stopped_inside and not progress.completed_at else None,
        "unanswered": unanswered,
    }


@require_POST
@learner_page
def answer(request: HttpRequest, person: Person, code: str, lesson_code: str, block_pk: int) -> HttpResponse:
    """Take an answer to a check question; htmx gets the question with its feedback, a plain form the lesson again."""
    found, progress = _find(request, person, code, lesson_code)
    block = Block.objects.select_related("lesson__module__course").filter(pk=block_pk, lesson=found).first()
    if block is None:
        raise refuse(request, f"block {block_pk}")
    option = request.POST.get("option", "")
    unanswered = None
    try:
        answer_check(person, block, option)
    except CheckRefused:
        unanswered = block.pk
    if not getattr(request, "htmx", False):
        if unanswered is None:
            return redirect(lesson_url(found, block.pk))
        return render(request, "learn/lesson.html", _context(person, found, progress, unanswered))
    context = _context(person, found, progress, unanswered)
    context["each"] = next(view for view in context["blocks"] if view.block == block)
    return render(request, "learn/blocks/check.html", context)


@require_POST
@learner_page
def keep_place(request: HttpRequest, person: Person, code: str, lesson_code: str) -> HttpResponse:
    """Note the block that the person has come to; the page's script reports it."""
    found, _progress = _find(request, person, code, lesson_code)
    block = request.POST.get("block", "")
    try:
        touch_block(person, found, read_whole(block) or 0)
    except BlockNotInLesson:
        raise refuse(request, f"block {block[:20]}") from None
    return HttpResponse(status=204)


@require_POST
@learner_page
def complete(request: HttpRequest, person: Person, code: str, lesson_code: str) -> HttpResponse:
    """Mark a lesson as done and go on to the next one, or to the course after the last."""
    found, _progress = _find(request, person, code, lesson_code)
    complete_lesson(person, found)
    states = course_progress(person, found.module.course).lessons
    place = next(index for index, state in enumerate(states) if state.lesson == found)
    messages.success(request, _("You have finished the lesson “%(lesson)s”.") % {"lesson": found.name})
    if place + 1 < len(states):
        return redirect(lesson_url(states[place + 1].lesson))
    return redirect("learn:course", found.module.course.code)
