"""Recording evidence, and the estimates that follow from it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from competencies.domain.ageing import measure_again_from, people_to_refresh
from competencies.domain.estimation import EstimateValues, PersonEvidence, estimate_values
from competencies.domain.queries.estimates import person_evidence
from competencies.domain.queries.evidence import EvidenceRow, counted_evidence
from competencies.domain.standards import cuts_in_force
from competencies.models import Estimate
from competencies.signals import estimate_changed
from organisation.api import fetch_all_prepared, fetch_prepared, run_prepared, statement_of
from organisation.models import Person

_LOCK = sql.SQL("SELECT id FROM organisation_person WHERE id = %(person)s FOR NO KEY UPDATE")
# Two sittings of one person that end at once must each see the other's evidence.
_INSERT = statement_of(
    """
    WITH locked AS MATERIALIZED ({lock})
    INSERT INTO competencies_evidence (person_id, competency_id, source_kind, source_id, observable, score, maximum,
                                       parameters, scoring_version, observed_at, recorded_at)
    SELECT %(person)s, competency, %(kind)s, %(source)s, observable, score, maximum,
           parameters, %(version)s, %(observed)s, %(recorded)s
    FROM locked, jsonb_to_recordset(%(observables)s::jsonb)
        AS o (competency bigint, observable text, score int, maximum int, parameters jsonb)
    ON CONFLICT DO NOTHING
    """,
    lock=_LOCK,
)
_UPSERT: LiteralString = """
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
            competency_id bigint, standard_id bigint, mean float8, se float8, joint_mean float8, joint_se float8,
            borrowed float8, correlation_id bigint, level_probabilities float8[], level smallint, band smallint,
            evidence_count int, measured_at timestamptz, as_of timestamptz, measure_again_from timestamptz)
    ), revised AS (
        INSERT INTO competencies_estimaterevision
            (person_id, competency_id, standard_id, mean, se, joint_mean, joint_se, borrowed, level, band,
             evidence_count, reason, at)
        SELECT %(person)s, competency_id, standard_id, mean, se, joint_mean, joint_se, borrowed, level, band,
               evidence_count, %(reason)s, %(at)s FROM given
    )
    INSERT INTO competencies_estimate
        (person_id, competency_id, standard_id, mean, se, joint_mean, joint_se, borrowed, correlation_id,
         level_probabilities, level, band, evidence_count, measured_at, as_of, measure_again_from, updated_at)
    SELECT %(person)s, competency_id, standard_id, mean, se, joint_mean, joint_se, borrowed, correlation_id,
           level_probabilities, level, band, evidence_count, measured_at, as_of, measure_again_from, %(updated)s
    FROM given
    ON CONFLICT (person_id, competency_id) DO UPDATE SET
        (standard_id, mean, se, joint_mean, joint_se, borrowed, correlation_id, level_probabilities, level, band,
         evidence_count, measured_at, as_of, measure_again_from, updated_at)
        = (EXCLUDED.standard_id, EXCLUDED.mean, EXCLUDED.se, EXCLUDED.joint_mean, EXCLUDED.joint_se,
           EXCLUDED.borrowed, EXCLUDED.correlation_id, EXCLUDED.level_probabilities, EXCLUDED.level, EXCLUDED.band,
           EXCLUDED.evidence_count, EXCLUDED.measured_at, EXCLUDED.as_of, EXCLUDED.measure_again_from,
           EXCLUDED.updated_at)
    RETURNING competency_id, id
"""
_MOMENTS = ("measured_at", "as_of", "measure_again_from")
_PLAIN = (
    *("competency_id", "standard_id", "mean", "se", "joint_mean", "joint_se", "borrowed", "correlation_id"),
    *("level_probabilities", "level", "band", "evidence_count"),
)


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
    as_of: datetime | None = None,
    reason: str = "",
) -> list[Estimate]:
    """Append the observables and bring the person's estimates up to date.

    Must run inside the caller's transaction. What was recorded already under the same source, observable, competency
    and scoring version is not recorded again, and when nothing is new nothing changes. Returns the estimates of every
    competency with evidence, for what is new in one says something of the others too; they hold as of the newest
    observation, or of `as_of`. reason: kept with the revisions, the source unless given. Fires `estimate_changed` after
    commit.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("evidence is recorded inside the transaction of its source")
    if not observables:
        return []
    written = run_prepared(
        _INSERT,
        {
            "person": person.pk,
            "kind": source_kind,
            "source": source_id,
            "version": scoring_version,
            "observed": observed_at,
            "recorded": timezone.now(),
            "observables": json.dumps([_row(each) for each in observables]),
        },
    )
    if not written:
        return []
    return _write_estimates(person.pk, (reason or f"{source_kind} {source_id}")[:60], as_of or observed_at)


def _row(scored: ObservableScore) -> dict[str, Any]:
    """The observable as `_INSERT` takes it."""
    return {
        "competency": scored.competency_pk,
        "observable": scored.observable,
        "score": scored.score,
        "maximum": scored.maximum,
        "parameters": dict(scored.parameters),
    }


def lock_person(person_pk: int) -> None:
    """Let no other transaction write what is known of the person until this one ends. Raises ValueError for nobody."""
    fetch_prepared(_LOCK.as_bytes(), {"person": person_pk})


@transaction.atomic
def recompute_estimates(person_pks: Iterable[int], reason: str, *, as_of: datetime | None = None) -> int:
    """Make the estimates of people again from their evidence alone, under the standard and correlations in force.

    as_of: the moment the evidence is aged to, now unless given. Returns the number of estimates written. Each leaves a
    revision with the reason.
    """
    as_of = as_of or timezone.now()
    written = 0
    for pk in sorted(set(person_pks)):
        lock_person(pk)
        written += len(_write_estimates(pk, reason[:60], as_of))
    return written


def refresh_estimates(limit: int, *, now: datetime | None = None) -> int:
    """Make anew the estimates of people that have widened with age or were read with other correlations.

    At most so many people, one transaction each; returns how many.
    """
    now = now or timezone.now()
    people = people_to_refresh(now, limit)
    for pk in people:
        recompute_estimates([pk], "refresh", as_of=now)
    return len(people)


def _write_estimates(person_pk: int, reason: str, as_of: datetime) -> list[Estimate]:
    """Estimate anew from all evidence of the person: five statements at most, whatever the number of competencies."""
    evidence = counted_evidence(person_pk)
    if not evidence:
        return []
    as_of = max(as_of, *(rows[-1].observed_at for rows in evidence.values()))
    cuts = cuts_in_force(evidence)
    said = person_evidence(evidence, as_of)
    found = estimate_values(said, {pk: each.cuts for pk, each in cuts.items()})
    estimates = [
        _estimate(person_pk, pk, cuts[pk].standard_pk, found[pk], rows, said) for pk, rows in sorted(evidence.items())
    ]
    values = {
        "person": person_pk,
        "rows": json.dumps([_plain(estimate) for estimate in estimates]),
        "updated": timezone.now(),
        "reason": reason,
        "at": as_of,
    }
    pk_of = dict(fetch_all_prepared(_UPSERT, values))
    for estimate in estimates:
        estimate.pk = pk_of[estimate.competency_id]
        estimate._state.adding = False
    transaction.on_commit(lambda: estimate_changed.send(sender=Estimate, person_ids=[person_pk]))
    return estimates


def _plain(estimate: Estimate) -> dict[str, Any]:
    moments = {name: getattr(estimate, name) for name in _MOMENTS}
    return {name: getattr(estimate, name) for name in _PLAIN} | {
        name: moment.isoformat() if moment else None for name, moment in moments.items()
    }


def _estimate(
    person_pk: int,
    competency_pk: int,
    standard_pk: int,
    values: EstimateValues,
    rows: Sequence[EvidenceRow],
    evidence: PersonEvidence,
) -> Estimate:
    return Estimate(
        person_id=person_pk,
        competency_id=competency_pk,
        standard_id=standard_pk,
        mean=values.mean,
        se=values.se,
        joint_mean=values.joint_mean,
        joint_se=values.joint_se,
        borrowed=values.borrowed,
        correlation_id=evidence.correlations.matrix_pk,
        level_probabilities=list(values.level_probabilities),
        level=values.level,
        band=values.band,
        evidence_count=sum(not row.is_void for row in rows),
        measured_at=max(row.observed_at for row in rows),
        as_of=evidence.as_of,
        measure_again_from=measure_again_from([row.observed_at for row in rows]),
        updated_at=timezone.now(),
    )
