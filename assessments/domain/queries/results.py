"""What a submitted attempt showed."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from assessments.domain.queries.corrected_keys import CorrectedKey, corrected_keys, score_by_key
from assessments.domain.queries.published import competencies_by_key
from assessments.domain.queries.void import void_versions
from assessments.domain.refusals import AttemptRefused
from assessments.domain.versions import playable_version, playable_versions
from assessments.models import Attempt
from competencies.api import EstimateValues, estimates_at
from competencies.models import Competency
from organisation.api import fetch_all_prepared, fetch_prepared

_REVIEWED: LiteralString = """
    SELECT p.position, p.version_id, r.value, r.score, v.status = 'retired'
    FROM assessments_presentation p
    JOIN assessments_itemversion v ON v.id = p.version_id
    LEFT JOIN LATERAL (
        SELECT value, score FROM assessments_response
        WHERE attempt_id = %(attempt)s AND version_id = p.version_id AND status = 'accepted'
        ORDER BY sequence DESC LIMIT 1
    ) r ON true
    WHERE p.attempt_id = %(attempt)s AND p.competency_id IS NOT NULL ORDER BY p.position
"""
_AFTERMATH: LiteralString = """
    SELECT EXISTS (SELECT 1 FROM assessments_markingtask t JOIN assessments_presentation p ON p.id = t.presentation_id
                   WHERE p.attempt_id = %(attempt)s),
           EXISTS (SELECT 1 FROM assessments_regraderesult WHERE attempt_id = %(attempt)s),
           EXISTS (SELECT 1 FROM assessments_appeal WHERE attempt_id = %(attempt)s),
           EXISTS (SELECT 1 FROM assessments_certificate WHERE attempt_id = %(attempt)s)
"""


class AnswerUnderReview(NamedTuple):
    """A question that was asked and its answer. raw: as it was given, JSON; None for no answer.

    version_id, score: by the key in force, where it was corrected. is_void: it counts for nobody.
    """

    position: int
    version_id: int
    raw: str | None
    score: int | None
    is_void: bool = False
    is_corrected: bool = False

    def review(self, locale: str) -> dict[str, Any]:
        """Return the question with its key, its reasons and the answer; of a void one the question alone."""
        raw = None if self.raw is None else json.loads(self.raw)
        found = review_question(self.position, self.version_id, locale, raw, self.score)
        found |= {"is_void": self.is_void, "is_corrected": self.is_corrected}
        if not self.is_void:
            return found
        shown = ("position", "code", "kind", "stem", "is_void", "is_corrected")
        return {name: found[name] for name in shown} | {"score": None, "maximum": 0}


class Aftermath(NamedTuple):
    """What there is of an attempt beside its result: answers that people mark, regrades, appeals, certificates."""

    is_marked: bool
    is_regraded: bool
    is_contested: bool
    is_certified: bool


def aftermath_of(attempt: Attempt) -> Aftermath:
    """Return what came of an attempt after it was submitted. One query."""
    return Aftermath(*fetch_prepared(_AFTERMATH, {"attempt": attempt.pk}))


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


def attempt_result(attempt: Attempt, *, corrected: bool = False) -> Result:
    """Return the result of a submitted attempt, those competencies first that it asked about. Three queries.

    It is worked out again from the evidence up to the submission, as it was scored then; corrected: as regrades and
    appeals have it by now. Raises AttemptRefused: not_submitted.
    """
    if attempt.status != Attempt.Status.SUBMITTED or attempt.submitted_at is None:
        raise AttemptRefused("not_submitted")
    frozen = {each["pk"]: each for each in attempt.form["competencies"]}
    cuts = {pk: tuple(each["cuts"]) for pk, each in frozen.items()}
    scored_by = None if corrected else attempt.submitted_at
    known = estimates_at(attempt.person_id, cuts, attempt.submitted_at, scored_by=scored_by)
    competencies = competencies_by_key(tuple(sorted(frozen)))
    rows = []
    for pk, each in frozen.items():
        evidence = known[pk].evidence if pk in known else []
        own = [row for row in evidence if row.source_kind == "attempt" and row.source_id == str(attempt.pk)]
        rows.append(
            CompetencyResult(
                competency=competencies[pk],
                required=each["required"],
                cuts=cuts[pk],
                asked=sum(not row.is_void for row in own),
                score=sum(row.score for row in own),
                maximum=sum(row.maximum for row in own),
                values=known[pk].values if pk in known else None,
                evidence_count=sum(not row.is_void for row in evidence),
            )
        )
    rows.sort(key=lambda row: (row.asked == 0, row.competency.order))
    return Result(attempt.pk, attempt.submitted_at, tuple(rows))


def review_items(attempt: Attempt, locale: str) -> list[dict[str, Any]]:
    """Return the questions of a submitted quiz with key, reasons and the answers that counted.

    Each is the item type's `review_view` with `position`, `code`, `score` and `maximum`. Options stand as the author
    wrote them. Raises AttemptRefused: not_submitted.
    """
    if attempt.status != Attempt.Status.SUBMITTED:
        raise AttemptRefused("not_submitted")
    return [answer.review(locale) for answer in answers_under_review(attempt)]


def answers_under_review(attempt: Attempt) -> list[AnswerUnderReview]:
    """Return the questions that a quiz asked, in order, with the answers that counted.

    One query, a second for versions that this process has not read yet, two more where one is retired.
    """
    rows = fetch_all_prepared(_REVIEWED, {"attempt": attempt.pk})
    playable_versions(version_pk for _position, version_pk, *_rest in rows)
    retired = [version_pk for _position, version_pk, _raw, _score, is_retired in rows if is_retired]
    void = void_versions(retired) if retired else frozenset()
    keys = corrected_keys() if retired else {}
    return [as_it_counts(AnswerUnderReview(*row), void, keys) for *row, _is_retired in rows]


def as_it_counts(
    answer: AnswerUnderReview, void: Collection[int], keys: Mapping[int, CorrectedKey]
) -> AnswerUnderReview:
    """Return an answer by the key in force, or as one to a void question."""
    if answer.version_id in void:
        return answer._replace(is_void=True)
    corrected = keys.get(answer.version_id)
    if corrected is None:
        return answer
    found = score_by_key(corrected.key, json.loads(answer.raw)) if answer.raw is not None else (None, 0)
    return answer if found is None else answer._replace(version_id=corrected.key, score=found[0], is_corrected=True)


def review_question(position: int, version_pk: int, locale: str, raw: Any, score: int | None) -> dict[str, Any]:
    """Return one question with its key, its reasons and the raw answer, if any."""
    version = playable_version(version_pk)
    kind, content = version.kind, version.content
    value = kind.parse_response(content, raw) if raw is not None else None
    return {
        "position": position,
        "code": version.item_code,
        **kind.review_view(content, locale, value),
        "score": score,
        "maximum": kind.maximum(content),
    }
