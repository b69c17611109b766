"""Courses to look through, and the text of a lesson to edit."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from courses.api import describe_effort, find_lesson, lesson_blocks, taught_competencies
from courses.domain.authoring import BlockChanged, block_stamp, edit_block_text, preview_block_text
from courses.models import Block, Course, Lesson
from frontend.author.access import author_of, authors_only
from frontend.author.forms.blocks import BlockTextForm
from frontend.author.forms.effort import EffortForm


@require_GET
@authors_only
def show_course(request: HttpRequest, code: str) -> HttpResponse:
    course = Course.objects.filter(code=code).first()
    if course is None:
        raise Http404
    modules = course.modules.prefetch_related("outcomes__competency", "lessons__blocks")
    context = {
        "course": course,
        "modules": modules,
        "assessments": course.assessments.order_by("courseassessment__order"),
        "taught": taught_competencies([course])[course.pk],
    }
    return render(request, "author/course.html", context)


@require_http_methods(["GET", "POST"])
@authors_only
def edit_effort(request: HttpRequest, code: str) -> HttpResponse:
    """What the course takes of a person, and what its author claims it does; training plans reckon with it."""
    course = Course.objects.filter(code=code).first()
    if course is None:
        raise Http404
    form = EffortForm(request.POST or None, course=course, taught=taught_competencies([course])[course.pk])
    if form.is_valid():
        describe_effort(course, **form.effort, actor=author_of(request))
        messages.success(request, _("Saved. New training plans reckon with it."))
        return redirect("author:course", code)
    context = {"course": course, "form": form}
    return render(request, "author/effort.html", context, status=422 if form.errors else 200)


@require_GET
@authors_only
def show_lesson(request: HttpRequest, code: str, lesson_code: str) -> HttpResponse:
    """The lesson as a learner reads it, each block with what an author may do with it. Nothing is recorded."""
    lesson = _find_lesson(code, lesson_code)
    blocks = [(each, check_key(each.block) if each.block.kind == "check" else None) for each in lesson_blocks(lesson)]
    context = {"lesson": lesson, "course": lesson.module.course, "blocks": blocks}
    return render(request, "author/lesson.html", context)


def check_key(block: Block) -> dict[str, Any]:
    """Return a check question with its key in the page's language: stem and options of text, correct, feedback."""
    locale = "en" if get_language() == "en" else "vi"
    options = [
        {"text": option["text"][locale], "correct": option["correct"], "feedback": option["feedback"][locale]}
        for option in block.content["options"]
    ]
    return {"stem": block.content["stem"][locale], "options": options}


@require_http_methods(["GET", "POST"])
@authors_only
def edit_block(request: HttpRequest, code: str, lesson_code: str, block_id: int) -> HttpResponse:
    """Edit a text in both languages: "preview" shows it, "save" makes it what learners read."""
    lesson = _find_lesson(code, lesson_code)
    block = lesson.blocks.filter(pk=block_id, kind="markdown").first()
    if block is None:
        raise Http404
    form = BlockTextForm(request.POST or None, initial=block.content | {"base": block_stamp(block)})
    saved: Block | None = None
    if form.is_valid() and "save" in request.POST:
        try:
            edit_block_text(block, form.texts, base=form.cleaned_data["base"], actor=author_of(request))
        except BlockChanged as changed:
            saved = changed.block
            form.add_error(None, _("Someone saved this text after you opened it. Nothing of yours is lost: see below."))
        else:
            messages.success(request, _("The text is saved. Learners read it from now on."))
            return redirect("author:lesson", code, lesson_code)
    context = {
        "lesson": lesson,
        "course": lesson.module.course,
        "block": block,
        "form": form,
        "saved": saved,
        "saved_stamp": block_stamp(saved) if saved else "",
        "preview": preview_block_text(form.texts) if form.is_bound and not form.errors else None,
    }
    return render(request, "author/block_edit.html", context, status=422 if form.errors else 200)


def _find_lesson(code: str, lesson_code: str) -> Lesson:
    try:
        return find_lesson(code, lesson_code)
    except Lesson.DoesNotExist:
        raise Http404 from None
