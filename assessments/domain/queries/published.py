"""Assessments as whoever sits them reads them: remembered, for they hardly change."""

from assessments.models import Assessment
from competencies.models import Competency
from organisation.api import remember


@remember
def assessment_of(pk: int) -> Assessment:
    """Return an assessment with what is asked in its room. One query."""
    return Assessment.objects.select_related("invigilation").get(pk=pk)


@remember
def assessment_coded(code: str) -> Assessment | None:
    """Return the assessment with this code, open or not, with what is asked in its room. One query."""
    return Assessment.objects.select_related("invigilation").filter(code=code).first()


@remember
def competencies_by_key(pks: tuple[int, ...]) -> dict[int, Competency]:
    """Return competencies by primary key. One query."""
    return Competency.objects.in_bulk(pks)
