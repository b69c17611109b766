"""The gap of some of a unit's people, for those who may see them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from frontend.design.heat import heat_steps
from frontend.drawing import draw_part
from frontend.hr.access import people_page
from frontend.hr.figures import draw_rows
from frontend.hr.heat import heat_map
from frontend.hr.people_forms import ChoiceForm
from organisation.api import today
from organisation.models import Unit, UnitVersion, User
from reports.api import PeopleFilter, TooLongToRead, TooManyPeople, looking_through, narrowed_report


@people_page
def narrowed(request: HttpRequest, user: User, unit: Unit) -> HttpResponse:
    """The gaps of the people of a position group, an age, a gender or a finished course, and by unit below."""
    form = ChoiceForm(request.GET)
    if not form.is_valid():
        raise Http404
    context: dict[str, Any] = {
        "unit": UnitVersion.objects.select_related("unit").get(unit=unit, valid__contains=today()),
        "form": form,
        "is_narrowed": form.wanted != PeopleFilter(),
    }
    if context["is_narrowed"]:
        try:
            with looking_through():
                found = narrowed_report(unit, form.wanted)
        except (TooLongToRead, TooManyPeople):
            context["is_too_many"] = True
        else:
            query = urlencode(form.given)
            context |= {
                "found": found,
                "top": found.report.top_gaps(3),
                "heat": heat_map(found.report, query=query, page=request.GET.get("page"), page_of=_page_of),
                "legend": draw_part("components/heat_legend.html", {"steps": heat_steps()}, {}),
                "people_url": (people_url := reverse("hr:people", args=[unit.code])),
                "competency_rows": draw_rows(found.report.competencies, people_url, query),
            }
    return render(request, "hr/narrowed.html", context)


def _page_of(code: str) -> str:
    return reverse("hr:people-gap", args=[code])
