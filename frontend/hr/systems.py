"""HR systems that write over SCIM: an administrator admits one, sees its token once, renews it, takes it back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from frontend.hr.access import admin_account
from frontend.hr.unit_forms import UnitForm
from frontend.middleware import address_of
from organisation.api import TOKEN_DAYS, admit_hr_system, changes_of, revoke_hr_system, today
from organisation.models import AuditEvent, HrSystem, Person, UnitVersion, User

CHANGES_SHOWN = 50
STATE_TAGS = {"in_force": "success", "revoked": "neutral", "ended": "warning"}


class TokenForm(UnitForm):
    """Which unit a system answers for, and for how long."""

    days = forms.TypedChoiceField(
        label=gettext_lazy("Valid for"),
        coerce=int,
        choices=[
            (30, gettext_lazy("30 days")),
            (90, gettext_lazy("90 days")),
            (TOKEN_DAYS, gettext_lazy("365 days")),
        ],
        initial=TOKEN_DAYS,
    )


class SystemForm(TokenForm):
    """A new system."""

    name = forms.CharField(
        label=gettext_lazy("Name of the HR system"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("name", "unit", "days")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if HrSystem.objects.filter(name=name).exists():
            raise forms.ValidationError(self.name_taken())
        return name

    @staticmethod
    def name_taken() -> str:
        return _("There is an HR system of this name. Open it to give it a new token.")


@require_http_methods(["GET", "POST"])
@admin_account
def systems(request: HttpRequest, user: User) -> HttpResponse:
    """Every system with its unit, term and state, and the form to admit one: its token is in this answer alone."""
    form = SystemForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            return _with_token(request, user, form.cleaned_data["name"], form, is_new=True)
        except IntegrityError:
            form.add_error("name", form.name_taken())
    rows = HrSystem.objects.select_related("unit").order_by("name")
    names = _names_of_units([each.unit_id for each in rows])
    context = {
        "form": form,
        "rows": [(each, names.get(each.unit_id, each.unit.code), STATE_TAGS[each.state]) for each in rows],
    }
    return render(request, "hr/systems.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@admin_account
def system(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """One system: what it may write, when it last asked, what it changed; a new token, or none any more."""
    found = HrSystem.objects.select_related("unit").filter(pk=pk).first()
    if found is None:
        raise Http404
    form = TokenForm(
        request.POST if request.POST.get("action") == "rotate" else None, initial={"unit": found.unit.code}
    )
    if request.POST.get("action") == "revoke":
        if revoke_hr_system(found.name, actor=user, address=address_of(request)):
            messages.success(request, _("The token was taken back. It opens nothing any more."))
        return redirect("hr:system", pk=pk)
    if form.is_bound and form.is_valid():
        return _with_token(request, user, found.name, form)
    return _show(request, found, form)


def _with_token(request: HttpRequest, user: User, name: str, form: TokenForm, *, is_new: bool = False) -> HttpResponse:
    """Give the system a token and show it in the answer itself: it is stored nowhere, so no later page can show it."""
    said = form.cleaned_data
    token = admit_hr_system(
        name, said["unit"], days=said["days"], is_new=is_new, actor=user, address=address_of(request)
    )
    made = HrSystem.objects.select_related("unit").get(name=name)
    return _show(request, made, TokenForm(initial={"unit": made.unit.code}), token)


def _show(request: HttpRequest, found: HrSystem, form: TokenForm, token: str = "") -> HttpResponse:
    context = {
        "system": found,
        "state_tag": STATE_TAGS[found.state],
        "unit": _names_of_units([found.unit_id]).get(found.unit_id),
        "form": form,
        "token": token,
        "address": request.build_absolute_uri("/scim/v2"),
        "changes": _described(changes_of(found, CHANGES_SHOWN)),
    }
    return render(request, "hr/system.html", context, status=422 if form.is_bound else 200)


def _described(events: Any) -> list[tuple[AuditEvent, str, str]]:
    """Return each event with what was done and to whom, in words. Two queries.

    People go by their codes: an administrator administers and is not shown who they are.
    """
    done = {"scim_created": _("Added"), "scim_changed": _("Changed"), "scim_deleted": _("Removed")}
    keys = [(each.target.partition(" ")[0], each.target.partition(" ")[2]) for each in events]
    people = {
        str(each.pk): _("Employee %(code)s") % {"code": each.employee_code}
        for each in Person.objects.filter(pk__in=[key for kind, key in keys if kind == "User" and key.isdigit()])
    }
    units = _names_of_units([int(key) for kind, key in keys if kind == "Group" and key.isdigit()])
    found = []
    for event, (kind, key) in zip(events, keys, strict=True):
        name = people.get(key) if kind == "User" else units.get(int(key)) if key.isdigit() else None
        found.append((event, done.get(event.action, event.action), name or event.target))
    return found


def _names_of_units(pks: list[int]) -> dict[int, str]:
    """Return the names that units have today, with their codes, by key."""
    versions = UnitVersion.objects.filter(unit__in=pks, valid__contains=today()).select_related("unit")
    return {each.unit_id: f"{each.name} ({each.unit.code})" for each in versions}


system_patterns = [
    path("systems/", systems, name="systems"),
    path("systems/<int:pk>/", system, name="system"),
]
