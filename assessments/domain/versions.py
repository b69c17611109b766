"""Item versions as they are played: read from the database once per process, for a published one never changes."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assessments.items.registry import ItemType, item_type
from assessments.models import ItemVersion


@dataclass(frozen=True, slots=True)
class PlayableVersion:
    """A version of a question: `kind` is its type's module, `content` what that module made of it."""

    pk: int
    item_pk: int
    item_code: str
    kind: ItemType
    content: Any


@lru_cache(maxsize=8192)
def playable_version(pk: int) -> PlayableVersion:
    """Return a published or retired version of a question. ItemVersion.DoesNotExist for any other."""
    version = (
        ItemVersion.objects.select_related("item")
        .exclude(status=ItemVersion.Status.DRAFT)
        .exclude(item__kind="simulation")
        .get(pk=pk)
    )
    kind = item_type(version.item.kind)
    return PlayableVersion(pk, version.item_id, version.item.code, kind, kind.parse_content(version.content))


def item_of(version_pk: int) -> dict[str, Any]:
    """Return the whole content of a version, its key too: for authors and for playing people in tests and the demo."""
    content: dict[str, Any] = playable_version(version_pk).content.to_dict()
    return content
