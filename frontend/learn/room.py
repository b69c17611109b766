"""Sittings under supervision on the learner's pages, and signs of life from them."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from assessments.api import AttemptRefused, Visit, check_room, invigilation_of, note_contact
from assessments.models import Attempt
from frontend.learn.access import learner_page, own_attempt
from frontend.middleware import address_of
from organisation.models import Person

P = ParamSpec("P")
SittingView = Callable[Concatenate[HttpRequest, Person, Attempt, P], HttpResponse]


def visit_of(request: HttpRequest) -> Visit:
    """Return where the request comes from. The session gets a name of its own, by which its device is known."""
    device = request.session.get("device")
    if device is None:
        device = request.session["device"] = str(uuid4())
    config_hash = request.headers.get("X-SafeExamBrowser-ConfigKeyHash", "")
    return Visit(UUID(device), address_of(request), request.build_absolute_uri(), config_hash)


def sitting_page(view: SittingView[P]) -> Callable[..., HttpResponse]:
    """Give a view the signed-in person's own attempt; a supervised one only in its room and on its device."""

    @learner_page
    @wraps(view)
    def wrapped(
        request: HttpRequest, person: Person, attempt_id: UUID, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        found = own_attempt(request, person, attempt_id)
        if invigilation_of(found.assessment) is not None:
            try:
                check_room(found, visit_of(request))
            except AttemptRefused as refusal:
                context = {"attempt": found, "refusal": refusal}
                return render(request, "learn/room_refused.html", context, status=403)
        return view(request, person, found, *args, **kwargs)

    return wrapped


@require_safe
@never_cache
@sitting_page
def pulse(request: HttpRequest, person: Person, found: Attempt) -> HttpResponse:
    """Note that a page of the sitting is open; the trainer's live page shows who has been lost sight of."""
    note_contact(found.pk)
    return HttpResponse(status=204)
