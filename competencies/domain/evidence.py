"""Recording evidence, and the estimates that follow from it."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from competencies.domain.estimation import estimate_values
from competencies.domain.queries.evidence import EvidenceRow, counted_evidence
from competencies.domain.standards import CutsInForce, cuts_in_force
from competencies.models import Estimate, Evidence
from competencies.signals import estimate_changed
from organisation.models import Person

_INSERT = """
    INSERT INTO competencies_evidence (person_id, competency_id, source_kind, source_id, observable, score, maximum,
                                       parameters, scoring_version, observed_at, recorded_at)
    SELECT %(person)s, competency, %(kind)s, %(source)s, observable, score, maximum,
           parameters::jsonb, %(version)s, %(observed)s, %(recorded)s
    FROM unnest(%(competency)s::bigint[], %(observable)s::text[], %(score)s::int[], %(maximum)s::int[],
                %(parameters)s::text[]) AS o (competency, observable, score, maximum, parameters)
    ON CONFLICT DO NOTHING
    RETURNING competency_id
"""
_UPSERT = """
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
            competency_id bigint, standard_id bigint, mean float8, se float8, level_probabilities float8[],
            level smallint, band smallint, evidence_count int, measured_at timestamptz)
    ), revised AS (
        INSERT INTO competencies_estimaterevision
            (person_id, competency_id, standard_id, mean, se, evidence_count, reason, at)
        SELECT %(person)s, competency_id, standard_id, mean, se, evidence_count, %(reason)s, %(at)s FROM given
    )
    INSERT INTO competencies_estimate
        (person_id, competency_id, standard_id, mean, se, level_probabilities, level, band, evidence_count,
         measured_at, updated_at)
    SELECT %(person)s, competency_id, standard_id, mean, se, level_probabilities, level, band, evidence_count,
           measured_at, %(updated)s
    FROM given
    ON CONFLICT (person_id, competency_id) DO UPDATE SET
        (standard_id, mean, se, level_probabilities, level, band, evidence_count, measured_at, updated_at)
        = (EXCLUDED.standard_id, EXCLUDED.mean, EXCLUDED.se, EXCLUDED.level_probabilities, EXCLUDED.level,
           EXCLUDED.band, EXCLUDED.evidence_count, EXCLUDED.measured_at, EXCLUDED.updated_at)
    RETURNING competency_id, id
"""


@dataclass(frozen=True, slots=True)
class ObservableScore:
    """One scored piece of evidence about one competency, and the measurement parameters it is read with."""

    competency_pk: int
    observable: str
    score: int
    maximum: int
    parameters: Mapping[str, Any]


def record_evidence(
    person: Person,
    *,
    source_kind: str,
    source_id: str,
    observed_at: datetime,
    observables: Sequence[ObservableScore],
    scoring_version: int = 1,
) -> list[Estimate]:
    """Append the observables and bring the person's estimates in their competencies up to date.

    Must run inside the caller's transaction. What was recorded already under the same source, observable, competency
    and scoring version is not recorded again, and when nothing is new nothing changes. Returns the estimates that
    changed. Fires `estimate_changed` after commit.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("evidence is recorded inside the transaction of its source")
    if not observables:
        return []
    # Two sittings of one person that end at once must each see the other's evidence.
    Person.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "person": person.pk,
                "kind": source_kind,
                "source": source_id,
                "version": scoring_version,
                "observed": observed_at,
                "recorded": timezone.now(),
                "competency": [each.competency_pk for each in observables],
                "observable": [each.observable for each in observables],
                "score": [each.score for each in observables],
                "maximum": [each.maximum for each in observables],
                "parameters": [json.dumps(dict(each.parameters)) for each in observables],
            },
        )
        touched = {row[0] for row in cursor.fetchall()}
    if not touched:
        return []
    return _write_estimates(person.pk, touched, f"{source_kind} {source_id}"[:60], observed_at)


@transaction.atomic
def recompute_estimates(person_pks: Iterable[int], reason: str) -> int:
    """Make the estimates of people again from their evidence alone, under the standard in force.

    Returns the number of estimates written. Each leaves a revision with the reason.
    """
    written = 0
    for pk in sorted(set(person_pks)):
        Person.objects.select_for_update(no_key=True).only("pk").get(pk=pk)
        competencies = set(Evidence.objects.filter(person=pk).values_list("competency_id", flat=True))
        written += len(_write_estimates(pk, competencies, reason[:60], timezone.now()))
    return written


def _write_estimates(person_pk: int, competency_pks: Collection[int], reason: str, at: datetime) -> list[Estimate]:
    """Estimate anew from all evidence of the person in the competencies: three statements, whatever their number."""
    if not competency_pks:
        return []
    cuts = cuts_in_force(competency_pks)
    evidence = counted_evidence(person_pk, competency_pks)
    estimates = [
        _estimate(person_pk, competency_pk, cuts[competency_pk], rows)
        for competency_pk, rows in sorted(evidence.items())
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _UPSERT,
            {
                "person": person_pk,
                "rows": json.dumps([_plain(estimate) for estimate in estimates]),
                "updated": timezone.now(),
                "reason": reason,
                "at": at,
            },
        )
        pk_of = dict(cursor.fetchall())
    for estimate in estimates:
        estimate.pk = pk_of[estimate.competency_id]
        estimate._state.adding = False
    transaction.on_commit(lambda: estimate_changed.send(sender=Estimate, person_ids=[person_pk]))
    return estimates


def _plain(estimate: Estimate) -> dict[str, Any]:
    names = ("competency_id", "standard_id", "mean", "se", "level_probabilities", "level", "band", "evidence_count")
    return {name: getattr(estimate, name) for name in names} | {"measured_at": estimate.measured_at.isoformat()}


def _estimate(person_pk: int, competency_pk: int, standard: CutsInForce, rows: Sequence[EvidenceRow]) -> Estimate:
    values = estimate_values([(row.parameters, row.score) for row in rows], standard.cuts)
    return Estimate(
        person_id=person_pk,
        competency_id=competency_pk,
        standard_id=standard.standard_pk,
        mean=values.mean,
        se=values.se,
        level_probabilities=list(values.level_probabilities),
        level=values.level,
        band=values.band,
        evidence_count=len(rows),
        measured_at=max(row.observed_at for row in rows),
        updated_at=timezone.now(),
    )
