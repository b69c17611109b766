"""Which correlations between competencies hold: learned ones where there are any, else the default.

The default is deliberately low (tests of digital skills usually correlate at 0.6 and more): what is lent by mistake
misleads, what is not lent only costs a few more questions.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import LiteralString

from competencies.models import CorrelationMatrix
from organisation.api import fetch_all_prepared

SAME_DOMAIN, OTHER_DOMAIN = 0.5, 0.4
"""Correlation of two competencies of one domain and of two domains, until enough people have been measured."""

_IN_FORCE: LiteralString = """
    SELECT c.id, c.domain_id,
           (SELECT m.id FROM competencies_correlationmatrix m WHERE m.in_force_from <= %(at)s
            ORDER BY m.in_force_from DESC, m.id DESC LIMIT 1)
    FROM competencies_competency c WHERE c.id = ANY(%(competencies)s::bigint[]) ORDER BY c.id
"""


@dataclass(frozen=True, slots=True)
class Correlations:
    """competencies: primary keys, rising. rows: the matrix, symmetric with ones on its diagonal.

    matrix_pk: the learned matrix that it is from, None for the default alone. Where learned and default values meet the
    whole may fail to be positive definite; who computes with it raises its eigenvalues.
    """

    competencies: tuple[int, ...]
    rows: tuple[tuple[float, ...], ...]
    matrix_pk: int | None

    def among(self, competency_pks: Sequence[int]) -> tuple[float, ...]:
        """Return the matrix between these competencies in their order, row by row. Raises KeyError for another one."""
        at = {pk: place for place, pk in enumerate(self.competencies)}
        return tuple(
            round(self.rows[at[first]][at[second]], 4) for first in competency_pks for second in competency_pks
        )


def correlations_in_force(competency_pks: Collection[int], at: datetime) -> Correlations:
    """Return the correlations between these competencies that were in force at a moment. One or two queries."""
    found = fetch_all_prepared(_IN_FORCE, {"competencies": sorted(competency_pks), "at": at})
    pks = tuple(row[0] for row in found)
    domains = tuple(row[1] for row in found)
    return _correlations(pks, domains, found[0][2] if found else None)


def add_correlation_matrix(
    competencies: Sequence[int], values: Sequence[float], *, people: int, average: float, kept: float, at: datetime
) -> CorrelationMatrix:
    """Put a learned matrix in force. competencies: rising; values: row by row."""
    return CorrelationMatrix.objects.create(
        competencies=list(competencies),
        values=list(values),
        people=people,
        average=average,
        kept=kept,
        in_force_from=at,
    )


@lru_cache(maxsize=4096)
def _correlations(pks: tuple[int, ...], domains: tuple[int, ...], matrix_pk: int | None) -> Correlations:
    learned = _learned(matrix_pk) if matrix_pk is not None else {}
    rows = tuple(
        tuple(
            1.0
            if first == second
            else learned.get(
                (pks[first], pks[second]), SAME_DOMAIN if domains[first] == domains[second] else OTHER_DOMAIN
            )
            for second in range(len(pks))
        )
        for first in range(len(pks))
    )
    return Correlations(pks, rows, matrix_pk)


@lru_cache(maxsize=8)
def _learned(matrix_pk: int) -> dict[tuple[int, int], float]:
    """Learned values by pair of competencies. A matrix never changes, so each is read once by a process."""
    matrix = CorrelationMatrix.objects.get(pk=matrix_pk)
    size = len(matrix.competencies)
    return {
        (first, second): matrix.values[row * size + column]
        for row, first in enumerate(matrix.competencies)
        for column, second in enumerate(matrix.competencies)
    }
