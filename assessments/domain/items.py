"""The item bank: versions that are written, published and never changed after."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import Max

from assessments.domain.media import check_media
from assessments.items.guessing import chance
from assessments.items.registry import item_type
from assessments.items.translations import untranslated
from assessments.models import Item, ItemParameterSet, ItemVersion
from competencies.models import Competency
from organisation.api import record_audit
from organisation.models import User

DISCRIMINATION = 1.2
"""Slope of an item before any data, about the middle of what calibrated banks of such items show."""
LEVEL_SPACING = 0.75
"""Distance between two provisional cut scores."""

Status = ItemVersion.Status


class ItemEditRefused(ValueError):
    """A draft cannot be saved or published. reason: `stale`, `no_draft`, `unchanged`, `own_draft`,
    `simulation`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def provisional_parameters(level: int, maximum: int = 1, chance: float = 0.0) -> dict[str, Any]:
    """Return the parameters of an item before any data, its difficulty at the centre of the author's level (1..8).

    With provisional cuts 0.75 apart and symmetric about 0, level k is centred at (k - 4.5) * 0.75. Right or wrong is
    read by 2PL, 0..maximum by GPCM with steps half a level apart about that centre. chance: what guessing earns of a
    question that is right or wrong, which stays fixed.
    """
    centre = (level - 4.5) * LEVEL_SPACING
    if maximum == 1 and chance:
        return {"model": "3pl_fixed", "a": DISCRIMINATION, "b": centre, "c": chance}
    if maximum == 1:
        return {"model": "2pl", "a": DISCRIMINATION, "b": centre}
    steps = [centre + (step - (maximum - 1) / 2) * LEVEL_SPACING / 2 for step in range(maximum)]
    return {"model": "gpcm", "a": DISCRIMINATION, "steps": steps}


def version_digest(content: Mapping[str, Any], level: int | None, seconds: int) -> str:
    """SHA-256 of all that an author writes of a version."""
    data = {"content": content, "level": level, "seconds": seconds}
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@transaction.atomic
def create_item(
    kind: str, competency: Competency, raw: Any, *, level: int, seconds: int, actor: User | None
) -> ItemVersion:
    """Make a new item of a competency with a first draft; its code is the next free one of the competency.

    Raises ContentError for a content that does not fit the kind, UnknownItemType.
    """
    content = item_type(kind).parse_content(raw)
    Competency.objects.select_for_update(no_key=True).get(pk=competency.pk)
    item = Item.objects.create(code=next(free_codes(competency)), kind=kind, competency=competency)
    return _write_draft(item, None, content, level, seconds, actor)


def free_codes(competency: Competency) -> Iterator[str]:
    """Yield the codes of new items of a competency, which the caller has locked. One query."""
    codes = Item.objects.filter(code__startswith=f"{competency.code}-").values_list("code", flat=True)
    numbers = [int(code.rsplit("-", 1)[1]) for code in codes if code.rsplit("-", 1)[1].isdigit()]
    return (f"{competency.code}-{number:02d}" for number in count(max(numbers, default=0) + 1))


@transaction.atomic
def save_draft(
    item: Item, raw: Any, *, level: int, seconds: int, actor: User | None, base: str | None = None
) -> ItemVersion:
    """Save the item's draft, a new one beside the published version when there is none.

    base: digest of the version that was edited, the draft or else the newest; nothing is saved when that changed since.
    Raises ContentError, and ItemEditRefused: stale, simulation.
    """
    item = Item.objects.select_for_update(no_key=True).get(pk=item.pk)
    if item.kind == "simulation":
        raise ItemEditRefused("simulation")
    content = item_type(item.kind).parse_content(raw)
    draft = item.versions.filter(status=Status.DRAFT).first()
    edited = draft or item.versions.order_by("-number").first()
    if base is not None and edited is not None and edited.digest != base:
        raise ItemEditRefused("stale")
    return _write_draft(item, draft, content, level, seconds, actor)


@transaction.atomic
def publish_draft(item: Item, actor: User | None) -> ItemVersion:
    """Publish the item's draft; the version published before is retired. Attempts under way keep what they were given.

    Raises ItemEditRefused: no_draft; unchanged when it says the same as the published version; own_draft when somebody
    who wrote in it would publish it. ContentError where media lack words or files.
    """
    item = Item.objects.select_for_update(no_key=True).get(pk=item.pk)
    draft = item.versions.filter(status=Status.DRAFT).first()
    if draft is None:
        raise ItemEditRefused("no_draft")
    if item.versions.filter(status=Status.PUBLISHED, digest=draft.digest).exists():
        raise ItemEditRefused("unchanged")
    is_written = draft.author_id is not None or draft.writers
    if is_written and (actor is None or draft.is_by(actor.pk)):
        raise ItemEditRefused("own_draft")
    draft.reviewer, draft.review_asked_at = actor, None
    _publish(draft)
    assert item.competency_id is not None
    assert draft.level is not None
    kind = item_type(item.kind)
    content = kind.parse_content(draft.content)
    ItemParameterSet.objects.create(
        version=draft,
        competency_id=item.competency_id,
        parameters=provisional_parameters(draft.level, kind.maximum(content), chance(content)),
    )
    record_audit(actor=actor, action="published", target=f"item {draft}")
    return draft


@transaction.atomic
def discard_draft(item: Item) -> None:
    """Delete the item's draft. Raises ItemEditRefused: no_draft."""
    deleted, _ = ItemVersion.objects.filter(item=item, status=Status.DRAFT).delete()
    if not deleted:
        raise ItemEditRefused("no_draft")


@transaction.atomic
def publish_new_version(
    item: Item,
    content: Mapping[str, Any],
    digest: str,
    parameters: Mapping[int, Mapping[str, Any]],
    *,
    level: int | None,
    seconds: int,
) -> ItemVersion:
    """Publish a version made elsewhere, with its parameters by competency; a draft of the item stays a draft."""
    last = item.versions.aggregate(last=Max("number"))["last"] or 0
    version = ItemVersion(
        item=item,
        number=last + 1,
        content=dict(content),
        digest=digest,
        untranslated=untranslated(content),
        level=level,
        seconds=seconds,
    )
    _publish(version)
    ItemParameterSet.objects.bulk_create(
        ItemParameterSet(version=version, competency_id=pk, parameters=dict(each)) for pk, each in parameters.items()
    )
    return version


def _write_draft(
    item: Item, draft: ItemVersion | None, content: Any, level: int, seconds: int, actor: User | None
) -> ItemVersion:
    data = content.to_dict()
    last = item.versions.aggregate(last=Max("number"))["last"] or 0
    version = draft or ItemVersion(item=item, number=last + 1)
    wrote = {pk for pk in (version.author_id, actor.pk if actor else None) if pk is not None}
    version.writers = sorted(wrote | set(version.writers))
    version.content, version.level, version.seconds, version.author = data, level, seconds, actor
    version.digest, version.untranslated = version_digest(data, level, seconds), untranslated(data)
    # Whoever changes a draft takes it out of review: what is published is what was read.
    version.review_asked_at = None
    version.save()
    return version


def _publish(version: ItemVersion) -> None:
    """Retire what is published and publish this one instead. Raises ContentError where media lack words or files."""
    if version.content.get("media") or "image" in version.content:
        check_media(item_type(version.item.kind).parse_content(version.content))
    ItemVersion.objects.filter(item=version.item, status=Status.PUBLISHED).update(status=Status.RETIRED)
    version.status = Status.PUBLISHED
    version.save()
