"""How often items are given: counted when a sitting ends, asked for when the next one starts."""

from django.db import connection

from assessments.domain.bank import PublishedBank
from assessments.measurement import ExposureCounts
from assessments.models import Assessment, Attempt

# Only items that could have to sit out matter: given more often than the maximum allows, overall or while eligible.
_LIMITED = """
    SELECT a.sittings, e.item_id, e.given, a.sittings - e.held_back
    FROM assessments_assessment a
    LEFT JOIN assessments_itemexposure e ON e.assessment_id = a.id
        AND (e.given + 1 > %(most)s * (a.sittings + 1) OR e.given > %(most)s * (a.sittings - e.held_back))
    WHERE a.id = %(assessment)s
"""
# In the order of the items, so that two sittings that end at once never wait for each other in a circle.
_COUNT = """
    WITH counted AS (UPDATE assessments_assessment SET sittings = sittings + 1 WHERE id = %(assessment)s)
    INSERT INTO assessments_itemexposure AS e (assessment_id, item_id, given, held_back)
    SELECT %(assessment)s, item_id, sum(given), sum(held_back) FROM (
        SELECT v.item_id, 1 AS given, 0 AS held_back FROM assessments_presentation p
        JOIN assessments_itemversion v ON v.id = p.version_id WHERE p.attempt_id = %(attempt)s
        UNION ALL SELECT unnest(%(held_back)s::bigint[]), 0, 1
    ) AS seen GROUP BY item_id ORDER BY item_id
    ON CONFLICT (assessment_id, item_id) DO UPDATE
        SET given = e.given + EXCLUDED.given, held_back = e.held_back + EXCLUDED.held_back
"""


def draw_ineligible(assessment: Assessment, bank: PublishedBank, seed: int) -> frozenset[int]:
    """Return the items that sit out a sitting, fixed by its seed. One query, of the much used items alone."""
    with connection.cursor() as cursor:
        cursor.execute(_LIMITED, {"most": assessment.max_exposure, "assessment": assessment.pk})
        rows = cursor.fetchall()
    limited = [row for row in rows if row[1] is not None]
    counts = ExposureCounts(
        bank.items,
        eligible={row[1]: max(row[3], 0) for row in limited},
        given={row[1]: row[2] for row in limited},
        sittings=rows[0][0] if rows else 0,
    )
    return frozenset(int(str(item)) for item in counts.draw_ineligible(assessment.max_exposure, seed))


def count_sitting(attempt: Attempt) -> None:
    """Count what a sitting that ends now gave and held back. One statement; the last one of its transaction is best."""
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "assessment": attempt.assessment_id,
                "attempt": attempt.pk,
                "held_back": attempt.form.get("ineligible", []),
            },
        )
