"""Who may open a page of this journey: nobody unless the view names the role."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from organisation.api import roles_of
from organisation.models import User

View = Callable[..., HttpResponse]

AUTHORS = frozenset({"trainer", "admin"})
READERS = AUTHORS | {"learner", "hr"}


def allow_roles(roles: frozenset[str]) -> Callable[[View], View]:
    """Let accounts with one of the roles in; send who is not signed in to sign in; answer 404 to everyone else."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not roles_of(request.user) & roles:
                request.refusal = request.path  # type: ignore[attr-defined]  # read by the audit middleware
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return decorate


authors_only = allow_roles(AUTHORS)


def author_of(request: HttpRequest) -> User:
    """Return the signed-in account behind a view that `allow_roles` guards."""
    assert isinstance(request.user, User)
    return request.user
