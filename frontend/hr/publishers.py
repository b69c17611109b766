"""Whose signed figures this instance takes: publishers and their keys, a file checked and taken, figures withdrawn."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from frontend.hr.access import admin_account
from frontend.hr.unit_forms import UnitForm
from frontend.middleware import address_of
from organisation.api import drop_upload, keep_upload, open_upload
from organisation.models import User
from reports.api import (
    MAX_PUBLICATION_BYTES,
    PublicationRefused,
    add_publisher,
    check_publication,
    explain_refusal,
    fingerprint,
    import_publication,
    withdraw_publication,
)
from reports.models import Publication, Publisher


class KeyForm(forms.Form):
    """A publisher's public key."""

    key = forms.CharField(
        label=gettext_lazy("Public key"),
        help_text=gettext_lazy("As the publisher's own page shows it: 44 characters."),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_key(self) -> bytes:
        try:
            key = b64decode(self.cleaned_data["key"], validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise forms.ValidationError(_("This is no public key: it has 32 bytes, written in 44 characters."))
        return key


class PublisherForm(KeyForm, UnitForm):
    """Whose figures are taken, and of which unit."""

    name = forms.CharField(
        label=gettext_lazy("Name of the publisher"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("name", "unit", "key")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Publisher.objects.filter(name=name).exists():
            raise forms.ValidationError(_("There is a publisher of this name. Open it to give it another key."))
        return name


class PublicationForm(forms.Form):
    """The signed file of a publisher."""

    file = forms.FileField(
        label=gettext_lazy("Publication"),
        help_text=gettext_lazy("The file as the publisher sent it (.jsonl). Whose it is follows from its signature."),
        widget=forms.FileInput(attrs={"accept": ".jsonl"}),
        allow_empty_file=True,  # the check says what is wrong with it
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is None or file.size > MAX_PUBLICATION_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(megabytes)s MB.") % {"megabytes": MAX_PUBLICATION_BYTES // 1024 // 1024}
            )
        return file


@require_http_methods(["GET", "POST"])
@admin_account
def publishers(request: HttpRequest, user: User) -> HttpResponse:
    """Every publisher with its newest file, the form to admit one, and the form to bring a file."""
    is_file = request.POST.get("action") == "bring"
    form = PublisherForm(request.POST if request.method == "POST" and not is_file else None)
    file_form = PublicationForm(*((request.POST, request.FILES) if is_file else ()))
    if form.is_bound and form.is_valid():
        named = [form.cleaned_data[each] for each in ("name", "unit", "key")]
        made = _keep(form, lambda: add_publisher(*named, is_new=True, **_who(request, user)))
        if made:
            return redirect("hr:publisher", pk=made.pk)
    if file_form.is_bound and file_form.is_valid():
        file: UploadedFile = file_form.cleaned_data["file"]
        return redirect("hr:publication-check", key=keep_upload(user, file.chunks(), file.name or ""))
    rows = Publisher.objects.select_related("unit", "publication").order_by("name")
    context = {
        "form": form,
        "file_form": file_form,
        "max_bytes": MAX_PUBLICATION_BYTES,
        "rows": [(each, fingerprint(bytes(each.public_key)), getattr(each, "publication", None)) for each in rows],
    }
    return render(request, "hr/publishers.html", context, status=422 if form.errors or file_form.errors else 200)


@require_http_methods(["GET", "POST"])
@admin_account
def publisher(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """One publisher: its key, another key in its place, and its figures, which can be withdrawn."""
    found = Publisher.objects.select_related("unit").filter(pk=pk).first()
    if found is None:
        raise Http404
    action = request.POST.get("action")
    form = KeyForm(request.POST if action == "key" else None)
    if action == "withdraw":
        if withdraw_publication(found, **_who(request, user)):
            messages.success(request, _("The figures were withdrawn. They are shown nowhere any more."))
        return redirect("hr:publisher", pk=pk)
    if form.is_bound and form.is_valid():
        key = form.cleaned_data["key"]
        if _keep(form, lambda: add_publisher(found.name, found.unit, key, **_who(request, user))):
            messages.success(request, _("From now on files signed with the new key are taken."))
            return redirect("hr:publisher", pk=pk)
    public = bytes(found.public_key)
    context = {
        "publisher": found,
        "public": b64encode(public).decode(),
        "fingerprint": fingerprint(public),
        "publication": Publication.objects.filter(publisher=found).first(),
        "form": form,
    }
    return render(request, "hr/publisher.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@admin_account
def check(request: HttpRequest, user: User, key: UUID) -> HttpResponse:
    """What the check of a file found, in words; accepting checks it once more and takes it."""
    kept = open_upload(user, key)
    if kept is None:
        messages.warning(request, _("The file is no longer kept. Bring it again."))
        return redirect("hr:publishers")
    with kept[0] as file:
        content = file.read(MAX_PUBLICATION_BYTES + 1)
    context: dict[str, Any] = {"name": kept[1]}
    try:
        if request.POST.get("action") == "accept":
            taken = import_publication(content, **_who(request, user))
            drop_upload(user, key)
            messages.success(request, _("The publication was taken. It stands beside this instance's own figures."))
            return redirect("hr:publisher", pk=taken.publisher_id)
        if request.method == "POST":
            drop_upload(user, key)
            messages.info(request, _("The file was discarded. Nothing was written."))
            return redirect("hr:publishers")
        checked = check_publication(content)
        context |= {"checked": checked, "fingerprint": fingerprint(bytes(checked.publisher.public_key))}
    except PublicationRefused as refused:
        context |= {"refused": explain_refusal(refused), "line": refused.line}
    return render(request, "hr/publication_check.html", context)


def _who(request: HttpRequest, user: User) -> dict[str, Any]:
    return {"actor": user, "address": address_of(request)}


def _keep(form: forms.Form, write: Callable[[], Publisher]) -> Publisher | None:
    """Write the publisher; None, with an error on the form, when another has its name, unit or key."""
    try:
        with transaction.atomic():
            return write()
    except IntegrityError:
        form.add_error(None, _("Another publisher has this name, this unit or this key."))
        return None


publisher_patterns = [
    path("publishers/", publishers, name="publishers"),
    path("publishers/<int:pk>/", publisher, name="publisher"),
    path("publishers/files/<uuid:key>/", check, name="publication-check"),
]
