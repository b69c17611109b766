"""What the browser's queue of answers is told, in place of the page that a form leads to."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse

from assessments.models import Response

P = ParamSpec("P")
Answering = Callable[Concatenate[HttpRequest, UUID, P], HttpResponse]


def told_to_queue(view: Answering[P]) -> Answering[P]:
    """Say in JSON, to a client that asks for it, what became of the answer and which page comes next.

    `status` is read from the database after the view: that of the saved answer, or null when nothing is saved under its
    key and sending it again is no use. A page that explains what is wrong with the answer stays a page.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, attempt_id: UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, attempt_id, *args, **kwargs)
        signed_in = request.user.is_authenticated
        if request.headers.get("Accept") != "application/json" or not signed_in:
            return response
        if not isinstance(response, HttpResponseRedirect):
            return response
        return JsonResponse({"status": _status(attempt_id, request.POST.get("key", "")), "next": response.url})

    return wrapped


def _status(attempt_id: UUID, key: str) -> str | None:
    try:
        saved = Response.objects.filter(attempt_id=attempt_id, key=UUID(key))
    except ValueError:
        return None
    return saved.values_list("status", flat=True).first()
