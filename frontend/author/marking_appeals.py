"""Appeals for trainers: read without the person's name, taken, and answered."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assessments.domain.appeals import (
    LONGEST,
    AppealRefused,
    answer_appeal,
    holder_of,
    take_appeal,
    task_of,
    why_not,
)
from assessments.domain.marking import marking_view
from assessments.domain.marking_progress import marks_of_attempt
from assessments.items.rubric import MarksError
from assessments.models import Appeal, AppealStep
from frontend.author.access import author_of, authors_only
from frontend.author.marking import MarkForm, require_marker, shown_answer

REFUSALS = {
    "answered": gettext_lazy("This appeal was answered meanwhile."),
    "not_taken": gettext_lazy("Somebody else looks at this appeal by now."),
    "own": gettext_lazy("It is your own result; somebody else answers."),
    "marked_it": gettext_lazy("You marked this answer; somebody else answers."),
}


class AppealAnswerForm(MarkForm):
    """The answer in words; points where the mark is to change."""

    comment = forms.CharField(
        label=gettext_lazy("Your answer to the person"), widget=forms.Textarea(attrs={"rows": 5}), max_length=LONGEST
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("What becomes of the result"),
        choices=[
            ("kept", gettext_lazy("It stands")),
            ("changed", gettext_lazy("The mark is changed to the points below")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, rubric: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, rubric=rubric, required=False, **kwargs)
        if not rubric:
            del self.fields["outcome"]
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
    view = marking_view(task, "en" if get_language() == "en" else "vi") if task else None
    is_taking = request.POST.get("action") == "take"
    form = AppealAnswerForm(None if is_taking else request.POST or None, rubric=view["rubric"] if view else [])
    if is_taking or form.is_valid():
        try:
            if is_taking:
                take_appeal(appeal, user)
            else:
                changed = form.cleaned_data.get("outcome") == AppealStep.Kind.CHANGED
                answer_appeal(appeal, user, form.cleaned_data["comment"], marks=form.points() if changed else None)
                messages.success(request, _("Your answer is kept. The person reads it with their result."))
        except (AppealRefused, MarksError) as refusal:
            messages.warning(request, REFUSALS.get(getattr(refusal, "reason", ""), _("The answer was not taken.")))
        return redirect("author:marking-appeal", appeal.pk)
    steps = list(appeal.steps.select_related("by"))
    marks = marks_of_attempt(appeal.attempt_id)
    context = {
        "appeal": appeal,
        "steps": steps,
        "is_answered": any(step.kind != AppealStep.Kind.TAKEN for step in steps),
        "is_holder": holder_of(appeal) == user.pk,
        "why_not": REFUSALS.get(why, ""),
        "form": form,
        "marks": marks.get(appeal.presentation.position) if appeal.presentation else None,
        **(shown_answer(task, view) if task and view else {}),
    }
    return render(request, "author/marking_appeal.html", context, status=422 if form.errors else 200)
