"""Which versions of questions are scored by the key of a later version, and what an answer earns by it."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from assessments.domain.queries.marked_scores import marked_score
from assessments.domain.queries.void import standing_regrades
from assessments.domain.versions import playable_version
from assessments.items.problems import ResponseError
from assessments.models import Response
from organisation.api import remember


class CorrectedKey(NamedTuple):
    """key: primary key of the version that scores. since: when a person published that."""

    key: int
    since: datetime


@remember
def corrected_keys() -> Mapping[int, CorrectedKey]:
    """Return by version the one whose key scores it from now on, the latest where several were published."""
    keys: dict[int, CorrectedKey] = {}
    # A calibration corrects parameters alone, of whole banks.
    several = standing_regrades().filter(calibration=None).order_by("pk").values_list("requested_at", "corrections")
    for since, each in ((since, each) for since, corrections in several for each in corrections):
        if each.get("scored_as") not in (None, each["version_pk"]):
            keys[each["version_pk"]] = CorrectedKey(each["scored_as"], since)
    return MappingProxyType(keys)


def score_by_key(version_pk: int, raw: Any) -> tuple[int | None, int] | None:
    """Return score and maximum of a raw answer under a version's key; None where it does not fit that version.

    The score is None where people mark.
    """
    version = playable_version(version_pk)
    try:
        score = version.kind.score(version.content, version.kind.parse_response(version.content, raw))
    except ResponseError:
        return None
    return score, version.kind.maximum(version.content)


def score_stored(attempt_pk: UUID, version_pk: int, key_pk: int) -> tuple[int, int] | None:
    """Return score and maximum of the answer that counted, under the key of another version.

    None where it does not fit that version. What people marked is not marked anew: it earns what its marks say by now.
    """
    accepted = Response.objects.filter(attempt=attempt_pk, version=version_pk, status=Response.Status.ACCEPTED)
    found = score_by_key(key_pk, accepted.order_by("-sequence").values_list("value", flat=True).first())
    if found is None:
        return None
    score, maximum = found
    return marked_score(attempt_pk, version_pk) if score is None else (score, maximum)
