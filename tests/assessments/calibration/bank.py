"""A bank of items with simulated sittings, written in bulk as the delivery code would have written it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np

from assessments.items import single_choice
from assessments.measurement import ItemParameters, probabilities
from assessments.models import (
    Assessment,
    AssessmentCompetency,
    Attempt,
    CalibrationProposal,
    Item,
    ItemParameterSet,
    ItemVersion,
    Presentation,
    Response,
)
from competencies.models import Competency, Evidence
from organisation.models import Person
from tests.factories.base import copy_rows
from tests.factories.competencies import make_framework

ATTEMPT = ("id", "person_id", "assessment_id", "status", "started_at", "deadline", "submitted_at", "seed", "form")
PRESENTATION = ("attempt_id", "position", "version_id", "competency_id", "parameters", "presented_at")
RESPONSE = ("attempt_id", "key", "sequence", "version_id", "value", "status", "score", "received_at")
EVIDENCE = (
    *("person_id", "competency_id", "source_kind", "source_id", "observable"),
    *("score", "maximum", "parameters", "observed_at"),
)
START = datetime(2026, 3, 2, 1, tzinfo=UTC)


def make_competency(code: str = "6.3") -> Competency:
    """A competency of a published framework with provisional cut scores."""
    return Competency.objects.get(domain__framework=make_framework(code))


def make_people(count: int) -> list[Person]:
    """People without posts, in bulk."""
    start = Person.objects.count()
    names = [f"NV{start + at:06d}" for at in range(count)]
    return Person.objects.bulk_create(
        Person(employee_code=name, full_name="Trần Văn Đức", sort_key=name, search_key=name) for name in names
    )


CONTENT = single_choice.parse_content(single_choice.SAMPLE)
"""A question with three options, the first one right."""
RIGHT, *WRONG = (option.id for option in CONTENT.options)


def make_versions(
    competency: Competency,
    parameters: Sequence[ItemParameters],
    *,
    calibrated: bool = False,
    level: int = 4,
    prefix: str = "",
) -> list[ItemVersion]:
    """Published versions of new items with these parameters in force."""
    prefix = prefix or competency.code
    versions = []
    for at, params in enumerate(parameters, start=1):
        item = Item.objects.create(code=f"{prefix}-{at:02d}", kind="single_choice", competency=competency)
        version = ItemVersion.objects.create(
            item=item, number=1, status="published", content=CONTENT.to_dict(), digest=f"{item.code}", level=level
        )
        ItemParameterSet.objects.create(
            version=version, competency=competency, parameters=params.to_dict(), calibrated=calibrated
        )
        versions.append(version)
    return versions


@dataclass(frozen=True)
class Truth:
    """What the sittings were simulated from."""

    parameters: list[ItemParameters]
    theta: np.ndarray


def make_quiz(competency: Competency, code: str = "quiz") -> Assessment:
    quiz = Assessment.objects.create(
        code=code, name_vi="Trắc nghiệm", name_en="Quiz", mode=Assessment.Mode.ADAPTIVE, is_open=True
    )
    AssessmentCompetency.objects.create(assessment=quiz, competency=competency, level=4)
    return quiz


def let_sit(
    versions: Sequence[ItemVersion],
    truth: Sequence[ItemParameters],
    theta: np.ndarray,
    rng: np.random.Generator,
    *,
    share: float = 1.0,
    people: Sequence[Person] | None = None,
    competency: Competency | None = None,
    scores: np.ndarray | None = None,
    started_at: datetime = START,
    quiz: Assessment | None = None,
) -> np.ndarray:
    """One sitting each, of a random share of the versions; return the scores, -1 where not given, people by versions.

    Everything is written in bulk: attempt, presentation, response with its time, evidence.
    """
    competency = competency or versions[0].item.competency
    assert competency is not None
    people = people or make_people(len(theta))
    quiz = quiz or Assessment.objects.filter(competencies=competency).first() or make_quiz(competency)
    if scores is None:
        chances = [probabilities(params, theta).cumsum(axis=1) for params in truth]
        scores = np.column_stack([(rng.random((len(theta), 1)) > each[:, :-1]).sum(axis=1) for each in chances])
        scores = np.where(rng.random(scores.shape) < share, scores, -1)
    in_force = {each.version_id: each for each in ItemParameterSet.objects.filter(version__in=versions).order_by("pk")}
    attempts, presentations, responses, evidence = [], [], [], []
    for row, person in enumerate(people):
        start, attempt = started_at + timedelta(hours=row % 500), uuid4()
        end = start + timedelta(minutes=40)
        attempts.append((attempt, person.pk, quiz.pk, "submitted", start, start + timedelta(hours=1), end, row, "{}"))
        for position, at in enumerate(np.flatnonzero(scores[row] >= 0).tolist(), start=1):
            version, score = versions[at], int(scores[row, at])
            parameters = in_force[version.pk].parameters
            maximum = ItemParameters.from_dict(parameters).n_categories - 1
            shown = start + timedelta(minutes=position)
            received = shown + timedelta(seconds=float(rng.gamma(4.0, 8.0)))
            value = json.dumps({"choice": RIGHT if score else WRONG[int(rng.integers(2))]})
            text = json.dumps(parameters)
            presentations.append((attempt, position, version.pk, competency.pk, text, shown))
            responses.append((attempt, uuid4(), position, version.pk, value, "accepted", score, received))
            source = ("attempt", str(attempt), version.item.code)
            evidence.append((person.pk, competency.pk, *source, score, maximum, text, end))
    copy_rows(Attempt, ATTEMPT, attempts)
    copy_rows(Presentation, PRESENTATION, presentations)
    copy_rows(Response, RESPONSE, responses)
    copy_rows(Evidence, EVIDENCE, evidence)
    return scores


def true_items(rng: np.random.Generator, count: int) -> list[ItemParameters]:
    """Realistic 2PL items of known parameters."""
    return [
        ItemParameters("2pl", float(np.exp(rng.normal(0.15, 0.25))), float(rng.normal(0, 0.9))) for _ in range(count)
    ]


def author_items(truth: Sequence[ItemParameters]) -> list[ItemParameters]:
    """What an author's level would have stood for: a = 1.2, b rounded to the centre of a level."""
    return [ItemParameters("2pl", 1.2, round((params.b - 0.375) / 0.75) * 0.75 + 0.375) for params in truth]


def new_of(row: CalibrationProposal) -> dict[str, Any]:
    """The proposed parameters of a row that has some."""
    assert row.new is not None
    return row.new
