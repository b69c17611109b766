"""The simulation player: the server draws what is to be seen and done now; each action is one form, saved at once."""

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from assessments.api import AttemptRefused, ResponseRefused, act, hand_in, simulation_view
from assessments.domain.responses import MAX_SEQUENCE
from assessments.models import Attempt, Response
from frontend.learn.desk import arrange
from frontend.learn.room import sitting_page
from frontend.learn.tasks import attempt_url
from frontend.learn.timing import clock_of
from organisation.models import Person


class ActionForm(forms.Form):
    """What every action carries beside its parameters."""

    key = forms.UUIDField()
    sequence = forms.IntegerField(min_value=1, max_value=MAX_SEQUENCE)
    action = forms.CharField(max_length=60)


@require_safe
@never_cache
@sitting_page
def simulation(request: HttpRequest, person: Person, found: Attempt) -> HttpResponse:
    """Show the desk as it stands; its last screen stays to be read after the end."""
    try:
        view = simulation_view(found, _locale())
    except AttemptRefused:
        return redirect(attempt_url(found))
    if not view["ended"] and found.status == Attempt.Status.SUBMITTED:
        return redirect("learn:result", found.pk)
    if not view["ended"] and timezone.now() > found.deadline:
        return render(request, "learn/attempt_over.html", {"attempt": found, "in_time": False})
    return render(request, "learn/simulation.html", _context(found, view))


@require_POST
@never_cache
@sitting_page
def take_action(request: HttpRequest, person: Person, found: Attempt) -> HttpResponse:
    """Do an action; htmx gets the desk as it stands then, a plain form the page again."""
    try:
        view = simulation_view(found, _locale())
    except AttemptRefused:
        return redirect(attempt_url(found))
    problem = _do(request, person, found, view)
    view = simulation_view(found, _locale())
    if view["ended"] and found.status == Attempt.Status.OPEN:
        hand_in(found)
    if not getattr(request, "htmx", False):
        if problem:
            messages.warning(request, problem)
        return redirect("learn:simulation", found.pk)
    if not view["ended"] and (found.status == Attempt.Status.SUBMITTED or timezone.now() > found.deadline):
        return HttpResponse(headers={"HX-Redirect": attempt_url(found)})
    response = render(request, "learn/desk.html", {**_context(found, view), "problem": problem})
    said = problem or view["notice"]
    if said:
        response["HX-Trigger"] = json.dumps({"announce": {"text": said}})
    return response


def _do(request: HttpRequest, person: Person, attempt: Attempt, view: dict[str, Any]) -> str:
    """Do the posted action. Return what to tell the person when it was not done, else nothing."""
    form = ActionForm(request.POST)
    if not form.is_valid():
        return _("That step could not be read. Please try again.")
    try:
        acknowledgement = act(
            attempt.pk,
            person.pk,
            key=form.cleaned_data["key"],
            sequence=form.cleaned_data["sequence"],
            action=form.cleaned_data["action"],
            params=read_parameters(request, form.cleaned_data["action"], view),
        )
    except ResponseRefused as refusal:
        return refusal.message
    if acknowledgement.status == Response.Status.LATE:
        return _("This step came after the time was over. It is kept, but it does not count.")
    if acknowledgement.status == Response.Status.SUPERSEDED:
        return _("Another step was taken before this one, perhaps in another window. This one was not done.")
    return ""


def read_parameters(request: HttpRequest, action: str, view: dict[str, Any]) -> dict[str, Any]:
    """Return the posted parameters of an action that the view offers; of any other none, for it is refused anyway."""
    found = next((each for each in view["actions"] if each["id"] == action), None)
    values: dict[str, Any] = {}
    for parameter in found["parameters"] if found else []:
        name = f"param-{parameter['id']}"
        if parameter["type"] == "edit":
            values[parameter["id"]] = {
                "segment": request.POST.get(f"{name}-segment", ""),
                "change": request.POST.get(f"{name}-change", ""),
            }
        else:
            values[parameter["id"]] = request.POST.get(name, "")
    return values


def _context(attempt: Attempt, view: dict[str, Any]) -> dict[str, Any]:
    return {
        "attempt": attempt,
        "view": view,
        "desk": arrange(view),
        **clock_of(attempt.deadline),
    }


def _locale() -> str:
    return "en" if get_language() == "en" else "vi"
