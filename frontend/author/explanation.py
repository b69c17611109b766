"""Why this item: the choices of a sitting in words and numbers, without its person."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from assessments.domain.queries.choice_log import ChoiceLog, ChoiceStep, CompetencyStop, choice_log, recent_attempts
from assessments.measurement import Explanation
from assessments.models import Assessment, Attempt
from competencies.models import Competency
from frontend.author.access import authors_only


@require_safe
@authors_only
def show_sittings(request: HttpRequest, code: str) -> HttpResponse:
    """The newest finished sittings of an adaptive assessment, by their time alone."""
    assessment = get_object_or_404(Assessment, code=code, mode=Assessment.Mode.ADAPTIVE)
    context = {"assessment": assessment, "attempts": recent_attempts(assessment.pk)}
    return render(request, "author/sittings.html", context)


@require_safe
@authors_only
def show_choices(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Every choice of a finished sitting made again and explained, and why the sitting stopped."""
    attempt = Attempt.objects.select_related("assessment").defer("person").filter(pk=attempt_id).first()
    if attempt is None or attempt.status != Attempt.Status.SUBMITTED or "rule" not in attempt.form:
        raise Http404
    log = choice_log(attempt)
    names = {str(each.competency.pk): each.competency for each in log.steps} | {
        str(each.pk): each for each in log.waiting
    }
    context = {
        "attempt": attempt,
        "log": log,
        "steps": [_step(step, names) for step in log.steps],
        "stops": [{"stop": stop, "words": _stop_words(stop, log)} for stop in log.stops],
        "end": end_words(log),
        "rule": log.form.rule,
        "selection": log.form.selection,
        "held_back": len(log.form.ineligible),
        "seen": len(log.form.excluded),
        "lent": len(log.form.neighbours),
    }
    return render(request, "author/explanation.html", context)


def _step(step: ChoiceStep, names: dict[str, Competency]) -> dict[str, Any]:
    facts = step.explanation
    return {
        "step": step,
        "facts": facts,
        "why": why_words(step),
        "barred": _barred_words(facts) if facts else [],
        "rivals": _rivals(facts, names) if facts else [],
        "outcome": _outcome(step),
    }


def why_words(step: ChoiceStep) -> str:
    """One sentence: what decided on this item."""
    why, facts = step.recorded["why"], step.explanation
    if why == "pretest":
        return _("It is being tried out: the seed put a question here that is given but not scored.")
    if why == "testlet":
        return _("It shares its material with the question before, so it follows at once.")
    if why == "blueprint":
        return _("The blueprint asked for a question of this sort while there were just enough questions left.")
    if facts is None:
        return _("It was among those that told most about this person.")
    if facts.rank == 1:
        words = _("Of all open questions of the competency it told most about a person of this estimated ability.")
    else:
        words = ngettext(
            "It was number %(count)d of the competency's open questions by information; a better one sat out, or "
            "chance, which is strongest in the first questions, tipped the scale.",
            "It was number %(count)d of the competency's open questions by information; better ones sat out, or "
            "chance, which is strongest in the first questions, tipped the scale.",
            facts.rank,
        ) % {"count": facts.rank}
    if step.recorded.get("relaxed"):
        words += " " + _("All others of the competency had been given too often, so the exposure limit was set aside.")
    return words


def end_words(log: ChoiceLog) -> str:
    """One sentence: why no further question came."""
    return {
        "open": _("The sitting is still open."),
        "decided": _("Every competency of the sitting had been decided or measured well enough."),
        "max_items": ngettext(
            "The sitting's limit of %(count)d question was reached.",
            "The sitting's limit of %(count)d questions was reached.",
            log.form.rule.max_items,
        )
        % {"count": log.form.rule.max_items},
        "no_room": _("The questions left were too few to finish another competency, so it waits for the next sitting."),
        "no_items": _("The bank had no further question for the competencies that were open."),
        "time": _("The time was over."),
        "handed_in": _("The person handed in before the sitting was over."),
    }[log.end]


def _stop_words(stop: CompetencyStop, log: ChoiceLog) -> str:
    rule = log.form.rule
    below = rule.error_rate if rule.error_rate_below is None else rule.error_rate_below
    if stop.reason == "meets":
        return _("Meets the requirement: the probability of being below is at most %(rate)s.") % {
            "rate": _share(rule.error_rate)
        }
    if stop.reason == "below":
        return _("Below the requirement: the probability of meeting it is at most %(rate)s.") % {"rate": _share(below)}
    if stop.reason == "precise":
        return _("Precise enough: the standard error is at most %(se)s.") % {"se": f"{rule.target_se:.2f}"}
    if stop.reason == "limit":
        return _("The limit of questions was reached before it could be decided.")
    return _("Not decided when the sitting ended.")


def _barred_words(facts: Explanation) -> list[str]:
    """What kept other questions of the competency from being chosen, with numbers."""
    words = {
        "given": ngettext("%(count)d already given", "%(count)d already given", facts.barred["given"]),
        "enemy": ngettext(
            "%(count)d must not meet one already given",
            "%(count)d must not meet one already given",
            facts.barred["enemy"],
        ),
        "exposure": ngettext(
            "%(count)d sat out for having been given too often",
            "%(count)d sat out for having been given too often",
            facts.barred["exposure"],
        ),
        "blueprint": ngettext(
            "%(count)d barred by the blueprint", "%(count)d barred by the blueprint", facts.barred["blueprint"]
        ),
        "excluded": ngettext(
            "%(count)d met lately or too long for the questions left",
            "%(count)d met lately or too long for the questions left",
            facts.barred["excluded"],
        ),
    }
    return [text % {"count": facts.barred[cause]} for cause, text in words.items() if facts.barred[cause]]


def _rivals(facts: Explanation, names: dict[str, Competency]) -> list[dict[str, Any]]:
    """The competencies that the question could have been about, the most gainful first, as parts of the best gain."""
    best = max((gain for _name, gain in facts.gains), default=0.0)
    return [
        {
            "competency": names[name],
            "share": gain / best if best > 0 else 0.0,
            "chosen": name == facts.choice.competency,
        }
        for name, gain in facts.gains[:6]
        if name in names
    ]


def _outcome(step: ChoiceStep) -> str:
    if not step.scored:
        return _("Not scored")
    if step.score is None:
        return _("Not answered")
    return _("%(score)d of %(maximum)d points") % {"score": step.score, "maximum": step.maximum}


def _share(rate: float) -> str:
    return f"{rate:.0%}" if rate >= 0.01 else f"{rate:.1%}"


sitting_patterns = [
    path("<slug:code>/", show_sittings, name="sittings"),
    path("choices/<uuid:attempt_id>/", show_choices, name="choices"),
]
"""Addresses of these pages, included among the trainers'."""
