"""Accommodations of single people, and what is asked in the exam room."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.domain.accommodations import GRANTS, grant_accommodation, withdraw_accommodation
from assessments.domain.delivery_rules import RulesRefused
from assessments.domain.invigilation import end_invigilation, set_invigilation
from assessments.models import Accommodation
from frontend.author.access import author_of, authors_only
from frontend.author.assessing.condition_forms import AccommodationForm, InvigilationForm
from frontend.author.assessing.frame import render_page
from frontend.author.assessing.wording import REFUSALS
from frontend.author.measurement.assessments import find_assessment


@require_http_methods(["GET", "POST"])
@authors_only
def show_accommodations(request: HttpRequest, code: str) -> HttpResponse:
    """Who is granted what and why, and a form to grant or change; `?person=` fills it with what a person has."""
    assessment = find_assessment(code)
    granted = Accommodation.objects.filter(assessment=assessment).select_related("person", "granted_by")
    chosen = granted.filter(person__employee_code=request.GET.get("person", "")).first()
    initial = {name: getattr(chosen, name) for name in GRANTS} if chosen else {}
    initial |= {"employee_code": chosen.person.employee_code} if chosen else {}
    form = AccommodationForm(request.POST or None, initial=initial)
    if form.is_valid():
        person, values = form.cleaned_data["employee_code"], {name: form.cleaned_data[name] for name in GRANTS}
        try:
            grant_accommodation(assessment, person, author_of(request), **values)
        except RulesRefused as refused:
            form.add_error(refused.field, str(REFUSALS[refused.field]))
        else:
            messages.success(request, _("It is granted and on record. A sitting that has begun keeps its times."))
            return redirect("author:assessment-accommodations", code)
    context = {"form": form, "granted": granted}
    return render_page(request, assessment, "accommodations", context, status=422 if form.errors else 200)


@require_POST
@authors_only
def withdraw(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    granted = get_object_or_404(
        Accommodation.objects.select_related("assessment", "person"), pk=pk, assessment__code=code
    )
    withdraw_accommodation(granted, author_of(request))
    messages.success(request, _("It is withdrawn."))
    return redirect("author:assessment-accommodations", code)


@require_http_methods(["GET", "POST"])
@authors_only
def edit_invigilation(request: HttpRequest, code: str) -> HttpResponse:
    assessment = find_assessment(code)
    form = InvigilationForm(request.POST or None, assessment=assessment)
    if form.is_valid():
        wanted = dict(form.cleaned_data)
        if wanted.pop("supervised"):
            set_invigilation(assessment, author_of(request), **wanted)
            messages.success(request, _("The assessment is supervised. It holds from the next page on."))
        else:
            end_invigilation(assessment, author_of(request))
            messages.success(request, _("The assessment is not supervised."))
        return redirect("author:assessment-invigilation", code)
    return render_page(request, assessment, "invigilation", {"form": form}, status=422 if form.errors else 200)
