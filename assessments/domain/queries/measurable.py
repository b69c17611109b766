"""What a sitting could still find out about a person."""

from collections.abc import Collection

from django.utils import timezone

from assessments.domain.attempts import seen_items
from assessments.domain.bank import published_bank
from assessments.models import Assessment, AssessmentCompetency
from organisation.models import Person


def measurable_by(person: Person, assessment: Assessment, competency_pks: Collection[int]) -> frozenset[int]:
    """Return those of the competencies that an adaptive assessment asks about and has questions for that are new.

    Empty for a simulation, which always asks the same. At most two queries beside the bank's.
    """
    if assessment.mode != Assessment.Mode.ADAPTIVE or not competency_pks:
        return frozenset()
    bank, seen = published_bank(), seen_items(person, timezone.now())
    asked = frozenset(pk for pk in competency_pks if bank.by_competency.get(pk, frozenset()) - seen)
    if assessment.by_post:
        return asked
    listed = AssessmentCompetency.objects.filter(assessment=assessment, competency__in=asked)
    return frozenset(listed.values_list("competency_id", flat=True))
