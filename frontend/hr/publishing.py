"""What this instance publishes to the one above it: its key, what a publication would say, the signed file."""

from base64 import b64encode
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from courses.api import content_version
from frontend.hr.access import admin_account, refuse
from frontend.hr.exports import send_export
from frontend.hr.unit_forms import UnitForm
from frontend.middleware import address_of
from organisation.api import reading_content
from organisation.models import Unit, UnitVersion, User
from reports.api import (
    Named,
    NoKey,
    describe_publication,
    exports_of,
    find_export,
    fingerprint,
    is_key_given,
    make_signing_key,
    name_reader,
    next_publication,
    publishing_key,
    retire_signing_key,
    start_export,
)
from reports.models import SigningKey, SubtreeExport

PAGE_SIZE = 50
Status, Kind = SubtreeExport.Status, SubtreeExport.Kind


@require_http_methods(["GET", "POST"])
@admin_account
def publishing(request: HttpRequest, user: User) -> HttpResponse:
    """The instance's key, what publishing the unit of the query would say, and the files made so far."""
    if request.method == "POST":
        return _act(request, user)
    form = UnitForm(request.GET if "unit" in request.GET else None)
    unit = form.cleaned_data["unit"] if form.is_bound and form.is_valid() else None
    kept = exports_of(user, Kind.PUBLICATION)
    context = {
        "key": _own_key(),
        "is_key_given": is_key_given(),
        "retired": [
            (each, fingerprint(bytes(each.public_key))) for each in SigningKey.objects.exclude(retired_at=None)
        ],
        "form": form,
        "next_publication": next_publication(),
        "kept": [(each, each.created_at + timedelta(days=settings.EXPORT_DAYS)) for each in kept],
        "active": any(each.status in (Status.QUEUED, Status.RUNNING) for each in kept),
        **(_preview(request, unit) if unit else {}),
    }
    return render(request, "hr/publishing.html", context, status=422 if form.errors else 200)


def _act(request: HttpRequest, user: User) -> HttpResponse:
    action = request.POST.get("action")
    if action == "make-key" and not is_key_given():
        make_signing_key(user, address_of(request))
        messages.success(request, _("A new key was made. Hand its public part to the ministry."))
    elif action == "retire-key":
        if retire_signing_key(user, address_of(request)):
            messages.success(request, _("The key was retired. Nothing is signed with it again."))
    elif action == "publish":
        form = UnitForm(request.POST)
        if not form.is_valid() or not _own_key():
            raise Http404
        start_export(user, form.cleaned_data["unit"], Kind.PUBLICATION)
        messages.success(request, _("The publication is being signed. It waits for you below."))
    else:
        raise Http404
    return redirect(reverse("hr:publishing"))


def _own_key() -> dict[str, str] | None:
    """Return the public part of the key in force and its fingerprint; None without a key that can be used."""
    try:
        public = publishing_key().public_key().public_bytes_raw()
    except NoKey:
        return None
    return {"public": b64encode(public).decode(), "fingerprint": fingerprint(public)}


def _preview(request: HttpRequest, unit: Unit) -> dict[str, Any]:
    with reading_content(content_version):
        found = describe_publication(unit)
    name = name_reader()
    page = Paginator(found.units, PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "unit": UnitVersion.objects.select_related("unit").get(unit=unit, valid__contains=found.day),
        "found": found,
        "page": page,
        "rows": [
            (name(Named(0, each.code, each.name_vi, each.name_en)), each.code, each.shown, each.suppressed)
            for each in page.object_list
        ],
    }


@require_GET
@admin_account
def download(request: HttpRequest, user: User, key: UUID) -> HttpResponse:
    """The signed file, for its maker alone."""
    export = find_export(user, key, Kind.PUBLICATION)
    if export is None:
        raise refuse(request, f"publication {key}")
    return send_export(export, f"{export.moved_at:%Y%m%d-%H%M}.jsonl")


publishing_patterns = [
    path("publishing/", publishing, name="publishing"),
    path("publishing/<uuid:key>/publication.jsonl", download, name="publication-file"),
]
