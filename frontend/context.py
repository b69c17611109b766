"""What every page gets."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from organisation.api import roles_of


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return what the shell needs to know of the account.

    navigation: of its roles, a list of {label, url, current}. full_name: of the person behind it, empty without one.
    is_staff: whether it trains, answers for HR or administers.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": [], "full_name": "", "is_staff": False}
    roles = roles_of(user)
    entries = []
    if "learner" in roles:
        entries += [(_("My competencies"), reverse("home")), (_("Courses"), reverse("learn:catalogue"))]
    if roles & {"trainer", "admin"}:
        entries.append((_("Authoring"), reverse("author:home")))
    if roles & {"hr", "admin"}:
        entries.append((_("Units and gaps"), reverse("hr:home")))
    exact = [url for _label, url in entries if url == request.path]
    return {
        "full_name": user.person.full_name if "learner" in roles else "",
        "is_staff": bool(roles - {"learner"}),
        "navigation": [
            {
                "label": label,
                "url": url,
                "current": url == request.path or (not exact and url != "/" and request.path.startswith(url)),
            }
            for label, url in entries
        ],
    }
