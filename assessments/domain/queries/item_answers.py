"""What surrounds the answers to a competency's questions: time used, options chosen, exposure, who answered."""

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery

from assessments.models import Presentation
from organisation.api import today
from organisation.models import Person, Posting, UnitVersion

# The answer that counts: of those accepted the one with the highest sequence.
_ANSWERS = """
    SELECT DISTINCT ON (p.id) p.id, EXTRACT(EPOCH FROM r.received_at - p.presented_at), r.value
    FROM assessments_presentation p
    JOIN assessments_response r
        ON r.attempt_id = p.attempt_id AND r.version_id = p.version_id AND r.status = 'accepted'
    WHERE p.competency_id = %s
    ORDER BY p.id, r.sequence DESC
"""
AGE_BANDS = ((0, "under_35"), (35, "35_to_49"), (50, "50_and_over"))


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """seconds: from the question's appearance to the answer that counts. value: that answer as the player sent it."""

    seconds: float
    value: Any


def read_given_answers(competency_pk: int) -> dict[int, GivenAnswer]:
    """Return the answers to a competency's questions by presentation; simulations have none. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS, [competency_pk])
        return {pk: GivenAnswer(float(seconds), json.loads(value)) for pk, seconds, value in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Exposure:
    """given: sittings in which a version was shown; sittings: those since then that asked about its competency."""

    given: int
    sittings: int

    @property
    def rate(self) -> float:
        return self.given / self.sittings if self.sittings else 0.0


def read_exposure(competency_pk: int) -> dict[int, Exposure]:
    """Return the exposure of each version ever shown for the competency. One query."""
    rows = Presentation.objects.filter(competency=competency_pk).values_list("version_id", "attempt_id", "presented_at")
    given: Counter[int] = Counter()
    first: dict[int, datetime] = {}
    sittings: dict[object, datetime] = {}
    for version, attempt, at in rows:
        given[version] += 1
        first[version] = min(at, first.get(version, at))
        sittings[attempt] = max(at, sittings.get(attempt, at))
    times = sorted(sittings.values())
    return {
        version: Exposure(count, len(times) - bisect_left(times, first[version])) for version, count in given.items()
    }


def read_groups(person_pks: Collection[int]) -> Mapping[str, dict[int, str]]:
    """Return the groups in which fairness is looked at: each person's by kind of group, where known. Two queries.

    gender: f, m. age: a name of AGE_BANDS. language: of the person's account. unit_kind: of the unit of the primary
    post held today.
    """
    day = today()
    kind = UnitVersion.objects.filter(unit=OuterRef("unit"), valid__contains=day).values("kind")[:1]
    groups: dict[str, dict[int, str]] = {"gender": {}, "age": {}, "language": {}, "unit_kind": {}}
    people = Person.objects.filter(pk__in=person_pks).values_list("pk", "gender", "birth_date", "user__language")
    for pk, gender, birth_date, language in people:
        if gender:
            groups["gender"][pk] = gender
        if birth_date is not None:
            groups["age"][pk] = age_band(birth_date, day)
        if language:
            groups["language"][pk] = language
    postings = Posting.objects.filter(person__in=person_pks, kind=Posting.Kind.PRIMARY, valid__contains=day)
    for pk, found in postings.annotate(unit_kind=Subquery(kind)).values_list("person_id", "unit_kind"):
        if found:
            groups["unit_kind"][pk] = found
    return groups


def age_band(birth_date: date, day: date) -> str:
    """Return the name of the band that an age on a day lies in."""
    age = day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
    return next(name for least, name in reversed(AGE_BANDS) if age >= least)
