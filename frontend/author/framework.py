"""The competency framework to read: competencies with descriptors, and what each kind of post requires."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from competencies.api import current_framework
from competencies.models import BANDS, Competency, Domain, Framework, Level, Requirement, RoleProfile
from frontend.author.access import AUTHORS, READERS, allow_roles
from organisation.api import roles_of, today


@require_GET
@allow_roles(READERS)
def show_framework(request: HttpRequest) -> HttpResponse:
    framework = _framework()
    context = {
        "framework": framework,
        "domains": Domain.objects.filter(framework=framework).prefetch_related("competencies__descriptors"),
        "bands": _bands(framework),
        "tabs": _tabs("framework"),
    }
    return render(request, "author/framework.html", context)


@require_GET
@allow_roles(READERS)
def show_positions(request: HttpRequest) -> HttpResponse:
    profiles = (
        RoleProfile.objects.filter(valid__contains=today())
        .select_related("position__group")
        .prefetch_related("requirements__competency__domain")
        .order_by("position__group__order", "position__group__code", "position__code")
    )
    context = {
        "profiles": [(profile, _in_framework_order(profile)) for profile in profiles],
        "tabs": _tabs("positions"),
    }
    return render(request, "author/positions.html", context)


@require_GET
@allow_roles(READERS)
def show_competency(request: HttpRequest, code: str) -> HttpResponse:
    framework = _framework()
    competency = Competency.objects.filter(domain__framework=framework, code=code).select_related("domain").first()
    if competency is None:
        raise Http404
    requirements = (
        Requirement.objects.filter(competency=competency, role_profile__valid__contains=today())
        .select_related("role_profile__position")
        .order_by("-level", "role_profile__position__code")
    )
    descriptors = {descriptor.band: descriptor for descriptor in competency.descriptors.all()}
    context = {
        "competency": competency,
        "bands": [(levels, descriptors.get(levels[0].band)) for levels in _bands(framework)],
        "requirements": requirements,
        "is_author": bool(roles_of(request.user) & AUTHORS),
    }
    return render(request, "author/competency.html", context)


def _framework() -> Framework:
    try:
        return current_framework()
    except Framework.DoesNotExist:
        raise Http404 from None


def _bands(framework: Framework) -> list[list[Level]]:
    """Return the framework's levels, band by band."""
    levels = list(framework.levels.all())
    return [found for band in range(1, BANDS + 1) if (found := [level for level in levels if level.band == band])]


def _in_framework_order(profile: RoleProfile) -> list[Requirement]:
    return sorted(profile.requirements.all(), key=lambda each: (each.competency.domain.order, each.competency.order))


def _tabs(current: str) -> list[dict[str, object]]:
    return [
        {"label": label, "url": reverse(f"author:{name}"), "current": name == current}
        for name, label in (("framework", _("Competencies")), ("positions", _("What posts require")))
    ]
