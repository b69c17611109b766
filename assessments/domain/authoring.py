"""Changing a question: drafts, publication, retirement. What was published never changes; a new version takes over."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from assessments.items.registry import item_type
from assessments.measurement import ItemParameters
from assessments.models import Item, ItemParameterSet, ItemVersion
from organisation.api import record_audit
from organisation.models import User

Status = ItemVersion.Status

AUTHOR_SLOPE = 1.2
"""Discrimination of a question that no data have calibrated."""


class ItemChanged(RuntimeError):
    """Someone else saved the item after its author opened it; `version` is what one would edit now."""

    def __init__(self, version: ItemVersion) -> None:
        self.version = version
        super().__init__(f"{version} has changed")


class NotADraft(RuntimeError):
    """Only a draft can be published or discarded."""


class NotInUse(RuntimeError):
    """Only the published version of an item can be retired."""


def version_to_edit(item: Item) -> ItemVersion:
    """Return the version that an edit begins from: the draft, else the published one, else the newest.

    Raises ItemVersion.DoesNotExist for an item without versions.
    """
    versions = {version.status: version for version in item.versions.order_by("number")}
    for status in (Status.DRAFT, Status.PUBLISHED, Status.RETIRED):
        if status in versions:
            return versions[status]
    raise ItemVersion.DoesNotExist(item.code)


def version_stamp(version: ItemVersion) -> str:
    """Return what changes whenever the version does: give it back to `draft_item_version` as `base`."""
    return f"{version.pk}-{version.digest}-{version.level}-{version.seconds}"


@transaction.atomic
def draft_item_version(
    item: Item, content: Mapping[str, Any], *, level: int, seconds: int, base: str, author: User
) -> ItemVersion:
    """Save new words for an item as its draft, made or replaced, and return it. Learners do not see it.

    `base` is the `version_stamp` of the version that the author began from. When nothing differs from it, that version
    is returned and nothing is written. Raises ContentError for a content that is no item of its type, ItemChanged when
    the version to edit is no longer what `base` says, and UnknownItemType for simulations, whose documents are files.
    """
    parsed = item_type(item.kind).parse_content(content).to_dict()
    locked = Item.objects.select_for_update().get(pk=item.pk)
    current = version_to_edit(locked)
    if version_stamp(current) != base:
        raise ItemChanged(current)
    digest = content_digest(parsed)
    if (current.digest, current.level, current.seconds) == (digest, level, seconds):
        return current
    if current.status == Status.DRAFT:
        draft = current
    else:
        highest = locked.versions.aggregate(highest=Max("number"))["highest"]
        draft = ItemVersion(item=locked, number=highest + 1, status=Status.DRAFT)
    draft.content, draft.digest, draft.level, draft.seconds, draft.author = parsed, digest, level, seconds, author
    draft.save()
    return draft


@transaction.atomic
def publish_item_version(version: ItemVersion, *, actor: User) -> ItemVersion:
    """Put a draft in use: the version it replaces is retired, and the author's level stands in for data.

    Attempts under way keep the versions they were given. Raises NotADraft, or ContentError when the content no longer
    fits its item type.
    """
    Item.objects.select_for_update().get(pk=version.item_id)
    locked = ItemVersion.objects.select_related("item__competency").get(pk=version.pk)
    if locked.status != Status.DRAFT:
        raise NotADraft(str(locked))
    item_type(locked.item.kind).parse_content(locked.content)
    replaced = ItemVersion.objects.filter(item=locked.item, status=Status.PUBLISHED).first()
    if replaced is not None:
        replaced.status = Status.RETIRED
        replaced.save(update_fields=["status"])
    locked.status = Status.PUBLISHED
    locked.save(update_fields=["status"])
    add_author_parameters(locked)
    record_audit(
        actor=actor,
        action="published",
        target=f"item {locked}",
        detail={"digest": locked.digest, "replaces": replaced.number if replaced else None},
    )
    return locked


@transaction.atomic
def retire_item_version(version: ItemVersion, *, actor: User) -> ItemVersion:
    """Take the published version out of use: no new attempt is given it. Raises NotInUse."""
    Item.objects.select_for_update().get(pk=version.item_id)
    locked = ItemVersion.objects.select_related("item").get(pk=version.pk)
    if locked.status != Status.PUBLISHED:
        raise NotInUse(str(locked))
    locked.status = Status.RETIRED
    locked.save(update_fields=["status"])
    record_audit(actor=actor, action="retired", target=f"item {locked}", detail={"digest": locked.digest})
    return locked


@transaction.atomic
def discard_item_draft(version: ItemVersion, *, actor: User) -> None:
    """Throw a draft away, which nobody was ever given. Raises NotADraft."""
    Item.objects.select_for_update().get(pk=version.item_id)
    locked = ItemVersion.objects.select_related("item").filter(pk=version.pk, status=Status.DRAFT).first()
    if locked is None:
        raise NotADraft(str(version))
    target = f"item {locked}"
    locked.delete()
    record_audit(actor=actor, action="discarded", target=target)


def content_digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a content in canonical JSON."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def author_parameters(level: int) -> dict[str, Any]:
    """Return 2PL parameters from the author's level: b is the level's centre on the provisional scale."""
    return ItemParameters(model="2pl", a=AUTHOR_SLOPE, b=(level - 4.5) * 0.75).to_dict()


def add_author_parameters(version: ItemVersion) -> ItemParameterSet:
    """Give a version of a question the parameters that its author's level stands for, marked uncalibrated."""
    assert version.item.competency is not None and version.level is not None
    return ItemParameterSet.objects.create(
        version=version, competency=version.item.competency, parameters=author_parameters(version.level)
    )
