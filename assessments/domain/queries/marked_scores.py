"""What answers earned that people marked."""

from uuid import UUID

from assessments.models import MarkedScore


def marked_score(attempt_pk: UUID, version_pk: int) -> tuple[int, int] | None:
    """Return score and maximum that count of a marked answer; None while it is not marked."""
    rows = MarkedScore.objects.filter(task__presentation__attempt=attempt_pk, task__version=version_pk)
    return rows.order_by("-pk").values_list("score", "maximum").first()
