"""The result of a submitted attempt: levels with their certainty, what was shown, and what to learn next."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments.api import (
    CompetencyResult,
    aftermath_of,
    attempt_result,
    counts_allowed,
    feedback_allowed,
    simulation_debrief,
)
from assessments.domain.appeals import appeal_until, appeals_of
from assessments.domain.audience import admission_of
from assessments.domain.feedback import closed_for_everybody
from assessments.domain.marking_progress import marks_of_attempt
from assessments.domain.points import points_of
from assessments.domain.regrading import regrades_of
from assessments.models import Assessment, Attempt, Response
from competencies.models import Competency
from courses.api import courses_teaching, learning_path
from courses.models import Course
from frontend.drawing import draw_page, draw_part
from frontend.learn.access import learner_page, own_attempt
from frontend.learn.reviews import draw_reviews
from frontend.learn.standing import Standing, standing_of_result
from frontend.learn.tasks import attempt_url, next_step
from frontend.learn.wording import percent_of
from frontend.templatetags.ui import ladder, probability_bars
from organisation.models import Person

Teaching = tuple[tuple[Competency, tuple[Course, ...]], ...]


@require_safe
@learner_page
def result(request: HttpRequest, person: Person, attempt_id: UUID) -> HttpResponse:
    """Show what an attempt told; an open attempt leads back to where it goes on."""
    attempt = own_attempt(request, person, attempt_id)
    if attempt.status != Attempt.Status.SUBMITTED:
        return redirect(attempt_url(attempt))
    rows = attempt_result(attempt).competencies
    standings = [standing_of_result(row) for row in rows]
    asked = [(row, standing) for row, standing in zip(rows, standings, strict=True) if row.asked]
    needed = {each.competency.pk for each in standings if each.needs_work}
    unmeasured = {each.competency.pk for each in standings if each.verdict in ("not_assessed", "insufficient")}
    locale = "en" if get_language() == "en" else "vi"
    is_simulation = attempt.assessment.mode == Assessment.Mode.SIMULATION
    told = feedback_allowed(attempt)
    after = aftermath_of(attempt)
    regrades = regrades_of(attempt) if after.is_regraded else []
    marks = marks_of_attempt(attempt.pk) if after.is_marked else {}
    reviews = draw_reviews(attempt, locale, marks) if told and not is_simulation else []
    counted = told or counts_allowed(attempt)
    points = _points_words(attempt, counted)
    until = appeal_until(attempt, after.is_marked)
    may_appeal = until is not None and timezone.now() <= until
    following = next_step(learning_path(person, needed, unmeasured))
    teaching = _teaching(rows, needed)
    look = {
        "assessment": attempt.assessment,
        "is_simulation": is_simulation,
        "is_measured": bool(asked),
        "is_saved": bool(asked) or Response.objects.filter(attempt=attempt, status=Response.Status.ACCEPTED).exists(),
        "has_points": bool(points),
        "unasked": tuple(row.competency for row in rows if not row.asked),
        "told": told,
        "counted": counted,
        "waiting": sum(each.score is None for each in marks.values()),
        "reviewed": len(reviews),
        "may_appeal": may_appeal,
        "has_next": following is not None,
    }
    own = {
        "submitted": date_format(timezone.localtime(attempt.submitted_at), "DATETIME_FORMAT"),
        "cards": SafeString("".join(_draw_card(row, standing, is_simulation, counted) for row, standing in asked)),
        "reviews": SafeString("".join(reviews)),
        "points": points,
        "closed": _closing(attempt) if not told else "",
        "until_counted": "" if counted else _until_counted(attempt),
        "appeal_day": date_format(timezone.localtime(until), "SHORT_DATE_FORMAT") if until else "",
        "appeal_url": reverse("learn:appeal", args=[attempt.pk]),
        "next_step": draw_part("learn/next_step.html", {"next": following}, {}) if following else "",
        "teaching": draw_part("learn/teaching.html", {"teaching": teaching}, {}) if teaching else "",
    }
    remarks = _remarks(attempt, locale, [row.competency for row in rows]) if told and is_simulation else []
    if not (after.is_certified or after.is_regraded or after.is_contested or remarks):
        return draw_page(request, "learn/result.html", look, own)
    more = {
        "certificates": attempt.certificates.order_by("pk") if after.is_certified else [],
        "regrades": regrades,
        "has_void": any(row.regrade.is_voiding for row in regrades),
        "appeals": appeals_of(attempt) if after.is_contested else [],
        "remarks": remarks,
    }
    return render(request, "learn/result.html", {**look, **own, **more})


def _closing(attempt: Attempt) -> str:
    """Until when somebody may still sit the assessment, where right answers wait for that."""
    is_awaited = attempt.assessment.feedback == Assessment.Feedback.AFTER_CLOSE
    closes_at = closed_for_everybody(attempt.assessment) if is_awaited else None
    return date_format(timezone.localtime(closes_at), "DATETIME_FORMAT") if closes_at else ""


def _until_counted(attempt: Attempt) -> str:
    """When it is told how many points the attempt has, in words."""
    assessment, closes_at = attempt.assessment, admission_of(attempt.person, attempt.assessment).closes_at
    time = date_format(timezone.localtime(closes_at), "DATETIME_FORMAT") if closes_at else ""
    if assessment.max_attempts is not None and time:
        words = _("Points are shown when your attempts are used up, at the latest when it has closed, on %(time)s.")
    elif assessment.max_attempts is not None:
        words = _("Points are shown when your attempts are used up.")
    elif time:
        words = _("Points are shown when it has closed, on %(time)s.")
    else:
        words = _("Points are not shown while you may take it again.")
    return words % {"time": time}


def _points_words(attempt: Attempt, counted: bool) -> str:
    """What a form that is passed by its points earned and what it needs; nothing of other attempts.

    counted: whether points may be told, else it is only said whether the attempt passed.
    """
    needed = attempt.form.get("pass_share", attempt.assessment.pass_share)
    if needed is None or attempt.assessment.mode not in (Assessment.Mode.FIXED, Assessment.Mode.DRAW):
        return ""
    points = points_of(attempt)
    if points.share is not None and not counted:
        words = (
            _("You passed: %(needed)s%% of the points are needed.")
            if points.share >= needed
            else _("You did not pass: %(needed)s%% of the points are needed.")
        )
        return words % {"needed": percent_of(needed)}
    if points.share is None:
        return _("It is passed with %(needed)s%% of the points.") % {"needed": percent_of(needed)}
    words = (
        _("You earned %(earned)s of %(maximum)s points (%(share)s%%) and passed: %(needed)s%% are needed.")
        if points.share >= needed
        else _("You earned %(earned)s of %(maximum)s points (%(share)s%%): to pass, %(needed)s%% are needed.")
    )
    if points.earned.denominator > 1:
        words += " " + _("For your level, the points of each question count whole, rounded down.")
    return words % {
        "earned": number_format(points.earned_shown),
        "maximum": number_format(points.maximum),
        "share": percent_of(points.share),
        "needed": percent_of(needed),
    }


def _draw_card(row: CompetencyResult, standing: Standing, is_simulation: bool, counted: bool) -> SafeString:
    """What one competency's level is after the attempt, how sure that is, and, where counted, what was earned."""
    earned = {"score": number_format(row.score), "maximum": number_format(row.maximum)}
    if is_simulation:
        words = _("%(score)s of %(maximum)s points in this simulation")
    elif row.maximum != row.asked:
        words = _("%(score)s of %(maximum)s points this time")
    else:
        count = round(row.maximum)
        words = ngettext(
            "%(score)s of %(maximum)s question right this time",
            "%(score)s of %(maximum)s questions right this time",
            count,
        )
    look = {
        "competency": row.competency,
        "tag": standing.tag,
        "words": standing.words,
        "icon": standing.icon,
        "is_lent": bool(standing.lent_words),
        "counted": counted,
    }
    own = {
        "ladder": ladder(
            standing.level,
            standing.band,
            standing.required,
            standing.probability,
            competency=row.competency.name,
        ),
        "earned": words % earned,
        "bars": probability_bars(standing.levels, standing.required),
        "lent_words": standing.lent_words,
    }
    return draw_part("learn/result_card.html", look, own)


def _teaching(rows: tuple[CompetencyResult, ...], needed: set[int]) -> Teaching:
    """The competencies that need work and are taught by an open course, each with its courses."""
    courses = courses_teaching(needed)
    return tuple(
        (row.competency, tuple(courses[row.competency.pk]))
        for row in rows
        if row.asked and courses.get(row.competency.pk)
    )


def _remarks(attempt: Attempt, locale: str, competencies: list[Competency]) -> list[dict[str, Any]]:
    """What each rule of a simulation found, grouped by competency in the order of the rules."""
    named = {competency.code: competency for competency in competencies}
    groups: dict[str, list[Any]] = {}
    for remark in simulation_debrief(attempt, locale):
        groups.setdefault(remark.competency, []).append(remark)
    return [{"competency": named.get(code), "code": code, "remarks": remarks} for code, remarks in groups.items()]
