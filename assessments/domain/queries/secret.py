"""Questions whose right answers are still secret: those of fixed forms that have not ended and do not show them yet."""

from dataclasses import dataclass
from typing import LiteralString

from django.db import connection
from django.db.models import Count

from assessments.models import Assessment, SectionItem

# Those of the forms that are open or not closed yet, or that somebody still sits. Whoever sits one, begun under other
# dates or with extra time, is looked for last: only forms that seem over come so far.
GUARDED_FORMS: LiteralString = """
    SELECT a.id, a.xmin, a.ctid FROM assessments_assessment a
    WHERE a.mode = 'fixed'
      AND (a.feedback IN ('none', 'after_close')
           OR EXISTS (SELECT 1 FROM assessments_invigilation g WHERE g.assessment_id = a.id))
      AND (a.is_open AND a.closes_at IS NULL OR a.closes_at > statement_timestamp()
           OR EXISTS (SELECT 1 FROM assessments_accommodation g
                      WHERE g.assessment_id = a.id AND g.closes_at > statement_timestamp())
           OR a.id IN (SELECT t.assessment_id FROM assessments_attempt t
                       WHERE t.status = 'open' AND t.deadline > statement_timestamp()))
"""
GUARDED_ITEMS = f"""
    SELECT v.item_id FROM assessments_sectionitem i
    JOIN assessments_assessmentsection s ON s.id = i.section_id
    JOIN assessments_itemversion v ON v.id = i.version_id
    WHERE s.assessment_id IN (SELECT f.id FROM ({GUARDED_FORMS}) f)
"""  # noqa: S608 - constant text
"""Keys of items. An item is secret in all its versions: the next one mostly asks the same."""


@dataclass(frozen=True, slots=True)
class SharingForm:
    """Another fixed form that has `count` questions in common. is_secret: its right answers are secret as yet."""

    assessment: Assessment
    count: int
    is_secret: bool


@dataclass(frozen=True, slots=True)
class Secrecy:
    """is_secret: right answers of the form are secret as yet. sharing: forms that have questions of it, where either
    is secret, by code.
    """

    is_secret: bool
    sharing: tuple[SharingForm, ...]


def secrecy_of(assessment: Assessment) -> Secrecy:
    """Return whether a form's right answers are secret, and where they may be met. Two queries at most."""
    if assessment.mode != Assessment.Mode.FIXED:
        return Secrecy(False, ())
    with connection.cursor() as cursor:
        cursor.execute(GUARDED_FORMS)
        secret = {row[0] for row in cursor.fetchall()}
    items = SectionItem.objects.filter(section__assessment=assessment).values("version__item")
    others = Assessment.objects.filter(sections__items__version__item__in=items).exclude(pk=assessment.pk)
    counted = others.annotate(shared=Count("sections__items__version__item", distinct=True)).order_by("code")
    is_secret = assessment.pk in secret
    sharing = tuple(
        SharingForm(each, each.shared, each.pk in secret) for each in counted if is_secret or each.pk in secret
    )
    return Secrecy(is_secret, sharing)
