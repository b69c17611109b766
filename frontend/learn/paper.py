"""A sitting on one page: all its questions in one form, a look at what is answered, then handing in."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from assessments.api import PageQuestion, QuestionPage, ResponseRefused, question_page, save_page
from assessments.domain.responses import MAX_SEQUENCE
from assessments.items import ordering
from assessments.models import Attempt, Response
from frontend.drawing import draw_page
from frontend.learn.answers import moved_step, read_answer
from frontend.learn.faults import TWO_WAYS, describe_fault
from frontend.learn.question_fields import draw_question, fields_by_version, posted_value, prefix_of
from frontend.learn.room import sitting_page
from frontend.learn.tasks import attempt_url
from frontend.learn.timing import clock_of, clock_time
from frontend.templatetags.ui import icon, tag
from organisation.models import Person

_HARM: list[str] = [Response.Status.ACCEPTED, Response.Status.SUPERSEDED, Response.Status.LATE]
"""What may become of an answer, the worst last."""


_BASE = re.compile(r"([0-9]{1,10})(?:\.([0-9a-f]{16}))?")
_KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_SENT = 50


@dataclass(frozen=True, slots=True)
class Base:
    """The answer that a window knows of a question. sequence: 0 without one. digest: of its value, empty without one.

    Only what differs from it was written in that window, and whatever was saved above it was written elsewhere.
    """

    sequence: int
    digest: str

    @classmethod
    def of_saved(cls, question: PageQuestion) -> Self:
        return cls(question.sequence, _digest(question.value) if question.value is not None else "")

    @classmethod
    def of_field(cls, text: str) -> Self | None:
        """Read the hidden field of a page; None for what is none."""
        parts = _BASE.fullmatch(text)
        return cls(int(parts[1]), parts[2] or "") if parts else None

    def __str__(self) -> str:
        return f"{self.sequence}.{self.digest}" if self.digest else str(self.sequence)


class PageForm(forms.Form):
    """What every page of answers carries beside the answers."""

    key = forms.UUIDField()
    sequence = forms.IntegerField(min_value=1, max_value=MAX_SEQUENCE)


def show_page(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Show all questions with what is saved of each; where the time is over, what to do."""
    page = question_page(attempt)
    if page is None:
        return render(request, "learn/attempt_over.html", {"attempt": attempt, "in_time": False})
    return _show(request, attempt, page, {}, None, {})


@require_POST
@never_cache
@sitting_page
def save(request: HttpRequest, person: Person, found: Attempt) -> HttpResponse:
    """Save every answer that differs from what is saved, then show what is answered; faulty ones are shown again.

    What comes when the time is over is kept, does not count, and the person is told.
    """
    form = PageForm(request.POST)
    page = question_page(found, also_over=True) if "one_page" in found.form else None
    by_queue = request.headers.get("Accept") == "application/json"
    if by_queue and (page is None or not form.is_valid()):
        return JsonResponse({"status": None}, status=400)
    if page is None or not form.is_valid():
        messages.error(request, _("Your answers could not be read. Please look at them again."))
        return redirect(attempt_url(found))
    post, was_moved = _moved(request.POST)
    key, sequence = form.cleaned_data["key"], form.cleaned_data["sequence"]
    sent = [UUID(each) for each in request.POST.getlist("sent")[-_MOST_SENT:] if _KEY.fullmatch(each)]
    answers, bases = _written(page, post, sent)
    above = {version: bases[version].sequence for version in answers}
    saved, faults = save_page(found.pk, person.pk, key=key, sequence=sequence, answers=answers, bases=above, sent=sent)
    worst = max(saved.values(), key=_HARM.index, default=_HARM[0])
    if by_queue and "stay" in request.POST:
        for version, status in saved.items():
            at = sequence if status == Response.Status.ACCEPTED else bases[version].sequence
            bases[version] = Base(at, _digest(answers[version]))
        said = {
            "status": None if faults else worst,
            "next": None,
            "sequence": min(MAX_SEQUENCE, max(page.sequence, sequence + 1)),
            "bases": {f"{prefix_of(version)}base": str(base) for version, base in bases.items()},
            "states": {each.position: saved[each.version_id] for each in page.questions if each.version_id in saved},
        }
        return JsonResponse(said)
    _tell(request, worst)
    again = question_page(found) if faults or was_moved else None
    if again is not None:
        return _show(request, found, again, faults, post, bases)
    response = redirect("learn:check", found.pk)
    if by_queue:
        return JsonResponse({"status": worst, "next": response.url})
    return response


@require_safe
@never_cache
@sitting_page
def check(request: HttpRequest, person: Person, found: Attempt) -> HttpResponse:
    """Say of each question whether an answer is saved, and let the person hand in or go back."""
    page = question_page(found) if "one_page" in found.form else None
    if page is None:
        return redirect(attempt_url(found))
    page_url = attempt_url(found)
    look = {
        "assessment": found.assessment,
        "is_saved": page.saved_at is not None,
        "missing": len(page.questions) - page.answered,
        "is_page": True,
    }
    own = _own(found, page) | {
        "page_url": page_url,
        "submit_url": reverse("learn:submit", args=[found.pk]),
        "rows": _answered_rows(page, page_url),
    }
    return draw_page(request, "learn/paper_check.html", look, own)


def _own(attempt: Attempt, page: QuestionPage) -> dict[str, Any]:
    """What is a sitting's own on its pages."""
    return {
        "pulse_url": reverse("learn:pulse", args=[attempt.pk]),
        "saved_at": clock_time(page.saved_at) if page.saved_at else "",
        **clock_of(attempt.deadline),
    }


def _answered_rows(page: QuestionPage, page_url: str) -> SafeString:
    """A table row for each question: what it is called, and whether an answer is saved."""
    url, heading, label = map(conditional_escape, (page_url, _("Question %(number)s"), _("Answer")))
    states = {False: tag("warning", _("Not answered"), "target"), True: tag("success", _("Saved"), "check")}
    return SafeString(
        "".join(
            f'<tr><th scope="row"><a href="{url}#question-{each.position}">{heading % {"number": each.position}}</a>'
            f'</th><td data-label="{label}">{states[each.value is not None]}</td></tr>'
            for each in page.questions
        )
    )


def _moved(post: QueryDict) -> tuple[QueryDict, bool]:
    """The fields with a step moved up or down where a button said so, and whether one did: pages without scripts."""
    button = next((name for name in post if name.endswith("-move")), None)
    if button is None:
        return post, False
    direction, _colon, step = str(post[button]).partition(":")
    name = button.removesuffix("move") + "order"
    found = post.copy()
    found.setlist(name, moved_step(post.getlist(name), step, direction))
    return found, True


def _written(
    page: QuestionPage, post: QueryDict, sent: Sequence[UUID]
) -> tuple[dict[int, dict[str, Any]], dict[int, Base]]:
    """The raw answers by version that were written in the window that posts, and what it knows of every question.

    sent: as of `save_page`.
    A page without bases was drawn before there were any: what is saved is taken for what it knew.
    """
    answers: dict[int, dict[str, Any]] = {}
    bases: dict[int, Base] = {}
    fields, nothing = fields_by_version(post), QueryDict()
    for question in page.questions:
        given = fields.get(question.version_id, nothing)
        raw = read_answer(given, question.version.kind.KIND)
        standing, digest = Base.of_saved(question), _digest(raw)
        base = Base.of_field(str(given.get("base", "")))
        if base is None or digest == standing.digest or question.is_saved_by(sent):
            base = standing
        says = any(value not in ("", [], {}) for value in raw.values()) and not _is_untouched(question, raw)
        if says and digest != base.digest:
            answers[question.version_id] = raw
        bases[question.version_id] = base
    return answers, bases


def _is_untouched(question: PageQuestion, raw: Mapping[str, Any]) -> bool:
    """Whether these are the steps as they were shown, which is never their right order, of a question not answered."""
    if question.version.kind.KIND != ordering.KIND or question.value is not None:
        return False
    return raw["order"] == [option["id"] for option in question.player_view("vi")["options"]]


def _digest(raw: Mapping[str, Any]) -> str:
    text = json.dumps(_in_any_order(raw), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _in_any_order(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The answer with ticks in one order, in whichever they come."""
    return {name: sorted(value) if name in ("choices", "regions") else value for name, value in raw.items()}


def _tell(request: HttpRequest, worst: str) -> None:
    if worst == Response.Status.LATE:
        messages.warning(request, _("Your last answers came after the time was over. They are kept but do not count."))
    elif worst == Response.Status.SUPERSEDED:
        messages.info(
            request,
            _("Newer answers had been saved already, perhaps in another window. The newer ones count; see them here."),
        )


def _show(
    request: HttpRequest,
    attempt: Attempt,
    page: QuestionPage,
    faults: Mapping[int, ResponseRefused],
    post: QueryDict | None,
    bases: Mapping[int, Base],
) -> HttpResponse:
    """The page with what is saved; of faulty answers, as they were posted upon the bases that they had."""
    errors = {pk: describe_fault(fault.reason, fault.field, fault.message) for pk, fault in faults.items()}
    sections = [question.section for question in page.questions]
    in_sections = len(set(map(id, sections))) > 1
    heading = "h3" if in_sections else "h2"
    fields = fields_by_version(post) if post is not None else {}
    words = conditional_escape(_("Question %(number)s of %(most)s") % {"number": "%(number)s", "most": len(sections)})
    rows: list[str] = []
    for before, question in zip([None, *sections], page.questions, strict=False):
        if question.section is not before:
            rows.append(_section_head(question, in_sections))
        rows.append(_draw_row(question, words, heading, faults, errors, fields, bases))
    look = {
        "assessment": attempt.assessment,
        "larger_text": bool(attempt.form.get("larger_text")),
        "is_saved": page.saved_at is not None,
        "kinds": frozenset(question.version.kind.KIND for question in page.questions),
        "is_page": True,
    }
    own = _own(attempt, page) | {
        "attempt": attempt.pk,
        "save_url": reverse("learn:save-page", args=[attempt.pk]),
        "key": uuid4(),
        "sequence": str(page.sequence),
        "rows": SafeString("".join(rows)),
    }
    if not faults:
        return draw_page(request, "learn/paper.html", look, own)
    faulty = [(each.position, errors[each.version_id]) for each in page.questions if each.version_id in errors]
    return render(request, "learn/paper.html", {**look, **own, "faulty": faulty}, status=422)


def _section_head(question: PageQuestion, is_named: bool) -> SafeString:
    """What stands before the first question of a section of the form."""
    section = question.section
    name = format_html('<h2 class="mt-5">{}</h2>', section.name) if is_named else ""
    return format_html("{}<p>{}</p>", name, section.instructions) if section.instructions else SafeString(name)


def _draw_row(
    question: PageQuestion,
    words: str,
    heading: str,
    faults: Mapping[int, ResponseRefused],
    errors: Mapping[int, str],
    fields: Mapping[int, QueryDict],
    bases: Mapping[int, Base],
) -> str:
    """A question of the page as markup, with what is wrong with its answer. words: for its heading, as markup."""
    fault, error = faults.get(question.version_id), errors.get(question.version_id)
    given, base = None, Base.of_saved(question)
    if fault:
        given, base = fields.get(question.version_id, QueryDict()), bases[question.version_id]
    elif question.value is not None:
        given = posted_value(question.value)
    locale = "en" if get_language() == "en" else "vi"
    drawn = draw_question(question, locale, given, two_ways=bool(fault and fault.reason in TWO_WAYS))
    told = format_html('<p class="field__error">{} {}</p>', icon("warning"), error) if error else ""
    place = question.position
    return (
        f'<section class="section paper__question" id="question-{place}" aria-labelledby="heading-{place}">'
        f'<{heading} class="fs-5" id="heading-{place}">{words % {"number": place}}</{heading}>{told}'
        f'<input type="hidden" name="{prefix_of(question.version_id)}base" value="{base}">{drawn}</section>\n'
    )
