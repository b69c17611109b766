"""SCIM 2.0 under /scim/v2: who asks, how often, and the hand-over to the protocol's own service."""

import json
import logging
import time

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.cache import never_cache
from scim2_models import InvalidSyntaxException, PayloadTooLargeException, SCIMException, UnauthorizedException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.routing import Operation
from scim2_server.service import ScimService

from organisation.domain.hr_systems import hr_system_of
from organisation.models import HrSystem
from organisation.scim.resources import PROVIDER
from organisation.scim.storage import OrganisationStorage

_SERVICE = ScimService(PROVIDER)
_WINDOW_SECONDS = 60
_FAILURES_PER_WINDOW = 30
_RETRY_AFTER_SECONDS = {429: _WINDOW_SECONDS, 503: 10}
_LOG = logging.getLogger(__name__)


class TooManyRequestsException(SCIMException):
    """More requests than one client may send in a minute."""

    status = 429
    _default_detail = "Too many requests: wait for a minute"


@never_cache
def answer_scim(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer one SCIM request. Every refusal is a SCIM error; the service's own description is open to everybody."""
    with translation.override("en"):
        try:
            response = _answer(request, rest)
        except RequestDataTooBig:
            response = _SERVICE.error_response(PayloadTooLargeException())
        except RecursionError:
            response = _SERVICE.error_response(InvalidSyntaxException(detail="The request is nested too deeply"))
        except SCIMException as refused:
            response = _SERVICE.error_response(refused)
        except Exception as error:
            _LOG.exception("SCIM %s %s", request.method, request.path)
            response = _SERVICE.error_response(error)
    return _http(response)


def _answer(request: HttpRequest, rest: str) -> ScimResponse:
    asked = ScimRequest(
        method=request.method or "GET",
        base_url=request.build_absolute_uri(request.path.removesuffix(rest)).rstrip("/"),
        path=f"/{rest}",
        query=request.GET.dict(),
        headers=request.headers,
    )
    address = request.META.get("REMOTE_ADDR")
    if _is_description(asked):
        return _SERVICE.service_provider_config(asked.url, asked.query)
    system = _authenticate(request, address)
    asked.body = request.body
    return ScimHandler(_SERVICE, OrganisationStorage(system, address)).handle(asked)


def _is_description(asked: ScimRequest) -> bool:
    try:
        return _SERVICE.match(asked).operation is Operation.service_provider_config
    except SCIMException:
        return False  # who may ask is looked at first


def _authenticate(request: HttpRequest, address: str | None) -> HrSystem:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    system = hr_system_of(token.strip()) if scheme.lower() == "bearer" else None
    if system is None:
        _count(f"failed:{address}", _FAILURES_PER_WINDOW)
        raise UnauthorizedException
    _count(str(system.pk), settings.SCIM_REQUESTS_PER_MINUTE)
    return system


def _count(who: str, limit: int) -> None:
    key = f"scim:{who}:{int(time.time()) // _WINDOW_SECONDS}"
    if cache.add(key, 1, timeout=2 * _WINDOW_SECONDS):
        return
    try:
        asked = cache.incr(key)
    except ValueError:  # the cache was emptied this very moment
        return
    if asked > limit:
        raise TooManyRequestsException


def _http(response: ScimResponse) -> HttpResponse:
    answer = HttpResponse(status=response.status, headers=response.headers)
    if response.body is not None:
        answer.content = json.dumps(response.body, ensure_ascii=False).encode()
    if response.status in _RETRY_AFTER_SECONDS:
        answer["Retry-After"] = str(_RETRY_AFTER_SECONDS[response.status])
    return answer
