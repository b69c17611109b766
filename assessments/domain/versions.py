"""Item versions as they are played: read from the database once per process, for a published one never changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from assessments.items.protocols import ItemType
from assessments.items.registry import item_type
from assessments.models import ItemVersion


@dataclass(frozen=True, slots=True)
class PlayableVersion:
    """A version of a question: `kind` is its type's module, `content` what that module made of it."""

    pk: int
    item_pk: int
    item_code: str
    kind: ItemType
    content: Any


class GivenVersion:
    """A version as one person was given it, its options in an order of the attempt's own."""

    __slots__ = ()
    version_id: int
    seed: int

    @property
    def version(self) -> PlayableVersion:
        return playable_version(self.version_id)

    def player_view(self, locale: str) -> dict[str, Any]:
        """The question in `vi` or `en` without its key."""
        return self.version.kind.player_view(self.version.content, locale, self.seed)


MOST_KEPT = 8192
_kept: dict[int, PlayableVersion] = {}


def playable_version(pk: int) -> PlayableVersion:
    """Return a published or retired version of a question. ItemVersion.DoesNotExist for any other."""
    return _kept.get(pk) or playable_versions([pk])[pk]


def playable_versions(pks: Iterable[int]) -> dict[int, PlayableVersion]:
    """Return published or retired versions by primary key. One query for all that this process has not read yet.

    ItemVersion.DoesNotExist for any other.
    """
    found = {pk: _kept.get(pk) for pk in pks}
    unread = [pk for pk, version in found.items() if version is None]
    if unread:
        versions = ItemVersion.objects.select_related("item").exclude(item__kind="simulation")
        for version in versions.exclude(status=ItemVersion.Status.DRAFT).filter(pk__in=unread):
            kind = item_type(version.item.kind)
            content = kind.parse_content(version.content)
            read = PlayableVersion(version.pk, version.item_id, version.item.code, kind, content)
            found[version.pk] = _kept[version.pk] = read
        while len(_kept) > MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
    playable = {pk: version for pk, version in found.items() if version is not None}
    if len(playable) < len(found):
        raise ItemVersion.DoesNotExist(sorted(found.keys() - playable.keys()))
    return playable


def item_of(version_pk: int) -> dict[str, Any]:
    """Return the whole content of a version, its key too: for authors and for playing people in tests and the demo."""
    content: dict[str, Any] = playable_version(version_pk).content.to_dict()
    return content
