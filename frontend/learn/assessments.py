"""The start page of an assessment: its rules in plain words, then the attempt."""

from datetime import datetime
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assessments.api import (
    AttemptRefused,
    assessment_coded,
    attempts_at,
    holds_device,
    invigilation_of,
    start_attempt,
)
from assessments.domain.audience import Admission, admit
from assessments.domain.invigilation import refusal_at_the_door
from assessments.domain.queries.measurable import sitting_scope
from assessments.domain.sections import outline_of
from assessments.models import Assessment, Attempt
from frontend.drawing import draw_page
from frontend.learn.access import learner_page, refuse
from frontend.learn.room import visit_of
from frontend.learn.tasks import attempt_url, time_left
from frontend.learn.wording import percent_of
from organisation.models import Person


class OwnTerms(NamedTuple):
    """What holds for one person instead of what the page says. extra_percent: that every time is longer by.

    until: when a sitting begun now ends, where extra time and the common close both count.
    """

    extra_percent: int
    larger_text: bool
    opens_at: datetime | None
    closes_at: datetime | None
    until: datetime | None


@require_http_methods(["GET", "HEAD", "POST"])
@learner_page
def assessment(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Show the rules, and on POST start an attempt or go on with the open one."""
    found = assessment_coded(code)
    if found is None or not (found.is_open or attempts_at(person, found)):
        raise refuse(request, f"assessment {code}")
    refusal: AttemptRefused | None = None
    room = invigilation_of(found)
    visit = visit_of(request) if room else None
    if request.method == "POST":
        try:
            given = request.POST.get("code", "")
            return redirect(attempt_url(start_attempt(person, found, visit=visit, code=given)))
        except AttemptRefused as error:
            refusal = error
    attempts = attempts_at(person, found)
    running = next((each for each in attempts if each.status == Attempt.Status.OPEN), None)
    running = running if running and running.deadline > timezone.now() else None
    terms: Admission | None = None
    if not running:
        try:
            terms = admit(person, found, timezone.now())
        except AttemptRefused as error:
            refusal = refusal or error
    refusal = refusal or refusal_at_the_door(found, visit)
    is_here = running is not None and visit is not None and holds_device(running, visit)
    if refusal and refusal.reason == "not_in_audience" and not attempts:
        return render(request, "learn/not_for_you.html", {"refusal": refusal}, status=403)
    is_simulation = found.mode == Assessment.Mode.SIMULATION
    is_adaptive = found.mode == Assessment.Mode.ADAPTIVE
    context = {
        "assessment": found,
        "is_simulation": is_simulation,
        "running": running,
        "time_left": time_left(running) if running else "",
        "scope": sitting_scope(person, found) if is_adaptive and not running else None,
        "is_adaptive": is_adaptive,
        "pass_percent": percent_of(found.pass_share) if found.pass_share and not (is_simulation or is_adaptive) else "",
        "outline": () if is_simulation or is_adaptive else tuple(outline_of(found)),
        "attempts_left": found.max_attempts - len(attempts) if found.max_attempts else None,
        "past": [each for each in attempts if each.status == Attempt.Status.SUBMITTED],
        "refusal": refusal.message if refusal else "",
        "may_start": refusal is None or refusal.reason in ("code", "too_many_codes"),
        "terms": _own_terms(terms, found),
        "room": room,
        "asks_code": room and room.access_code and not is_here,
        "is_elsewhere": room and running and not is_here,
    }
    if attempts or refusal or room or context["scope"] or context["terms"]:
        refused_to_start = refusal is not None and request.method == "POST"
        return render(request, "learn/assessment.html", context, status=409 if refused_to_start else 200)
    return draw_page(request, "learn/assessment.html", context | {"past": ()}, {})


def _own_terms(terms: Admission | None, found: Assessment) -> OwnTerms | None:
    """What a person is granted that others are not; None for nothing."""
    if terms is None:
        return None
    opens_at = terms.opens_at if terms.opens_at != found.opens_at else None
    closes_at = terms.closes_at if terms.own_close else None
    is_stretched = terms.extra_percent and found.closes_at and not terms.own_close
    until = terms.deadline(timezone.now(), found.minutes) if is_stretched else None
    own = OwnTerms(terms.extra_percent, terms.larger_text, opens_at, closes_at, until)
    return own if any(own) else None
