"""The result of a submitted attempt: levels with their certainty, what was shown, and what to learn next."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from assessments.api import (
    CompetencyResult,
    aftermath_of,
    attempt_result,
    feedback_allowed,
    simulation_debrief,
)
from assessments.domain.appeals import appeal_until, appeals_of
from assessments.domain.regrading import regrades_of
from assessments.models import Assessment, Attempt
from competencies.models import Competency
from courses.api import courses_teaching, learning_path
from frontend.learn.access import learner_page, own_attempt
from frontend.learn.reviews import draw_reviews
from frontend.learn.standing import standing_of_result
from frontend.learn.tasks import attempt_url, next_step
from organisation.models import Person


@require_safe
@learner_page
def result(request: HttpRequest, person: Person, attempt_id: UUID) -> HttpResponse:
    """Show what an attempt told; an open attempt leads back to where it goes on."""
    attempt = own_attempt(request, person, attempt_id)
    if attempt.status != Attempt.Status.SUBMITTED:
        return redirect(attempt_url(attempt))
    rows = attempt_result(attempt).competencies
    standings = [standing_of_result(row) for row in rows]
    needed = {each.competency.pk for each in standings if each.needs_work}
    unmeasured = {each.competency.pk for each in standings if each.verdict in ("not_assessed", "insufficient")}
    locale = "en" if get_language() == "en" else "vi"
    is_simulation = attempt.assessment.mode == Assessment.Mode.SIMULATION
    told = feedback_allowed(attempt)
    after = aftermath_of(attempt)
    reviews = draw_reviews(attempt, locale, after.is_marked) if told and not is_simulation else None
    until = appeal_until(attempt, after.is_marked)
    context = {
        "attempt": attempt,
        "is_simulation": is_simulation,
        "certificates": attempt.certificates.order_by("pk") if after.is_certified else [],
        "regrades": regrades_of(attempt) if after.is_regraded else [],
        "measured": [_row(row) for row in rows if row.asked],
        "unasked": [standing_of_result(row) for row in rows if not row.asked],
        "told": told,
        "reviews": reviews,
        "appeals": appeals_of(attempt) if after.is_contested else [],
        "appeal_until": until if until is not None and timezone.now() <= until else None,
        "remarks": _remarks(attempt, locale, [row.competency for row in rows]) if told and is_simulation else [],
        "teaching": _teaching(rows, needed),
        "next": next_step(learning_path(person, needed, unmeasured)),
    }
    return render(request, "learn/result.html", context)


def _row(row: CompetencyResult) -> dict[str, Any]:
    return {
        "standing": standing_of_result(row),
        "score": row.score,
        "maximum": row.maximum,
        "by_question": row.maximum == row.asked,
    }


def _teaching(rows: tuple[CompetencyResult, ...], needed: set[int]) -> list[dict[str, Any]]:
    """The competencies that need work and are taught by an open course, each with its courses."""
    courses = courses_teaching(needed)
    return [
        {"competency": row.competency, "courses": courses[row.competency.pk]}
        for row in rows
        if row.asked and courses.get(row.competency.pk)
    ]


def _remarks(attempt: Attempt, locale: str, competencies: list[Competency]) -> list[dict[str, Any]]:
    """What each rule of a simulation found, grouped by competency in the order of the rules."""
    named = {competency.code: competency for competency in competencies}
    groups: dict[str, list[Any]] = {}
    for remark in simulation_debrief(attempt, locale):
        groups.setdefault(remark.competency, []).append(remark)
    return [{"competency": named.get(code), "code": code, "remarks": remarks} for code, remarks in groups.items()]
