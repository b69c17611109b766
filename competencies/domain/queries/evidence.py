"""Which evidence counts."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, LiteralString

from organisation.api import fetch_all_prepared

_EVIDENCE: LiteralString = """
    SELECT competency_id, observable, source_kind, source_id, score, maximum, parameters, scoring_version, observed_at
    FROM competencies_evidence
    WHERE person_id = %(person)s
        AND (%(competencies)s::bigint[] IS NULL OR competency_id = ANY(%(competencies)s::bigint[]))
        AND (%(until)s::timestamptz IS NULL OR observed_at <= %(until)s::timestamptz)
        AND (%(scored_by)s::timestamptz IS NULL OR scoring_version = 1 OR recorded_at <= %(scored_by)s::timestamptz)
    ORDER BY observed_at, source_kind, source_id, scoring_version, observable
"""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A piece of evidence that counts."""

    observable: str
    source_kind: str
    source_id: str
    score: int
    maximum: int
    parameters: Mapping[str, Any]
    scoring_version: int
    observed_at: datetime

    @property
    def is_void(self) -> bool:
        """Whether a regrade took it back: it says nothing and counts for nobody."""
        return self.maximum == 0


def counted_evidence(
    person_pk: int,
    competency_pks: Collection[int] | None = None,
    until: datetime | None = None,
    *,
    scored_by: datetime | None = None,
) -> dict[int, list[EvidenceRow]]:
    """Return the person's evidence that counts, by competency, oldest first. One query.

    An observable met again tells of the same person twice, so its latest observation alone counts, in its latest
    scoring; one that is void gives way to the observation before it. Where all that a competency has is void, it is
    returned, for there is nothing else to estimate from. competency_pks: all unless given. until: leave out what was
    observed after that moment. scored_by: leave out what a regrade recorded after that moment, so that the scoring of
    then counts.
    """
    wanted = {
        "person": person_pk,
        "competencies": None if competency_pks is None else list(competency_pks),
        "until": until,
        "scored_by": scored_by,
    }
    latest: dict[int, dict[tuple[str, str, str], EvidenceRow]] = defaultdict(dict)
    for competency_pk, observable, kind, source, score, maximum, parameters, *rest in fetch_all_prepared(
        _EVIDENCE, wanted
    ):
        row = EvidenceRow(observable, kind, source, score, maximum, _parameters(parameters), *rest)
        met = (row.observable, row.source_kind, row.source_id)
        latest[competency_pk].pop(met, None)
        latest[competency_pk][met] = row
    return {competency_pk: _latest_of_each(list(found.values())) for competency_pk, found in latest.items()}


@lru_cache(maxsize=65536)
def _parameters(text: str) -> Mapping[str, Any]:
    """An item's parameters, which everybody's evidence of it has: read once, and never to be changed."""
    return MappingProxyType(json.loads(text))


def _latest_of_each(rows: list[EvidenceRow]) -> list[EvidenceRow]:
    """The last row of each observable that is not void, oldest first; all void ones where there are no others."""
    rows = [row for row in rows if not row.is_void] or rows
    last = {row.observable: row for row in rows}
    return [row for row in rows if last[row.observable] is row]
