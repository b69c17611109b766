"""Points of an attempt: what a pass by share of points is decided by."""

from dataclasses import dataclass

from assessments.domain.queries.void import void_versions
from assessments.domain.versions import playable_version
from assessments.items.registry import needs_marking
from assessments.models import Attempt, Presentation, Response
from competencies.models import Evidence


@dataclass(frozen=True, slots=True)
class Points:
    """earned of maximum, over the scored questions given. waiting: answers that nobody has marked yet."""

    earned: int
    maximum: int
    waiting: int

    @property
    def share(self) -> float | None:
        """Part of the points earned; None while answers wait for marking, or without any points."""
        return self.earned / self.maximum if self.maximum and not self.waiting else None


def points_of(attempt: Attempt) -> Points:
    """Return the points of a submitted quiz by its evidence, which knows of marks and regrades. Four queries.

    A question without an answer earns nothing. In a form every planned question counts, given or not; a void one counts
    in none.
    """
    evidence = Evidence.objects.filter(person=attempt.person_id, source_kind="attempt", source_id=str(attempt.pk))
    scored = {
        code: (score, maximum)
        for code, score, maximum in evidence.order_by("scoring_version").values_list("observable", "score", "maximum")
    }
    answered = set(
        Response.objects.filter(attempt=attempt, status=Response.Status.ACCEPTED).values_list("version_id", flat=True)
    )
    earned = maximum = waiting = 0
    planned = _scored_versions(attempt)
    void = void_versions(planned)
    for pk in planned:
        if pk in void:
            continue
        version = playable_version(pk)
        if version.item_code in scored:
            points, most = scored[version.item_code]
            earned, maximum = earned + points, maximum + most
        else:
            maximum += version.kind.maximum(version.content)
            waiting += pk in answered and needs_marking(version.kind.KIND)
    return Points(earned, maximum, waiting)


def _scored_versions(attempt: Attempt) -> list[int]:
    if "sections" in attempt.form:
        return [item["version"] for each in attempt.form["sections"] for item in each["items"] if item["scored"]]
    given = Presentation.objects.filter(attempt=attempt, scored=True, competency__isnull=False)
    return list(given.order_by("position").values_list("version_id", flat=True))
