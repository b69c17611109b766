"""What leaves in the background: whole subtrees as workbooks, kept for their maker for a few days."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from frontend.hr.access import hr_account, hr_page, refuse, unit_in_scope
from organisation.api import today
from organisation.models import Unit, UnitVersion, User
from reports.api import exports_of, find_export, start_export
from reports.models import SubtreeExport

Status = SubtreeExport.Status


@hr_page
def exports(request: HttpRequest, user: User) -> HttpResponse:
    """The account's exports with their progress, and what may be asked for of the unit of the query."""
    kept = exports_of(user)
    asked = [unit_in_scope(request, user, request.GET["unit"])] if request.GET.get("unit") else []
    names = _names([*asked, *(each.unit for each in kept)])
    lasting = timedelta(days=settings.EXPORT_DAYS)
    context = {
        "unit": names[asked[0].pk] if asked else None,
        "kept": [(each, names[each.unit_id], each.created_at + lasting) for each in kept],
        "active": any(each.status in (Status.QUEUED, Status.RUNNING) for each in kept),
        "days": settings.EXPORT_DAYS,
    }
    return render(request, "hr/exports.html", context)


@require_POST
@hr_account
def start(request: HttpRequest, user: User, code: str) -> HttpResponse:
    """Have the subtree of the unit written."""
    start_export(user, unit_in_scope(request, user, code))
    return redirect(f"{reverse('hr:exports')}?unit={code}")


@hr_page
def download(request: HttpRequest, user: User, key: UUID) -> FileResponse:
    """The file, for its maker alone and only while what is in it is in the maker's scope."""
    export = find_export(user, key)
    if export is None:
        raise refuse(request, f"export {key}")
    if export.status != Status.DONE or not default_storage.exists(export.stored_name):
        raise Http404
    name = f"thang-{export.unit.code}-{export.moved_at:%Y%m%d}-all.xlsx"
    return FileResponse(default_storage.open(export.stored_name), as_attachment=True, filename=name)


def _names(units: Iterable[Unit]) -> dict[int, UnitVersion]:
    versions = UnitVersion.objects.filter(unit__in=set(units), valid__contains=today()).select_related("unit")
    return {version.unit_id: version for version in versions}


export_patterns = [
    path("exports/", exports, name="exports"),
    path("units/<str:code>/workbook/", start, name="export-start"),
    path("exports/<uuid:key>/workbook.xlsx", download, name="export-file"),
]
