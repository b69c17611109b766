"""Permissions of the REST interface: deny unless a view names who is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from organisation.domain.access import roles_of

if TYPE_CHECKING:
    from rest_framework.views import APIView


class DenyUnlessAllowed(BasePermission):
    """The default: a view that names no permission answers nobody."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return False


class HasRole(BasePermission):
    """Allow accounts with at least one of the view's `allowed_roles`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        allowed: set[str] = getattr(view, "allowed_roles", set())
        return bool(roles_of(request.user) & allowed)


def refuse(request: Request, what: str) -> Http404:
    """Note the refusal for the audit trail and return the 404 to raise: `raise refuse(request, "unit AB-01")`."""
    request._request.refusal = what  # type: ignore[attr-defined]  # read by the audit middleware
    return Http404()
