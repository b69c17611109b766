"""What a sitting could still find out about a person."""

from collections.abc import Collection

from assessments.domain.bank import published_bank
from assessments.models import Assessment, AssessmentCompetency


def measurable_by(assessment: Assessment, competency_pks: Collection[int]) -> frozenset[int]:
    """Return those of the competencies that an adaptive assessment asks about and has published questions for.

    Empty for a simulation, which always asks the same. At most one query beside the bank's.
    """
    if assessment.mode != Assessment.Mode.ADAPTIVE or not competency_pks:
        return frozenset()
    asked = frozenset(competency_pks) & published_bank().by_competency.keys()
    if assessment.by_post:
        return asked
    listed = AssessmentCompetency.objects.filter(assessment=assessment, competency__in=asked)
    return frozenset(listed.values_list("competency_id", flat=True))
