"""Which evidence counts."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from competencies.models import Evidence


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A piece of evidence that counts."""

    observable: str
    source_kind: str
    source_id: str
    score: int
    maximum: int
    parameters: dict[str, Any]
    scoring_version: int
    observed_at: datetime


def counted_evidence(
    person_pk: int,
    competency_pks: Collection[int] | None = None,
    until: datetime | None = None,
    *,
    scored_by: datetime | None = None,
) -> dict[int, list[EvidenceRow]]:
    """Return the person's evidence that counts, by competency, oldest first. One query.

    An observable met again tells of the same person twice, so its latest observation alone counts, in its latest
    scoring. competency_pks: all unless given. until: leave out what was observed after that moment. scored_by: leave
    out what a regrade recorded after that moment, so that the scoring of then counts.
    """
    rows = Evidence.objects.filter(person=person_pk)
    if competency_pks is not None:
        rows = rows.filter(competency__in=competency_pks)
    if until is not None:
        rows = rows.filter(observed_at__lte=until)
    if scored_by is not None:
        rows = rows.filter(Q(scoring_version=1) | Q(recorded_at__lte=scored_by))
    latest: dict[int, dict[str, EvidenceRow]] = defaultdict(dict)
    names = list(EvidenceRow.__dataclass_fields__)
    for competency_pk, *values in rows.order_by(
        "observed_at", "source_kind", "source_id", "scoring_version", "observable"
    ).values_list("competency_id", *names):
        row = EvidenceRow(*values)
        latest[competency_pk].pop(row.observable, None)
        latest[competency_pk][row.observable] = row
    return {competency_pk: list(found.values()) for competency_pk, found in latest.items()}
