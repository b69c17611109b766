"""Regrades: see who would change if a version of a question were void, publish it, and see what a regrade changed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments.domain.queries.void import is_void
from assessments.domain.regrading import (
    RegradeRefused,
    check_corrections,
    publish_regrade,
    start_regrade,
    void_correction,
)
from assessments.models import Item, ItemVersion, Regrade, RegradeResult
from assessments.models.regrading import PREVIEWS
from frontend.author.access import author_of, authors_only
from frontend.author.measurement.words.regrades import describe_refusal
from frontend.author.wording import excerpt_of

SHOWN = 100
Status = Regrade.Status
REGRADE_TAGS = {
    Status.QUEUED: ("neutral", "clock"),
    Status.RUNNING: ("info", "clock"),
    Status.DONE: ("success", "check"),
    Status.FAILED: ("danger", "danger"),
    Status.PREVIEWING: ("info", "clock"),
    Status.PREVIEWED: ("warning", "info"),
}


class VoidForm(forms.Form):
    """Why a version counts for nobody."""

    reason = forms.CharField(
        label=gettext_lazy("Why the version is void"),
        help_text=gettext_lazy("Kept with the results, for whoever asks about theirs."),
        max_length=200,
    )


@require_http_methods(["GET", "POST"])
@authors_only
def void_item(request: HttpRequest, code: str) -> HttpResponse:
    """What it means that a retired version (`?version=`) counts for nobody; POST lets a worker see who would change."""
    item = get_object_or_404(Item.objects.exclude(kind="simulation").select_related("competency"), code=code)
    versions = list(item.versions.exclude(status=ItemVersion.Status.DRAFT).select_related("item").order_by("-number"))
    version = _chosen(versions, request.GET.get("version", ""))
    form = VoidForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {
        "item": item,
        "version": version,
        "others": [each for each in versions if each != version],
        "excerpt": excerpt_of(version),
        "form": form,
    }
    try:
        correction = void_correction(version)
        check_corrections([correction])
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            return redirect("author:regrade", start_regrade(author_of(request), [correction], reason, previews=True).pk)
    except RegradeRefused as refused:
        context["problem"] = describe_refusal(refused.reason)
    previews = Regrade.objects.filter(status__in=PREVIEWS, corrections__contains=[{"version_pk": version.pk}])
    context["preview"] = previews.first()
    is_refused = form.is_bound and (form.errors or "problem" in context)
    return render(request, "author/measurement/item_void.html", context, status=422 if is_refused else 200)


@require_GET
@authors_only
def show_regrade(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a regrade or its preview is, and what changes: both results of each sitting, without its person."""
    regrade = get_object_or_404(Regrade.objects.select_related("requested_by", "calibration__competency"), pk=pk)
    results = RegradeResult.objects.filter(regrade=regrade).select_related("attempt", "competency")
    moved = results.exclude(_same("level") & _same("band")).order_by("-attempt__submitted_at", "competency__order")
    context = {
        "regrade": regrade,
        "tag": REGRADE_TAGS[Status(regrade.status)],
        "active": regrade.status in (Status.QUEUED, Status.RUNNING, Status.PREVIEWING),
        "moved_count": moved.count(),
        "moved": list(moved[:SHOWN]),
    }
    return render(request, "author/measurement/regrade.html", context)


@require_POST
@authors_only
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Let happen what a preview showed."""
    preview = get_object_or_404(Regrade, pk=pk)
    try:
        regrade = publish_regrade(author_of(request), pk)
    except RegradeRefused as refused:
        messages.error(request, describe_refusal(refused.reason))
        return redirect("author:regrade", preview.pk)
    messages.success(request, _("The version is void. Sittings that met it are being scored again."))
    return redirect("author:regrade", regrade.pk)


def _same(name: str) -> Q:
    """Results whose level, or band, is after a regrade what it was before."""
    equal = Q(**{f"{name}_before": F(f"{name}_after")})
    return equal | Q(**{f"{name}_before__isnull": True, f"{name}_after__isnull": True})


def _chosen(versions: list[ItemVersion], number: str) -> ItemVersion:
    """The version asked for; else the newest that could be made void, else the newest. 404 without any."""
    if number:
        versions = [each for each in versions if str(each.number) == number]
    if not versions:
        raise Http404
    retired = (each for each in versions if each.status == ItemVersion.Status.RETIRED and not is_void(each.pk))
    return next(retired, versions[0])
