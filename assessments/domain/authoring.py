"""Changing a question as trainers do: from the version they opened, and only while it is still that one.

What writes versions is in `assessments.domain.items`; here are the guards round it, and retirement.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from assessments.domain.items import ItemEditRefused, discard_draft, publish_draft, save_draft, version_digest
from assessments.domain.review import add_comment
from assessments.items.registry import item_type
from assessments.models import Item, ItemComment, ItemVersion
from organisation.api import record_audit
from organisation.models import User

Status = ItemVersion.Status


class ItemChanged(RuntimeError):
    """Someone else saved the item after its author opened it; `version` is what one would edit now."""

    def __init__(self, version: ItemVersion) -> None:
        self.version = version
        super().__init__(f"{version} has changed")


class NotADraft(RuntimeError):
    """Only a draft can be published or discarded."""


class NothingNew(RuntimeError):
    """A draft that says the same as the version in use is not worth publishing."""


class NotInReview(RuntimeError):
    """A draft is published only after its author asked for review."""


class OwnDraft(RuntimeError):
    """A draft is reviewed by another than those who wrote in it."""


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
    return f"{version.pk}-{version.digest}"


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
    current = version_to_edit(_lock(item.pk))
    if version_stamp(current) != base:
        raise ItemChanged(current)
    if current.digest == version_digest(parsed, level, seconds):
        return current
    return save_draft(item, parsed, level=level, seconds=seconds, actor=author)


@transaction.atomic
def publish_item_version(version: ItemVersion, *, actor: User, text: str = "") -> ItemVersion:
    """Put a reviewed draft in use: the version it replaces is retired, and the author's level stands in for data.

    Attempts under way keep the versions they were given. Raises NotADraft, NotInReview, OwnDraft, NothingNew, and
    ContentError when the content no longer fits its item type.
    """
    item = _lock(version.item_id)
    locked = item.versions.get(pk=version.pk)
    if locked.status != Status.DRAFT:
        raise NotADraft(str(locked))
    if not locked.is_in_review:
        raise NotInReview(str(locked))
    if locked.is_by(actor.pk):
        raise OwnDraft(str(locked))
    item_type(item.kind).parse_content(locked.content)
    try:
        published = publish_draft(item, actor)
    except ItemEditRefused:
        raise NothingNew(str(locked)) from None
    add_comment(published, ItemComment.Kind.PUBLISHED, actor, text)
    return published


@transaction.atomic
def retire_item_version(version: ItemVersion, *, actor: User) -> ItemVersion:
    """Take the published version out of use: no new attempt is given it. Raises NotInUse."""
    locked = _lock(version.item_id).versions.select_related("item").get(pk=version.pk)
    if locked.status != Status.PUBLISHED:
        raise NotInUse(str(locked))
    locked.status = Status.RETIRED
    locked.save(update_fields=["status"])
    record_audit(actor=actor, action="retired", target=f"item {locked}")
    return locked


@transaction.atomic
def discard_item_draft(version: ItemVersion, *, actor: User) -> None:
    """Throw a draft away, which nobody was ever given. Raises NotADraft."""
    item = _lock(version.item_id)
    locked = item.versions.select_related("item").filter(pk=version.pk, status=Status.DRAFT).first()
    if locked is None:
        raise NotADraft(str(version))
    discard_draft(item)
    record_audit(actor=actor, action="discarded", target=f"item {locked}")


def _lock(item_pk: int) -> Item:
    """Return the item, held until the transaction ends: its versions change one after the other."""
    return Item.objects.select_for_update(no_key=True).get(pk=item_pk)
