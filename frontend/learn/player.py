"""The quiz player: one question a page, plain forms, every answer saved before the next question is shown.

A form in sections announces each before its clock starts. With feedback after each question, the page of its right
answer stands between a question and the next.
"""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from assessments.api import (
    NextItem,
    ResponseRefused,
    SectionStart,
    feedback_on_question,
    hand_in,
    next_item,
    next_step,
    playable_version,
    submit_response,
    waiting_item,
)
from assessments.domain.responses import MAX_SEQUENCE
from assessments.items import file_upload, ordering
from assessments.items.registry import ITEM_TYPES
from assessments.models import Assessment, Attempt, Presentation, Response
from frontend.learn.answers import moved_step, read_answer
from frontend.learn.faults import TWO_WAYS, describe_fault
from frontend.learn.paper import show_page
from frontend.learn.queueing import told_to_queue
from frontend.learn.room import sitting_page
from frontend.learn.tasks import attempt_url
from frontend.learn.timing import clock_of
from frontend.learn.uploads import FilesRefused, keep_files
from organisation.models import Person


class AnswerForm(forms.Form):
    """What every answer carries beside the answer itself."""

    key = forms.UUIDField()
    sequence = forms.IntegerField(min_value=1, max_value=MAX_SEQUENCE)
    version = forms.IntegerField(min_value=1)
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in ITEM_TYPES])


@require_safe
@never_cache
@sitting_page
def attempt(request: HttpRequest, person: Person, found: Attempt) -> HttpResponse:
    """Show the question that waits or the section that begins, or what to do when there is none."""
    if found.status == Attempt.Status.SUBMITTED or found.assessment.mode == Assessment.Mode.SIMULATION:
        return redirect(attempt_url(found))
    if "one_page" in found.form:
        return show_page(request, found)
    step = next_step(found)
    if step is None:
        return render(request, "learn/attempt_over.html", {"attempt": found, "in_time": _in_time(found)})
    if isinstance(step, SectionStart):
        context = {"attempt": found, "start": step, **clock_of(found.deadline)}
        return render(request, "learn/section_start.html", context)
    return _show_question(request, found, step)


@require_POST
@sitting_page
def begin_section(request: HttpRequest, person: Person, found: Attempt) -> HttpResponse:
    """Begin the section that was announced: its clock and its first question's start. Sent again, nothing does."""
    if found.assessment.mode != Assessment.Mode.SIMULATION:
        step = next_step(found)
        if isinstance(step, SectionStart) and request.POST.get("section") == str(step.number):
            next_item(found)
    return redirect(attempt_url(found))


@require_safe
@never_cache
@sitting_page
def feedback(request: HttpRequest, person: Person, found: Attempt, position: int) -> HttpResponse:
    """Show the right answer of a question just answered, where the assessment shows it after each."""
    review = feedback_on_question(found, position, _locale())
    if review is None or found.status == Attempt.Status.SUBMITTED:
        return redirect(attempt_url(found))
    context = {"attempt": found, "review": review, **clock_of(found.deadline)}
    return render(request, "learn/question_feedback.html", context)


@require_POST
@never_cache
@told_to_queue
@sitting_page
def respond(request: HttpRequest, person: Person, found: Attempt) -> HttpResponse:
    """Save an answer and lead to the next question, or to the result after the last."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("That answer could not be read. Please answer the question again."))
        return redirect(attempt_url(found))
    if "move" in request.POST:
        return _move_step(request, found, form.cleaned_data["version"])
    version = form.cleaned_data["version"]
    try:
        acknowledgement = submit_response(
            found.pk,
            person.pk,
            key=form.cleaned_data["key"],
            sequence=form.cleaned_data["sequence"],
            version_id=version,
            raw_value=_read(request, person, found, **form.cleaned_data),
        )
    except FilesRefused as refusal:
        return _explain_files(request, found, version, refusal)
    except ResponseRefused as refusal:
        return _explain_refusal(request, found, version, refusal)
    if acknowledgement.status == Response.Status.LATE:
        messages.warning(
            request, _("Your last answer came after the time was over. It is kept, but it does not count.")
        )
    elif acknowledgement.status == Response.Status.SUPERSEDED:
        first_stands = _("You had answered this question before. The answer saved first counts.")
        newer_stands = _("A newer answer had been saved already, perhaps in another window. The newer one counts.")
        messages.info(request, first_stands if found.form.get("final") else newer_stands)
    if found.form.get("final") and acknowledgement.status != Response.Status.LATE:
        given = Presentation.objects.get(attempt=found, version=version)
        return redirect("learn:feedback", found.pk, given.position)
    found.refresh_from_db()
    if found.status == Attempt.Status.OPEN and "one_page" not in found.form and next_step(found) is None:
        hand_in(found)
        found.refresh_from_db()
    return redirect(attempt_url(found))


@require_POST
@sitting_page
def submit(request: HttpRequest, person: Person, found: Attempt) -> HttpResponse:
    """Hand in an attempt; again changes nothing."""
    hand_in(found)
    return redirect("learn:result", found.pk)


def _read(
    request: HttpRequest, person: Person, attempt: Attempt, *, kind: str, version: int, key: UUID, sequence: int
) -> dict[str, Any]:
    """Return the answer of a posted question form; files are kept first, once under a key. Raises FilesRefused."""
    if kind != file_upload.KIND:
        return read_answer(request.POST, kind)
    saved = Response.objects.filter(attempt=attempt, key=key).first()
    if saved is not None:
        return dict(saved.value)
    given = Presentation.objects.filter(attempt=attempt, version=version, version__item__kind=kind)
    return keep_files(request, person, playable_version(version).content) if given.exists() else {}


def _show_question(
    request: HttpRequest,
    attempt: Attempt,
    item: NextItem,
    *,
    error: str = "",
    order: list[str] | None = None,
    focus: str = "",
    **more: Any,
) -> HttpResponse:
    question = item.player_view(_locale())
    if order:
        question["options"] = sorted(question["options"], key=lambda option: order.index(option["id"]))
    saved = Response.objects.filter(attempt=attempt, status=Response.Status.ACCEPTED).order_by("-id").first()
    context = {
        "attempt": attempt,
        "item": item,
        "question": question,
        "given": request.POST,
        "key": uuid4(),
        "error": error,
        "focus": focus,
        "saved_at": saved.received_at if saved else None,
        **clock_of(item.deadline),
        **more,
    }
    return render(request, "learn/question.html", context, status=422 if error else 200)


def _explain_refusal(request: HttpRequest, attempt: Attempt, version: int, refusal: ResponseRefused) -> HttpResponse:
    """Show the question again with what is missing; an answer that cannot belong to it is told of and dropped."""
    if refusal.reason == "key_reused":
        messages.info(request, _("You had answered this question before. The answer saved first counts."))
        return redirect(attempt_url(attempt))
    item = waiting_item(attempt, version)
    if item is None:
        messages.error(request, refusal.message)
        return redirect(attempt_url(attempt))
    error = describe_fault(refusal.reason, refusal.field, refusal.message)
    return _show_question(request, attempt, item, error=error, two_ways=refusal.reason in TWO_WAYS)


def _explain_files(request: HttpRequest, attempt: Attempt, version: int, refusal: FilesRefused) -> HttpResponse:
    """Show the question again with what is wrong with each file; those that were taken are listed as kept."""
    item = waiting_item(attempt, version)
    if item is None:
        messages.error(request, " ".join(refusal.messages))
        return redirect(attempt_url(attempt))
    return _show_question(request, attempt, item, error=" ".join(refusal.messages), kept=refusal.entries)


def _move_step(request: HttpRequest, attempt: Attempt, version: int) -> HttpResponse:
    """Move a step of an ordering question up or down and show the question again; nothing is saved."""
    item = waiting_item(attempt, version)
    direction, _colon, step = request.POST["move"].partition(":")
    order = request.POST.getlist("order")
    if item is None or item.version.kind.KIND != ordering.KIND or step not in order:
        return redirect(attempt_url(attempt))
    known = {option["id"] for option in item.player_view("vi")["options"]}
    if set(order) != known or len(order) != len(known):
        return redirect(attempt_url(attempt))
    order = moved_step(order, step, direction)
    place = order.index(step)
    # The keyboard stays on the button that was used, or on its neighbour where the list ends.
    direction = "down" if place == 0 else "up" if place == len(order) - 1 else direction
    return _show_question(request, attempt, item, order=order, focus=f"{direction}:{step}")


def _locale() -> str:
    return "en" if get_language() == "en" else "vi"


def _in_time(attempt: Attempt) -> bool:
    return timezone.now() <= attempt.deadline
