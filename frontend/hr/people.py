"""The people behind a cell, for those who may see them."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from competencies.api import current_framework
from competencies.models import Competency, Framework
from frontend.hr.access import people_page
from frontend.hr.people_forms import ChoiceForm, PeopleForm
from frontend.hr.wording import verdict
from organisation.api import today
from organisation.models import Unit, UnitVersion, User
from reports.api import (
    MOST_COUNTED,
    MOST_LISTED,
    PeopleFilter,
    TooLongToRead,
    count_people,
    describe_people,
    looking_through,
    narrow_people,
    people_behind,
    summarise_people,
)

PAGE_SIZE = 50
SHOWN = {"": None, "assessed": True, "not-assessed": False}


class _Counted(Paginator):
    """Pages of a list that is counted up to a limit; of a longer one, pages of its beginning."""

    @cached_property
    def counted(self) -> int:
        rows: Any = self.object_list
        return count_people(rows)

    @property
    def is_more(self) -> bool:
        return self.counted > MOST_COUNTED

    @property
    def count(self) -> int:
        return MOST_LISTED if self.is_more else self.counted


@people_page
def people(request: HttpRequest, user: User, unit: Unit) -> HttpResponse:
    """Name, position, requirement and standing of everybody in the unit of whom the competency is required."""
    if "competency" not in request.GET:
        return redirect("hr:unit", unit.code)
    competency = _chosen_competency(request)
    shown = request.GET.get("show", "")
    form = PeopleForm(_competencies(), request.GET)
    if shown not in SHOWN or not form.is_valid():
        raise Http404
    wanted = form.given
    labels = {"": _("Everyone"), "assessed": _("Assessed"), "not-assessed": _("Not assessed")}
    context = {
        "unit": UnitVersion.objects.select_related("unit").get(unit=unit, valid__contains=today()),
        "competency": competency,
        "form": form,
        "shown": shown,
        "is_narrowed": form.wanted != PeopleFilter(),
        "gap_query": urlencode({name: value for name, value in wanted.items() if name in ChoiceForm.base_fields}),
        "most": MOST_COUNTED,
        "listed": MOST_LISTED,
        "tabs": [
            {
                "label": label,
                "url": f"{request.path}?{urlencode(wanted | ({'show': key} if key else {}))}",
                "current": key == shown,
            }
            for key, label in labels.items()
        ],
    }
    rows = narrow_people(people_behind(unit, competency, assessed=SHOWN[shown]), form.wanted)
    try:
        with looking_through():
            pages = _Counted(rows, PAGE_SIZE)
            page = pages.get_page(request.GET.get("page"))
            context["rows"] = [(each, *verdict(each)) for each in describe_people(page.object_list)]
            context |= {"page": page, "is_more": pages.is_more}
            if not pages.is_more and not shown:
                context["summary"] = summarise_people(rows)
    except TooLongToRead:
        context["is_too_many"] = True
    return render(request, "hr/people.html", context)


def _competencies() -> Any:
    try:
        return Competency.objects.filter(domain__framework=current_framework()).order_by("domain__order", "order")
    except Framework.DoesNotExist:
        raise Http404 from None


def _chosen_competency(request: HttpRequest) -> Competency:
    code = request.GET.get("competency", "")
    competency: Competency | None = _competencies().filter(code=code).first() if "\0" not in code else None
    if competency is None:
        raise Http404
    return competency
