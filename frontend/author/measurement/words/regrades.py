"""Regrades in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

_REFUSALS: dict[str, Promise] = {
    "in_use": gettext_lazy(
        "This version is in use. Take it out of use first, or the next sitting would count it again."
    ),
    "void": gettext_lazy("This version is void already."),
    "nothing": gettext_lazy("This preview was published meanwhile, or is not finished."),
    "version": gettext_lazy("There is no such version any more."),
}


def describe_refusal(reason: str) -> str:
    """Return why a version cannot be made void."""
    return str(_REFUSALS[reason])
