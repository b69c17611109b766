"""A new assessment, its rules, its audience, and letting people in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.domain.delivery_rules import RulesRefused
from assessments.domain.sitting_rules import create_assessment, set_audience, set_open, set_sitting_rules
from frontend.author.access import author_of, authors_only
from frontend.author.assessing.forms import AudienceForm, NewAssessmentForm, SittingRulesForm
from frontend.author.assessing.frame import render_page
from frontend.author.assessing.wording import FAULTS, REFUSALS
from frontend.author.measurement.assessments import find_assessment


@require_http_methods(["GET", "POST"])
@authors_only
def new_assessment(request: HttpRequest) -> HttpResponse:
    form = NewAssessmentForm(request.POST or None)
    if form.is_valid():
        try:
            made = create_assessment(author_of(request), **form.cleaned_data)
        except RulesRefused as refused:
            form.add_error(refused.field, str(REFUSALS[refused.field]))
        else:
            messages.success(request, _("The assessment is made. It is closed until you open it."))
            return redirect("author:assessment", made.code)
    return render(request, "author/assessing/new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@authors_only
def edit_settings(request: HttpRequest, code: str) -> HttpResponse:
    """Names, dates, times, attempts and feedback; sittings that have begun keep their times."""
    assessment = find_assessment(code)
    form = SittingRulesForm(request.POST or None, instance=assessment)
    if form.is_valid():
        try:
            set_sitting_rules(assessment, author_of(request), **form.cleaned_data)
        except RulesRefused as refused:
            form.add_error(refused.field, str(REFUSALS[refused.field]))
        else:
            messages.success(request, _("The rules are changed. Sittings that begin from now on follow them."))
            return redirect("author:assessment-settings", code)
    return render_page(request, assessment, "settings", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@authors_only
def edit_audience(request: HttpRequest, code: str) -> HttpResponse:
    assessment = find_assessment(code)
    form = AudienceForm(request.POST or None, assessment=assessment)
    if form.is_valid():
        set_audience(assessment, author_of(request), **form.cleaned_data)
        messages.success(request, _("Who may take it is changed."))
        return redirect("author:assessment-audience", code)
    return render_page(request, assessment, "audience", {"form": form}, status=422 if form.errors else 200)


@require_POST
@authors_only
def open_or_close(request: HttpRequest, code: str) -> HttpResponse:
    """Open the assessment, or close it to new sittings."""
    assessment = find_assessment(code)
    is_open = request.POST.get("action") == "open"
    try:
        set_open(assessment, author_of(request), is_open=is_open)
    except RulesRefused as refused:
        messages.error(request, str(FAULTS[refused.reason]))
    else:
        said = _("The assessment is open.") if is_open else _("The assessment is closed. Sittings under way go on.")
        messages.success(request, said)
    return redirect("author:assessment", code)
