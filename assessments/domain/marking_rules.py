"""What is to be marked, by how many, and by whom."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from assessments.items.registry import MARKED_TYPES
from assessments.models import Assessment, Attempt, MarkingRule
from organisation.api import record_audit, roles_of
from organisation.models import User

_OPEN = """
    WITH due AS (
        SELECT p.id, p.version_id, a.assessment_id
        FROM assessments_presentation p
        JOIN assessments_itemversion v ON v.id = p.version_id
        JOIN assessments_item i ON i.id = v.item_id AND i.kind = ANY(%(kinds)s)
        JOIN assessments_attempt a ON a.id = p.attempt_id AND a.id = %(attempt)s AND a.status = 'submitted'
        WHERE p.scored AND EXISTS (SELECT 1 FROM assessments_response r WHERE r.attempt_id = p.attempt_id
                                   AND r.version_id = p.version_id AND r.status = 'accepted')
          AND NOT EXISTS (SELECT 1 FROM assessments_markingtask t WHERE t.presentation_id = p.id)
    ), made AS (
        INSERT INTO assessments_markingtask (presentation_id, assessment_id, version_id, status, opened_at)
        SELECT id, assessment_id, version_id, 'open', %(now)s FROM due ON CONFLICT DO NOTHING
        RETURNING id, assessment_id
    )
    INSERT INTO assessments_markingseat (task_id, number)
    SELECT made.id, number FROM made LEFT JOIN assessments_markingrule rule USING (assessment_id)
    CROSS JOIN generate_series(1, coalesce(rule.markers, 2)) AS number
"""


def open_marking(attempt: Attempt, now: datetime | None = None) -> None:
    """Make a task of every answer of a submitted attempt that people are to mark and that has none yet."""
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"attempt": attempt.pk, "kinds": list(MARKED_TYPES), "now": now or timezone.now()}
        cursor.execute(_OPEN, values)


def may_mark(user: User, assessment: Assessment) -> bool:
    """Say whether a trainer may mark answers of an assessment, and read what is about them."""
    return markable_by(user).filter(pk=assessment.pk).exists()


def markable_by(user: User) -> QuerySet[Assessment]:
    """Return the assessments whose answers a trainer may mark: those that name them, and those that name nobody.

    An administrator may mark everything.
    """
    if "admin" in roles_of(user):
        return Assessment.objects.all()
    named = MarkingRule.panel.through.objects.filter(markingrule__assessment=OuterRef("pk"))
    return Assessment.objects.filter(~Exists(named) | Exists(named.filter(user=user)))


def marking_rule(assessment: Assessment) -> MarkingRule:
    """Return how answers of an assessment are marked."""
    return MarkingRule.objects.filter(assessment=assessment).first() or MarkingRule(assessment=assessment)


@transaction.atomic
def set_marking_rule(
    assessment: Assessment, actor: User, *, markers: int, tolerance: int, panel: Iterable[User] = ()
) -> None:
    """Say how answers are marked whose marking opens from now on, by how much two may differ, and who may mark."""
    values = {"markers": markers, "tolerance": tolerance}
    rule, _created = MarkingRule.objects.update_or_create(assessment=assessment, defaults=values)
    rule.panel.set(panel)
    detail = values | {"panel": sorted(rule.panel.values_list("username", flat=True))}
    record_audit(actor=actor, action="changed", target=f"marking of {assessment.code}", detail=detail)
