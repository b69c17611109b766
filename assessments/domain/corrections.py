"""How answers to item versions are read from now on, and which corrections can be made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessments.domain.queries.corrected_keys import score_by_key
from assessments.domain.queries.void import is_void
from assessments.domain.versions import playable_version
from assessments.items.registry import needs_marking
from assessments.measurement import ItemParameters
from assessments.models import ItemVersion


class RegradeRefused(ValueError):
    """A regrade that cannot be done; nothing is queued.

    reason: `nothing`, `parameters`, `version`, `another_item`, `in_use` (only a retired version can be void, or the
    next sitting would count it again), `several` (a simulation), `void` (it is already); of a key `older` (not a later
    version), `marked` (people mark, there is no key), `unfit` (answers do not fit it: its wording is another one),
    `points` (it gives others); of publishing `own` (a sitting of whoever publishes is among those touched), `underway`
    (another key of the same version is being applied).
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        super().__init__(f"{reason} {detail}".strip())


@dataclass(frozen=True, slots=True)
class Correction:
    """How answers to an item version are read from now on.

    parameters: in place of the frozen ones, None to keep them. scored_as: the version of the same item whose key scores
    the stored answers, None to keep their scores. An answer that does not fit that version keeps its score. void: the
    version counts for nobody, as if it had not been asked; its evidence has maximum 0 and NO_INFORMATION.
    """

    version_pk: int
    competency_pk: int
    parameters: Mapping[str, Any] | None = None
    scored_as: int | None = None
    void: bool = False


def void_correction(version: ItemVersion) -> Correction:
    """Return the correction that voids a version of a question. Raises RegradeRefused: several."""
    competency_pk = version.item.competency_id
    if competency_pk is None:
        raise RegradeRefused("several", str(version))
    return Correction(version.pk, competency_pk, void=True)


def key_correction(version: ItemVersion, key: ItemVersion) -> Correction:
    """Return the correction that scores stored answers by the key of a later version. Raises RegradeRefused."""
    competency_pk = version.item.competency_id
    if competency_pk is None:
        raise RegradeRefused("several", str(version))
    if needs_marking(version.item.kind):
        raise RegradeRefused("marked", str(version))
    if key.number <= version.number:
        raise RegradeRefused("older", str(key))
    if is_void(version.pk):
        raise RegradeRefused("void", str(version))
    before = playable_version(version.pk)
    found = score_by_key(key.pk, before.kind.key(before.content))
    if found is None:
        raise RegradeRefused("unfit", str(key))
    if found[1] != before.kind.maximum(before.content):
        raise RegradeRefused("points", str(key))
    return Correction(version.pk, competency_pk, scored_as=key.pk)


def check_corrections(corrections: Sequence[Correction]) -> None:
    """Raise RegradeRefused where a regrade by these corrections cannot be done."""
    if not corrections:
        raise RegradeRefused("nothing")
    wanted = {pk for each in corrections for pk in (each.version_pk, each.scored_as) if pk is not None}
    found = ItemVersion.objects.exclude(status=ItemVersion.Status.DRAFT).select_related("item").in_bulk(wanted)
    missing = wanted - found.keys()
    if missing:
        raise RegradeRefused("version", str(min(missing)))
    for each in corrections:
        version = found[each.version_pk]
        if each.void and version.status != ItemVersion.Status.RETIRED:
            raise RegradeRefused("in_use", str(version))
        if each.void and is_void(version.pk):
            raise RegradeRefused("void", str(version))
        if each.scored_as is not None and found[each.scored_as].item_id != version.item_id:
            raise RegradeRefused("another_item", str(found[each.scored_as]))
        if each.parameters is not None:
            try:
                ItemParameters.from_dict(each.parameters, str(version))
            except ValueError as error:
                raise RegradeRefused("parameters", str(error)) from None
