"""A person contests the result of an attempt."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assessments.domain.appeals import LONGEST, AppealRefused, appeals_of, make_appeal
from assessments.models import Attempt, Presentation
from frontend.choices import offer
from frontend.learn.access import learner_page, own_attempt
from organisation.models import Person

WHOLE = "whole"
REFUSALS = {
    "too_late": gettext_lazy("The time for contesting this result is over."),
    "made": gettext_lazy("You have contested this already. The answer appears below."),
}


class AppealForm(forms.Form):
    """What is contested, and why."""

    use_required_attribute = False

    question = forms.ChoiceField(label=gettext_lazy("What do you contest?"))
    text = forms.CharField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("Name the point you mean and what in your answer speaks for it."),
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=LONGEST,
    )

    def __init__(self, *args: Any, attempt: Attempt, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contested = {appeal.presentation_id for appeal in appeals_of(attempt)}
        given = Presentation.objects.filter(attempt=attempt, competency__isnull=False).order_by("position")
        self.presentations = {str(each.position): each for each in given if each.pk not in contested}
        whole = [(WHOLE, gettext_lazy("The whole result"))] if None not in contested else []
        offer(
            self,
            "question",
            [*whole, *((each, _("Question %(number)s") % {"number": each}) for each in self.presentations)],
        )


@require_http_methods(["GET", "POST"])
@never_cache
@learner_page
def appeal(request: HttpRequest, person: Person, attempt_id: UUID) -> HttpResponse:
    """The form; what is sent leads back to the result, where the answer will be."""
    attempt = own_attempt(request, person, attempt_id)
    if attempt.status != Attempt.Status.SUBMITTED:
        return redirect("learn:result", attempt.pk)
    form = AppealForm(request.POST or None, attempt=attempt, initial={"question": request.GET.get("question", WHOLE)})
    if form.is_valid():
        presentation = form.presentations.get(form.cleaned_data["question"])
        try:
            make_appeal(attempt, form.cleaned_data["text"], presentation=presentation)
        except AppealRefused as refusal:
            messages.warning(request, REFUSALS.get(refusal.reason, _("The appeal was not taken.")))
        else:
            messages.success(request, _("Your appeal is sent. The answer appears on this page."))
        return redirect("learn:result", attempt.pk)
    return render(request, "learn/appeal.html", {"attempt": attempt, "form": form}, status=422 if form.errors else 200)
