"""Who scored what on which item version of a competency, from evidence."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from assessments.measurement import Responses
from assessments.models import ItemParameterSet, ItemVersion

Index = NDArray[np.intp]

# Evidence names an attempt and an item's code; which version that was, its presentations say. The two are joined here
# and not by the database, whose planner has been seen to pair every row with every other.
_ANSWERS = """
    SELECT DISTINCT ON (person_id, source_id, observable) person_id, source_id, observable, score, maximum, observed_at
    FROM competencies_evidence WHERE competency_id = %s AND source_kind = 'attempt'
    ORDER BY person_id, source_id, observable, scoring_version DESC
"""
_PRESENTED = """
    SELECT p.attempt_id::text, i.code, p.id, p.version_id
    FROM assessments_presentation p
    JOIN assessments_itemversion v ON v.id = p.version_id
    JOIN assessments_item i ON i.id = v.item_id
    WHERE p.version_id IN (SELECT version_id FROM assessments_itemparameterset WHERE competency_id = %s)
"""
# On one page, what comes after the last answer was not reached: who had no time for it does not tell how hard it is.
_NOT_REACHED = """
    SELECT p.attempt_id::text, i.code
    FROM assessments_attempt a
    JOIN assessments_presentation p ON p.attempt_id = a.id
    JOIN assessments_itemversion v ON v.id = p.version_id
    JOIN assessments_item i ON i.id = v.item_id
    WHERE a.status = 'submitted' AND a.form ? 'one_page'
        AND p.version_id IN (SELECT version_id FROM assessments_itemparameterset WHERE competency_id = %s)
        AND NOT EXISTS (
            SELECT 1 FROM assessments_presentation q
            JOIN assessments_response r ON r.attempt_id = a.id AND r.version_id = q.version_id AND r.status = 'accepted'
            WHERE q.attempt_id = a.id AND q.position >= p.position
        )
"""


@dataclass(frozen=True, slots=True)
class MeasuredVersion:
    """An item version as it measures one competency.

    label: item code and version, the name used in every message. parameters: those in force, None without any.
    calibrated: whether they come from data. parameter_set: primary key of the set, 0 without one.
    """

    pk: int
    label: str
    item_code: str
    status: str
    level: int | None
    parameters: dict[str, Any] | None
    calibrated: bool
    parameter_set: int

    @property
    def in_use(self) -> bool:
        return self.status == ItemVersion.Status.PUBLISHED


@dataclass(frozen=True, eq=False)
class ResponseTable:
    """responses: None when there are none. people: primary key by row, shape (n_people,). versions: by column.

    presentations, observed_at: of each response, in the order of `responses`. refused: versions left out because
    their answers cannot be read, and why.
    """

    responses: Responses | None
    people: Index
    versions: tuple[MeasuredVersion, ...]
    presentations: Index
    observed_at: tuple[datetime, ...]
    refused: dict[int, str]


def read_response_table(competency_pk: int) -> ResponseTable:
    """Return every first answer to a version that measures the competency, left out ones as wrong. Five queries.

    Columns are the published versions, answered or not, and older ones with answers. A version whose highest score was
    not always the same is left out: `mixed_maximum`.
    """
    rows = _first_answers(competency_pk)
    maxima: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        maxima[row[1]].add(row[3])
    refused = {pk: "mixed_maximum" for pk, found in maxima.items() if len(found) > 1}
    kept = [row for row in rows if row[1] not in refused]
    versions = read_measured_versions(competency_pk, set(maxima))
    columns = {version.pk: at for at, version in enumerate(versions)}
    people = np.array(sorted({row[0] for row in kept}), dtype=np.intp)
    if not kept:
        return ResponseTable(None, people, versions, np.empty(0, dtype=np.intp), (), refused)
    person = np.searchsorted(people, np.array([row[0] for row in kept]))
    item = np.array([columns[row[1]] for row in kept], dtype=np.intp)
    order = np.lexsort((item, person))
    responses = Responses.from_triples(
        person,
        item,
        np.array([row[2] for row in kept]),
        len(people),
        [version.label for version in versions],
        [_number_of_scores(version, maxima.get(version.pk, set())) for version in versions],
    )
    presentations = np.array([row[4] for row in kept], dtype=np.intp)[order]
    return ResponseTable(
        responses, people, versions, presentations, tuple(kept[at][5] for at in order.tolist()), refused
    )


def read_presented(competency_pk: int) -> dict[tuple[str, str], tuple[int, int]]:
    """Return presentation and version by attempt and item code, for versions that measure the competency. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_PRESENTED, [competency_pk])
        return {(attempt, code): (presentation, version) for attempt, code, presentation, version in cursor.fetchall()}


def _first_answers(competency_pk: int) -> list[tuple[int, int, int, int, int, datetime]]:
    """Person, version, score, maximum, presentation and time of each person's first meeting with a version.

    The first, because who meets a version again remembers it. Three queries.
    """
    presented = read_presented(competency_pk)
    with connection.cursor() as cursor:
        cursor.execute(_NOT_REACHED, [competency_pk])
        for attempt, code in cursor.fetchall():
            presented.pop((attempt, code), None)
        cursor.execute(_ANSWERS, [competency_pk])
        answers = cursor.fetchall()
    answers.sort(key=lambda row: (row[5], row[1]))
    first: dict[tuple[int, int], tuple[int, int, int, int, int, datetime]] = {}
    for person, source, observable, score, maximum, observed_at in answers:
        found = presented.get((source, observable))
        if found is not None:
            presentation, version = found
            first.setdefault((person, version), (person, version, score, maximum, presentation, observed_at))
    return list(first.values())


def read_measured_versions(competency_pk: int, answered: set[int]) -> tuple[MeasuredVersion, ...]:
    """Return the published versions that measure the competency and the answered older ones, by label. Two queries."""
    newest: dict[int, ItemParameterSet] = {}
    for each in ItemParameterSet.objects.filter(competency=competency_pk).order_by("pk"):
        newest[each.version_id] = each
    found = ItemVersion.objects.filter(pk__in=answered | newest.keys()).exclude(status=ItemVersion.Status.DRAFT)
    versions = []
    for version in found.select_related("item").order_by("item__code", "number"):
        if version.pk not in answered and version.status != ItemVersion.Status.PUBLISHED:
            continue
        parameters = newest.get(version.pk)
        versions.append(
            MeasuredVersion(
                pk=version.pk,
                label=str(version),
                item_code=version.item.code,
                status=version.status,
                level=version.level,
                parameters=parameters.parameters if parameters else None,
                calibrated=bool(parameters and parameters.calibrated),
                parameter_set=parameters.pk if parameters else 0,
            )
        )
    return tuple(versions)


def _number_of_scores(version: MeasuredVersion, maxima: set[int]) -> int:
    """By the answers, else by the parameters: a version that nobody answered has only those."""
    if len(maxima) == 1:
        return maxima.copy().pop() + 1
    steps = (version.parameters or {}).get("steps", ())
    return len(steps) + 1 if steps else 2
