"""HR's staff file: upload, see what it would do, confirm."""

import csv
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from frontend.hr.access import refuse
from frontend.middleware import address_of
from organisation.api import (
    ImportPlan,
    ImportRefused,
    apply_import,
    described,
    drop_upload,
    import_scope,
    import_template,
    is_kept_for_another,
    keep_upload,
    open_upload,
    plan_import,
    roles_of,
    today,
)
from organisation.models import Unit, UnitVersion, User

MAX_UPLOAD_BYTES = 64 * 1024 * 1024
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class StaffFileForm(forms.Form):
    """The file to import."""

    file = forms.FileField(
        label=gettext_lazy("Staff file"),
        help_text=gettext_lazy("Excel (.xlsx) or CSV in UTF-8, with the columns of the template."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        allow_empty_file=True,  # the import itself says what is wrong with it
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is None or file.size > MAX_UPLOAD_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(megabytes)s MB. Split it into several files.")
                % {"megabytes": MAX_UPLOAD_BYTES // 1024 // 1024}
            )
        return file


def _importers_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let HR officers and administrators in, as the view's `user`; strangers sign in, everyone else meets a 404."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        if not roles_of(user) & {"hr", "admin"}:
            raise refuse(request, request.path)
        return view(request, user, *args, **kwargs)

    return guarded


@_importers_only
@require_http_methods(["GET", "POST"])
def bring_file(request: HttpRequest, user: User) -> HttpResponse:
    """The form; a file that arrives is kept, and its check is the next page."""
    form = StaffFileForm(request.POST, request.FILES) if request.method == "POST" else StaffFileForm()
    if form.is_bound and form.is_valid():
        file: UploadedFile = form.cleaned_data["file"]
        return redirect("hr:import-check", key=keep_upload(user, file.chunks(), file.name or ""))
    context = {
        "form": form,
        "units": _names(import_scope(user)),
        "max_bytes": MAX_UPLOAD_BYTES,
        "steps": _steps(),
    }
    return render(request, "hr/import.html", context, status=422 if form.is_bound else 200)


@_importers_only
@require_http_methods(["GET", "POST"])
def check_file(request: HttpRequest, user: User, key: UUID) -> HttpResponse:
    """The dry run of a kept file; on confirmation it is checked once more and applied as a whole."""
    kept = open_upload(user, key)
    if kept is None:
        if is_kept_for_another(user, key):
            raise refuse(request, f"upload {key}")
        messages.warning(request, _("The file is no longer kept. Bring it again."))
        return redirect("hr:import")
    file, name = kept
    action = request.POST.get("action")
    if action == "discard":
        file.close()
        drop_upload(user, key)
        messages.info(request, _("The file was discarded. Nothing was written."))
        return redirect("hr:import")
    with file:
        # The page shows what leaving out the faulty people and units would do; to do so has to be chosen.
        plan = plan_import(file, name, scope=import_scope(user), is_partial=action != "apply")
    if action in ("apply", "apply-partial"):
        try:
            apply_import(plan, actor=user, address=address_of(request))
        except ImportRefused as refused:
            messages.error(request, str(refused))
            return redirect("hr:import-check", key=key)
        drop_upload(user, key)
        if plan.problem_count:
            messages.warning(request, _("%(name)s was imported without the rows that had problems.") % {"name": name})
        else:
            messages.success(request, _("%(name)s was imported.") % {"name": name})
        return redirect("hr:import")
    context = {
        "plan": plan,
        "key": key,
        "figures": _figures(plan),
        "more": plan.problem_count - len(plan.problems),
        "steps": _steps(),
    }
    return render(request, "hr/import_check.html", context)


@_importers_only
@require_GET
def download_problems(request: HttpRequest, user: User, key: UUID) -> HttpResponse:
    """Every problem of a kept file as CSV: row, column, what is wrong."""
    kept = open_upload(user, key)
    if kept is None:
        raise refuse(request, f"upload {key}") if is_kept_for_another(user, key) else Http404
    file, name = kept
    with file:
        plan = plan_import(file, name, scope=import_scope(user))
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="problems.csv"'
    lines = csv.writer(response)
    lines.writerow([_("Row"), _("Column"), _("Problem")])
    for fault in plan.faults:
        problem = described(fault)
        # A column is called what the file calls it; a spreadsheet must not take that for a formula.
        lines.writerow(
            [problem.row, f"'{problem.column}" if problem.column[:1] in "=+-@" else problem.column, problem.message]
        )
    return response


@_importers_only
@require_GET
def download_template(request: HttpRequest, user: User) -> HttpResponse:
    """The empty staff file, its guide in the reader's language."""
    response = HttpResponse(import_template(), content_type=_WORKBOOK)
    response["Content-Disposition"] = 'attachment; filename="thang-staff.xlsx"'
    return response


def _steps() -> list[str]:
    return [_("Choose the file"), _("Check"), _("Import")]


def _names(scope: list[Unit] | None) -> list[str] | None:
    if scope is None:
        return None
    versions = UnitVersion.objects.filter(unit__in=scope, valid__contains=today()).order_by("sort_key")
    return [version.name for version in versions]


def _figures(plan: ImportPlan) -> list[tuple[str, int]]:
    counts = plan.counts
    figures = [
        (_("units made"), counts["units_created"]),
        (_("units changed"), counts["units_changed"]),
        (_("people added"), counts["people_created"]),
        (_("people changed"), counts["people_changed"]),
        (_("postings added"), counts["postings_created"]),
        (_("postings changed"), counts["postings_changed"]),
        (_("postings as they were"), counts["postings_unchanged"]),
    ]
    return [(_("rows read"), plan.rows), *((label, count) for label, count in figures if count)]


import_patterns = [
    path("import/", bring_file, name="import"),
    path("import/template.xlsx", download_template, name="import-template"),
    path("import/<uuid:key>/", check_file, name="import-check"),
    path("import/<uuid:key>/problems.csv", download_problems, name="import-problems"),
]
