"""Who works in a unit although they belong elsewhere: secondary postings and secondments."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from frontend.hr.access import people_page
from frontend.hr.postings import UnitsThroughTime, posting_row
from organisation.api import find_serving, homes_seen, today
from organisation.models import Unit, UnitVersion, User

PAGE_SIZE = 50


@people_page
def serving(request: HttpRequest, user: User, unit: Unit) -> HttpResponse:
    """Everybody with a further posting in the unit or below, today or to come.

    Where they belong, and the way to their own page, is for who answers for them there.
    """
    page = Paginator(find_serving(unit, today()), PAGE_SIZE).get_page(request.GET.get("page"))
    homes = homes_seen(user, {each.person_id for each in page.object_list}, today())
    units = UnitsThroughTime({*homes.values(), *(each.unit_id for each in page.object_list)})
    context = {
        "unit": UnitVersion.objects.select_related("unit").get(unit=unit, valid__contains=today()),
        "page": page,
        "rows": [
            (posting_row(each, units), units.name(homes[each.person_id], today()) if each.person_id in homes else "")
            for each in page.object_list
        ],
    }
    return render(request, "hr/serving.html", context)
