"""What positions require, as of any day: to read for HR, to write for who answers for every unit."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from competencies.api import (
    ProfilesChanged,
    apply_profiles,
    current_framework,
    levels_of,
    newest_profile,
    plan_profiles,
    set_profile,
    withdraw_profile,
    write_profiles,
)
from competencies.models import LEVELS, Competency, Framework, Requirement, RoleProfile
from frontend.days import within_calendar
from frontend.hr.access import HrView, P, hr_account, hr_page, refuse, sees_people_within
from frontend.hr.import_forms import FileForm
from frontend.middleware import address_of
from organisation.api import EARLIEST, LATEST, answers_for_all, drop_upload, keep_upload, open_upload, today
from organisation.models import Position, PositionGroup, Posting, User

MAX_UPLOAD_BYTES = 5 * 1024 * 1024
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _writer(view: HrView[P]) -> Callable[..., HttpResponse]:
    """As `hr_account`, for accounts that may say what positions require of people everywhere."""

    @hr_account
    @wraps(view)
    def guarded(request: HttpRequest, user: User, *args: Any, **kwargs: Any) -> HttpResponse:
        if not answers_for_all(user):
            raise refuse(request, request.path)
        return view(request, user, *args, **kwargs)

    return guarded


class ProfileForm(forms.Form):
    """The required level of every competency, the first day and the reason."""

    first_day = forms.DateField(
        label=gettext_lazy("From"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[within_calendar],
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, competencies: list[Competency], levels: dict[int, int], *args: Any, **kwargs: Any) -> None:
        """levels: what to begin with, by competency's key."""
        super().__init__(*args, **kwargs)
        choices = [(0, _("Not required")), *((level, str(level)) for level in range(1, LEVELS + 1))]
        for each in competencies:
            self.fields[f"level-{each.pk}"] = forms.TypedChoiceField(
                label=f"{each.code} {each.name}", choices=choices, coerce=int, initial=levels.get(each.pk, 0)
            )

    @property
    def levels(self) -> dict[int, int]:
        given = {name: value for name, value in self.cleaned_data.items() if name.startswith("level-") and value}
        return {int(name.removeprefix("level-")): level for name, level in given.items()}


class ProfileFileForm(FileForm):
    """A table of requirements."""

    max_bytes = MAX_UPLOAD_BYTES
    file = forms.FileField(
        label=gettext_lazy("Table of requirements"),
        help_text=gettext_lazy("Excel (.xlsx) or CSV in UTF-8, with the columns position, competency, level and from."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        allow_empty_file=True,
    )


@hr_page
def profiles(request: HttpRequest, user: User) -> HttpResponse:
    """Every position by group, with how much it requires on a day and since when."""
    day = _day(request)
    of_day = {
        profile.position_id: profile
        for profile in RoleProfile.objects.filter(valid__contains=day).annotate(asked=Count("requirements"))
    }
    groups = PositionGroup.objects.prefetch_related("positions").order_by("order", "code")
    context = {
        "day": day,
        "groups": [
            (group, [(position, of_day.get(position.pk)) for position in group.positions.all()])
            for group in groups
            if group.positions.all()
        ],
        "may_write": answers_for_all(user),
    }
    return render(request, "hr/profiles.html", context)


@hr_page
def profile(request: HttpRequest, user: User, code: str) -> HttpResponse:
    """What one position requires on a day, and all versions of it."""
    position, day = _position(code), _day(request)
    versions = RoleProfile.objects.filter(position=position).annotate(asked=Count("requirements"))
    held = RoleProfile.objects.filter(position=position, valid__contains=day).first()
    required = Requirement.objects.filter(role_profile=held).select_related("competency__domain")
    context = {
        "position": position,
        "day": day,
        "held": held,
        "required": required.order_by("competency__domain__order", "competency__order"),
        "versions": [_version(each) for each in versions.order_by("-valid__startswith")],
        "may_write": answers_for_all(user),
    }
    return render(request, "hr/profile.html", context)


@require_http_methods(["GET", "POST"])
@_writer
def new_version(request: HttpRequest, user: User, code: str) -> HttpResponse:
    """A new version from a day on, begun with what holds or with another position's; shown first, then confirmed."""
    position = _position(code)
    newest, source = newest_profile(position), _source(request, position)
    template = newest_profile(source)
    bound = request.method == "POST"
    form = ProfileForm(
        _competencies(),
        levels_of(template) if template else {},
        request.POST if bound else None,
        initial={"first_day": today()},
    )
    seen = request.POST.get("seen") if bound else str(newest.pk if newest else "")
    context = {
        "position": position,
        "source": source,
        "form": form,
        "seen": seen,
        "others": Position.objects.exclude(pk=position.pk).filter(role_profiles__isnull=False).distinct(),
    }
    if bound and form.is_valid():
        if request.POST.get("step") != "confirm":
            effect = _effect(position, newest, form) | {"sees_people": sees_people_within(user, None, today())}
            return render(request, "hr/profile_preview.html", context | effect)
        try:
            changed = set_profile(
                position,
                form.levels,
                valid_from=form.cleaned_data["first_day"],
                seen=int(seen) if seen and seen.isdecimal() and len(seen) < 19 else None,
                reason=form.cleaned_data["reason"],
                actor=user,
                address=address_of(request),
            )
        except ProfilesChanged:
            messages.error(request, _("Somebody changed what this position requires. Nothing was written. Look again."))
            return redirect("hr:profile", code=position.code)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The new version is kept.") if changed else _("Nothing changes."))
            return redirect("hr:profile", code=position.code)
    return render(request, "hr/profile_form.html", context, status=422 if bound else 200)


@require_POST
@_writer
def withdraw(request: HttpRequest, user: User, code: str, pk: int) -> HttpResponse:
    """Remove a version that is to come."""
    found = RoleProfile.objects.filter(position=_position(code), pk=pk).first()
    if found is None:
        raise Http404
    try:
        withdraw_profile(found, actor=user, address=address_of(request))
    except ProfilesChanged:
        messages.error(request, _("Somebody changed what this position requires. Nothing was written. Look again."))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("The version was withdrawn."))
    return redirect("hr:profile", code=code)


@hr_page
def export(request: HttpRequest, user: User) -> HttpResponse:
    """Every profile of a day as a workbook that can be brought back."""
    day = _day(request)
    response = HttpResponse(write_profiles(day), content_type=_WORKBOOK)
    response["Content-Disposition"] = f'attachment; filename="thang-requirements-{day.isoformat()}.xlsx"'
    return response


@require_http_methods(["GET", "POST"])
@_writer
def bring_table(request: HttpRequest, user: User) -> HttpResponse:
    """The form; a table that arrives is kept, and its check is the next page."""
    form = ProfileFileForm(request.POST, request.FILES) if request.method == "POST" else ProfileFileForm()
    if form.is_bound and form.is_valid():
        file: UploadedFile = form.cleaned_data["file"]
        return redirect("hr:profiles-check", key=keep_upload(user, file.chunks(), file.name or ""))
    context = {"form": form, "max_bytes": MAX_UPLOAD_BYTES}
    return render(request, "hr/profiles_import.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@_writer
def check_table(request: HttpRequest, user: User, key: UUID) -> HttpResponse:
    """What a kept table would do and what is wrong with it; on confirmation it is checked once more and written."""
    kept = open_upload(user, key)
    if kept is None:
        messages.warning(request, _("The file is no longer kept. Bring it again."))
        return redirect("hr:profiles-import")
    with kept[0] as file:
        plan = plan_profiles(file)
    if request.method == "POST" and plan.changes:
        seen = request.POST.get("seen") == plan.digest
        if seen and apply_profiles(plan, name=kept[1], actor=user, address=address_of(request)):
            drop_upload(user, key)
            messages.success(request, _("The requirements were imported."))
            return redirect("hr:profiles")
        messages.error(request, _("Somebody changed what this position requires. Nothing was written. Look again."))
        return redirect("hr:profiles-check", key=key)
    return render(request, "hr/profiles_check.html", {"plan": plan, "name": kept[1]})


def _effect(position: Position, newest: RoleProfile | None, form: ProfileForm) -> dict[str, Any]:
    before, after = levels_of(newest) if newest else {}, form.levels
    first = form.cleaned_data["first_day"]
    return {
        "first": first,
        "changes": [
            (f"{each.code} {each.name}", before.get(each.pk), after.get(each.pk))
            for each in _competencies()
            if before.get(each.pk) != after.get(each.pk)
        ],
        "people": Posting.objects.filter(
            position=position, kind=Posting.Kind.PRIMARY, valid__contains=max(first, today())
        ).count(),
        "reaches_back": first < today(),
        "is_to_come": first > today(),
    }


def _version(found: Any) -> dict[str, Any]:
    first, end = found.valid.lower, found.valid.upper
    last = date_format(end - timedelta(days=1), "SHORT_DATE_FORMAT") if end else "…"
    return {
        "profile": found,
        "days": f"{date_format(first, 'SHORT_DATE_FORMAT') if first else '…'} – {last}",
        "is_to_come": first is not None and first > today(),
        "day": max(first or EARLIEST, EARLIEST),
    }


def _source(request: HttpRequest, position: Position) -> Position:
    code = request.GET.get("copy", "")
    return _position(code) if code else position


def _position(code: str) -> Position:
    found = Position.objects.select_related("group").filter(code=code).first() if "\0" not in code else None
    if found is None:
        raise Http404
    return found


def _competencies() -> list[Competency]:
    try:
        framework = current_framework()
    except Framework.DoesNotExist:
        raise Http404 from None
    return list(Competency.objects.filter(domain__framework=framework).order_by("domain__order", "order"))


def _day(request: HttpRequest) -> date:
    """Return the day that the address asks about, today for none and for one that cannot be."""
    try:
        day = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return today()
    return min(max(day, EARLIEST), LATEST)


profile_patterns = [
    path("profiles/", profiles, name="profiles"),
    path("profiles/requirements.xlsx", export, name="profiles-export"),
    path("profiles/import/", bring_table, name="profiles-import"),
    path("profiles/import/<uuid:key>/", check_table, name="profiles-check"),
    path("profiles/of/<slug:code>/", profile, name="profile"),
    path("profiles/of/<slug:code>/new/", new_version, name="profile-new"),
    path("profiles/of/<slug:code>/<int:pk>/withdraw/", withdraw, name="profile-withdraw"),
]
