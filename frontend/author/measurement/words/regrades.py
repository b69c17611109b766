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
    "single": gettext_lazy(
        "This item has one version. Edit it, correct its key alone and let another trainer publish it; then come back."
    ),
    "older": gettext_lazy("Choose a version that is later than the one whose answers are scored."),
    "marked": gettext_lazy("People mark this question: it has no key. A mark is changed by an appeal."),
    "several": gettext_lazy("This item counts for several competencies and is not scored again."),
    "points": gettext_lazy("That version gives another number of points. Choose one that gives as many."),
    "unfit": gettext_lazy(
        "Answers are recognised by the wording of the question, and that version has another one. Publish a version"
        " that changes the key alone, and score by it."
    ),
    "own": gettext_lazy(
        "You sat this question yourself, and nobody publishes a correction of their own result. Ask another trainer."
    ),
    "underway": gettext_lazy("Another key of this version is being applied just now. Wait until that is done."),
}


def describe_refusal(reason: str) -> str:
    """Return why a regrade cannot be done."""
    return str(_REFUSALS[reason])
