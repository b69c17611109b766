"""Views that HR keeps: naming the page at hand, opening, sharing and deleting one."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from frontend.hr.access import hr_account, hr_page, refuse
from frontend.hr.days import find_reached
from organisation.models import User
from reports.api import delete_view, find_view, save_view, share_view


class ViewForm(forms.Form):
    """The name of a view, and whether HR of the unit finds it too."""

    name = forms.CharField(label=gettext_lazy("Name of the view"), max_length=100)
    share = forms.BooleanField(
        label=gettext_lazy("Share it with everyone who answers for this unit in HR"), required=False
    )


@hr_account
@require_POST
def save(request: HttpRequest, user: User, code: str) -> HttpResponse:
    """Keep the unit's page with what its address asks."""
    unit, _reach = find_reached(request, user, code)
    form = ViewForm(request.POST)
    form.is_valid()
    name, query = form.cleaned_data.get("name", ""), request.GET.dict()
    try:
        save_view(user, unit, name, query, share=form.cleaned_data["share"])
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("Kept. You find it on the page “Units and gaps”."))
    return redirect(reverse("hr:unit", args=[code]) + (f"?{urlencode(query)}" if query else ""))


@hr_page
def open_view(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """Lead to the page of a view, or to that of the unit which took its unit's place."""
    found = find_view(user, pk)
    if found is None:
        raise refuse(request, f"view {pk}")
    view, destination = found
    if destination is None:
        messages.warning(request, _("The unit of the view “%(view)s” is no longer yours to see.") % {"view": view.name})
        return redirect("hr:home")
    if destination.moved:
        text = _("Unit %(old)s of the view “%(view)s” is no more. This is the unit that took its place.")
        messages.info(request, text % {"old": view.unit.code, "view": view.name})
    if destination.dropped:
        messages.info(request, _("Days, trends and position groups of this view are for those who may see people."))
    query = urlencode(destination.query)
    return redirect(reverse("hr:unit", args=[destination.unit.code]) + (f"?{query}" if query else ""))


@hr_account
@require_POST
def act(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """Share, stop sharing or delete a view of one's own."""
    found = find_view(user, pk)
    if found is None or found[0].owner != user:
        raise refuse(request, f"view {pk}")
    view, action = found[0], request.POST.get("action")
    if action == "delete":
        delete_view(view)
        messages.success(request, _("The view “%(view)s” was deleted.") % {"view": view.name})
    elif action in ("share", "keep"):
        share_view(view, action == "share")
    else:
        raise Http404
    return redirect("hr:home")


saved_view_patterns = [
    path("units/<str:code>/views/", save, name="view-save"),
    path("views/<int:pk>/", open_view, name="view"),
    path("views/<int:pk>/act/", act, name="view-act"),
]
