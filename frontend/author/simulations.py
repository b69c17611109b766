"""A simulation for its trainer: what it is made of, how its personas fare, and playing it without a trace."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from assessments import simulations as engine
from assessments.models import Item, ItemVersion
from assessments.simulations import IllegalAction, Simulation, State
from competencies.models import Competency
from frontend.author.access import authors_only
from frontend.author.items import find_item
from frontend.author.outline import outline_of
from frontend.author.play import arrange, read_params
from frontend.author.wording import locale_now, simulation_of

SESSION_KEY = "author_play"
SEEDS = 1000


@require_GET
@authors_only
def show_simulation(request: HttpRequest, code: str) -> HttpResponse:
    item, version = _find(code, request.GET.get("version", ""))
    simulation = simulation_of(version)
    context = {
        "item": item,
        "version": version,
        "versions": item.versions.order_by("-number"),
        "simulation": simulation,
        "title": simulation.title.at(locale_now()),
        "summary": simulation.summary.at(locale_now()),
        "outline": outline_of(simulation, locale_now()),
        "competencies": _competency_names(simulation),
        "assessments": item.assessments.order_by("code"),
        "parameters": version.parameter_sets.select_related("competency").order_by("competency__code", "-pk"),
    }
    return render(request, "author/simulation.html", context)


@require_http_methods(["GET", "POST"])
@authors_only
def play_simulation(request: HttpRequest, code: str) -> HttpResponse:
    """Play in the session alone: its seed and log are kept there and replayed; no attempt is made."""
    item, version = _find(code, request.GET.get("version", ""))
    simulation = simulation_of(version)
    held = request.session.get(SESSION_KEY, {})
    if held.get("version") != version.pk:
        held = {"version": version.pk, "seed": 1, "log": []}
    state = _replay(simulation, held)
    if request.method == "POST":
        if request.POST.get("action") == "restart:":
            state = engine.start(simulation, held["seed"] % SEEDS + 1)
        else:
            state = _act(request, simulation, state)
        request.session[SESSION_KEY] = {"version": version.pk, "seed": state.seed, "log": state.log_data()}
        return redirect(f"{reverse('author:simulation-play', args=[code])}?version={version.number}#now")
    locale = locale_now()
    view = engine.render(simulation, state, locale)
    context = {
        "item": item,
        "version": version,
        "title": simulation.title.at(locale),
        "view": view,
        "desk": arrange(view),
        "scores": engine.score(simulation, state) if state.finished else [],
        "remarks": engine.debrief(simulation, state, locale) if state.finished else [],
        "competencies": _competency_names(simulation),
    }
    return render(request, "author/simulation_play.html", context)


def _replay(simulation: Simulation, held: dict[str, Any]) -> State:
    try:
        return engine.replay(simulation, held["seed"], held["log"])
    except IllegalAction:
        return engine.start(simulation, held["seed"])


def _act(request: HttpRequest, simulation: Simulation, state: State) -> State:
    """Return the state after the posted action, or the state as it was when the action cannot be done."""
    name = request.POST.get("action", "")
    try:
        return engine.apply_action(simulation, state, name, read_params(simulation, name, request.POST))
    except IllegalAction as error:
        if error.reason == "parameter":
            messages.error(request, _("Fill in what the action asks for."))
        else:
            messages.error(request, _("That cannot be done now."))
        return state


def _competency_names(simulation: Simulation) -> dict[str, str]:
    """Return the names of the competencies that the simulation gives evidence about, by code."""
    found = Competency.objects.filter(code__in=simulation.competencies, domain__framework__published_at__isnull=False)
    return {competency.code: competency.name for competency in found.order_by("domain__framework_id")}


def _find(code: str, number: str) -> tuple[Item, ItemVersion]:
    item = find_item(code)
    versions = list(item.versions.order_by("number"))
    if item.kind != "simulation":
        raise Http404
    if number:
        versions = [version for version in versions if str(version.number) == number]
    if not versions:
        raise Http404
    published = [version for version in versions if version.status == ItemVersion.Status.PUBLISHED]
    return item, (published or versions)[-1]
