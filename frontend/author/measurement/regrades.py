"""Regrades: make a version of a question void after a preview, and see what a regrade changed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from assessments.domain.queries.void import is_void
from assessments.domain.regrading import RegradeRefused, preview_regrade, void_correction, void_version
from assessments.models import Item, ItemVersion, Regrade, RegradeResult
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
    """Show what would change if a retired version (`?version=`) counted for nobody; POST lets it happen."""
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
    if form.is_valid():
        try:
            regrade = void_version(author_of(request), version, form.cleaned_data["reason"])
        except RegradeRefused as refused:
            form.add_error(None, describe_refusal(refused.reason))
        else:
            messages.success(request, _("The version is void. Sittings that met it are being scored again."))
            return redirect("author:regrade", regrade.pk)
    try:
        preview = preview_regrade([void_correction(version)])
    except RegradeRefused as refused:
        context["problem"] = describe_refusal(refused.reason)
    else:
        context |= {"preview": preview, "moved": [each for each in preview.results if each.is_moved]}
    return render(request, "author/measurement/item_void.html", context, status=422 if form.errors else 200)


@require_GET
@authors_only
def show_regrade(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a regrade is, and what it changed: both results of each sitting, without its person."""
    regrade = get_object_or_404(Regrade.objects.select_related("requested_by", "calibration__competency"), pk=pk)
    results = RegradeResult.objects.filter(regrade=regrade).select_related("attempt", "competency")
    moved = [each for each in results.order_by("-attempt__submitted_at", "competency__order") if each.is_moved]
    context = {
        "regrade": regrade,
        "tag": REGRADE_TAGS[Status(regrade.status)],
        "active": regrade.status in (Status.QUEUED, Status.RUNNING),
        "moved_count": len(moved),
        "moved": moved[:SHOWN],
    }
    return render(request, "author/measurement/regrade.html", context)


def _chosen(versions: list[ItemVersion], number: str) -> ItemVersion:
    """The version asked for; else the newest that could be made void, else the newest. 404 without any."""
    if number:
        versions = [each for each in versions if str(each.number) == number]
    if not versions:
        raise Http404
    retired = (each for each in versions if each.status == ItemVersion.Status.RETIRED and not is_void(each.pk))
    return next(retired, versions[0])
