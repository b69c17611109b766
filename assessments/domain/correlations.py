"""Learning how competencies go together, from the people measured in several."""

from datetime import datetime

import numpy as np
from django.db import connection
from django.utils import timezone

from assessments.measurement import estimate_correlation
from competencies.api import add_correlation_matrix, correlations_in_force
from competencies.models import CorrelationMatrix

FEWEST_PEOPLE = 200
"""So many people measured in two competencies or more are needed before the default gives way."""
MOST_PEOPLE = 50_000
MOVED = 0.03
"""A newly learned matrix is put in force when some correlation differs by more than this from the one in force."""

# Each competency's own evidence: what was borrowed would teach the correlations that it was borrowed by.
_ESTIMATES = """
    SELECT e.person_id, e.competency_id, e.mean, e.se FROM competencies_estimate e
    JOIN (SELECT person_id FROM competencies_estimate GROUP BY person_id HAVING count(*) > 1
          ORDER BY hashint8(person_id), person_id LIMIT %s) AS measured USING (person_id)
    ORDER BY e.person_id, e.competency_id
"""


def learn_correlations(now: datetime | None = None) -> CorrelationMatrix | None:
    """Estimate the correlations and put them in force when they differ from those in force; None when nothing changed.

    Two queries more than the estimates themselves. People's estimates follow by the nightly refresh.
    """
    now = now or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_ESTIMATES, [MOST_PEOPLE])
        rows = cursor.fetchall()
    people, person = np.unique([row[0] for row in rows], return_inverse=True)
    if people.size < FEWEST_PEOPLE:
        return None
    competencies, competency = np.unique([row[1] for row in rows], return_inverse=True)
    mean = np.full((people.size, competencies.size), np.nan)
    se = np.full((people.size, competencies.size), np.nan)
    mean[person, competency] = [row[2] for row in rows]
    se[person, competency] = [row[3] for row in rows]
    found = estimate_correlation(mean, se)
    in_force = correlations_in_force(competencies.tolist(), now)
    if in_force.matrix_pk is not None and np.abs(found.matrix - np.array(in_force.rows)).max() <= MOVED:
        return None
    return add_correlation_matrix(
        competencies.tolist(),
        np.round(found.matrix, 4).ravel().tolist(),
        people=int(people.size),
        average=found.average,
        kept=found.kept,
        at=now,
    )
