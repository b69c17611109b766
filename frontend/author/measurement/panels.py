"""Standards: whose cut scores are in force, and the panels that set them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments.domain.panel_ratings import write_template
from assessments.domain.standard_setting import (
    PanelRefused,
    PanelSummary,
    close_panel,
    convene_panel,
    enter_round,
    publish_panel,
    rating_scheme,
    summarise_panel,
)
from assessments.models import ItemParameterSet, ItemVersion, StandardPanel
from competencies.api import current_framework, cuts_in_force
from competencies.models import Competency, CutScore, Framework
from frontend.author.access import author_of, authors_only
from frontend.author.measurement.charts import draw_judges
from frontend.author.measurement.competencies import measured_competencies
from frontend.author.measurement.forms import PanelForm, RoundForm
from frontend.author.measurement.words.panels import describe_rating_problem, describe_refusal
from frontend.author.wording import excerpt_of

SHOWN_FAULTS = 50
LEVELS_WITH_A_CUT = range(2, 9)


@require_GET
@authors_only
def show_standards(request: HttpRequest) -> HttpResponse:
    """The cut scores in force of every competency, and the panels."""
    try:
        found = Competency.objects.filter(domain__framework=current_framework()).order_by("domain__order", "order")
    except Framework.DoesNotExist:
        found = Competency.objects.none()
    competencies = list(found)
    in_force = cuts_in_force([each.pk for each in competencies])
    scores = {
        (score.standard_id, score.competency_id): score
        for score in CutScore.objects.filter(
            standard__in={each.standard_pk for each in in_force.values()}
        ).select_related("standard")
    }
    measured = {each.pk for each in measured_competencies()}
    context = {
        "rows": [
            (each, scores[in_force[each.pk].standard_pk, each.pk], each.pk in measured)
            for each in competencies
            if each.pk in in_force
        ],
        "levels": LEVELS_WITH_A_CUT,
        "panels": StandardPanel.objects.select_related("competency"),
    }
    return render(request, "author/measurement/standards.html", context)


@require_http_methods(["GET", "POST"])
@authors_only
def convene(request: HttpRequest) -> HttpResponse:
    """A new panel for the competency named by `?competency=`."""
    competency = next(
        (each for each in measured_competencies() if each.code == request.GET.get("competency", "")), None
    )
    if competency is None:
        raise Http404
    versions = _versions_of(competency)
    choices = [(version.item.code, f"{version.item.code}: {excerpt_of(version)}") for version in versions]
    form = PanelForm(request.POST or None, items=choices, initial={"items": [code for code, _text in choices]})
    if form.is_valid():
        wanted = form.cleaned_data
        try:
            panel = convene_panel(
                author_of(request),
                competency,
                method=wanted["method"],
                name=wanted["name"],
                judges=wanted["judges"].splitlines(),
                versions=[version for version in versions if version.item.code in wanted["items"]],
                note=wanted["note"],
            )
        except PanelRefused as refused:
            field = "judges" if refused.reason == "judges" else "items"
            form.add_error(field, describe_refusal(refused.reason, refused.detail))
        else:
            return redirect("author:panel", panel.pk)
    context = {"competency": competency, "form": form}
    return render(request, "author/measurement/panel_new.html", context, status=422 if form.errors else 200)


@require_GET
@authors_only
def show_panel(request: HttpRequest, pk: int) -> HttpResponse:
    return _render(request, _find(pk))


@require_GET
@authors_only
def send_template(request: HttpRequest, pk: int) -> HttpResponse:
    """The empty table of ratings as a CSV file that spreadsheets open as UTF-8."""
    panel = _find(pk)
    response = HttpResponse("\ufeff" + write_template(rating_scheme(panel)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="panel-{panel.pk}.csv"'
    return response


@require_POST
@authors_only
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Store a round, or show what is wrong with its table by row and column."""
    panel = _find(pk)
    form = RoundForm(request.POST, request.FILES)
    faults: list[str] = []
    if form.is_valid():
        try:
            enter_round(panel, form.cleaned_data["round"], form.cleaned_data["table"], author_of(request))
        except PanelRefused as refused:
            if refused.problems:
                faults = [describe_rating_problem(problem) for problem in refused.problems]
                form.add_error("table", _("Nothing is stored. See the list of faults."))
            else:
                form.add_error(None, describe_refusal(refused.reason, refused.detail))
        else:
            messages.success(request, _("Round %(number)d is stored.") % {"number": form.cleaned_data["round"]})
            return redirect("author:panel", pk)
    return _render(request, panel, form, faults, status=422)


@require_POST
@authors_only
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the panel's cut scores in force."""
    panel = _find(pk)
    try:
        publish_panel(panel, author_of(request))
    except PanelRefused as refused:
        messages.error(request, describe_refusal(refused.reason, refused.detail))
    else:
        messages.success(request, _("The standard is in force. Results from now on are reported under it."))
    return redirect("author:panel", pk)


@require_POST
@authors_only
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """End the panel without a standard."""
    panel = _find(pk)
    try:
        close_panel(panel, author_of(request))
    except PanelRefused as refused:
        messages.error(request, describe_refusal(refused.reason, refused.detail))
    return redirect("author:panel", pk)


def _find(pk: int) -> StandardPanel:
    panel = (
        StandardPanel.objects.select_related("competency", "created_by", "decided_by", "standard").filter(pk=pk).first()
    )
    if panel is None:
        raise Http404
    return panel


def _versions_of(competency: Competency) -> list[ItemVersion]:
    """Versions in use that have parameters for the competency."""
    measured = ItemParameterSet.objects.filter(competency=competency).values("version")
    found = ItemVersion.objects.filter(pk__in=measured, status=ItemVersion.Status.PUBLISHED)
    return list(found.exclude(item__kind="simulation").select_related("item").order_by("item__code"))


def _render(
    request: HttpRequest,
    panel: StandardPanel,
    form: RoundForm | None = None,
    faults: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    summary = summarise_panel(panel)
    next_round = 2 if 1 in summary.rounds else 1
    context: dict[str, Any] = {
        "panel": panel,
        "summary": summary,
        "form": form or RoundForm(initial={"round": next_round}),
        "faults": (faults or [])[:SHOWN_FAULTS],
        "more_faults": max(0, len(faults or []) - SHOWN_FAULTS),
        "levels": LEVELS_WITH_A_CUT,
        "is_angoff": panel.method == StandardPanel.Method.ANGOFF,
        "items": [(item, excerpt_of(item.version)) for item in summary.items],
        "booklet": [(number, summary.items[page.item], page) for number, page in enumerate(summary.booklet, start=1)],
        **_cuts(summary),
    }
    return render(request, "author/measurement/panel.html", context, status=status)


def _cuts(summary: PanelSummary) -> dict[str, Any]:
    """The cut scores with their errors and the judges' own, as tables and a picture."""
    final = summary.final
    if final is None:
        return {}
    rounds = [
        (number, found) for number, found in enumerate((summary.first, summary.second), start=1) if found is not None
    ]
    inconsistency = summary.inconsistency or (None,) * len(summary.judges)
    return {
        "cuts": [
            (level, *(float(part[at]) for part in (final.cuts, final.se, final.spread)))
            for at, level in enumerate(LEVELS_WITH_A_CUT)
        ],
        "rounds": [(number, found.cuts.tolist(), found.se.tolist()) for number, found in rounds],
        "agreement": list(enumerate(summary.agreement, start=1)),
        "judges": [
            (number, name, own, off)
            for number, (name, own, off) in enumerate(
                zip(summary.judges, final.judges.tolist(), inconsistency, strict=True), start=1
            )
        ],
        "chart": draw_judges(summary.judges, final.judges.tolist(), final.cuts.tolist()),
    }
