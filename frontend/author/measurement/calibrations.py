"""Calibrations: start them, watch them, read what they propose, publish or discard it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments.domain.calibration import (
    CalibrationRefused,
    discard_calibration,
    is_stalled,
    publish_calibration,
    start_calibration,
    wake_worker,
)
from assessments.domain.calibration_plan import MINIMUM
from assessments.models import CalibrationProposal, CalibrationRun
from competencies.models import LEVELS
from frontend.author.access import author_of, authors_only
from frontend.author.measurement.competencies import competency_choices, count_items, measured_competencies
from frontend.author.measurement.forms import CalibrationForm
from frontend.author.measurement.words.calibration import describe_problem, describe_refusal, proposal_flag

Status = CalibrationRun.Status
RUN_TAGS = {
    Status.QUEUED: ("neutral", "clock", gettext_lazy("waiting for a worker")),
    Status.RUNNING: ("info", "clock", gettext_lazy("running")),
    Status.READY: ("warning", "flag", gettext_lazy("proposal ready")),
    Status.PUBLISHED: ("success", "check", gettext_lazy("parameters in force")),
    Status.DISCARDED: ("outline", "close", gettext_lazy("discarded")),
    Status.FAILED: ("danger", "danger", gettext_lazy("failed")),
}
OUTCOME_TAGS = {"calibrated": "success", "provisional": "warning", "anchor": "neutral", "refused": "danger"}


@require_http_methods(["GET", "POST"])
@authors_only
def show_calibrations(request: HttpRequest) -> HttpResponse:
    """Every competency with its items and newest calibration; POST starts one, or one for each competency."""
    competencies = measured_competencies()
    form = CalibrationForm(request.POST or None, competencies=competency_choices(competencies))
    if form.is_valid():
        code = form.cleaned_data["competency"]
        chosen = [each for each in competencies if not code or each.code == code]
        runs = start_calibration(
            author_of(request), chosen, model=form.cleaned_data["model"], linking=form.cleaned_data["linking"]
        )
        if len(runs) == 1:
            return redirect("author:calibration", runs[0].pk)
        messages.success(
            request, ngettext("%(n)d calibration started.", "%(n)d calibrations started.", len(runs)) % {"n": len(runs)}
        )
        return redirect("author:calibrations")
    counts = count_items()
    runs_of: dict[int, CalibrationRun] = {}
    for run in CalibrationRun.objects.filter(competency__in=competencies).defer("plan", "sequence").order_by("pk"):
        runs_of[run.competency_id] = run
    context = {
        "form": form,
        "rows": [(each, counts[each.pk], _described(runs_of.get(each.pk))) for each in competencies],
    }
    return render(request, "author/measurement/calibrations.html", context, status=422 if form.errors else 200)


@require_GET
@authors_only
def show_calibration(request: HttpRequest, pk: int) -> HttpResponse:
    """A run: how far it is, why it failed, or what it proposes. Part of it asks again by itself while it runs."""
    run = _find(pk)
    active = run.status in (Status.QUEUED, Status.RUNNING)
    context: dict[str, Any] = {
        "run": run,
        "tag": RUN_TAGS[Status(run.status)],
        "active": active,
        "stalled": is_stalled(run),
    }
    if run.status == Status.FAILED:
        context |= {f"problem_{name}": run.detail.get(name) for name in ("items", "sets", "said")}
        context["problem"] = describe_problem(run.problem, run.detail)
    if run.status in (Status.READY, Status.PUBLISHED, Status.DISCARDED) and run.result.get("levels"):
        context |= _proposal(run)
    response = render(request, "author/measurement/calibration.html", context)
    if not active and getattr(request, "htmx", False):
        response["HX-Refresh"] = "true"
    return response


@require_POST
@authors_only
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    run = _find(pk)
    return _decide(request, run, lambda: _published(publish_calibration(run, author_of(request))))


@require_POST
@authors_only
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    run = _find(pk)

    def discarded() -> str:
        discard_calibration(run, author_of(request))
        return _("The calibration is discarded. No parameter was changed.")

    return _decide(request, run, discarded)


@require_POST
@authors_only
def wake(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a run that does not move to the workers again."""
    run = _find(pk)
    if is_stalled(run):
        wake_worker(run)
    return redirect("author:calibration", pk)


def _published(count: int) -> str:
    return ngettext(
        "New parameters of %(n)d item are in force from now on.",
        "New parameters of %(n)d items are in force from now on.",
        count,
    ) % {"n": count}


def _decide(request: HttpRequest, run: CalibrationRun, operate: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, operate())
    except CalibrationRefused as refused:
        messages.error(request, describe_refusal(refused.reason, ", ".join(refused.items)))
    return redirect("author:calibration", run.pk)


def _find(pk: int) -> CalibrationRun:
    run = (
        CalibrationRun.objects.select_related("competency", "requested_by", "decided_by")
        .defer("sequence")
        .filter(pk=pk)
        .first()
    )
    if run is None:
        raise Http404
    return run


def _described(run: CalibrationRun | None) -> dict[str, Any] | None:
    return {"run": run, "tag": RUN_TAGS[Status(run.status)]} if run else None


def _proposal(run: CalibrationRun) -> dict[str, Any]:
    rows = list(run.proposals.select_related("version__item"))
    levels = run.result["levels"]
    table = levels["table"]
    return {
        "rows": [_row(each) for each in rows if each.outcome != CalibrationProposal.Outcome.REFUSED],
        "refused": [(each, proposal_flag(each.flags[0])) for each in rows if each.outcome == "refused" and each.flags],
        "calibrated": sum(each.outcome == "calibrated" for each in rows),
        "provisional": sum(each.outcome == "provisional" for each in rows),
        "anchors": sum(each.outcome == "anchor" for each in rows),
        "flagged": sum(bool(each.flags) for each in rows if each.outcome != "refused"),
        "minimum": MINIMUM[run.model],
        "released": run.plan.get("released", []),
        "regrades": run.regrades.all(),
        "levels": levels,
        "moved_share": levels["moved"] / levels["people"] if levels["people"] else 0.0,
        "level_rows": [(level, table[level - 1], sum(table[level - 1])) for level in range(1, LEVELS + 1)],
        "level_numbers": range(1, LEVELS + 1),
    }


def _row(each: CalibrationProposal) -> dict[str, Any]:
    new = each.new or {}
    return {
        "proposal": each,
        "tag": OUTCOME_TAGS[each.outcome],
        "old": _numbers(each.old),
        "new": _numbers(each.new),
        "errors": each.standard_errors,
        "is_partial": "steps" in new or "steps" in (each.old or {}),
        "flags": [proposal_flag(flag) for flag in each.flags],
    }


def _numbers(parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Discrimination and difficulty; of several scores the mean of the steps, and the steps."""
    if not parameters:
        return None
    steps = parameters.get("steps", [])
    difficulty = sum(steps) / len(steps) if steps else parameters["b"]
    return {"a": parameters["a"], "b": difficulty, "steps": steps}
