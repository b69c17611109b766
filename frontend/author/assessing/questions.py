"""The questions of an assessment: its sections, what is picked for them or drawn."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from assessments.domain.delivery_rules import RulesRefused
from assessments.domain.queries.secret import secrecy_of
from assessments.domain.sections import (
    add_items,
    add_section,
    change_section,
    holdings,
    move_item,
    move_section,
    outline_of,
    remove_item,
    remove_section,
    renew_item,
    set_draws,
)
from assessments.domain.sitting_rules import faults_of
from assessments.models import Assessment, AssessmentSection, ItemVersion, SectionItem
from frontend.author.access import author_of, authors_only
from frontend.author.assessing.forms import DrawsForm, SectionForm
from frontend.author.assessing.frame import render_page
from frontend.author.assessing.wording import FAULTS, REFUSALS
from frontend.author.bank import find_versions
from frontend.author.forms.filters import ItemFilterForm
from frontend.author.items import competency_choices
from frontend.author.measurement.assessments import find_assessment
from frontend.author.wording import excerpt_of
from frontend.learn.wording import KIND_NAMES
from frontend.numbers import read_whole
from organisation.models import User

MOST_FOUND = 20


@require_GET
@authors_only
def show_assessment(request: HttpRequest, code: str) -> HttpResponse:
    """The sections with what stands in them, what is missing before it can open, and whether it is open."""
    assessment = find_assessment(code)
    in_sections = assessment.mode in (Assessment.Mode.FIXED, Assessment.Mode.DRAW)
    outline = outline_of(assessment) if in_sections else []
    context = {
        "sections": [
            {"section": each.section, "questions": each.questions, "rows": _rows_of(each.section)} for each in outline
        ],
        "in_sections": in_sections,
        "faults": [FAULTS[each] for each in faults_of(assessment)],
        "total": sum(each.questions for each in outline),
        "secrecy": secrecy_of(assessment),
    }
    return render_page(request, assessment, "questions", context)


@require_http_methods(["GET", "POST"])
@authors_only
def new_section(request: HttpRequest, code: str) -> HttpResponse:
    assessment = find_assessment(code)
    if assessment.mode not in (Assessment.Mode.FIXED, Assessment.Mode.DRAW):
        raise Http404
    form = SectionForm(request.POST or None)
    if form.is_valid():
        section = add_section(assessment, author_of(request), **form.cleaned_data)
        return redirect("author:section", code, section.pk)
    return render_page(request, assessment, "section_new", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@authors_only
def edit_section(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One section: title and time, and its questions or its draw. Each button does one thing and leads back here."""
    assessment = find_assessment(code)
    section = AssessmentSection.objects.select_related("assessment").filter(assessment=assessment, pk=pk).first()
    if section is None:
        raise Http404
    action, _colon, target = request.POST.get("action", "").partition(":")
    form = SectionForm(request.POST if action == "save" else None, instance=section)
    draws = DrawsForm(request.POST if action == "draws" else None, section=section)
    problem = ""
    if request.method == "POST":
        try:
            response = _act(request, section, action, target, form, draws)
        except RulesRefused as refused:
            problem = str(REFUSALS[refused.field])
        else:
            if response is not None:
                return response
    context = {"section": section, "form": form, "draws": draws, "problem": problem, "items": _rows_of(section)}
    if assessment.mode == Assessment.Mode.FIXED:
        context |= _found(request, section) | {"secrecy": secrecy_of(assessment)}
    failed = problem or form.errors or draws.errors
    return render_page(request, assessment, "section", context, status=422 if failed else 200)


def _act(
    request: HttpRequest, section: AssessmentSection, action: str, target: str, form: SectionForm, draws: DrawsForm
) -> HttpResponse | None:
    """Do what a button asks; None when a form has errors to show. Raises RulesRefused."""
    actor, here = author_of(request), request.get_full_path()
    if action == "save":
        if not form.is_valid():
            return None
        change_section(section, actor, **form.cleaned_data)
        messages.success(request, _("The section is saved."))
    elif action == "draws":
        if not draws.is_valid():
            return None
        set_draws(section, actor, draws.draws())
        messages.success(request, _("The draw is saved."))
    elif action == "add":
        count = add_items(section, actor, request.POST.getlist("code"))
        said = ngettext("%(count)d question added.", "%(count)d questions added.", count)
        messages.success(request, said % {"count": count})
    elif action in ("section-up", "section-down"):
        move_section(section, actor, -1 if action == "section-up" else 1)
        return redirect("author:assessment", section.assessment.code)
    elif action == "section-remove":
        remove_section(section, actor)
        messages.success(request, _("The section is removed."))
        return redirect("author:assessment", section.assessment.code)
    elif action in _ON_ITEM:
        row = SectionItem.objects.select_related("section__assessment", "version").filter(section=section)
        found = row.filter(pk=read_whole(target) or 0).first()
        if found is not None:
            _ON_ITEM[action](found, actor)
        here += "#picked"
    return redirect(here)


_ON_ITEM: dict[str, Callable[[SectionItem, User], None]] = {
    "up": lambda row, actor: move_item(row, actor, -1),
    "down": lambda row, actor: move_item(row, actor, 1),
    "remove": remove_item,
    "renew": renew_item,
}


def _rows_of(section: AssessmentSection) -> list[dict[str, Any]]:
    """The questions picked for a section, or the rows of its draw."""
    if section.assessment.mode == Assessment.Mode.DRAW:
        draws = section.draws.select_related("competency", "domain").order_by("order")
        return [{"draw": each, "kind": KIND_NAMES.get(each.kind, "")} for each in draws]
    return [
        {
            "row": each.row,
            "version": each.row.version,
            "excerpt": excerpt_of(each.row.version),
            "kind": KIND_NAMES[each.row.version.item.kind],
            "holding": each,
        }
        for each in holdings(section=section)
    ]


def _found(request: HttpRequest, section: AssessmentSection) -> dict[str, Any]:
    """What the search for questions offers: those in use that the assessment does not have yet."""
    search = ItemFilterForm(request.GET, competencies=competency_choices(), tags=[])
    wanted = replace(search.wanted(), status=ItemVersion.Status.PUBLISHED, tag="")
    held = SectionItem.objects.filter(section__assessment=section.assessment).values("version__item")
    versions = find_versions(wanted).exclude(item__in=held).exclude(item__kind="simulation")
    shown = list(versions[: MOST_FOUND + 1])
    return {
        "search": search,
        "found": [(each, excerpt_of(each), KIND_NAMES[each.item.kind]) for each in shown[:MOST_FOUND]],
        "more": len(shown) > MOST_FOUND,
        "search_url": reverse("author:section", args=[section.assessment.code, section.pk]),
    }
