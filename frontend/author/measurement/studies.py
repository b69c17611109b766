"""Trials of an adaptive quiz on simulated people."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from assessments.domain.simulation_study import is_stalled, wake_study
from assessments.domain.study_report import MAX_EXPOSURE
from assessments.models import SimulationStudy
from frontend.author.access import authors_only
from frontend.author.measurement.charts import draw_error_by_ability, draw_exposure
from frontend.author.measurement.words.studies import describe_refusal, reason_name, verdict_flag

Status = SimulationStudy.Status
STUDY_TAGS = {
    Status.QUEUED: ("neutral", "clock"),
    Status.RUNNING: ("info", "clock"),
    Status.READY: ("success", "check"),
    Status.FAILED: ("danger", "danger"),
}


@require_GET
@authors_only
def show_study(request: HttpRequest, pk: int) -> HttpResponse:
    """A trial: how far it is, or its report with pictures and a verdict."""
    study = _find(pk)
    active = study.status in (Status.QUEUED, Status.RUNNING)
    context: dict[str, Any] = {
        "study": study,
        "tag": STUDY_TAGS[Status(study.status)],
        "active": active,
        "stalled": is_stalled(study),
        "problem": describe_refusal(study.problem) if study.problem else "",
    }
    if study.status == Status.READY:
        context |= _report(study)
    response = render(request, "author/measurement/study.html", context)
    if not active and getattr(request, "htmx", False):
        response["HX-Refresh"] = "true"
    return response


@require_POST
@authors_only
def wake(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a trial that does not move to the workers again."""
    study = _find(pk)
    if is_stalled(study):
        with transaction.atomic():
            wake_study(study)
    return redirect("author:study", pk)


def _find(pk: int) -> SimulationStudy:
    study = SimulationStudy.objects.select_related("assessment", "position", "requested_by").filter(pk=pk).first()
    if study is None:
        raise Http404
    return study


def _report(study: SimulationStudy) -> dict[str, Any]:
    report = study.report
    ended = sum(report["reasons"].values())
    return {
        "report": report,
        "verdict": [verdict_flag(code) for code in report["verdict"]],
        "errors": draw_error_by_ability(report["by_ability"], study.assessment.target_se),
        "exposure": draw_exposure(report["items"], MAX_EXPOSURE),
        "most_met": [each for each in report["items"] if each["given"]][:15],
        "never_met": [each for each in report["items"] if not each["given"]],
        "max_exposure": MAX_EXPOSURE,
        "reasons": [
            (reason_name(code), count, count / ended)
            for code, count in sorted(report["reasons"].items(), key=lambda pair: -pair[1])
        ],
    }
