"""Trials on simulated people in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from frontend.author.measurement.words.flags import Flag, Words, read_flag

_VERDICTS: Words = {
    "less_accurate_than_asked": (
        "danger",
        gettext_lazy("Less accurate than asked"),
        gettext_lazy(
            "Too many verdicts about the requirement are wrong. Allow more questions for each competency,"
            " or write sharper items."
        ),
    ),
    "often_stopped_by_limit": (
        "warning",
        gettext_lazy("Often cut short"),
        gettext_lazy(
            "Most competencies end at the limit of questions, before the evidence is clear. Raise the "
            "limit, or accept wider uncertainty."
        ),
    ),
    "short_of_items": (
        "warning",
        gettext_lazy("Short of items"),
        gettext_lazy("Questions ran out before the evidence was clear. Write more items for these competencies."),
    ),
    "overexposed": (
        "warning",
        gettext_lazy("Some items are met too often"),
        gettext_lazy("Items above the limit get known. Write more items at the same levels."),
    ),
    "many_items_unused": (
        "neutral",
        gettext_lazy("Many items are never used"),
        gettext_lazy(
            "More than half of the items were given to nobody. They may be too easy, too hard or too weak"
            " for these people."
        ),
    ),
    "too_long": (
        "danger",
        gettext_lazy("Too long for its time"),
        gettext_lazy("One in ten people would need more time than is allowed. Allow more minutes or fewer questions."),
    ),
    "leaves_competencies_out": (
        "neutral",
        gettext_lazy("One sitting does not measure everything"),
        gettext_lazy("A sitting reaches fewer than half of the competencies; the rest wait for the next one."),
    ),
}

_REASONS: dict[str, Promise] = {
    "meets": gettext_lazy("clearly meets the requirement"),
    "below": gettext_lazy("clearly below the requirement"),
    "precise": gettext_lazy("precise enough"),
    "limit": gettext_lazy("limit of questions"),
    "no_items": gettext_lazy("no question left"),
}

_REFUSALS: dict[str, Promise] = {
    "not_adaptive": gettext_lazy("Only an adaptive quiz can be tried on simulated people."),
    "no_post": gettext_lazy("Choose a position whose requirements are in force."),
    "nothing_to_ask": gettext_lazy("There are no questions for the competencies of this assessment."),
    "people": gettext_lazy("The number of people is out of range."),
    "correlation": gettext_lazy("The correlation is at least 0 and below 1."),
    "failed": gettext_lazy("An error that nobody foresaw stopped the trial."),
}


def verdict_flag(code: str) -> Flag:
    """Return a code of a trial's verdict in words."""
    return read_flag(_VERDICTS, code)


def reason_name(code: str) -> str:
    """Return why the questions on a competency ended."""
    return str(_REASONS[code])


def describe_refusal(reason: str) -> str:
    """Return why an assessment cannot be tried."""
    return str(_REFUSALS[reason])
