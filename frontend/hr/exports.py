"""What leaves in the background: whole subtrees as workbooks, kept for a few days, and links by e-mail."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from frontend.hr.access import hr_account, hr_page, refuse, unit_in_scope
from organisation.api import today
from organisation.models import Unit, UnitVersion, User
from reports.api import (
    colleagues_of,
    exports_of,
    find_export,
    find_mail,
    has_ended,
    mails_and_lost_of,
    mails_asked_by,
    may_read,
    start_export,
    subscribe,
    subscribe_colleagues,
    unsubscribe,
)
from reports.models import ReportMail, SubtreeExport

Status = SubtreeExport.Status


_ONESELF = "me"


class MailForm(forms.Form):
    """How often, and to whom: the account, where it has an address, and colleagues that answer for the unit too."""

    every = forms.ChoiceField(label=gettext_lazy("How often"), choices=ReportMail.Every.choices)
    readers = forms.MultipleChoiceField(
        label=gettext_lazy("To whom"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Choose to whom the link goes."),
            "invalid_choice": gettext_lazy("Links go to HR accounts that answer for the unit and have an address."),
        },
    )

    def __init__(self, data: QueryDict | None, *, user: User, colleagues: Sequence[User]) -> None:
        super().__init__(data, initial={"readers": [_ONESELF]})
        self.colleagues = {str(each.pk): each for each in colleagues}
        oneself = [(_ONESELF, _("Me (%(address)s)") % {"address": user.email})] if user.email else []
        self.fields["readers"].choices = [  # type: ignore[attr-defined]  # a field of choices
            *oneself,
            *((pk, each.shown_name) for pk, each in self.colleagues.items()),
        ]


@hr_page
def exports(request: HttpRequest, user: User) -> HttpResponse:
    """The account's exports with their progress, and what may be asked for of the unit of the query."""
    kept = exports_of(user)
    asked = [unit_in_scope(request, user, request.GET["unit"])] if request.GET.get("unit") else []
    mails, lost = mails_and_lost_of(user)
    asked_mails = mails_asked_by(user)
    names = _names([*asked, *(each.unit for each in kept), *(each.unit for each in (*mails, *asked_mails))])
    lasting = timedelta(days=settings.EXPORT_DAYS)
    context = {
        "unit": names[asked[0].pk] if asked else None,
        "kept": [(each, names[each.unit_id], each.created_at + lasting) for each in kept],
        "active": any(each.status in (Status.QUEUED, Status.RUNNING) for each in kept),
        "days": settings.EXPORT_DAYS,
        "mails": [(each, names[each.unit_id]) for each in mails],
        "lost": [(each, last.name if (last := _last_version(each.unit)) else each.unit.code) for each in lost],
        "asked": [(each, names[each.unit_id]) for each in asked_mails],
        "mail_form": MailForm(None, user=user, colleagues=colleagues_of(user, asked[0])) if asked else None,
        "address": user.email,
    }
    return render(request, "hr/exports.html", context)


@require_POST
@hr_account
def start(request: HttpRequest, user: User, code: str) -> HttpResponse:
    """Have the subtree of the unit written."""
    start_export(user, unit_in_scope(request, user, code))
    return redirect(f"{reverse('hr:exports')}?unit={code}")


@hr_page
def download(request: HttpRequest, user: User, key: UUID) -> HttpResponse:
    """The file, for its maker alone and only while what is in it is in the maker's scope."""
    export = find_export(user, key)
    if export is None:
        raise refuse(request, f"export {key}")
    return send_export(export, f"{export.moved_at:%Y%m%d}-all.xlsx")


def send_export(export: SubtreeExport, ending: str) -> HttpResponse:
    """Return the file of an export that is done, named after its unit; raises Http404 where there is none."""
    if export.status != Status.DONE or not default_storage.exists(export.stored_name):
        raise Http404
    file = default_storage.open(export.stored_name)
    return cast(HttpResponse, FileResponse(file, as_attachment=True, filename=f"thang-{export.unit.code}-{ending}"))


@require_POST
@hr_account
def subscribe_to(request: HttpRequest, user: User, code: str) -> HttpResponse:
    """Have a link to the unit's report sent to the account or to colleagues, each week or month."""
    unit = unit_in_scope(request, user, code)
    form = MailForm(request.POST, user=user, colleagues=colleagues_of(user, unit))
    if not form.is_valid():
        messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
        return redirect(f"{reverse('hr:exports')}?unit={code}#mails")
    every, readers = form.cleaned_data["every"], form.cleaned_data["readers"]
    if _ONESELF in readers:
        subscribe(user, unit, every)
        messages.success(request, _("You will be sent a link, and can end that at any time."))
    others = [form.colleagues[reader] for reader in readers if reader != _ONESELF]
    if others:
        made = subscribe_colleagues(user, unit, every, others)
        text = ngettext(
            "A link goes to %(count)d colleague who was not sent one yet, and who can end that at any time.",
            "A link goes to %(count)d colleagues who were not sent one yet, and who can end that at any time.",
            made,
        )
        messages.success(request, text % {"count": made})
        if ended := [each for each in others if has_ended(each, unit)]:
            text = _("Not to %(names)s, who ended these e-mails and can ask for them again.")
            messages.info(request, text % {"names": ", ".join(each.shown_name for each in ended)})
    return redirect(f"{reverse('hr:exports')}?unit={code}#mails")


@hr_page
def open_mail(request: HttpRequest, user: User, key: UUID) -> HttpResponse:
    """Lead from a mail's link to the report, for its reader alone and only while that may be read."""
    mail = find_mail(key, user)
    if mail is None or not may_read(mail):
        raise refuse(request, f"mail {key}")
    return redirect("hr:unit", mail.unit.code)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def stop_mail(request: HttpRequest, key: UUID) -> HttpResponse:
    """End a mail for whoever has its key, signed in or not; opening the address alone ends nothing.

    Mail programs post here by themselves (RFC 8058), without a token of ours. The page tells of no unit and no person,
    and answers a key that is not there alike.
    """
    if request.method == "POST":
        unsubscribe(key, request.user if isinstance(request.user, User) else None)
    return render(request, "hr/exports_stop.html", {"ended": request.method == "POST"})


def _last_version(unit: Unit) -> UnitVersion | None:
    """Return the unit as it was last; None where the reorganisation that made it was undone."""
    return UnitVersion.objects.filter(unit=unit).order_by("valid").last()


def _names(units: Iterable[Unit]) -> dict[int, UnitVersion]:
    versions = UnitVersion.objects.filter(unit__in=set(units), valid__contains=today()).select_related("unit")
    return {version.unit_id: version for version in versions}


export_patterns = [
    path("exports/", exports, name="exports"),
    path("units/<str:code>/workbook/", start, name="export-start"),
    path("exports/<uuid:key>/workbook.xlsx", download, name="export-file"),
    path("units/<str:code>/mail/", subscribe_to, name="mail-start"),
    path("mails/<uuid:key>/", open_mail, name="mail-open"),
    path("mails/<uuid:key>/stop/", stop_mail, name="mail-stop"),
]
