"""The gap of some of a unit's people, for those who may see them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from frontend.design.heat import heat_steps
from frontend.drawing import draw_part
from frontend.hr.access import people_page, units_above
from frontend.hr.figures import draw_rows
from frontend.hr.heat import heat_map
from frontend.hr.people_forms import ChoiceForm
from organisation.api import can_see_people, today
from organisation.models import Unit, UnitVersion, User
from reports.api import GapReport, PeopleFilter, TooLongToRead, TooManyPeople, looking_through, narrowed_report


@people_page
def narrowed(request: HttpRequest, user: User, unit: Unit) -> HttpResponse:
    """The gaps of the people of a position group, an age, a gender or a finished course, and by unit below."""
    form = ChoiceForm(request.GET)
    if not form.is_valid():
        raise Http404
    version = UnitVersion.objects.select_related("unit").get(unit=unit, valid__contains=today())
    context: dict[str, Any] = {
        "unit": version,
        "unit_url": (unit_url := reverse("hr:unit", args=[unit.code])),
        "trail": [(_("Units and gaps"), reverse("hr:home")), (version.name, unit_url)],
        "form": form,
        "is_narrowed": form.wanted != PeopleFilter(),
        "chosen": form.words,
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
                "trail": [*_trail(user, found.report, query), (version.name, unit_url)],
                "found": found,
                "top": found.report.top_gaps(3),
                "heat": heat_map(found.report, query=query, page=request.GET.get("page"), page_of=_page_of),
                "legend": draw_part("components/heat_legend.html", {"steps": heat_steps(), "hides_nothing": True}, {}),
                "people_url": (people_url := reverse("hr:people", args=[unit.code])),
                "competency_rows": draw_rows(found.report.competencies, people_url, query),
            }
    return render(request, "hr/narrowed.html", context)


def _trail(user: User, report: GapReport, query: str) -> list[tuple[str, str]]:
    """Return the way here from HR's home: the same choice in the units above whose people the account may see."""
    above = units_above(user, report)
    units = Unit.objects.in_bulk([each.pk for each in above])
    seen = [each for each in above if can_see_people(user, units[each.pk])]
    return [
        (_("Units and gaps"), reverse("hr:home")),
        *((each.name, f"{_page_of(each.code)}?{query}") for each in seen),
    ]


def _page_of(code: str) -> str:
    return reverse("hr:people-gap", args=[code])
