"""What a submitted attempt showed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from assessments.domain.refusals import AttemptRefused
from assessments.domain.versions import playable_version, playable_versions
from assessments.models import Attempt, Presentation, Response
from competencies.api import EstimateValues, estimates_at
from competencies.models import Competency


@dataclass(frozen=True, slots=True)
class CompetencyResult:
    """One competency of the attempt.

    required: the level that was to be decided about, None where none is required. asked: observables of this attempt
    that were scored; score of maximum in them. values: what all evidence up to the submission says, None without any.
    """

    competency: Competency
    required: int | None
    cuts: tuple[float, ...]
    asked: int
    score: int
    maximum: int
    values: EstimateValues | None
    evidence_count: int

    @property
    def status(self) -> str:
        """`level`, `band`, `insufficient` or `not_assessed`."""
        return self.values.status if self.values else "not_assessed"

    @property
    def level(self) -> int | None:
        return self.values.level if self.values else None

    @property
    def band(self) -> int | None:
        return self.values.band if self.values else None

    @property
    def p_below(self) -> float | None:
        """Probability of being below the required level; None without a requirement or evidence."""
        return self.values.probability_below(self.required) if self.values and self.required else None


@dataclass(frozen=True, slots=True)
class Result:
    """The result of an attempt. It stays what it was, whatever is measured later."""

    attempt_id: UUID
    submitted_at: datetime
    competencies: tuple[CompetencyResult, ...]


def attempt_result(attempt: Attempt) -> Result:
    """Return the result of a submitted attempt, those competencies first that it asked about. Three queries.

    It is worked out again from the evidence up to the submission, as it was scored then. Raises AttemptRefused:
    not_submitted.
    """
    if attempt.status != Attempt.Status.SUBMITTED or attempt.submitted_at is None:
        raise AttemptRefused("not_submitted")
    frozen = {each["pk"]: each for each in attempt.form["competencies"]}
    cuts = {pk: tuple(each["cuts"]) for pk, each in frozen.items()}
    known = estimates_at(attempt.person_id, cuts, attempt.submitted_at, scored_by=attempt.submitted_at)
    competencies = Competency.objects.in_bulk(list(frozen))
    rows = []
    for pk, each in frozen.items():
        evidence = known[pk].evidence if pk in known else []
        own = [row for row in evidence if row.source_kind == "attempt" and row.source_id == str(attempt.pk)]
        rows.append(
            CompetencyResult(
                competency=competencies[pk],
                required=each["required"],
                cuts=cuts[pk],
                asked=len(own),
                score=sum(row.score for row in own),
                maximum=sum(row.maximum for row in own),
                values=known[pk].values if pk in known else None,
                evidence_count=len(evidence),
            )
        )
    rows.sort(key=lambda row: (row.asked == 0, row.competency.order))
    return Result(attempt.pk, attempt.submitted_at, tuple(rows))


def review_items(attempt: Attempt, locale: str) -> list[dict[str, Any]]:
    """Return the questions of a submitted quiz with key, reasons and the answers that counted.

    Two queries, a third for versions that this process has not read yet.

    Each is the item type's `review_view` with `position`, `code`, `score` and `maximum`. Options stand as the author
    wrote them. Raises AttemptRefused: not_submitted.
    """
    if attempt.status != Attempt.Status.SUBMITTED:
        raise AttemptRefused("not_submitted")
    answers: dict[int, tuple[Any, int | None]] = {
        version: (value, score)
        for version, value, score in Response.objects.filter(attempt=attempt, status=Response.Status.ACCEPTED)
        .order_by("sequence")
        .values_list("version_id", "value", "score")
    }
    presented = list(Presentation.objects.filter(attempt=attempt, competency__isnull=False).order_by("position"))
    playable_versions(each.version_id for each in presented)
    return [review_question(each, locale, *answers.get(each.version_id, (None, None))) for each in presented]


def review_question(presentation: Presentation, locale: str, raw: Any, score: int | None) -> dict[str, Any]:
    """Return one question with its key, its reasons and the raw answer, if any."""
    version = playable_version(presentation.version_id)
    kind, content = version.kind, version.content
    value = kind.parse_response(content, raw) if raw is not None else None
    return {
        "position": presentation.position,
        "code": version.item_code,
        **kind.review_view(content, locale, value),
        "score": score,
        "maximum": kind.maximum(content),
    }
