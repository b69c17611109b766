"""Marking for trainers: what waits, one answer at a time without its person, and how well markers agree."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.domain.appeals import answerable_by, waiting_appeals
from assessments.domain.marking import (
    LEASE,
    LONGEST_COMMENT,
    MarkingRefused,
    answer_of,
    give_back,
    marking_view,
    record_mark,
    take_answer,
)
from assessments.domain.marking_progress import FEWEST_PAIRS, assessments_to_mark, marker_loads, marking_agreement
from assessments.domain.marking_rules import markable_by, marking_rule, may_mark, set_marking_rule
from assessments.items import file_upload
from assessments.models import Assessment, MarkingSeat, MarkingTask, Upload
from frontend.author.access import AUTHORS, author_of, authors_only
from frontend.author.assessing.forms import lines_field, numbered_lines
from frontend.learn.access import refuse
from frontend.learn.uploads import file_response
from organisation.models import User


class MarkForm(forms.Form):
    """Points for each criterion of a rubric, and words for the person."""

    use_required_attribute = False

    comment = forms.CharField(
        label=gettext_lazy("Comment for the person"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST_COMMENT,
        required=False,
    )

    def __init__(self, *args: Any, rubric: list[dict[str, Any]], required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = {f"points-{each['id']}": each["id"] for each in rubric}
        for name, criterion in zip(self.criteria, rubric, strict=True):
            self.fields[name] = forms.TypedChoiceField(
                label=criterion["text"],
                coerce=int,
                choices=[(level["points"], _level_words(level)) for level in criterion["levels"]],
                widget=forms.RadioSelect,
                required=required,
                empty_value=None,
            )
        self.order_fields([*self.criteria, "comment"])

    def points(self) -> dict[str, int | None]:
        """The points chosen by id of the criterion."""
        return {criterion: self.cleaned_data[name] for name, criterion in self.criteria.items()}


def comment_hint(assessment: Assessment) -> str:
    """Say when the person reads the comment of a marker, as the assessment shows right answers."""
    if assessment.feedback == Assessment.Feedback.NONE:
        return _("This assessment shows no feedback: the comment is kept for whoever answers an appeal.")
    if assessment.feedback == Assessment.Feedback.AFTER_CLOSE:
        return _("They read it when the assessment has closed. Do not say who you are.")
    return _("They read it with their result. Do not say who you are.")


class MarkingRuleForm(forms.Form):
    """How many mark each answer, and when a third decides."""

    use_required_attribute = False

    markers = forms.TypedChoiceField(
        label=gettext_lazy("Markers of each answer"),
        help_text=gettext_lazy("Holds for answers handed in from now on."),
        coerce=int,
        choices=[(1, "1"), (2, "2")],
    )
    tolerance = forms.IntegerField(
        label=gettext_lazy("Points by which two may differ"),
        help_text=gettext_lazy("Points of the rubric; where they differ by more, a third marker decides."),
        min_value=0,
        max_value=30,
    )
    panel = lines_field(
        gettext_lazy("Who marks"),
        gettext_lazy("One account name in each line. Empty: every trainer. Others no longer see the answers."),
    )

    def clean_panel(self) -> list[User]:
        """The accounts of trainers named, each of its own line."""
        lines = numbered_lines(self.cleaned_data["panel"])
        trainers = User.objects.filter(role_grants__role__in=AUTHORS, is_active=True).distinct()
        found = {each.username: each for each in trainers.filter(username__in=[name for _number, name in lines])}
        for number, name in lines:
            if name not in found:
                words = _("Line %(number)d: there is no trainer with the account name “%(text)s”.")
                self.add_error("panel", words % {"number": number, "text": name})
        if found and len(found) < self.cleaned_data.get("markers", 1):
            self.add_error("panel", _("Name at least as many as mark each answer."))
        return list(found.values())


def _level_words(level: dict[str, Any]) -> str:
    words = _("%(points)d: %(text)s") % {"points": level["points"], "text": level["text"]}
    return f"{words} ({_('for example:')} {level['anchor']})" if level["anchor"] else words


@require_safe
@never_cache
@authors_only
def show_marking(request: HttpRequest) -> HttpResponse:
    """The assessments with answers to mark, and the appeals that wait."""
    markable = markable_by(author_of(request))
    answerable = set(answerable_by(author_of(request)).values_list("pk", flat=True))
    waiting = waiting_appeals().filter(attempt__assessment__in=markable)
    appeals = waiting.select_related("attempt__assessment", "presentation").prefetch_related("steps")[:100]
    context = {
        "states": assessments_to_mark(markable),
        "appeals": [(appeal, appeal.pk in answerable) for appeal in appeals],
    }
    return render(request, "author/marking.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@authors_only
def show_assessment_marking(request: HttpRequest, code: str) -> HttpResponse:
    """How far the marking of an assessment is, who marks how much, how well they agree; a POST changes its rule."""
    assessment = _marked_assessment(request, code)
    rule = marking_rule(assessment)
    named = list(rule.panel.order_by("username").values_list("username", flat=True)) if rule.pk else []
    initial = {"markers": rule.markers, "tolerance": rule.tolerance, "panel": "\n".join(named)}
    form = MarkingRuleForm(request.POST or None, initial=initial)
    if form.is_valid():
        set_marking_rule(assessment, author_of(request), **form.cleaned_data)
        messages.success(request, _("The rule of marking is changed."))
        if not may_mark(author_of(request), assessment):
            return redirect("author:marking")
        return redirect("author:marking-assessment", code)
    state = next(iter(assessments_to_mark(Assessment.objects.filter(pk=assessment.pk))), None)
    context = {
        "assessment": assessment,
        "state": state,
        "loads": marker_loads(assessment),
        "agreement": marking_agreement(assessment),
        "fewest": FEWEST_PAIRS,
        "lacks_third": rule.markers == len(named) == 2,
        "form": form,
    }
    return render(request, "author/marking_assessment.html", context, status=422 if form.errors else 200)


@require_POST
@authors_only
def take_next(request: HttpRequest, code: str) -> HttpResponse:
    """Lead to the answer that the marker has in hand, or to the next one."""
    assessment = _marked_assessment(request, code)
    seat = take_answer(author_of(request), assessment)
    if seat is None:
        messages.info(request, _("There is no answer left for you to mark here."))
        return redirect("author:marking-assessment", code)
    return redirect("author:marking-answer", seat.pk)


@require_http_methods(["GET", "POST"])
@never_cache
@authors_only
def mark_answer(request: HttpRequest, seat_id: int) -> HttpResponse:
    """One answer with its rubric; a POST marks it or gives it back, and leads to the next."""
    seat = _own_seat(request, seat_id)
    code = seat.task.assessment.code
    if request.POST.get("action") == "give-back":
        give_back(seat, author_of(request))
        messages.info(request, _("Another marker will be given the answer."))
        return redirect("author:marking-assessment", code)
    view = marking_view(seat.task, "en" if get_language() == "en" else "vi")
    form = MarkForm(request.POST or None, rubric=view["rubric"])
    form.fields["comment"].help_text = comment_hint(seat.task.assessment)
    if form.is_valid():
        comment = form.cleaned_data["comment"]
        try:
            record_mark(seat, author_of(request), form.points(), comment=comment)
        except MarkingRefused:
            messages.warning(request, _("This answer went to another marker meanwhile."))
        else:
            messages.success(request, _("Your mark is kept."))
        return take_next(request, code)
    context = {
        "seat": seat,
        "form": form,
        "hours": LEASE.seconds // 3600,
        "decides": seat.task.status == MarkingTask.Status.ADJUDICATION,
        **shown_answer(seat.task, view),
    }
    return render(request, "author/marking_answer.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
@authors_only
def answer_file(request: HttpRequest, task_id: int, number: int) -> HttpResponse:
    """A file of an answer under a name that tells nothing of its person; for whoever marks it or reads its appeal."""
    task = get_object_or_404(MarkingTask.objects.select_related("presentation__attempt__person"), pk=task_id)
    user = author_of(request)
    require_marker(request, task.assessment)
    holds = task.seats.filter(marker=user).exists()
    of_answer = Q(presentation=task.presentation_id) | Q(presentation=None, attempt=task.presentation.attempt_id)
    reads = waiting_appeals().filter(of_answer, steps__by=user).exists()
    answer = answer_of(task) if holds or reads else ()
    if not isinstance(answer, tuple) or not 1 <= number <= len(answer):
        raise Http404
    found = get_object_or_404(Upload, pk=UUID(answer[number - 1].id), person=task.presentation.attempt.person)
    found.name = _file_name(found.name, number)
    return file_response(found)


def shown_answer(task: MarkingTask, view: dict[str, Any]) -> dict[str, Any]:
    """Return what the template of an answer shows: the view, and its files by number, without their names."""
    given = view["given"] if view["kind"] == file_upload.KIND else []
    files = [(number, _file_name(each["name"], number), each["size"]) for number, each in enumerate(given, start=1)]
    return {"task": task, "view": view, "files": files}


def _file_name(name: str, number: int) -> str:
    return f"{_('file')}-{number}.{name.rpartition('.')[2].lower()}"


def _own_seat(request: HttpRequest, seat_id: int) -> MarkingSeat:
    """The place that the marker has in hand; 404 for any other."""
    seats = MarkingSeat.objects.select_related("task__assessment", "task__presentation")
    seat = get_object_or_404(seats, pk=seat_id, marker=author_of(request), mark=None)
    require_marker(request, seat.task.assessment)
    return seat


def _marked_assessment(request: HttpRequest, code: str) -> Assessment:
    assessment = get_object_or_404(Assessment, code=code)
    require_marker(request, assessment)
    return assessment


def require_marker(request: HttpRequest, assessment: Assessment) -> None:
    """Raise a 404 that leaves an audit row for whoever may not read answers of the assessment."""
    if not may_mark(author_of(request), assessment):
        raise refuse(request, f"marking of {assessment.code}")
