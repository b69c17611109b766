"""Appeals for trainers: read without the person's name, taken, and answered."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assessments.api import answers_under_review, attempt_result, simulation_debrief
from assessments.domain.appeals import (
    ANSWERS,
    LONGEST,
    AppealRefused,
    answer_appeal,
    holder_of,
    take_appeal,
    task_of,
    why_not,
)
from assessments.domain.marking import marking_view
from assessments.domain.marking_progress import AnswerMarks, marks_of_attempt
from assessments.items.registry import MARKED_TYPES
from assessments.items.rubric import MarksError
from assessments.models import Appeal, AppealStep, Assessment, MarkingTask, Presentation
from frontend.author.access import author_of, authors_only
from frontend.author.marking import MarkForm, require_marker, shown_answer
from frontend.learn.reviews import with_marks

REFUSALS = {
    "answered": gettext_lazy("This appeal was answered meanwhile."),
    "not_taken": gettext_lazy("Somebody else looks at this appeal by now."),
    "own": gettext_lazy("It is your own result; somebody else answers."),
    "marked_it": gettext_lazy("You marked this answer; somebody else answers."),
}


class AppealAnswerForm(MarkForm):
    """The answer in words; points where the mark is to change. What a machine scored is corrected for everybody."""

    comment = forms.CharField(
        label=gettext_lazy("Your answer to the person"), widget=forms.Textarea(attrs={"rows": 5}), max_length=LONGEST
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("What becomes of the result"),
        choices=[
            ("kept", gettext_lazy("It stands")),
            ("changed", gettext_lazy("The mark is changed to the points below")),
            ("upheld", gettext_lazy("The person is right: it is corrected for everybody who met the question")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, rubric: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, rubric=rubric, required=False, **kwargs)
        left_out = "upheld" if rubric else "changed"
        outcome: Any = self.fields["outcome"]
        outcome.choices = [each for each in outcome.choices if each[0] != left_out]
        self.order_fields(["outcome", *self.criteria, "comment"])

    def clean(self) -> dict[str, Any]:
        """Points are needed where the mark is to change."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("outcome") == "changed":
            for name in self.criteria:
                if cleaned.get(name) is None:
                    self.add_error(name, _("Choose the points of this criterion."))
        return cleaned


@require_http_methods(["GET", "POST"])
@never_cache
@authors_only
def show_appeal(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """One appeal with the answer it is about; a POST takes it or answers it.

    Whoever marked the answer, or is its person, learns no more than that somebody else answers.
    """
    appeals = Appeal.objects.select_related("attempt__assessment", "attempt__person", "presentation__version__item")
    appeal = get_object_or_404(appeals, pk=appeal_id)
    user = author_of(request)
    require_marker(request, appeal.attempt.assessment)
    why = why_not(appeal, user)
    if why and not appeal.steps.filter(by=user).exists():
        return render(request, "author/marking_appeal_closed.html", {"appeal": appeal, "why_not": REFUSALS[why]})
    task = task_of(appeal)
    locale = "en" if get_language() == "en" else "vi"
    view = marking_view(task, locale) if task else None
    is_taking = request.POST.get("action") == "take"
    form = AppealAnswerForm(None if is_taking else request.POST or None, rubric=view["rubric"] if view else [])
    if is_taking or form.is_valid():
        try:
            if is_taking:
                take_appeal(appeal, user)
            else:
                outcome = form.cleaned_data["outcome"]
                answer_appeal(
                    appeal,
                    user,
                    form.cleaned_data["comment"],
                    marks=form.points() if outcome == AppealStep.Kind.CHANGED else None,
                    is_upheld=outcome == AppealStep.Kind.UPHELD,
                )
                messages.success(request, _("Your answer is kept. The person reads it with their result."))
        except (AppealRefused, MarksError) as refusal:
            messages.warning(request, REFUSALS.get(getattr(refusal, "reason", ""), _("The answer was not taken.")))
        return redirect("author:marking-appeal", appeal.pk)
    steps = list(appeal.steps.select_related("by"))
    marks = marks_of_attempt(appeal.attempt_id)
    context = {
        "appeal": appeal,
        "steps": steps,
        "is_answered": any(step.kind in ANSWERS for step in steps),
        "is_upheld": any(step.kind == AppealStep.Kind.UPHELD for step in steps),
        "is_holder": holder_of(appeal) == user.pk,
        "why_not": REFUSALS.get(why, ""),
        "form": form,
        "marks": marks.get(appeal.presentation.position) if appeal.presentation else None,
        **(shown_answer(task, view) if task and view else _contested(appeal, locale, marks)),
    }
    return render(request, "author/marking_appeal.html", context, status=422 if form.errors else 200)


def _contested(appeal: Appeal, locale: str, marks: Mapping[int, AnswerMarks]) -> dict[str, Any]:
    """What an appeal is about where no mark of one answer is: the question or all of them, and what they earned.

    With keys, answers and points, and nothing of whose they are.
    """
    attempt = appeal.attempt
    given = Presentation.objects.filter(attempt=attempt).values_list("position", "version__number")
    numbers = dict(given)
    tasks = MarkingTask.objects.filter(presentation__attempt=attempt).select_related("presentation")
    task_at = {task.presentation.position: task for task in tasks}
    reviews = []
    for answer in answers_under_review(attempt):
        if appeal.presentation is not None and answer.position != appeal.presentation.position:
            continue
        review = answer.review(locale)
        if review["kind"] in MARKED_TYPES and not answer.is_void:
            review = with_marks(review, marks.get(answer.position))
            task = task_at.get(answer.position)
            review |= shown_answer(task, review) if task else {}
        reviews.append(review | {"number": numbers[answer.position], "has_key": review["kind"] not in MARKED_TYPES})
    is_whole = appeal.presentation is None
    is_simulation = attempt.assessment.mode == Assessment.Mode.SIMULATION
    return {
        "reviews": reviews,
        "earned": attempt_result(attempt, corrected=True).competencies if is_whole else (),
        "remarks": simulation_debrief(attempt, locale) if is_whole and is_simulation else (),
    }
