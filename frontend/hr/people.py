"""The people behind a cell, for those who may see them."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from competencies.api import current_framework
from competencies.models import Competency, Framework
from frontend.hr.access import people_page
from frontend.hr.wording import VERDICT_ICONS, VERDICT_TAGS, verdict_words
from organisation.api import today
from organisation.models import Unit, UnitVersion, User
from reports.api import describe_people, people_behind

PAGE_SIZE = 50
SHOWN = {"": None, "assessed": True, "not-assessed": False}


@people_page
def people(request: HttpRequest, user: User, unit: Unit) -> HttpResponse:
    """Name, position, requirement and standing of everybody in the unit of whom the competency is required."""
    if "competency" not in request.GET:
        return redirect("hr:unit", unit.code)
    competency = _chosen_competency(request)
    shown = request.GET.get("show", "")
    if shown not in SHOWN:
        raise Http404
    postings = people_behind(unit, competency, assessed=SHOWN[shown])
    page = Paginator(postings, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [
        (each, verdict_words(each), VERDICT_TAGS.get(each.verdict, "outline"), VERDICT_ICONS.get(each.verdict, ""))
        for each in describe_people(page.object_list)
    ]
    address = f"{reverse('hr:people', args=[unit.code])}?competency={competency.code}"
    labels = {"": _("Everyone"), "assessed": _("Assessed"), "not-assessed": _("Not assessed")}
    context = {
        "unit": UnitVersion.objects.select_related("unit").get(unit=unit, valid__contains=today()),
        "competency": competency,
        "page": page,
        "rows": rows,
        "tabs": [
            {"label": label, "url": f"{address}&show={key}" if key else address, "current": key == shown}
            for key, label in labels.items()
        ],
    }
    return render(request, "hr/people.html", context)


def _chosen_competency(request: HttpRequest) -> Competency:
    code = request.GET.get("competency", "")
    try:
        competencies = Competency.objects.filter(domain__framework=current_framework())
    except Framework.DoesNotExist:
        raise Http404 from None
    competency = competencies.filter(code=code).first() if "\0" not in code else None
    if competency is None:
        raise Http404
    return competency
