"""Points of an attempt: what a pass by share of points is decided by.

Evidence holds whole points, which the measurement model needs. A pass asks for a share of them, so what an answer
earned before it was binned is read again from the answer, or from its marks, under the key that its evidence was
scored by.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import floor
from typing import Any

from django.db.models import Max

from assessments.domain.marking_progress import AnswerMarks, marks_of_attempt
from assessments.domain.queries.corrected_keys import corrected_keys
from assessments.domain.queries.void import void_versions
from assessments.domain.versions import PlayableVersion, playable_version
from assessments.items.problems import ResponseError
from assessments.items.registry import exact_points, exact_points_of_marks, needs_marking
from assessments.models import Attempt, Presentation, Regrade, Response
from assessments.models.regrading import PREVIEWS
from competencies.models import Evidence


@dataclass(frozen=True, slots=True)
class Points:
    """earned of maximum, over the scored questions given. waiting: answers that nobody has marked yet."""

    earned: Fraction
    maximum: int
    waiting: int

    @property
    def earned_shown(self) -> int | float:
        """What was earned as pages and certificates name it: whole, or with at most two decimals, rounded down."""
        hundredths = floor(self.earned * 100)
        return hundredths / 100 if hundredths % 100 else hundredths // 100

    @property
    def share(self) -> float | None:
        """Part of the points earned; None while answers wait for marking, or without any points."""
        return float(self.earned / self.maximum) if self.maximum and not self.waiting else None


def points_of(attempt: Attempt) -> Points:
    """Return the points of a submitted quiz by its evidence, which knows of marks and regrades.

    A question without an answer earns nothing. In a form every planned question counts, given or not; a void one counts
    in none. Four queries; one more with questions in parts, four more where people
    marked answers.
    """
    rows = Evidence.objects.filter(person=attempt.person_id, source_kind="attempt", source_id=str(attempt.pk))
    scored = {row.observable: row for row in rows.order_by("scoring_version")}
    answers = Response.objects.filter(attempt=attempt, status=Response.Status.ACCEPTED)
    answered = dict(answers.order_by("sequence").values_list("version_id", "value"))
    exact = _ExactPoints(attempt, answered)
    earned, maximum, waiting = Fraction(0), 0, 0
    planned = _scored_versions(attempt)
    void = void_versions(planned)
    for pk in planned:
        if pk in void:
            continue
        version = playable_version(pk)
        if version.item_code in scored:
            row = scored[version.item_code]
            earned, maximum = earned + exact.of(pk, row), maximum + row.maximum
        else:
            maximum += version.kind.maximum(version.content)
            waiting += pk in answered and needs_marking(version.kind.KIND)
    return Points(earned, maximum, waiting)


class _ExactPoints:
    """What the answers of one attempt earned before anything was binned."""

    def __init__(self, attempt: Attempt, answered: Mapping[int, Any]) -> None:
        self.attempt, self.answered = attempt, answered

    def of(self, version_pk: int, row: Evidence) -> Fraction:
        """The points behind the evidence of a version; never fewer than the evidence has, nor a whole point more."""
        version = playable_version(version_pk)
        if needs_marking(version.kind.KIND):
            several = iter([self._by_marks(version_pk, version)])
        else:
            several = self._by_keys(version_pk, row)
        fitting = (each for each in several if each is not None and row.score <= each < row.score + 1)
        return next(fitting, Fraction(row.score))

    def _by_marks(self, version_pk: int, version: PlayableVersion) -> Fraction | None:
        given = self._marks.get(self._positions.get(version_pk, 0))
        if given is None or not given.marks or version_pk not in self.answered:
            return None
        kind = version.kind
        value = kind.parse_response(version.content, self.answered[version_pk])
        points = [exact_points_of_marks(kind.KIND, version.content, value, mark.points) for mark in given.marks]
        return sum(points, Fraction(0)) / len(points)

    def _by_keys(self, version_pk: int, row: Evidence) -> Iterator[Fraction | None]:
        """By each key that fits the answer and could have given the evidence, the one applied last first."""
        for key in self._keys(version_pk):
            version = playable_version(key)
            if version.kind.maximum(version.content) != row.maximum or version_pk not in self.answered:
                continue
            try:
                value = version.kind.parse_response(version.content, self.answered[version_pk])
            except ResponseError:
                continue
            yield exact_points(version.kind.KIND, version.content, value)

    def _keys(self, version_pk: int) -> Iterator[int]:
        for each in self._corrections:
            if each["version_pk"] == version_pk and each.get("scored_as") is not None:
                yield each["scored_as"]
        corrected = corrected_keys().get(version_pk)
        if corrected is not None and self.attempt.submitted_at and self.attempt.submitted_at >= corrected.since:
            yield corrected.key
        yield version_pk

    @cached_property
    def _corrections(self) -> list[dict[str, Any]]:
        """Corrections of the regrades that looked at the attempt, those applied last first."""
        found = Regrade.objects.filter(results__attempt=self.attempt).exclude(status__in=PREVIEWS)
        several = found.alias(applied=Max("results")).order_by("-applied").values_list("corrections", flat=True)
        return [each for corrections in several for each in corrections]

    @cached_property
    def _marks(self) -> dict[int, AnswerMarks]:
        return marks_of_attempt(self.attempt.pk)

    @cached_property
    def _positions(self) -> dict[int, int]:
        return dict(Presentation.objects.filter(attempt=self.attempt).values_list("version_id", "position"))


def _scored_versions(attempt: Attempt) -> list[int]:
    if "sections" in attempt.form:
        return [item["version"] for each in attempt.form["sections"] for item in each["items"] if item["scored"]]
    given = Presentation.objects.filter(attempt=attempt, scored=True, competency__isnull=False)
    return list(given.order_by("position").values_list("version_id", flat=True))
