"""The start page of an assessment: its rules in plain words, then the attempt."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assessments.api import AttemptRefused, start_attempt
from assessments.domain.queries.measurable import sitting_scope
from assessments.models import Assessment, Attempt
from frontend.learn.access import learner_page, refuse
from frontend.learn.tasks import attempt_url, time_left
from organisation.models import Person


@require_http_methods(["GET", "HEAD", "POST"])
@learner_page
def assessment(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Show the rules, and on POST start an attempt or go on with the open one."""
    visible = Q(is_open=True) | Q(attempts__person=person)
    found = Assessment.objects.filter(visible, code=code).distinct().first()
    if found is None:
        raise refuse(request, f"assessment {code}")
    refusal = ""
    if request.method == "POST":
        try:
            return redirect(attempt_url(start_attempt(person, found)))
        except AttemptRefused as error:
            refusal = error.message
    attempts = list(Attempt.objects.filter(person=person, assessment=found).order_by("-started_at"))
    running = next((each for each in attempts if each.status == Attempt.Status.OPEN), None)
    running = running if running and running.deadline > timezone.now() else None
    is_simulation = found.mode == Assessment.Mode.SIMULATION
    context = {
        "assessment": found,
        "is_simulation": is_simulation,
        "running": running,
        "time_left": time_left(running) if running else "",
        "scope": None if running or is_simulation else sitting_scope(person, found),
        "past": [each for each in attempts if each.status == Attempt.Status.SUBMITTED],
        "refusal": refusal,
    }
    return render(request, "learn/assessment.html", context, status=409 if refusal else 200)
