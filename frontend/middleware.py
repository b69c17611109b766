"""What holds for every page: what no address may hold, which language comes first, and that a refusal is noted."""

from collections.abc import Callable
from functools import cache

from allauth.account.adapter import get_adapter
from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import BadRequest, ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
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
    """Refuse an address with a NUL, which no database takes; begin in Vietnamese whatever the browser was set to.

    People choose another language by the switch on every page. A program says with each request what it wants.
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
