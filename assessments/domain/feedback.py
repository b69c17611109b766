"""When a person may see right answers and reasons, as the assessment's author decided."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from assessments.domain.audience import may_sit_again
from assessments.domain.queries.corrected_keys import corrected_keys
from assessments.domain.queries.results import AnswerUnderReview, as_it_counts
from assessments.models import Accommodation, Assessment, Attempt, Presentation, Response


def feedback_allowed(attempt: Attempt, now: datetime | None = None) -> bool:
    """Whether right answers, reasons and remarks of the whole attempt may be shown. Reads `attempt.assessment`.

    Levels are the person's own and are shown after every submission, whatever the policy.
    """
    if attempt.status != Attempt.Status.SUBMITTED:
        return False
    policy = attempt.assessment.feedback
    if policy == Assessment.Feedback.AFTER_CLOSE:
        closed_at = closed_for_everybody(attempt.assessment)
        return closed_at is not None and (now or timezone.now()) > closed_at
    return policy != Assessment.Feedback.NONE


def counts_allowed(attempt: Attempt, now: datetime | None = None) -> bool:
    """Whether it may be told how many points and right answers the attempt has; levels and passing always are.

    Whoever is not shown right answers, and may be asked the same again, could find them out by counts. A simulation is
    not given again while it is remembered. No query where right answers are shown, at most two otherwise.
    """
    if feedback_allowed(attempt, now) or attempt.assessment.mode == Assessment.Mode.SIMULATION:
        return True
    return not may_sit_again(attempt.person, attempt.assessment, now or timezone.now())


def closed_for_everybody(assessment: Assessment) -> datetime | None:
    """Return when the last person can no longer sit the assessment; None: never.

    That may be one with dates of their own, one with extra time after the close, or one who began before the dates were
    changed.
    """
    if assessment.closes_at is None:
        return None
    granted = Accommodation.objects.filter(assessment=assessment).aggregate(
        own=Max("closes_at"), extra=Max("extra_percent", filter=Q(closes_at=None))
    )
    extra = timedelta(minutes=assessment.minutes) * (granted["extra"] or 0) / 100
    sitting = Attempt.objects.filter(assessment=assessment, status=Attempt.Status.OPEN)
    under_way = sitting.aggregate(last=Max("deadline"))["last"]
    return max(each for each in (assessment.closes_at + extra, granted["own"], under_way) if each)


def feedback_on_question(attempt: Attempt, position: int, locale: str) -> dict[str, Any] | None:
    """Return the review of a question answered in a sitting with feedback after each, else None.

    Its first answer stands (`Presentation.final`), so that the key may be shown while the sitting goes on.
    """
    given = Presentation.objects.filter(attempt=attempt, position=position, final=True)
    presentation = given.first()
    if presentation is None:
        return None
    accepted = Response.objects.filter(attempt=attempt, version=presentation.version_id, status="accepted")
    answer = accepted.order_by("-sequence").values_list("value", "score").first()
    if answer is None:
        return None
    value, score = answer
    reviewed = AnswerUnderReview(position, presentation.version_id, json.dumps(value), score)
    return as_it_counts(reviewed, (), corrected_keys()).review(locale)
