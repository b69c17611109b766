"""HR's staff file: upload, see what it would do, confirm."""

import csv
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from frontend.design.words import whole
from frontend.hr.access import hr_account, hr_page, refuse
from frontend.hr.import_forms import MAX_UPLOAD_BYTES, ColumnsForm, StaffFileForm
from frontend.middleware import address_of
from organisation.api import (
    PROBLEMS_SHOWN,
    check_again,
    confirm_import,
    described,
    discard_import,
    faults_of,
    find_import,
    import_scope,
    import_template,
    start_import,
    today,
)
from organisation.models import StaffImport, Unit, UnitVersion, User

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Status, Kind = StaffImport.Status, StaffImport.Kind


@require_http_methods(["GET", "POST"])
@hr_account
def bring_file(request: HttpRequest, user: User) -> HttpResponse:
    """The form, and the files that wait for a decision; a file that arrives is kept, and its check is the next page."""
    form = StaffFileForm(request.POST, request.FILES) if request.method == "POST" else StaffFileForm()
    if form.is_bound and form.is_valid():
        file: UploadedFile = form.cleaned_data["file"]
        return redirect("hr:import-check", key=start_import(user, file.chunks(), file.name or "").key)
    context = {
        "form": form,
        "units": _names(import_scope(user)),
        "max_bytes": MAX_UPLOAD_BYTES,
        "steps": _steps(),
        "open": StaffImport.objects.filter(user=user, kind=Kind.STAFF).exclude(status=Status.DONE).defer("faults"),
    }
    return render(request, "hr/import.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@hr_account
def check_file(request: HttpRequest, user: User, key: UUID) -> HttpResponse:
    """How far a kept file is, then what its check found; on confirmation it is checked once more and applied whole.

    The page asks again by itself while the file is with the workers.
    """
    job = find_own(request, user, key)
    if job is None or job.kind != Kind.STAFF:
        messages.warning(request, _("The file is no longer kept. Bring it again."))
        return redirect("hr:import")
    action = request.POST.get("action")
    form = ColumnsForm(job, request.POST if action == "columns" else None)
    if action == "discard" and discard_import(job):
        messages.info(request, _("The file was discarded. Nothing was written."))
        return redirect("hr:import")
    if action in ("apply", "apply-partial"):
        is_partial, seen = action == "apply-partial", request.POST.get("seen")
        confirm_import(job, is_partial=is_partial, address=address_of(request), seen=seen)
    if form.is_valid():
        check_again(job, form.columns)
    elif form.is_bound:
        return render(request, "hr/import_check.html", _report(job, form), status=422)
    if request.method == "POST":
        return redirect("hr:import-check", key=key)
    response = render(request, "hr/import_check.html", _report(job, form))
    if job.status in (Status.READY, Status.DONE, Status.FAILED) and getattr(request, "htmx", False):
        response["HX-Refresh"] = "true"
    return response


@hr_page
def download_problems(request: HttpRequest, user: User, key: UUID) -> HttpResponse:
    """Every problem of a kept file as CSV: row, column, what is wrong."""
    job = find_own(request, user, key)
    if job is None:
        raise Http404
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="problems.csv"'
    lines = csv.writer(response)
    lines.writerow([_("Row"), _("Column"), _("Problem")])
    for fault in faults_of(job):
        problem = described(fault)
        # A column is called what the file calls it; a spreadsheet must not take that for a formula.
        lines.writerow(
            [problem.row, f"'{problem.column}" if problem.column[:1] in "=+-@" else problem.column, problem.message]
        )
    return response


@hr_page
def download_template(request: HttpRequest, user: User) -> HttpResponse:
    """The empty staff file, its guide in the reader's language."""
    response = HttpResponse(import_template(), content_type=_WORKBOOK)
    response["Content-Disposition"] = 'attachment; filename="thang-staff.xlsx"'
    return response


def find_own(request: HttpRequest, user: User, key: UUID) -> StaffImport | None:
    """Return the account's import of a kept file, None when it is no longer kept; another's is refused."""
    job = find_import(key)
    if job is not None and job.user_id != user.pk:
        raise refuse(request, f"upload {key}")
    return job


def _report(job: StaffImport, form: ColumnsForm) -> dict[str, Any]:
    report = job.report
    faults = faults_of(job)[:PROBLEMS_SHOWN] if job.status == Status.READY else []
    return {
        "job": job,
        "report": report,
        "active": job.status in (Status.QUEUED, Status.CHECKING, Status.APPLYING),
        "form": form,
        "asks": any(header not in job.columns for header in report.get("foreign_columns", [])),
        "figures": _figures(report) if report else [],
        "problems": [described(fault) for fault in faults],
        "more": report.get("problem_count", 0) - len(faults),
        "steps": _steps(),
    }


def _steps() -> list[str]:
    return [_("Choose the file"), _("Check the file"), _("Import")]


def _names(scope: list[Unit] | None) -> list[str] | None:
    if scope is None:
        return None
    versions = UnitVersion.objects.filter(unit__in=scope, valid__contains=today()).order_by("sort_key")
    return [version.name for version in versions]


def _figures(report: dict[str, Any]) -> list[tuple[str, str]]:
    counts = report["counts"]
    figures = [
        (_("units made"), counts["units_created"]),
        (_("units changed"), counts["units_changed"]),
        (_("people added"), counts["people_created"]),
        (_("people changed"), counts["people_changed"]),
        (_("postings added"), counts["postings_created"]),
        (_("postings changed"), counts["postings_changed"]),
        (_("of these, postings whose recorded end is taken back"), counts.get("postings_reopened", 0)),
        (_("postings as they were"), counts["postings_unchanged"]),
    ]
    shown = [(_("rows read"), report["rows"]), *((label, count) for label, count in figures if count)]
    return [(label, whole(count)) for label, count in shown]


import_patterns = [
    path("import/", bring_file, name="import"),
    path("import/template.xlsx", download_template, name="import-template"),
    path("import/<uuid:key>/", check_file, name="import-check"),
    path("import/<uuid:key>/problems.csv", download_problems, name="import-problems"),
]
