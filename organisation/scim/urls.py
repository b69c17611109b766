"""Addresses under /scim/v2/; what lies behind them is the protocol's own matter."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt  # a bearer token answers for the request; no cookie is looked at
def scim(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer one SCIM request. The first one loads the protocol's schemas, which no other page has to wait for."""
    from organisation.scim.views import answer_scim

    return answer_scim(request, rest)


scim_patterns = [path("", scim, name="scim-root"), path("<path:rest>", scim, name="scim")]
