"""The table of the reform of 1 July 2025 on a page: upload, see what it would do, draft it as one reorganisation.

An organisation without units is filled from the same table first, with what was before the reform.
"""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from frontend.days import within_calendar
from frontend.hr.access import hr_account, sees_people_within
from frontend.hr.import_forms import MAX_UPLOAD_BYTES, FileForm
from frontend.hr.imports import find_own
from frontend.hr.reorganisation_forms import ReorganisationForm
from frontend.middleware import address_of
from organisation.api import (
    PROBLEMS_SHOWN,
    REFORM_DAY,
    REFORM_DECISION,
    REFORM_TITLE,
    confirm_import,
    described,
    discard_import,
    faults_of,
    hr_scope,
    roles_of,
    start_import,
    today,
)
from organisation.models import ReorganisationStep, StaffImport, Unit, UnitVersion, User

Status, Kind = StaffImport.Status, StaffImport.Kind
COLUMNS = [
    f"{when}_{kind}_{what}"
    for when, kinds in (("old", ("province", "district", "commune")), ("new", ("province", "commune")))
    for kind in kinds
    for what in ("id", "name")
]


class ReformForm(FileForm, ReorganisationForm):
    """The table, and the decision that it belongs to."""

    field_order = ("file", "number", "title", "in_force", "scope", "note")


class UnitsForm(FileForm):
    """The table, and since when its old units are in force."""

    from_day = forms.DateField(
        label=gettext_lazy("The old units are in force from"),
        help_text=gettext_lazy("The first day that anybody is posted to them, or earlier."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[within_calendar],
        initial=date(2020, 1, 1),
    )


@require_http_methods(["GET", "POST"])
@hr_account
def bring_table(request: HttpRequest, user: User) -> HttpResponse:
    """The form, and the tables that wait for a decision; one that arrives is kept, its check is the next page."""
    is_admin = "admin" in roles_of(user)
    is_empty = is_admin and not Unit.objects.exists()
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form: forms.Form
    if is_empty:
        form = UnitsForm(*posted)
    else:
        scopes = UnitVersion.objects.filter(unit__in=hr_scope(user), valid__contains=today()).order_by("sort_key")
        said = {"number": REFORM_DECISION, "title": REFORM_TITLE, "in_force": REFORM_DAY}
        form = ReformForm(*posted, scopes=None if is_admin else list(scopes), initial=said)
    if form.is_bound and form.is_valid():
        details = dict(form.cleaned_data)
        file: UploadedFile = details.pop("file")
        kept = {name: value.isoformat() if isinstance(value, date) else value for name, value in details.items()}
        if not is_empty:
            kept["scope"] = details["scope"].pk if "scope" in details else None
        kind = Kind.UNITS if is_empty else Kind.REFORM
        job = start_import(user, file.chunks(), file.name or "", kind=kind, details=kept)
        return redirect("hr:reform-check", key=job.key)
    waiting = StaffImport.objects.filter(user=user, kind__in=(Kind.UNITS, Kind.REFORM)).exclude(status=Status.DONE)
    context = {
        "form": form,
        "is_empty": is_empty,
        "max_bytes": MAX_UPLOAD_BYTES,
        "columns": COLUMNS,
        "steps": _steps(is_units=is_empty),
        "open": waiting.defer("faults"),
    }
    return render(request, "hr/reform_file.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@hr_account
def check_table(request: HttpRequest, user: User, key: UUID) -> HttpResponse:
    """How far a kept table is, then what drafting it would do; on confirmation it is checked once more and drafted.

    The page asks again by itself while the table is with the workers.
    """
    job = find_own(request, user, key)
    if job is None or job.kind == Kind.STAFF:
        messages.warning(request, _("The file is no longer kept. Bring it again."))
        return redirect("hr:reform-file")
    action = request.POST.get("action")
    if action == "discard" and discard_import(job):
        messages.info(request, _("The file was discarded. Nothing was written."))
        return redirect("hr:reform-file")
    if action == "apply":
        confirm_import(job, is_partial=False, address=address_of(request))
    if request.method == "POST":
        return redirect("hr:reform-check", key=key)
    htmx = getattr(request, "htmx", False)
    if job.status == Status.DONE and not htmx:
        return _lead_on(request, job)
    response = render(request, "hr/reform_check.html", _report(job) | {"sees_people": _sees_people(user, job)})
    if job.status in (Status.READY, Status.DONE, Status.FAILED) and htmx:
        response["HX-Refresh"] = "true"
    return response


def _sees_people(user: User, job: StaffImport) -> bool:
    """Whether the account may see everybody whom the reform of the table could be about."""
    if job.kind == Kind.UNITS:
        return False
    scope = Unit.objects.filter(pk=job.details["scope"]).first()
    return sees_people_within(user, scope, date.fromisoformat(job.details["in_force"]))


def _lead_on(request: HttpRequest, job: StaffImport) -> HttpResponse:
    if job.kind == Kind.UNITS:
        messages.success(request, _("The units were made. Bring the table again to draft the reform itself."))
        return redirect("hr:home")
    messages.success(request, _("The reform was drafted. A second person approves it."))
    return redirect("hr:reorganisation", pk=job.report["reorganisation"])


def _report(job: StaffImport) -> dict[str, Any]:
    report = job.report
    faults = faults_of(job)[:PROBLEMS_SHOWN] if job.status == Status.READY else []
    kinds = [(UnitVersion.Kind(kind).label, *counts) for kind, counts in report.get("kinds", {}).items()]
    steps = [(label, report.get("steps", {}).get(kind)) for kind, label in ReorganisationStep.Kind.choices]
    return {
        "job": job,
        "report": report,
        "is_units": job.kind == Kind.UNITS,
        "active": job.status in (Status.QUEUED, Status.CHECKING, Status.APPLYING),
        "kinds_of_units": kinds,
        "steps_of_kinds": [(label, count) for label, count in steps if count],
        "problems": [described(fault) for fault in faults],
        "more": report.get("problem_count", 0) - len(faults),
        "steps": _steps(is_units=job.kind == Kind.UNITS),
    }


def _steps(*, is_units: bool) -> list[str]:
    return [_("Choose the file"), _("Check the file"), _("Make the units") if is_units else _("Draft the reform")]


reform_file_patterns = [
    path("reorganisations/from-file/", bring_table, name="reform-file"),
    path("reorganisations/from-file/<uuid:key>/", check_table, name="reform-check"),
]
