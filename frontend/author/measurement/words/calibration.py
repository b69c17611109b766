"""Calibrations in words."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from frontend.author.measurement.words.flags import Flag, Words, read_flag

_PROPOSAL: Words = {
    "no_discrimination": (
        "danger",
        gettext_lazy("Does not tell people apart"),
        gettext_lazy("The discrimination is at its lowest bound. Check the key before you publish."),
    ),
    "weak": ("warning", gettext_lazy("Weak discrimination"), gettext_lazy("It adds little. Consider rewording it.")),
    "steep": (
        "warning",
        gettext_lazy("Very steep"),
        gettext_lazy(
            "So steep a curve often means that two items hang together or that few people of that ability answered."
        ),
    ),
    "far": (
        "warning",
        gettext_lazy("Far from most people"),
        gettext_lazy("Its difficulty lies where hardly anybody stands. The value is rough."),
    ),
    "imprecise": (
        "warning",
        gettext_lazy("Imprecise"),
        gettext_lazy("The standard error of its difficulty is above 0.4. More answers near its difficulty would help."),
    ),
    "drifted": (
        "warning",
        gettext_lazy("Drifted"),
        gettext_lazy("Its answers no longer fit the parameters in force, so it did not serve as an anchor."),
    ),
    "unlike_author": (
        "neutral",
        gettext_lazy("Other than its author thought"),
        gettext_lazy("The data put it more than one unit away from the author's level. Check that level."),
    ),
}

_REFUSED: dict[str, Promise] = {
    "no_answers": gettext_lazy("Nobody has answered it."),
    "one_score": gettext_lazy("Everybody has the same score (%(score)s)."),
    "score_never_given": gettext_lazy("Nobody has score %(score)s: merge that score with its neighbour."),
    "mixed_maximum": gettext_lazy("Its highest score was not always the same."),
}

_PROBLEMS: dict[str, Promise] = {
    "no_answers": gettext_lazy("Nobody has answered any item of this competency yet."),
    "nothing_left": gettext_lazy("No item is left that could be calibrated: their scores do not vary."),
    "disconnected": gettext_lazy(
        "These sets of items share no scale, for nobody answered items of both. Give some people "
        "items of each set, or calibrate with anchors in each."
    ),
    "not_converged": gettext_lazy("The estimation did not settle in %(iterations)s steps."),
    "bad_parameters": gettext_lazy(
        "The parameters in force of this item cannot be used: discrimination is above 0, guessing at least 0 and below"
        " 1, and every parameter a finite number."
    ),
    "failed": gettext_lazy("An error that nobody foresaw stopped the calibration."),
}

_REFUSALS: dict[str, Promise] = {
    "not_ready": gettext_lazy("There is no proposal to publish here."),
    "nothing_proposed": gettext_lazy("The proposal changes no item that is in use."),
    "changed_meanwhile": gettext_lazy(
        "These items got other parameters since the calibration began: %(items)s. Calibrate anew."
    ),
    "bad_parameters": gettext_lazy("The proposed parameters of these items cannot be used: %(items)s."),
    "not_active": gettext_lazy("This calibration has ended already."),
}


def proposal_flag(code: str) -> Flag:
    """Return a flag of a proposal in words; a refusal carries its score after a colon."""
    name, _colon, score = code.partition(":")
    if name in _REFUSED:
        return Flag("neutral", str(_REFUSED[name]) % {"score": score}, "")
    return read_flag(_PROPOSAL, name)


def describe_problem(code: str, detail: dict[str, Any]) -> str:
    """Return why a calibration failed."""
    return str(_PROBLEMS.get(code, _PROBLEMS["failed"])) % {"iterations": detail.get("iterations", "")}


def describe_refusal(reason: str, items: str = "") -> str:
    """Return why a calibration cannot be published or discarded."""
    return str(_REFUSALS[reason]) % {"items": items}
