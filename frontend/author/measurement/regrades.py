"""Regrades: see who would change if a version of a question were void or scored by the key of a later one, publish
it, and see what a regrade changed.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments.domain.corrections import RegradeRefused, check_corrections, key_correction, void_correction
from assessments.domain.marking_rules import markable_by
from assessments.domain.queries.void import is_void
from assessments.domain.regrading import publish_regrade, start_regrade
from assessments.items.registry import needs_marking
from assessments.models import Item, ItemVersion, Regrade, RegradeResult
from assessments.models.regrading import PREVIEWS
from frontend.author.access import author_of, authors_only
from frontend.author.measurement.words.regrades import describe_refusal
from frontend.author.wording import excerpt_of
from organisation.models import User

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


class KeyForm(forms.Form):
    """Which version's answers are scored by the key of which later one, and why."""

    version = forms.TypedChoiceField(label=gettext_lazy("Answers to"), coerce=int)
    by = forms.TypedChoiceField(label=gettext_lazy("are scored by the key of"), coerce=int)
    reason = forms.CharField(
        label=gettext_lazy("Why the key is corrected"),
        help_text=gettext_lazy("Kept with the results, for whoever asks about theirs."),
        max_length=200,
    )

    def __init__(self, *args: Any, versions: list[ItemVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbered = [(each.number, _("Version %(number)d") % {"number": each.number}) for each in versions]
        fields: dict[str, Any] = self.fields
        fields["version"].choices, fields["by"].choices = numbered[1:], numbered[:-1]


@require_http_methods(["GET", "POST"])
@authors_only
def correct_key(request: HttpRequest, code: str) -> HttpResponse:
    """Choose the version (`?version=`) whose stored answers a later one scores; POST lets a worker see who changes.

    `?appeal=`: the appeal that led here, named in the reason.
    """
    item, versions = _item_with_versions(code)
    asked, appeal = request.GET.get("version", ""), request.GET.get("appeal", "")
    initial = {
        "version": int(asked) if asked.isdecimal() and len(asked) < 9 else None,
        "reason": _("Appeal %(number)s: ") % {"number": appeal} if appeal.isdecimal() else "",
    }
    form = KeyForm(request.POST if request.method == "POST" else None, versions=versions, initial=initial)
    context: dict[str, Any] = {"item": item, "versions": versions, "excerpt": excerpt_of(versions[0]), "form": form}
    if needs_marking(item.kind):
        context["problem"] = describe_refusal("marked")
    elif len(versions) == 1:
        context["problem"] = describe_refusal("single")
    elif form.is_valid():
        chosen = {each.number: each for each in versions}
        version, key = (chosen[form.cleaned_data[name]] for name in ("version", "by"))
        try:
            corrections = [key_correction(version, key)]
            reason = form.cleaned_data["reason"]
            return redirect("author:regrade", start_regrade(author_of(request), corrections, reason, previews=True).pk)
        except RegradeRefused as refused:
            form.add_error("by", describe_refusal(refused.reason))
    is_refused = form.is_bound and (form.errors or "problem" in context)
    return render(request, "author/measurement/item_key.html", context, status=422 if is_refused else 200)


@require_http_methods(["GET", "POST"])
@authors_only
def void_item(request: HttpRequest, code: str) -> HttpResponse:
    """What it means that a retired version (`?version=`) counts for nobody; POST lets a worker see who would change."""
    item, versions = _item_with_versions(code)
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
    """How far a regrade or its preview is, and what changes: both results of each sitting.

    What is estimated stands without the person. Whose points a corrected key changes is named to whoever may read what
    is about answers of the assessment (`markable_by`), as the page of a sitting under way names those who sit it.
    """
    regrade = get_object_or_404(Regrade.objects.select_related("requested_by", "calibration__competency"), pk=pk)
    results = RegradeResult.objects.filter(regrade=regrade).select_related("attempt", "competency")
    moved = results.exclude(_same("level") & _same("band")).order_by("-attempt__submitted_at", "competency__order")
    context = {
        "regrade": regrade,
        "tag": REGRADE_TAGS[Status(regrade.status)],
        "active": regrade.status in (Status.QUEUED, Status.RUNNING, Status.PREVIEWING),
        "moved_count": moved.count(),
    }
    if regrade.corrects_keys:
        context |= _changed(regrade, author_of(request))
    else:
        context["moved"] = list(moved[:SHOWN])
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
    if regrade.corrects_keys:
        messages.success(request, _("The corrected key is published. Sittings that met it are being scored again."))
    else:
        messages.success(request, _("The version is void. Sittings that met it are being scored again."))
    return redirect("author:regrade", regrade.pk)


def _changed(regrade: Regrade, user: User) -> dict[str, Any]:
    """Which versions are scored by which, and the sittings whose points or pass change, with those who may be named."""
    pairs = [(each["version_pk"], each["scored_as"]) for each in regrade.corrections if each.get("scored_as")]
    versions = ItemVersion.objects.select_related("item").in_bulk({pk for pair in pairs for pk in pair})
    same = _same("level") & _same("band") & _same("score") & _same("passed")
    changed = RegradeResult.objects.filter(regrade=regrade).exclude(same)
    rows = changed.select_related("attempt__person", "attempt__assessment").order_by("attempt__person__sort_key", "pk")
    named = set(markable_by(user).values_list("pk", flat=True))
    return {
        "keys": [(versions[version], versions[key]) for version, key in pairs if version in versions],
        "changed_count": changed.count(),
        "changed": [(row, row.attempt.assessment_id in named) for row in rows[:SHOWN]],
        "passing_more": changed.filter(passed_before=False, passed_after=True).count(),
        "passing_less": changed.filter(passed_before=True, passed_after=False).count(),
    }


def _same(name: str) -> Q:
    """Results whose level, or band, is after a regrade what it was before."""
    equal = Q(**{f"{name}_before": F(f"{name}_after")})
    return equal | Q(**{f"{name}_before__isnull": True, f"{name}_after__isnull": True})


def _item_with_versions(code: str) -> tuple[Item, list[ItemVersion]]:
    """A question with its versions but drafts, the newest first. 404 without any."""
    item = get_object_or_404(Item.objects.exclude(kind="simulation").select_related("competency"), code=code)
    versions = list(item.versions.exclude(status=ItemVersion.Status.DRAFT).select_related("item").order_by("-number"))
    if not versions:
        raise Http404
    return item, versions


def _chosen(versions: list[ItemVersion], number: str) -> ItemVersion:
    """The version asked for; else the newest that could be made void, else the newest. 404 without it."""
    if number:
        versions = [each for each in versions if str(each.number) == number]
    if not versions:
        raise Http404
    retired = (each for each in versions if each.status == ItemVersion.Status.RETIRED and not is_void(each.pk))
    return next(retired, versions[0])
