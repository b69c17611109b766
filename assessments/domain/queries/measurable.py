"""What a sitting could still find out about a person."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils import timezone

from assessments.domain.attempts import seen_items
from assessments.domain.bank import published_bank
from assessments.measurement import MIN_EVIDENCE
from assessments.models import Assessment, AssessmentCompetency
from competencies.api import requirements_of
from competencies.models import Competency, Estimate
from organisation.models import Person


@dataclass(frozen=True, slots=True)
class SittingScope:
    """What a new sitting of an adaptive assessment would be about.

    competencies: those it may ask about, the least measured first. at_once: of how many it has questions enough for a
    level; more when some are settled early.
    """

    competencies: tuple[Competency, ...]
    at_once: int


def sitting_scope(person: Person, assessment: Assessment) -> SittingScope:
    """Return what a sitting started now would be about; without competencies it would be refused. Six queries."""
    if assessment.by_post:
        wanted = [each.competency for each in requirements_of(person)]
    else:
        listed = AssessmentCompetency.objects.filter(assessment=assessment).select_related("competency")
        wanted = [each.competency for each in listed.order_by("competency__order")]
    published_bank(recheck=True)
    asked = measurable_by(person, assessment, [each.pk for each in wanted])
    counts = dict(
        Estimate.objects.filter(person=person, competency__in=asked).values_list("competency_id", "evidence_count")
    )
    found = sorted(
        (each for each in wanted if each.pk in asked), key=lambda each: min(counts.get(each.pk, 0), MIN_EVIDENCE)
    )
    enough = min(MIN_EVIDENCE, assessment.max_items_per_competency)
    return SittingScope(tuple(found), min(len(found), max(1, assessment.max_items // enough)))


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
