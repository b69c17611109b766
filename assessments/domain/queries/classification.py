"""How well an assessment sorts the people who took it."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from django.db import connection

from assessments.measurement.classification import ClassificationQuality, classification_quality
from assessments.models import Assessment
from competencies.api import cuts_in_force
from competencies.models import Competency, Standard

FEWEST_PEOPLE = 30

# A simulation's presentation names its competencies as the keys of its parameters.
_ESTIMATES = """
    SELECT e.competency_id, coalesce(e.joint_mean, e.mean), coalesce(e.joint_se, e.se) FROM competencies_estimate e
    WHERE EXISTS (
        SELECT 1 FROM assessments_attempt a JOIN assessments_presentation p ON p.attempt_id = a.id
        WHERE a.person_id = e.person_id AND a.assessment_id = %s AND a.status = 'submitted'
          AND (p.competency_id = e.competency_id
               OR p.competency_id IS NULL AND jsonb_exists(p.parameters, e.competency_id::text))
    )
"""


@dataclass(frozen=True, slots=True)
class CompetencyQuality:
    """One competency of an assessment. people: with an estimate who were asked about it; quality: None under
    FEWEST_PEOPLE of them. mean_se: of their estimates. standard: whose cut scores the classes are by.
    """

    competency: Competency
    people: int
    mean_se: float
    quality: ClassificationQuality | None
    standard: Standard


def assess_classification(assessment: Assessment) -> list[CompetencyQuality]:
    """Return accuracy and consistency of the levels by competency, in the framework's order. Four queries.

    From the estimates that stand today, all evidence of these people together, and with what other competencies lend:
    by these the levels are reported.
    """
    estimates: dict[int, list[tuple[float, float]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_ESTIMATES, [assessment.pk])
        for competency_pk, mean, se in cursor.fetchall():
            estimates[competency_pk].append((mean, se))
    if not estimates:
        return []
    cuts = cuts_in_force(estimates)
    standards = Standard.objects.in_bulk({each.standard_pk for each in cuts.values()})
    rows = []
    for competency in Competency.objects.filter(pk__in=estimates).order_by("domain__order", "order"):
        mean, se = np.array(estimates[competency.pk]).T
        enough = mean.size >= FEWEST_PEOPLE
        rows.append(
            CompetencyQuality(
                competency=competency,
                people=int(mean.size),
                mean_se=float(se.mean()),
                quality=classification_quality(mean, se, cuts[competency.pk].cuts) if enough else None,
                standard=standards[cuts[competency.pk].standard_pk],
            )
        )
    return rows
