"""How evidence ages.

Ability moves: people learn and forget. Between an observation and the moment asked for it is taken to follow a random
walk with a standard deviation of SD_PER_YEAR per root year on the scale of the reference population, so that what an
old observation says widens with its age.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

SD_PER_YEAR = 0.25
"""A third of a level in a year, two thirds in four."""
LASTS = timedelta(days=round((0.375 / SD_PER_YEAR) ** 2 * 365.25))
"""Evidence is recent until ability may have moved by half a level (0.375): two and a quarter years."""
RECENT_ENOUGH = 3
"""So many recent observables are needed, as many as any level needs; with fewer it is time to measure again."""
WIDENED = 0.02
"""An estimate is made anew once its standard error has grown by more than this."""

# By the likelihood's variance v = 1 / (1 / se^2 - 1), which the walk lets grow.
_WIDENED = """
    SELECT person_id FROM (
        SELECT person_id, as_of, se, 1 / (1 / (se * se) - 1)
               + %(sd)s * %(sd)s * extract(epoch FROM %(at)s - as_of) / 31557600 AS variance
        FROM competencies_estimate WHERE se < 0.999 AND as_of < %(at)s
    ) AS aged
    WHERE sqrt(variance / (1 + variance)) - se > %(widened)s
    GROUP BY person_id ORDER BY min(as_of), person_id LIMIT %(limit)s
"""
_OTHER_CORRELATIONS = """
    SELECT person_id FROM competencies_estimate
    WHERE correlation_id IS DISTINCT FROM (
        SELECT id FROM competencies_correlationmatrix WHERE in_force_from <= %(at)s
        ORDER BY in_force_from DESC, id DESC LIMIT 1)
    GROUP BY person_id HAVING count(*) > 1 ORDER BY person_id LIMIT %(limit)s
"""


def measure_again_from(observed: Sequence[datetime]) -> datetime | None:
    """Return when fewer than RECENT_ENOUGH of these observations will be recent; None when so few were made at all."""
    if len(observed) < RECENT_ENOUGH:
        return None
    return sorted(observed)[-RECENT_ENOUGH] + LASTS


def people_to_refresh(at: datetime, limit: int) -> list[int]:
    """Return people whose estimates have widened with age, and those read with other correlations. Two queries."""
    people: dict[int, None] = {}
    with connection.cursor() as cursor:
        for query in (_WIDENED, _OTHER_CORRELATIONS):
            cursor.execute(query, {"sd": SD_PER_YEAR, "at": at, "widened": WIDENED, "limit": limit - len(people)})
            people |= dict.fromkeys(row[0] for row in cursor.fetchall())
    return list(people)
