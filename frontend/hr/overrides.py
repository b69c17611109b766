"""Finding one person, and what is required of them apart from their post."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from competencies.api import current_framework, end_override, requirements_of, set_override
from competencies.models import LEVELS, Competency, RequirementOverride
from frontend.days import within_calendar
from frontend.hr.access import hr_page, person_page
from frontend.hr.wording import verdict
from frontend.middleware import address_of
from organisation.api import find_people, find_units, today
from organisation.models import Posting, UnitVersion, User
from reports.api import standings

PAGE_SIZE = 50
UNITS_SHOWN = 20


class OverrideForm(forms.Form):
    """A requirement of one person, with its reason and days; the last day may stay open."""

    competency = forms.ModelChoiceField(Competency.objects.none(), label=gettext_lazy("Competency"))
    level = forms.TypedChoiceField(
        label=gettext_lazy("Required level"),
        coerce=int,
        empty_value=None,
        choices=[(number, str(number)) for number in range(1, LEVELS + 1)] + [(0, gettext_lazy("Not required"))],
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    first_day = forms.DateField(
        label=gettext_lazy("From"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[within_calendar],
    )
    last_day = forms.DateField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Empty: until it is ended."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[within_calendar],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["competency"]
        field.queryset = Competency.objects.filter(domain__framework=current_framework()).order_by(
            "domain__order", "order"
        )
        field.label_from_instance = lambda competency: f"{competency.code} {competency.name}"


@hr_page
def search(request: HttpRequest, user: User) -> HttpResponse:
    """Units and people of the account's scope by name or code."""
    text = request.GET.get("q", "").replace("\0", "")[:100]
    page = Paginator(find_people(user, text, today()), PAGE_SIZE).get_page(request.GET.get("page"))
    held = UnitVersion.objects.filter(unit__in={each.unit_id for each in page}, valid__contains=today())
    names = {version.unit_id: version.name for version in held}
    context = {
        "text": text,
        "page": page,
        "people": [(each, names.get(each.unit_id, each.unit.code)) for each in page],
        "units": find_units(user, text, today())[:UNITS_SHOWN],
    }
    return render(request, "hr/search.html", context)


@person_page
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, user: User, posting: Posting) -> HttpResponse:
    """What is required of the person today and why, what was set for them alone, and the form that sets more."""
    form = OverrideForm(request.POST if request.method == "POST" else None, initial={"first_day": today()})
    if form.is_bound and form.is_valid() and _set(request, user, posting, form):
        messages.success(request, _("The requirement holds for this person now."))
        return redirect("hr:person", code=posting.person.employee_code)
    overrides = RequirementOverride.objects.filter(person=posting.person).select_related("competency", "set_by__person")
    required = requirements_of(posting.person)
    found = standings(posting.person, {each.competency.pk: each.level for each in required})
    context = {
        "posting": posting,
        "unit": UnitVersion.objects.select_related("unit").get(unit=posting.unit, valid__contains=today()),
        "required": [(each, found[each.competency.pk], *verdict(found[each.competency.pk])) for each in required],
        "overrides": [
            (each, _last_day(each), each.valid.upper is None or each.valid.upper > today())
            for each in overrides.order_by("-valid__startswith", "pk")
        ],
        "form": form,
    }
    return render(request, "hr/person.html", context, status=422 if form.is_bound else 200)


@person_page
@require_POST
def end(request: HttpRequest, user: User, posting: Posting, pk: int) -> HttpResponse:
    """End what was set for the person: from today the post's own requirement holds again."""
    override = RequirementOverride.objects.filter(person=posting.person, pk=pk).first()
    if override is None:
        raise Http404
    try:
        end_override(override, today(), actor=user, address=address_of(request))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("The requirement of the post holds again from today."))
    return redirect("hr:person", code=posting.person.employee_code)


def _set(request: HttpRequest, user: User, posting: Posting, form: OverrideForm) -> bool:
    given = form.cleaned_data
    last_day = given["last_day"]
    try:
        set_override(
            posting.person,
            given["competency"],
            given["level"] or None,
            reason=given["reason"],
            valid_from=given["first_day"],
            valid_to=last_day + timedelta(days=1) if last_day else None,
            actor=user,
            address=address_of(request),
        )
    except ValidationError as refused:
        form.add_error(None, refused)
        return False
    return True


def _last_day(override: RequirementOverride) -> Any:
    return override.valid.upper - timedelta(days=1) if override.valid.upper else None


override_patterns = [
    path("search/", search, name="search"),
    path("people/<str:code>/", person, name="person"),
    path("people/<str:code>/overrides/<int:pk>/end/", end, name="override-end"),
]
