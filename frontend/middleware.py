"""Every refusal to a signed-in person leaves an audit row."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from organisation.api import record_audit

Handler = Callable[[HttpRequest], HttpResponse]


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
                address=request.META.get("REMOTE_ADDR"),
                detail={"path": request.path, "method": request.method, "status": response.status_code},
            )
        return response
