"""What holds for every page: what no address may hold, which language comes first, and that a refusal is noted."""

from collections.abc import Callable
from functools import cache
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import BadRequest, ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase

from organisation.api import record_audit

Handler = Callable[[HttpRequest], HttpResponse]


def address_of(request: HttpRequest) -> str | None:
    """Return the network address that a request came from, past the proxies that the installation trusts.

    None when the server was not told one, or the proxies do not say what the installation expects of them.
    """
    try:
        address: str = get_adapter().get_client_ip(request)
    except (PermissionDenied, ImproperlyConfigured):
        return None
    return address


class PlainRequestMiddleware:
    """Keep NUL, which no database takes, from every page; begin in Vietnamese whatever the browser was set to.

    It is left out of forms, names nothing in a query, and an address with one is refused. Another language is chosen by
    the switch on every page. A program says with each request what it wants.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            request.META.pop("HTTP_ACCEPT_LANGUAGE", None)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> None:
        if "\0" in request.path:
            raise BadRequest("the address holds a NUL character")
        if request.path.startswith("/api/"):  # a program is told the name of the field
            return
        if _has_nul(request.GET):
            request.GET = QueryDict(_without_nul(request.GET, "\ufffd"))
        if request.method == "POST" and _has_nul(request.POST):
            request.POST = QueryDict(_without_nul(request.POST, ""))


def _has_nul(fields: QueryDict) -> bool:
    return any("\0" in text for name, values in fields.lists() for text in (name, *values))


def _without_nul(fields: QueryDict, instead: str) -> str:
    """The fields as a query, with something else for each NUL."""
    pairs = [(name, value) for name, values in fields.lists() for value in values]
    return urlencode([(name.replace("\0", instead), value.replace("\0", instead)) for name, value in pairs])


class PolicyMiddleware(CSPMiddleware):
    """Send the installation's content security policy, which is one for all pages and is put into words once."""

    def process_request(self, request: HttpRequest) -> None:
        """No page has a script of its own, so none needs a word to let it in by."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not (settings.DEBUG and response.status_code in (404, 500)):  # Django's own pages of faults
            response.headers.setdefault(HEADER, _policy())
        return response


@cache
def _policy() -> str:
    return build_policy()


class AuditRefusalMiddleware:
    """Write an audit row when a signed-in person is answered 403, or 404 by a view that guards records.

    A view (or REST handler) that refuses because of who asks sets `request.refusal` to a short name of what was
    refused; the person sees a plain 404 and learns nothing of whether the thing exists.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        refusal = getattr(request, "refusal", "")
        if refusal or response.status_code == 403:
            user = getattr(request, "user", None)
            record_audit(
                actor=user if user is not None and user.is_authenticated else None,
                action="refused",
                target=refusal or request.path,
                address=address_of(request),
                detail={"path": request.path, "method": request.method, "status": response.status_code},
            )
        return response
