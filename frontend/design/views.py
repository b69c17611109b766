"""The living page that shows every component in every state, previews of the error pages, and the choice of theme."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from frontend.design import samples
from frontend.design.sample_forms import SampleForm
from frontend.design.theme import THEMES

ERROR_PAGES = (400, 403, 404, 429, 500)
YEAR = 31_536_000


@require_safe
def show_components(request: HttpRequest) -> HttpResponse:
    """Show every component in every state, with the tag that makes it."""
    sections = [
        ("foundations", _("Foundations")),
        ("buttons", _("Buttons")),
        ("forms", _("Forms")),
        ("feedback", _("Feedback")),
        ("cards", _("Cards and figures")),
        ("next", _("What next")),
        ("levels", _("Levels")),
        ("tables", _("Tables and heat map")),
        ("navigation", _("Navigation")),
        ("overlays", _("Dialogs and toasts")),
        ("quiz", _("Questions")),
        ("simulation", _("Simulations")),
        ("pages", _("Whole pages")),
    ]
    wrong = SampleForm({"wrong-name": "", "wrong-start": "31/02/2026"}, prefix="wrong")
    wrong.is_valid()
    context = {
        "sections": [(name, title, f"design/sections/{name}.html") for name, title in sections],
        "form": SampleForm(prefix="plain"),
        "wrong_form": wrong,
        "page": Paginator(range(240), 20).get_page(request.GET.get("page", "6")),
        "error_pages": ERROR_PAGES,
        **samples.build_samples(),
    }
    return render(request, "design/index.html", context)


@require_safe
def show_error_page(request: HttpRequest, code: int) -> HttpResponse:
    """Show what a person sees at an error, with the status of a page that works; 404 for a code that has no page."""
    if code not in ERROR_PAGES:
        raise Http404
    return render(request, f"{code}.html")


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme in a cookie ("auto" forgets it) and go back to where the person was."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
