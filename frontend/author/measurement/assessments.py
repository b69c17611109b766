"""How well an assessment sorts people into levels, and the trials it was put to."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from assessments.domain.queries.classification import assess_classification
from assessments.domain.simulation_study import StudyRefused, start_study
from assessments.models import Assessment, SimulationStudy
from competencies.models import RoleProfile
from frontend.author.access import author_of, authors_only
from frontend.author.measurement.forms import StudyForm
from frontend.author.measurement.words.studies import describe_refusal
from organisation.api import today
from organisation.models import Position


@require_GET
@authors_only
def show_quality(request: HttpRequest, code: str) -> HttpResponse:
    """Accuracy and consistency by competency (Rudner), and for an adaptive quiz a form to try it."""
    return render_quality(request, find_assessment(code))


@require_POST
@authors_only
def try_out(request: HttpRequest, code: str) -> HttpResponse:
    """Queue a trial; what cannot be tried is said on the assessment's page."""
    assessment = find_assessment(code)
    form = StudyForm(request.POST, positions=position_choices(assessment))
    if not form.is_valid():
        return render_quality(request, assessment, form, status=422)
    wanted = form.cleaned_data
    position = Position.objects.filter(code=wanted["position"]).first() if wanted.get("position") else None
    try:
        study = start_study(
            author_of(request),
            assessment,
            people=wanted["people"],
            correlation=wanted["correlation"],
            position=position,
        )
    except StudyRefused as refused:
        form.add_error(None, describe_refusal(refused.reason))
        return render_quality(request, assessment, form, status=422)
    return redirect("author:study", study.pk)


def find_assessment(code: str) -> Assessment:
    """Return an assessment, or answer 404."""
    assessment = Assessment.objects.filter(code=code).first()
    if assessment is None:
        raise Http404
    return assessment


def render_quality(
    request: HttpRequest, assessment: Assessment, form: StudyForm | None = None, status: int = 200
) -> HttpResponse:
    adaptive = assessment.mode == Assessment.Mode.ADAPTIVE
    context: dict[str, Any] = {
        "assessment": assessment,
        "rows": assess_classification(assessment),
        "adaptive": adaptive,
    }
    if adaptive:
        context |= {
            "form": form or StudyForm(positions=position_choices(assessment)),
            "studies": SimulationStudy.objects.filter(assessment=assessment).select_related("position")[:10],
        }
    return render(request, "author/measurement/assessment.html", context, status=status)


def position_choices(assessment: Assessment) -> list[tuple[str, str]] | None:
    """Return the positions with requirements in force, or None where the assessment has a list of its own."""
    if not assessment.by_post:
        return None
    in_force = RoleProfile.objects.filter(valid__contains=today()).values("position")
    return [
        (each.code, each.name) for each in Position.objects.filter(pk__in=in_force).order_by("group__order", "code")
    ]
